"""Lets the steps of executions be written: on the driving thread, or beside it while others go on."""

from __future__ import annotations

import time

from stepsmith.errors import JournalError
from stepsmith.store import Direct, Store, Unit, Writer
from stepsmith.store.writer import Written


class Outbox:
    """The units that have come up and are not on the disk yet.

    `written` takes notice of units on the driving thread, and `written_beside` on the one that writes. One that is
    direct writes everything at once.
    """

    def __init__(self, store: Store, written: Written, written_beside: Written, *, is_direct: bool) -> None:
        self._store = store
        self._written = written
        self._writer = (Direct if is_direct else Writer)(store, written_beside)
        self._units: list[Unit] = []
        self._under_way = 0
        self._flushed = 0.0
        self._pace = 0.0
        """Seconds that a step took the last time, without those of the disk."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing has come up since it was flushed."""
        return not self._units

    def put(self, unit: Unit) -> None:
        """Write a unit when it is flushed."""
        self._units.append(unit)

    def flush(self, active: int) -> None:
        """Let what has come up be written: here where nothing else is to be done meanwhile, and beside otherwise.

        `active` executions are there that go on without waiting.
        """
        units, self._units = self._units, []
        if not units:
            return
        now = time.monotonic()
        self._pace = (now - self._flushed) / len(units)
        self._under_way += len(units)
        if self._under_way > len(units) or len(units) < active:
            self._writer.put(units)
            # lets the writer begin, which would wait for the interpreter as long as there is work
            time.sleep(0)
            self._flushed = now
            return
        error = None
        try:
            self._store.commit(units)
        except JournalError as problem:
            error = problem
        self._flushed = time.monotonic()
        self._written(units, error)

    def arrived(self, units: list[Unit]) -> None:
        """Take notice that units are on the disk."""
        self._under_way -= len(units)

    def skip_time(self) -> None:
        """Let the time up to now be no part of a step: something was waited for."""
        self._flushed = time.monotonic()

    def portion(self, active: int) -> int:
        """Say how many quick tasks to carry out before what comes of them is written.

        Where the disk is quick, half of the executions go on while those of the other half are written; where it is
        slow, all are written at once.
        """
        if active < 4 or self._store.commit_seconds > active * self._pace:
            return active
        return active // 2

    def close(self) -> None:
        """Write what was flushed, and end."""
        self._writer.close()
