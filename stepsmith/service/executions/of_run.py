"""What an execution here shows of itself, whether it runs in this process or is played back from a journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from stepsmith.asl.model import StateMachine
from stepsmith.engine.history.events import iterate
from stepsmith.engine.history.records import duration, failed_state, path
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.kernel.settings import Status
from stepsmith.expressions.types import Json, Undefined
from stepsmith.service.executions.declared import Declared
from stepsmith.service.executions.history import Event, Events

if TYPE_CHECKING:
    from stepsmith.expressions.typed.tree import Span
    from stepsmith.service.executions.map_runs import MapRunRecord


class StatePath(list[str]):
    """The names of states in the order they were entered; a list like any other, which tests show state by state."""

    __slots__ = ()


class OfRun(Protocol):
    """An execution of which a run of the engine is at hand: everything it shows is read from that."""

    _run: Run
    _declared: Declared[Any]

    @property
    def input(self) -> Json:
        """The input."""
        return self._run.input

    @property
    def status(self) -> Status:
        """RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED."""
        return self._run.status

    @property
    def output(self) -> Json:
        """The output as JSON; None unless it has succeeded."""
        found = self._run.output
        return None if isinstance(found, Undefined) else found

    @property
    def error(self) -> str | None:
        """The error name of an execution that did not succeed."""
        return self._run.error

    @property
    def cause(self) -> str | None:
        """The cause of an execution that did not succeed."""
        return self._run.cause

    @property
    def history(self) -> Events:
        """The events so far."""
        return Events(self._run.history)

    def outline(self) -> Iterator[Event]:
        """Give the events so far without inputs, outputs and parameters."""
        return iterate(self._run.history, include_data=False)

    @property
    def path(self) -> StatePath:
        """The states entered so far, in order."""
        return StatePath(path(self._run.history))

    @property
    def failed_state(self) -> str | None:
        """The innermost state that made it fail."""
        return failed_state(self._run.history)

    @property
    def started(self) -> datetime:
        """When it started, on its own clock."""
        return datetime.fromtimestamp(self._run.started, UTC)

    @property
    def elapsed(self) -> timedelta:
        """The time from its first event to its last, on its own clock."""
        return timedelta(seconds=duration(self._run.history))

    @property
    def waited(self) -> timedelta:
        """The time spent in Wait states, on its own clock."""
        from stepsmith.service.executions.questions import waited

        return timedelta(seconds=waited(self.history))

    @property
    def map_runs(self) -> list[MapRunRecord]:
        """The Map Runs of its Distributed Map states so far, in the order of their start."""
        from stepsmith.service.executions.map_runs import record_of

        return [record_of(map_run) for map_run in self._run.map_runs]

    @property
    def item_counts(self) -> dict[str, dict[str, int]]:
        """The items of each Map Run by their status, which the history does not say."""
        return {each.arn: each.item_counts for each in self.map_runs}

    @property
    def spans(self) -> Mapping[str, Span]:
        """State name -> the place in the source that the state stands for; empty for definitions without source."""
        return self._declared.spans

    @property
    def definition(self) -> StateMachine:
        """The state machine it is an execution of."""
        return self._run.program.machine
