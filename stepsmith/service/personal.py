"""What is personal in the executions of a workflow, read from the signatures of its functions."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from stepsmith.asl.model import Map, Parallel, State, StateMachine, Task

if TYPE_CHECKING:
    from stepsmith.authoring.calls.boundary import Boundary
    from stepsmith.authoring.calls.converter import Converter
    from stepsmith.authoring.workflows.workflow import Workflow
    from stepsmith.privacy import CallMarks, Marks

_unmasked: ContextVar[bool] = ContextVar("unmasked", default=False)
_RESOURCE = "arn:aws:states:::"


@contextmanager
def unmasked(on: bool = True) -> Generator[None]:
    """Show personal fields inside the `with` block: in reports and in notebooks; with `on=False`, mask them again."""
    token = _unmasked.set(on)
    try:
        yield
    finally:
        _unmasked.reset(token)


def is_masked() -> bool:
    """Whether personal fields are masked here."""
    return not _unmasked.get()


@lru_cache(maxsize=256)
def workflow_marks(workflow: Workflow[..., Any]) -> Marks:
    """Return what is personal in the executions of a workflow."""
    from stepsmith.privacy import Marks

    calls = {
        name: _call_marks(child.boundary, child.boundary.result) for name, child in workflow.children.items()
    }
    return Marks(
        machine=_call_marks(workflow.boundary, workflow.boundary.result),
        calls=calls | _function_marks(workflow.tasks),
        states=called_by(workflow.definition),
    )


def task_marks(tasks: Mapping[str, object], definition: StateMachine) -> Marks:
    """Return what is personal in the executions of any machine, as far as the functions behind its states say."""
    from stepsmith.privacy import Marks

    return Marks(calls=_function_marks(tasks), states=called_by(definition))


def _function_marks(tasks: Mapping[str, object]) -> dict[str, CallMarks]:
    from stepsmith.authoring.tasks.task import Task as TaskFunction

    return {
        task.resource.removeprefix(_RESOURCE) if task.kind == "integration" else name: _call_marks(
            task.boundary, task.result
        )
        for name, task in tasks.items()
        if isinstance(task, TaskFunction)
    }


def _call_marks(boundary: Boundary, result: Converter) -> CallMarks:
    from stepsmith.privacy import CallMarks, Shape

    def shape(converter: Converter) -> Shape:
        return Shape(lambda: converter.annotation)

    given = {parameter.name: shape(parameter.converter) for parameter in boundary.parameters}
    return CallMarks(given=given, result=shape(result))


def called_by(machine: StateMachine) -> dict[str, str]:
    """Return, for each Task state that names a placeholder, the function or workflow that it stands for."""
    return dict(_placeholders(machine.states))


def _placeholders(states: Mapping[str, State]) -> Iterator[tuple[str, str]]:
    for name, state in states.items():
        match state:
            case Task():
                given = state.arguments if isinstance(state.arguments, dict) else state.parameters
                members = given if isinstance(given, dict) else {}
                for text in (state.resource, members.get("FunctionName"), members.get("StateMachineArn")):
                    if isinstance(text, str) and text.startswith("${") and text.endswith("}"):
                        yield name, text[2:-1]
            case Parallel():
                for branch in state.branches:
                    yield from _placeholders(branch.states)
            case Map():
                yield from _placeholders(state.item_processor.states)
            case _:
                continue
