"""Where a failure began: in which of the executions that started each other, in which state, on which line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from stepsmith.asl.model import StateMachine
from stepsmith.errors import StepsmithError
from stepsmith.expressions.typed.tree import Span
from stepsmith.expressions.types import Json
from stepsmith.service.executions.declared import Ended, told_by
from stepsmith.service.executions.history import Event
from stepsmith.service.executions.started import MOST_CAUSE
from stepsmith.views import visits

if TYPE_CHECKING:
    from stepsmith.privacy import Marks


class AnyExecution(Ended, Protocol):
    """What is shown of an execution, here or on AWS."""

    @property
    def name(self) -> str:
        """The name of the execution."""
        ...

    @property
    def machine_name(self) -> str:
        """The name of its state machine."""
        ...

    @property
    def definition(self) -> StateMachine:
        """Its state machine."""
        ...

    @property
    def input(self) -> Json:
        """The input."""
        ...

    @property
    def spans(self) -> Mapping[str, Span]:
        """State name -> the place in the source that the state stands for."""
        ...

    @property
    def item_counts(self) -> dict[str, dict[str, int]]:
        """The items of each Map Run by their status."""
        ...

    @property
    def arn(self) -> str:
        """The ARN of the execution."""
        ...

    @property
    def history(self) -> Sequence[Event]:
        """The events so far."""
        ...

    @property
    def failed_state(self) -> str | None:
        """The innermost state that made it fail."""
        ...

    @property
    def children(self) -> Sequence[AnyExecution]:
        """The executions that its tasks have started."""
        ...

    def marks(self) -> Marks | None:
        """Give what is personal in it; None where nothing is known to be."""
        ...


def origin(execution: AnyExecution) -> list[tuple[AnyExecution, str | None]]:
    """Return the way to where the error of an execution was raised first, which others may have raised again.

    Each is an execution and its state: the first the one that was asked about with the state that started the next
    one, the last the one that failed by itself with the state that did.
    """
    way: list[tuple[AnyExecution, str | None]] = []
    while execution.error is not None:
        child = _cause_of(execution)
        if child is None:
            break
        way.append((execution, _state_that_started(execution, child)))
        execution = child
    return [*way, (execution, _first_state(execution))]


def _cause_of(execution: AnyExecution) -> AnyExecution | None:
    """Find the child that an execution has its error from: as it was, or inside what AWS says of the child."""
    told = told_by(execution.cause).get("ExecutionArn")
    children: Sequence[AnyExecution] = ()
    with suppress(StepsmithError):  # who may not look at them still sees this one
        children = execution.children
    for child in children:
        if child.error is not None and (child.arn == told or _error(child) == _error(execution)):
            return child
    return None


def _error(execution: AnyExecution) -> tuple[str | None, str | None]:
    cause = execution.cause
    return execution.error, None if cause is None else cause[:MOST_CAUSE]


def _state_that_started(execution: AnyExecution, child: AnyExecution) -> str | None:
    for visit in visits(execution.history):
        if visit.cause is not None and told_by(visit.cause).get("ExecutionArn") == child.arn:
            return visit.name
    return execution.failed_state


def _first_state(execution: AnyExecution) -> str | None:
    """Name the state that failed first with the error of the execution."""
    for visit in visits(execution.history) if execution.error is not None else []:
        if (visit.error, visit.cause) == (execution.error, execution.cause):
            return visit.name
    return execution.failed_state
