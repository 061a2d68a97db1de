"""The deadlines of executions in memory, the nearest first; those of the others are in the journal."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Final

_SPARE: Final = 64


class Deadlines:
    """When to look at which execution; one that has several deadlines is looked at for each."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._heap: list[tuple[float, int]] = []
        self._noted: dict[int, float] = {}

    def note(self, execution: int, due: float) -> None:
        """Look at an execution at an instant, in seconds since 1970."""
        if self._noted.get(execution) == due:
            return
        self._noted[execution] = due
        heappush(self._heap, (due, execution))
        if len(self._heap) > 2 * len(self._noted) + _SPARE:
            self._heap = [(due, execution) for execution, due in self._noted.items()]
            heapify(self._heap)

    def forget(self, execution: int) -> None:
        """Look at an execution no more."""
        self._noted.pop(execution, None)

    def take(self) -> list[int]:
        """Give the executions to look at now, once."""
        heap, now = self._heap, self._now()
        found: list[int] = []
        while heap and heap[0][0] <= now:
            due, execution = heappop(heap)
            if self._noted.get(execution) == due:
                del self._noted[execution]
                found.append(execution)
        return found

    @property
    def seconds(self) -> float | None:
        """How long to wait for the nearest; None if there is none."""
        return max(0.0, self._heap[0][0] - self._now()) if self._heap else None
