"""Explicit Task states: of a task, and of a service that the state machine calls itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeVar, cast, final

from stepsmith.asl.resources import recognise
from stepsmith.authoring.calls.boundary import Parameter
from stepsmith.authoring.calls.callee import INVOKE, TOKEN, Callee
from stepsmith.authoring.explicit.kinds import CallingState, seconds_of
from stepsmith.authoring.explicit.reference import Reference, expression_of
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered import task_states as lowered
from stepsmith.authoring.lowered.task_states import TASK_TOKEN, object_of, result_of
from stepsmith.authoring.source.diagnostics import mistake
from stepsmith.authoring.source.names import sentence
from stepsmith.authoring.source.places import here
from stepsmith.authoring.values.types import from_annotation
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import ANY, Type, assignable, describe
from stepsmith.expressions.typed.tree import Expression

T = TypeVar("T")


@final
class Task(CallingState[T]):
    """A state that calls a task, made by `task.state(...)`, or AWS itself, made by `sdk_task(...)`."""

    __slots__ = ("task",)

    def __init__(self, data: graph.Task, gives: Type, result: Expression, task: Callee | None = None) -> None:
        super().__init__(data, gives, result)
        self.task = task
        """The task it calls; None where it calls AWS itself."""

    def timeout(self, duration: int | timedelta) -> Task[T]:
        """Fail with TaskTimeout when the task does not answer within this time, in whole seconds."""
        return self.changed(timeout_seconds=seconds_of("timeout", duration))

    def heartbeat(self, duration: int | timedelta) -> Task[T]:
        """Fail with States.HeartbeatTimeout when no heartbeat comes within this time, in whole seconds."""
        return self.changed(heartbeat_seconds=seconds_of("heartbeat", duration))


def task_state(task: Callee, name: str, arguments: Mapping[str, object]) -> Task[Any]:
    """Give a Task state that calls a task with these arguments, clients left out.

    Raises DefinitionError where an argument is not of the type of its parameter.
    """
    payload = {
        parameter.name: _argument(task.function_name, parameter, arguments[parameter.name])
        for parameter in task.boundary.parameters
        if parameter.name in arguments
    }
    if task.kind == "callback":
        payload[TOKEN] = TASK_TOKEN
    result = result_of(task.result.type, None, invoked=task.kind == "function")
    return Task[Any](lowered.task_state(name, task, payload, here()), task.result.type, result, task)


def _argument(function: str, parameter: Parameter, value: object) -> Expression:
    if not _refers(value):
        return tree.Constant(value=parameter.converter.to_json(value), type=parameter.type)
    expression = expression_of(value)
    if expression.type != ANY and not assignable(expression.type, parameter.type):
        wanted, given = describe(parameter.type), describe(expression.type)
        found = f"argument {parameter.name!r} of {function}() is {wanted}, got {given}"
        raise mistake("W310", found, "give it a value of its type", here())
    return expression


def _refers(value: object) -> bool:
    match value:
        case Reference():
            return True
        case list() | tuple():
            return any(map(_refers, cast("list[object]", value)))
        case dict():
            return any(map(_refers, cast("dict[object, object]", value).values()))
        case _:
            return False


def sdk_task(action: str, *, result: type[T], name: str | None = None, **arguments: object) -> Task[T]:
    """Give a Task state that calls AWS itself, such as `sdk_task("dynamodb:getItem", result=Found, TableName="t")`.

    `action` is the end of the Resource, `aws-sdk:` and endings such as `.sync` included. The arguments are named as in
    the API. The state is named after the action unless `name` says otherwise.
    """
    resource = f"arn:aws:states:::{action}"
    if recognise(resource) is None:
        raise ValueError(f"Step Functions knows no integration {action!r}")
    words = action.split(".")[0].split(":")[-1]
    kind = from_annotation(result)
    given = result_of(kind, None, invoked=resource == INVOKE)
    data = graph.Task(
        name=name or sentence("".join(f" {c.lower()}" if c.isupper() else c for c in words)),
        resource=resource,
        arguments=object_of({key: expression_of(value) for key, value in arguments.items()}),
        output=given if resource == INVOKE else None,
        span=here(),
    )
    return Task[Any](data, kind, given)
