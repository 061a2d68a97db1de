"""Carries out tasks: on threads beside, or on the driving thread where they are known to be quick.

A task that turns out not to be quick holds the driving thread, but not the driving: another thread takes over, and what
the task says comes in as from any other thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Final

from stepsmith.authoring.calls.clients import using_clients
from stepsmith.engine.ports import Answer
from stepsmith.service.driving.workers import Workers
from stepsmith.service.durable.live import Flight

QUICK_SECONDS: Final = 0.0005
"""What a task may have taken the last time to be carried out on the driving thread."""
PATIENCE_SECONDS: Final = 0.02
"""How long such a task may take before another thread drives on."""
_CAUTION: Final = 0.1
TURN_SECONDS: Final = 0.005
"""How long the driving thread carries out tasks before it looks at other things."""


class Displaced(Exception):
    """This thread drives no more: another one does."""


class Calls:
    """The tasks that are to be carried out, and those that are."""

    def __init__(
        self,
        inbox: SimpleQueue[Callable[[], None]],
        take: Callable[[Flight, Answer | None], None],
        take_over: Callable[[], None],
        *,
        is_direct: bool,
    ) -> None:
        self._inbox = inbox
        self._take = take
        self._take_over = take_over
        self._is_direct = is_direct
        self._workers = Workers()
        self._costs: dict[object, float] = {}
        self._queue: deque[Flight] = deque()
        self._lock = threading.Lock()
        self._begun: float | None = None
        self._lives = 0
        self._watch: threading.Thread | None = None
        self._is_closed = threading.Event()

    def add(self, flight: Flight) -> None:
        """Have the work of a flight carried out; its answers are taken by the driving thread."""
        if self._is_direct:
            flight.work(partial(self._take, flight))
            self._take(flight, None)
        elif flight.deadline is None and self._costs.get(flight.kind, 1.0) < QUICK_SECONDS:
            self._queue.append(flight)
        else:
            self._workers.do(partial(self._call_beside, flight))

    def make(self) -> bool:
        """Carry out on this thread what is quick, for a while; raises Displaced where it was not."""
        queue = self._queue
        if not queue:
            return False
        now = time.monotonic()
        end = now + TURN_SECONDS
        with using_clients(queue[0].live.means.dispatcher.clients):  # of all of them, in all likelihood
            for _ in range(len(queue)):
                flight = queue.popleft()
                if flight.is_up:
                    now = self._call_here(flight, now)
                if now > end:
                    break
        return True

    def abandon(self) -> None:
        """Make up for a task that may never end."""
        self._workers.abandon_one()

    def close(self) -> None:
        """Carry out nothing more."""
        self._is_closed.set()
        self._workers.close()

    def _call_beside(self, flight: Flight) -> None:
        begun, put, take = time.monotonic(), self._inbox.put, self._take
        flight.work(lambda answer: put(partial(take, flight, answer)))
        self._learn(flight, time.monotonic() - begun)
        put(partial(take, flight, None))

    def _call_here(self, flight: Flight, begun: float) -> float:
        """Carry out a task that has begun at an instant, and say when it has ended; raises Displaced."""
        if self._watch is None:
            self._watch = threading.Thread(target=self._keep_watch, name="stepsmith-watch", daemon=True)
            self._watch.start()
        answers: list[Answer | None] = []
        life, self._begun = self._lives, begun
        flight.work(answers.append)
        ended = time.monotonic()
        self._learn(flight, ended - begun)
        with self._lock:
            is_displaced = self._lives != life
            if not is_displaced:
                self._begun = None
        if is_displaced:
            for answer in (*answers, None):
                self._inbox.put(partial(self._take, flight, answer))
            raise Displaced
        for answer in answers:
            self._take(flight, answer)
        if flight.is_up:
            self._take(flight, None)
        return ended

    def _learn(self, flight: Flight, seconds: float) -> None:
        """Note what a task has taken: what is less counts at once, and more little by little, as machines are busy."""
        costs, kind = self._costs, flight.kind
        known = costs.get(kind, seconds)
        if seconds > known:
            seconds = known + (seconds - known) * _CAUTION
        costs[kind] = seconds

    def _keep_watch(self) -> None:
        """Let another thread drive where a task holds the one that does."""
        while not self._is_closed.wait(PATIENCE_SECONDS / 2):
            begun = self._begun
            if begun is None or time.monotonic() - begun < PATIENCE_SECONDS:
                continue
            with self._lock:
                is_held = self._begun == begun
                if is_held:
                    self._begun = None
                    self._lives += 1
            if is_held:
                self._take_over()
