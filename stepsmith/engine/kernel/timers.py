"""Deadlines in the order in which they come due."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any, Protocol, TypeVar

TimedT = TypeVar("TimedT", bound="Timed")


class Timed(Protocol):
    """What a deadline does something to, and tells the time before: an execution."""

    now: float


class Timer:
    """A deadline; does something to a run when it comes, unless it was cancelled before."""

    __slots__ = ("_timers", "due", "fire", "run")

    def __init__(self, timers: Timers, run: TimedT, due: float, fire: Callable[[TimedT], None]) -> None:
        self._timers = timers
        self.run: Timed = run
        self.due = due
        """Seconds since 1970."""
        self.fire: Callable[[Any], None] | None = fire

    def cancel(self) -> None:
        """Let the deadline pass without effect."""
        if self.fire is not None:
            self.fire = None
            self._timers.cancelled()

    def abort(self, run: object, cause: int) -> None:
        """Let the deadline pass without effect, whatever the cause."""
        self.cancel()

    def revive(self, run: object, previous: int) -> bool:
        """A deadline is set anew by the state that needs it."""
        return False


class Timers:
    """A heap of timers; those of one instant come in the order they were set."""

    __slots__ = ("_dead", "_heap", "_set")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._set = 0
        self._dead = 0

    def at(self, run: TimedT, due: float, fire: Callable[[TimedT], None]) -> Timer:
        """Set a timer."""
        timer = Timer(self, run, due, fire)
        self._set += 1
        heappush(self._heap, (due, self._set, timer))
        return timer

    def cancelled(self) -> None:
        """Take notice of a cancelled timer; forgets all of them once they are the most."""
        self._dead += 1
        if self._dead > 64 and self._dead * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].fire is not None]
            heapify(self._heap)
            self._dead = 0

    @property
    def next(self) -> float | None:
        """The nearest deadline, in seconds since 1970; None if there is none."""
        heap = self._heap
        while heap and heap[0][2].fire is None:
            heappop(heap)
            self._dead -= 1
        return heap[0][0] if heap else None

    def live(self) -> list[tuple[int, float]]:
        """Give the timers that will come: the place at which each was set, and when it is due."""
        return [(number, due) for due, number, timer in self._heap if timer.fire is not None]

    def fire_due(self, now: float) -> bool:
        """Fire what is due at `now`; tells whether anything was."""
        fired = False
        while (due := self.next) is not None and due <= now:
            timer = heappop(self._heap)[2]
            fire, timer.fire = timer.fire, None
            if fire is not None:
                fired = True
                timer.run.now = now
                fire(timer.run)
        return fired

    def clear(self) -> None:
        """Forget all timers."""
        self._heap.clear()
        self._dead = 0
