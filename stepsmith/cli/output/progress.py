"""Progress of a run on standard error: a line for each state that ends, and the running ones on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepsmith.cli.output.messages import for_people, one_line, say
from stepsmith.engine.history.events import iterate
from stepsmith.views import visits
from stepsmith.views.histories.history_events import Event, Owner, Owners, details_of, seconds

if TYPE_CHECKING:
    from stepsmith.engine.kernel.run import Run

_ENDINGS = {
    "TaskFailed": "failed",
    "TaskTimedOut": "timed out",
    "TaskSubmitFailed": "failed",
    "LambdaFunctionFailed": "failed",
    "LambdaFunctionTimedOut": "timed out",
    "ActivityFailed": "failed",
    "ActivityTimedOut": "timed out",
}
_ENDS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")
_COLOURS = {"✓": "green", "✗": "red", "↷": "yellow"}
_LEFT = ("succeeded", "caught")
"""The words for visits that the execution went on from."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One visit of a state: its name, and seconds of the execution's clock from its start."""

    state: str
    entered: float
    exited: float | None


class Progress:
    """Writes what happens as it happens; a watcher of executions."""

    def __init__(self, *, spin: bool) -> None:
        self._running: dict[str, int] = {}
        self._start: float | None = None
        self._seen: dict[str, int] = {}
        self._owners: dict[str, Owners] = {}
        self._failed: set[Owner] = set()
        self._status: Any = _status() if spin else None

    def changed(self, run: Run) -> None:
        """Write the events that are new."""
        seen = self._seen.get(run.arn, 1)
        for event in iterate(run.history, start=seen, include_data=False):
            self._show(run.arn, event)
        self._seen[run.arn] = len(run.history) + 1
        if self._status is not None:
            names = ", ".join(one_line(name) for name, count in self._running.items() if count > 0)
            self._status.update(_words(f"running {names}" if names else ""))

    def close(self) -> None:
        """Take the line of running states away."""
        if self._status is not None:
            self._status.stop()

    def _show(self, arn: str, event: Event) -> None:
        kind, at = str(event["type"]), seconds(event["timestamp"])
        self._start = at if self._start is None else self._start
        owner = self._owners.setdefault(arn, Owners()).take(event)
        if owner is None:
            if kind in _ENDS:
                del self._owners[arn]
        elif kind.endswith("StateEntered"):
            self._running[owner.name] = self._running.get(owner.name, 0) + 1
        elif kind.endswith("StateExited"):
            self._running[owner.name] = self._running.get(owner.name, 1) - 1
            caught = owner in self._failed
            self._failed.discard(owner)
            self._write(at, *(("↷", f"{owner.name}: caught") if caught else ("✓", owner.name)))
        elif kind in _ENDINGS:
            self._failed.add(owner)
            error = details_of(event).get("error", "no error name")
            self._write(at, "✗", f"{owner.name} {_ENDINGS[kind]}: {error}")
        elif kind.endswith("Scheduled"):
            self._failed.discard(owner)

    def _write(self, at: float, mark: str, text: str) -> None:
        say(f"{passed(at - (self._start or at)):>11}  {mark} {one_line(text)}", colour=_COLOURS[mark])


def passed(seconds: float) -> str:
    """Write a span of time: with its units on a terminal, and in seconds where a program may read it."""
    return human(seconds) if for_people() else f"{seconds:.3f} s"


def human(seconds: float) -> str:
    """Write a span of time with its units: `90 s`, `2 h 5 min`, `10 d`."""
    from stepsmith.views.histories.timeline import duration  # only people at terminals need it

    return duration(seconds)


def passed_states(events: Iterable[Event]) -> list[Passed]:
    """Return the visits of states in the order in which they were entered."""
    found = list(visits(events))
    start = found[0].entered if found else 0.0
    return [
        Passed(
            visit.name,
            round(visit.entered - start, 3),
            round(visit.ended - start, 3) if visit.ended is not None and visit.word in _LEFT else None,
        )
        for visit in found
    ]


def _words(text: str) -> Any:
    """Give text as rich shows it as it is; it would take brackets in plain text for its markup."""
    from rich.text import Text

    return Text(text)


def _status() -> Any:
    from rich.console import Console

    status = Console(file=sys.stderr).status("")
    status.start()
    return status
