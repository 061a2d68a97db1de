"""Threads for tasks that block: made on demand, and never in the way of the process's end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

Job = Callable[[], None]
"""Work without arguments and result; it must not raise."""

MOST_THREADS = 64
"""Threads that are made without looking whether they get on."""


class Workers:
    """A pool of daemon threads: one that never returns is abandoned, and the process can still end."""

    def __init__(self, most: int = MOST_THREADS) -> None:
        self._most = most
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = 0
        """Threads without a job, less jobs without a thread."""
        self._helpers = 1

    def do(self, job: Job) -> None:
        """Run `job` on a thread of the pool, a new one if all are busy."""
        with self._lock:
            if self._idle > 0 or self._threads >= self._most:
                self._idle -= 1
            else:
                self._start()
        self._jobs.put(job)

    @property
    def has_waiting(self) -> bool:
        """Whether there are jobs that no thread has begun."""
        return self._idle < 0

    def help(self) -> None:
        """Make more threads for jobs that wait, since the others do not get on: they may wait for these."""
        with self._lock:
            helpers = min(-self._idle, self._helpers)
            self._helpers *= 2
            for _ in range(helpers):
                self._start()
                self._idle += 1

    def abandon_one(self) -> None:
        """Make up for a thread whose job is known never to end."""
        with self._lock:
            self._most += 1

    def close(self) -> None:
        """Let the threads end once they are idle."""
        with self._lock:
            count, self._threads = self._threads, 0
        for _ in range(count):
            self._jobs.put(None)

    def _start(self) -> None:
        self._threads += 1
        threading.Thread(target=self._work, daemon=True, name="stepsmith-task").start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            with self._lock:
                self._idle += 1
