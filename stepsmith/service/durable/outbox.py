"""Lets the steps of executions be written: all that have come up in one commit, on the driving thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from stepsmith.store import Store, Unit

Written: TypeAlias = Callable[[list[Unit]], None]
"""Takes notice of units that are on the disk, or were refused."""


class Outbox:
    """The units that have come up and are not on the disk yet; one that is direct writes each by itself.

    Whoever drives writes, too: what comes up meanwhile waits for the disk in any case. A thread that writes beside the
    one that drives was measured, twice: to wake a thread and to hand the interpreter over takes longer than the steps
    that are taken meanwhile, and where the machine is busy it takes milliseconds.
    """

    def __init__(self, store: Store, written: Written, *, is_direct: bool) -> None:
        self._store = store
        self._written = written
        self._is_direct = is_direct
        self._units: list[Unit] = []

    @property
    def is_done(self) -> bool:
        """Whether all that has come up is on the disk."""
        return not self._units

    def put(self, unit: Unit) -> None:
        """Write a unit when it is flushed."""
        self._units.append(unit)

    def flush(self) -> bool:
        """Write what has come up, and say whether there was something. Raises JournalError."""
        units, self._units = self._units, []
        if not units:
            return False
        for together in ([each] for each in units) if self._is_direct else (units,):
            self._store.commit(together)
            self._written(together)
        return True
