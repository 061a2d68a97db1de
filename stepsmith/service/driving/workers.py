"""Threads for tasks that block: made on demand, and never in the way of the process's end."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextvars import Context
from queue import Empty, SimpleQueue
from typing import Final

Job = Callable[[], None]
"""Work without arguments and result; it must not raise."""

MOST_THREADS = 64
"""Threads that are made without looking whether they get on."""
LINGER_SECONDS: Final = 1.0
"""How long a thread that nobody needs waits for the next pool before it ends."""


class Threads:
    """Daemon threads that are lent to pools one after the other.

    Most pools live for some milliseconds, and to start a thread takes as long as a dozen tasks. Each job has a context
    of its own, so that what it leaves there is not seen by the next.
    """

    def __init__(self, linger: float = LINGER_SECONDS) -> None:
        self._linger = linger
        self.forget()

    def forget(self) -> None:
        """Begin without threads, as a forked process does."""
        self._lock = threading.Lock()
        self._idle: list[SimpleQueue[Job]] = []

    def do(self, job: Job) -> None:
        """Run `job` on a thread that has nothing to do, or on a new one."""
        with self._lock:
            jobs = self._idle.pop() if self._idle else None
        if jobs is None:
            jobs = SimpleQueue[Job]()
            threading.Thread(target=self._serve, args=(jobs,), daemon=True, name="stepsmith-task").start()
        jobs.put(job)

    def _serve(self, jobs: SimpleQueue[Job]) -> None:
        while (job := self._next(jobs)) is not None:
            Context().run(job)
            del job  # it would keep its pool, and what that has held
            with self._lock:
                self._idle.append(jobs)

    def _next(self, jobs: SimpleQueue[Job]) -> Job | None:
        """Wait for a job; None where nobody has had one for a while."""
        try:
            return jobs.get(timeout=self._linger)
        except Empty:
            with self._lock:
                if jobs in self._idle:
                    self._idle.remove(jobs)
                    return None
        return jobs.get()  # it is on its way


_THREADS: Final = Threads()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_THREADS.forget)


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
        _THREADS.do(self._work)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            with self._lock:
                self._idle += 1
