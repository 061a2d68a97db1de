"""References to the context object: what is known about the execution, the state machine and the state."""

from __future__ import annotations

from typing import Any, Final, final

from stepsmith.authoring.explicit.reference import Reference
from stepsmith.authoring.lowered.task_states import in_context
from stepsmith.expressions.typed.static_types import ANY, INT, STR, DictType, Type
from stepsmith.expressions.types import Json


def _at(path: str, kind: Type) -> Any:
    return Reference(in_context(*path.split("."), type=kind))


@final
class ExecutionContext:
    """The execution."""

    id: Final[str] = _at("Execution.Id", STR)
    """Its ARN."""
    input: Final[dict[str, Json]] = _at("Execution.Input", DictType(ANY))
    """Its input."""
    name: Final[str] = _at("Execution.Name", STR)
    """Its name."""
    role_arn: Final[str] = _at("Execution.RoleArn", STR)
    """The role it runs under."""
    start_time: Final[str] = _at("Execution.StartTime", STR)
    """When it began, in RFC 3339."""
    redrive_count: Final[int] = _at("Execution.RedriveCount", INT)
    """How often it was redriven."""


@final
class StateContext:
    """The state."""

    name: Final[str] = _at("State.Name", STR)
    """Its name."""
    entered_time: Final[str] = _at("State.EnteredTime", STR)
    """When it was entered, in RFC 3339."""
    retry_count: Final[int] = _at("State.RetryCount", INT)
    """How often it was retried."""


@final
class StateMachineContext:
    """The state machine."""

    id: Final[str] = _at("StateMachine.Id", STR)
    """Its ARN."""
    name: Final[str] = _at("StateMachine.Name", STR)
    """Its name."""


@final
class TaskContext:
    """The task of a state that waits for a token."""

    token: Final[str] = _at("Task.Token", STR)
    """The token to answer with."""


@final
class MapContext:
    """The iteration of the innermost Map state."""

    index: Final[int] = _at("Map.Item.Index", INT)
    """The item's position, from 0."""
    value: Final[Any] = _at("Map.Item.Value", ANY)
    """The item."""


@final
class ContextObject:
    """The context object."""

    execution: Final = ExecutionContext()
    state: Final = StateContext()
    state_machine: Final = StateMachineContext()
    task: Final = TaskContext()
    map: Final = MapContext()


context: Final = ContextObject()
"""References to the context object, such as `context.execution.id`."""
