"""Progress of a run on standard error: a line for each state that ends, and the running ones on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepsmith.cli.messages import one_line, say
from stepsmith.engine.render_events import iterate
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from stepsmith.engine.run import Run

_ENDINGS = {
    "TaskFailed": "failed",
    "TaskTimedOut": "timed out",
    "TaskSubmitFailed": "failed",
    "LambdaFunctionFailed": "failed",
    "LambdaFunctionTimedOut": "timed out",
    "ActivityFailed": "failed",
    "ActivityTimedOut": "timed out",
}


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
        self._owners: dict[tuple[str, Json], tuple[str, bool]] = {}
        self._status: Any = _status() if spin else None

    def changed(self, run: Run) -> None:
        """Write the events that are new."""
        seen = self._seen.get(run.arn, 1)
        for event in iterate(run.history, start=seen, include_data=False):
            self._show(run.arn, event)
        self._seen[run.arn] = len(run.history) + 1
        if self._status is not None:
            names = ", ".join(name for name, count in self._running.items() if count > 0)
            self._status.update(f"running {names}" if names else "")

    def close(self) -> None:
        """Take the line of running states away."""
        if self._status is not None:
            self._status.stop()

    def _show(self, arn: str, event: dict[str, Json]) -> None:
        kind, at = str(event["type"]), _seconds(event)
        self._start = at if self._start is None else self._start
        # the chain of previous events leads back to the state that an event is about
        name, failed = self._owners.pop((arn, event["previousEventId"]), ("", False))
        if kind.endswith("StateEntered"):
            name, failed = _name(event, "stateEnteredEventDetails"), False
            self._running[name] = self._running.get(name, 0) + 1
        elif kind.endswith("StateExited"):
            failed = failed and name == _name(event, "stateExitedEventDetails")
            name = _name(event, "stateExitedEventDetails")
            self._running[name] = self._running.get(name, 1) - 1
            self._write(at, *(("↷", f"{name}: caught") if failed else ("✓", name)))
        elif kind in _ENDINGS:
            failed = True
            self._write(at, "✗", f"{name} {_ENDINGS[kind]}: {_details(event).get('error', 'no error name')}")
        elif kind.endswith("Scheduled"):
            failed = False
        self._owners[arn, event["id"]] = (name, failed)

    def _write(self, at: float, mark: str, text: str) -> None:
        say(f"{at - (self._start or at):9.3f} s  {mark} {one_line(text)}")


def passed_states(events: Iterable[dict[str, Json]]) -> list[Passed]:
    """Return the visits of states in the order in which they were entered."""
    visits: list[Passed] = []
    start: float | None = None
    for event in events:
        kind, at = str(event["type"]), _seconds(event)
        start = at if start is None else start
        if kind.endswith("StateEntered"):
            visits.append(Passed(_name(event, "stateEnteredEventDetails"), round(at - start, 3), None))
        elif kind.endswith("StateExited"):
            _close(visits, _name(event, "stateExitedEventDetails"), round(at - start, 3))
    return visits


def _close(visits: list[Passed], name: str, at: float) -> None:
    for index in range(len(visits) - 1, -1, -1):
        visit = visits[index]
        if visit.state == name and visit.exited is None:
            visits[index] = Passed(name, visit.entered, at)
            return


def _seconds(event: dict[str, Json]) -> float:
    value = event["timestamp"]
    return float(value) if isinstance(value, int | float) else 0.0


def _name(event: dict[str, Json], key: str) -> str:
    details = event.get(key)
    return str(details.get("name", "")) if isinstance(details, dict) else ""


def _details(event: dict[str, Json]) -> dict[str, Json]:
    for key, value in event.items():
        if key.endswith("EventDetails") and isinstance(value, dict):
            return value
    return {}


def _status() -> Any:
    from rich.console import Console

    status = Console(file=sys.stderr).status("")
    status.start()
    return status
