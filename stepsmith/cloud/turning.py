"""Lets a cloud go on by itself: a thread that turns its parts whenever something has come in or is due."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from stepsmith.cloud.services import Clockwork
from stepsmith.service.clock import Clock

LONGEST: Final = 60.0
"""Seconds after which it looks again, whatever is due."""
PATIENCE: Final = 10.0
"""Seconds of the wall for which time that is moved waits for tasks that are under way."""
LOOK_SECONDS: Final = 0.05
"""How often whoever waits looks whether it is so."""


class Turning:
    """The thread of a cloud that is served; on a clock that stands still only what is due happens."""

    def __init__(
        self, clock: Clock, works: Sequence[Clockwork], is_busy: Callable[[], bool] = lambda: False
    ) -> None:
        self.is_busy = is_busy
        """Says whether something is under way on other threads."""
        self._clock = clock
        self._works = works
        self._woken = threading.Event()
        self._turned = threading.Condition()
        self._is_over = False
        self._rests = 0
        """How often there was nothing to do."""
        self._thread = threading.Thread(target=self._run, name="stepsmith-cloud", daemon=True)
        self.problem: BaseException | None = None
        """What has ended it, if anything has."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look again; called from any thread."""
        self._woken.set()

    def stop(self, seconds: float = 1.0) -> None:
        """End, once what is happening has happened."""
        self._is_over = True
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def wait(self, end: float, is_so: Callable[[], bool]) -> None:
        """Wait until an instant, or until something is so; the thread that turns never waits."""
        if threading.current_thread() is self._thread:
            return
        with self._turned:
            while not is_so() and not self._is_over:
                left = end - self._clock.now()
                if left <= 0:
                    return
                self._turned.wait(min(left, LOOK_SECONDS))

    def settle(self, patience: float = PATIENCE) -> None:
        """Wait until everything has happened that is due; for tasks under way as long as patience has it."""
        end = time.monotonic() + patience
        with self._turned:
            before = self._rests
            self._woken.set()
            while (self._rests == before or self.is_busy()) and not self._is_over:
                if not self._turned.wait(LOOK_SECONDS) and time.monotonic() > end:
                    return

    def advance(self, end: float) -> None:
        """Move a clock that stands still to an instant, and let everything happen meanwhile at its own."""
        self.settle()
        while (due := self._due()) is not None and due <= end:
            self._clock.move_to(due)
            self.settle()
        self._clock.move_to(end)
        self.settle()

    def _run(self) -> None:
        try:
            while not self._is_over:
                self._woken.clear()
                turned = [work.turn() for work in self._works]  # each has its turn
                with self._turned:
                    self._rests += not any(turned)
                    self._turned.notify_all()
                if not any(turned):
                    self._woken.wait(self._seconds())
        except BaseException as problem:
            self.problem = problem
            raise

    def _due(self) -> float | None:
        return min((each for work in self._works if (each := work.next_due) is not None), default=None)

    def _seconds(self) -> float:
        """Return how long nothing is due."""
        due = self._due()
        if due is None or self._clock.is_virtual:
            return LONGEST
        return min(max(0.0, due - self._clock.now()), LONGEST)
