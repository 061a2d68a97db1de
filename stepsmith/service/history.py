"""The history of an execution as a list of events in AWS's shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from stepsmith.engine.history import History
from stepsmith.engine.render_events import events
from stepsmith.expressions.types import Json

Event = dict[str, Json]
"""One event, as GetExecutionHistory gives it; the timestamp is in seconds since 1970."""


class Events(Sequence[Event]):
    """The events of one execution, rendered when they are looked at."""

    def __init__(self, history: History) -> None:
        self._history = history

    def __len__(self) -> int:
        return len(self._history)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return events(self._history, start=start + 1, limit=max(0, stop - start))
            return [self[each] for each in range(start, stop, step)]
        place = index if index >= 0 else len(self) + index
        if not 0 <= place < len(self):
            raise IndexError(f"event {index} of {len(self)}")
        return events(self._history, start=place + 1, limit=1)[0]

    def of(self, *types: str) -> list[Event]:
        """Return the events of these types, such as `TaskStateEntered`."""
        return [event for event in self if event["type"] in types]

    def __repr__(self) -> str:
        return f"<{len(self)} events>"
