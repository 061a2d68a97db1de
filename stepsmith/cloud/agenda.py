"""What is to happen when: one list of actions for a whole cloud, on its clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from typing import TypeAlias

from stepsmith.service.clock import Clock

Action: TypeAlias = Callable[[], object]


@dataclass(slots=True, order=True)
class Entry:
    """An action on the agenda."""

    due: float
    number: int
    action: Action | None = field(compare=False)

    def cancel(self) -> None:
        """Let it not happen."""
        self.action = None


class Agenda:
    """Actions in the order of their instants, and at one instant in the order in which they were noted.

    May be written by any thread; one thread turns it at a time.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.wake: Callable[[], None] = lambda: None
        """Is called when something is noted: whoever waits for the next instant looks again."""
        self._entries: list[Entry] = []
        self._numbers = count()
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the present instant, in seconds since 1970."""
        return self.clock.now()

    def today(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.fromtimestamp(self.clock.now(), UTC)

    def at(self, instant: float, action: Action) -> Entry:
        """Note an action for an instant; one that has passed is now."""
        with self._lock:
            entry = Entry(instant, next(self._numbers), action)
            heappush(self._entries, entry)
        self.wake()
        return entry

    def after(self, seconds: float, action: Action) -> Entry:
        """Note an action for some seconds from now."""
        return self.at(self.clock.now() + seconds, action)

    def soon(self, action: Action) -> Entry:
        """Note an action for this instant, after all that is noted for it already."""
        return self.at(self.clock.now(), action)

    def turn(self) -> bool:
        """Do all that is due, and what follows from it at this instant; say whether there was anything."""
        turned = False
        while action := self._take():
            turned = True
            action()
        return turned

    @property
    def next_due(self) -> float | None:
        """The instant of the next action."""
        with self._lock:
            while self._entries and self._entries[0].action is None:
                heappop(self._entries)
            return self._entries[0].due if self._entries else None

    def _take(self) -> Action | None:
        now = self.clock.now()
        with self._lock:
            while self._entries and self._entries[0].due <= now:
                entry = heappop(self._entries)
                if entry.action is not None:
                    return entry.action
        return None


class Reminder:
    """Lets one action happen at the soonest of the instants that it is asked for."""

    def __init__(self, agenda: Agenda, action: Action) -> None:
        self._agenda = agenda
        self._action = action
        self._next: Entry | None = None

    def at(self, instant: float | None) -> None:
        """Let it happen at an instant, unless it will before; None asks for nothing."""
        if instant is None:
            return
        waiting = self._next is not None and self._next.action is not None
        if self._next is not None and waiting and self._agenda.now() < self._next.due <= instant:
            return
        if self._next is not None:
            self._next.cancel()
        self._next = self._agenda.at(instant, self._action)
