"""The events of an execution as compact records, and the folds over them.

A record is five neighbours in one flat list: type, time, previous event id, subject and payload. The id of an event
is its place. Subject and payload hold text and tuples of text only, so the cyclic collector never walks a history.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Protocol, TypeAlias

Record: TypeAlias = tuple[str, float, int, Any, Any]
"""Type, seconds since 1970, previous event id, subject, payload; the last two as `render_events` reads them."""

WIDTH: Final = 5


class Recorder(Protocol):
    """Adds records to the end of a history."""

    def __call__(self, records: tuple[Any, ...], /) -> None:
        """Add records, end to end."""
        ...


class History:
    """The recorded events of one execution; grows at the end only."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[Any] = []
        """All records, end to end."""

    def __len__(self) -> int:
        return len(self.rows) // WIDTH

    def record(self, id: int) -> Record:
        """Give the record of one event; ids start at 1."""
        start = (id - 1) * WIDTH
        if id < 1 or start >= len(self.rows):
            raise IndexError(f"no event {id} among {len(self)}")
        kind, time, previous, subject, payload = self.rows[start : start + WIDTH]
        return kind, time, previous, subject, payload

    def records(self, start: int = 1, stop: int | None = None) -> Iterator[tuple[int, Record]]:
        """Give ids and records from event `start` up to, but not including, event `stop`."""
        end = len(self) + 1 if stop is None else min(stop, len(self) + 1)
        for id in range(max(start, 1), end):
            yield id, self.record(id)

    def truncate(self, length: int) -> None:
        """Forget what no one has read yet: keep the first `length` events."""
        del self.rows[length * WIDTH :]


def path(history: History) -> list[str]:
    """Name the states entered, in the order of their entered events."""
    return [subject for _, (kind, _, _, subject, _) in history.records() if kind.endswith("StateEntered")]


def duration(history: History) -> float:
    """Give the seconds between the first and the last event."""
    if not len(history):
        return 0.0
    return history.rows[-WIDTH + 1] - history.rows[1]


def failed_state(history: History) -> str | None:
    """Name the innermost state that the last failure came from, if the execution failed."""
    if not len(history) or history.rows[-WIDTH] != "ExecutionFailed":
        return None
    id = history.rows[-WIDTH + 2]
    while id:
        kind, _, previous, subject, _ = history.record(id)
        if kind.endswith("StateEntered"):
            return str(subject)
        if kind == "EvaluationFailed":
            return str(subject[0])
        id = previous
    return None
