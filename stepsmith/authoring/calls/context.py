"""The context object in workflow functions: which execution this is, as typed values.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, final

from stepsmith.authoring.calls.plain import PlainRun, RetryCount, need_run
from stepsmith.errors import StepsmithError
from stepsmith.expressions.types import Json

REGION: Final = "us-east-1"
ACCOUNT: Final = "123456789012"
"""Where a plain run takes place, as far as its ARNs say; the same as of a run here."""


def _run(what: str) -> PlainRun:
    return need_run(f"context.{what}")


def _item(what: str) -> tuple[int, Json]:
    items = _run(what).items
    if not items:
        raise StepsmithError(f"context.{what} is known inside map_items() only")
    return items[-1]


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:states:{REGION}:{ACCOUNT}:{kind}:{name}"


@final
class ExecutionContext:
    """The execution that a workflow function describes."""

    @property
    def id(self) -> str:
        """Its ARN."""
        run = _run("execution.id")
        return _arn("execution", f"{run.workflow}:{run.name}")

    @property
    def name(self) -> str:
        """Its name."""
        return _run("execution.name").name

    @property
    def start_time(self) -> datetime:
        """When it began."""
        return _run("execution.start_time").start

    @property
    def input(self) -> dict[str, Any]:
        """Its input, as JSON and as it was given: without what defaults fill in."""
        found: dict[str, Json] = _run("execution.input").input
        return found

    @property
    def redrive_count(self) -> int:
        """How often it was redriven; a plain run never is."""
        _run("execution.redrive_count")
        return 0


@final
class StateMachineContext:
    """The state machine of the execution."""

    @property
    def id(self) -> str:
        """Its ARN."""
        return _arn("stateMachine", _run("state_machine.id").workflow)

    @property
    def name(self) -> str:
        """Its name."""
        return _run("state_machine.name").workflow


@final
class StateContext:
    """The state that calls a task; known to its arguments alone."""

    @property
    def retry_count(self) -> int:
        """How often this call has been tried before: the argument of a task, which is another one at each attempt."""
        _run("state.retry_count")
        return RetryCount()


@final
class MapContext:
    """The iteration of the innermost `map_items()`."""

    @property
    def index(self) -> int:
        """The item's position, from 0."""
        return _item("map.index")[0]

    @property
    def value(self) -> Any:
        """The item, as JSON."""
        return _item("map.value")[1]


@final
class TaskContext:
    """The task that waits for an answer; known to the arguments of its call alone."""

    @property
    def token(self) -> str:
        """The token that the answer must name, in the arguments of an integration that waits for it."""
        return _run("task.token").token()


@final
class Context:
    """The context object."""

    execution: Final = ExecutionContext()
    state_machine: Final = StateMachineContext()
    state: Final = StateContext()
    map: Final = MapContext()
    task: Final = TaskContext()


context: Final = Context()
"""What is known about the execution, such as `context.execution.id`; in workflow functions only."""
