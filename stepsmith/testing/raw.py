"""JSON as it comes from outside: inputs, results of tasks and answers of callbacks that no Python type has made."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.testing.task_names import TaskNames

Raw: TypeAlias = "Json | Callable[[Json], Json]"
"""JSON, or what gives it for a payload."""

NOT_GIVEN: Final[Any] = object()


@dataclass(frozen=True, slots=True)
class RawInput:
    """An execution input as JSON, in place of arguments."""

    json: Json


Given: TypeAlias = "Mapping[str, object] | RawInput"
"""What a workflow is called with: arguments, or JSON."""


def arguments_of(workflow: Workflow[..., Any], given: Given) -> dict[str, Any]:
    """Give the arguments for plain Python. Raises InvalidInput or UnreadableValue for JSON that does not fit."""
    if not isinstance(given, RawInput):
        return dict(given)
    return workflow.received(given.json)


def input_of(workflow: Workflow[..., Any], given: Given) -> dict[str, Json]:
    """Give the input for the state machine: JSON as it is, where whatever starts the execution lets it pass.

    Types that run code, which may change values, are read by what starts the execution, as `run` and `start` do.
    """
    if not isinstance(given, RawInput):
        return workflow.input_of(**given)
    if not workflow.checked:
        arguments = workflow.received(given.json)
        if any(parameter.converter.runs_code for parameter in workflow.boundary.parameters):
            return workflow.boundary.written(arguments)
    return cast("dict[str, Json]", copy.deepcopy(given.json))


def raw_functions(tasks: Mapping[str, object], given: Mapping[str, Raw]) -> dict[str, Callable[[Json], Json]]:
    """Give what answers instead of tasks, by their names."""
    return {name: _function(tasks.get(name), value) for name, value in given.items()}


def _function(task: object, raw: Raw) -> Callable[[Json], Json]:
    if not isinstance(task, Task):
        raise InvalidInput(f"{task!r} is no task that gives JSON")
    called = cast("Task[..., Any]", task)

    def answer(payload: Json) -> Json:
        given = raw(payload) if callable(raw) else copy.deepcopy(raw)
        return called.result.to_json(given) if called.kind == "function" else given

    return answer


def names_in_run(
    names: TaskNames, functions: Mapping[str, Callable[[Json], Json]]
) -> dict[str, Callable[[Json], Json]]:
    """Give functions by the names by which a run knows what they stand for."""
    return {inside: function for name, function in functions.items() for inside in names.in_run(name)}
