"""Deadlines in the order in which they come due."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepsmith.engine.run import Run


class Timer:
    """A deadline; does something to the run when it comes, unless it was cancelled before."""

    __slots__ = ("due", "fire")

    def __init__(self, due: float, fire: Callable[[Run], None]) -> None:
        self.due = due
        """Seconds since 1970."""
        self.fire: Callable[[Run], None] | None = fire

    def cancel(self) -> None:
        """Let the deadline pass without effect."""
        self.fire = None

    def abort(self, run: Run, cause: int) -> None:
        """Let the deadline pass without effect, whatever the cause."""
        self.fire = None


class Timers:
    """A heap of timers; those of one instant come in the order they were set."""

    __slots__ = ("_heap", "_set")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._set = 0

    def at(self, due: float, fire: Callable[[Run], None]) -> Timer:
        """Set a timer."""
        timer = Timer(due, fire)
        self._set += 1
        heappush(self._heap, (due, self._set, timer))
        return timer

    @property
    def next(self) -> float | None:
        """The nearest deadline, in seconds since 1970; None if there is none."""
        heap = self._heap
        while heap and heap[0][2].fire is None:
            heappop(heap)
        return heap[0][0] if heap else None

    def fire_due(self, run: Run, now: float) -> bool:
        """Fire what is due at `now`; tells whether anything was."""
        fired = False
        heap = self._heap
        while heap and heap[0][0] <= now:
            timer = heappop(heap)[2]
            fire = timer.fire
            if fire is not None:
                timer.fire = None
                fired = True
                fire(run)
        return fired

    def clear(self) -> None:
        """Forget all timers."""
        self._heap.clear()
