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

    @property
    def is_ready(self) -> bool:
        """Whether something has come up that can be written now."""
        return bool(self._units) and not self._under_way

    @property
    def is_done(self) -> bool:
        """Whether all that has come up is on the disk."""
        return not (self._units or self._under_way)

    def put(self, unit: Unit) -> None:
        """Write a unit when it is flushed."""
        self._units.append(unit)

    def flush(self, active: int) -> bool:
        """Let what has come up be written, and say whether there was something: here, or beside where others go on.

        `active` executions are there that go on without waiting. What comes up while something is written beside waits
        for that, so that it is written together with what comes of that: to go on with half of the executions while
        the steps of the other half are written was measured, and took twice the time, since both want the interpreter.
        """
        if not self.is_ready:
            return False
        units, self._units = self._units, []
        self._under_way = len(units)
        if len(units) < active:
            self._writer.put(units)
            # lets the writer begin, which would wait for the interpreter as long as there is work
            time.sleep(0)
            return True
        error = None
        try:
            self._store.commit(units)
        except JournalError as problem:
            error = problem
        self._written(units, error)
        return True

    def arrived(self, units: list[Unit]) -> None:
        """Take notice that units are on the disk."""
        self._under_way -= len(units)

    def close(self) -> None:
        """Write what was flushed, and end."""
        self._writer.close()
