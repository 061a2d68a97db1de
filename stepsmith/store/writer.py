"""The thread that writes: it takes what has come up while the disk was busy and commits it at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final, TypeAlias

from stepsmith.errors import JournalError
from stepsmith.store.rows import Unit
from stepsmith.store.store import Store

MOST_UNITS: Final = 256
"""Units in one commit, after which it takes no more."""
Written: TypeAlias = Callable[[list[Unit], JournalError | None], None]
"""Takes notice of units that are on the disk, or of what went wrong; called from the writing thread."""


class Writer:
    """Writes units in the order in which they come; after an error it writes nothing more."""

    def __init__(self, store: Store, written: Written) -> None:
        self._store = store
        self._written = written
        self._queue: SimpleQueue[list[Unit] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="stepsmith-journal", daemon=True)
        self._thread.start()

    def put(self, units: list[Unit]) -> None:
        """Write units soon."""
        self._queue.put(units)

    def close(self) -> None:
        """Write what has come, and end."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        going = True
        while going:
            units, going = self._drain()
            if not units:
                continue
            try:
                self._store.commit(units)
            except JournalError as error:
                self._written(units, error)
                return
            self._written(units, None)

    def _drain(self) -> tuple[list[Unit], bool]:
        """Take all that waits, as much as goes into one commit."""
        units: list[Unit] = []
        while len(units) < MOST_UNITS:
            try:
                more = self._queue.get(block=not units)
            except Empty:
                break
            if more is None:
                return units, False
            units = [*units, *more] if units else more
        return units, True


class Direct:
    """Writes units at once on the calling thread, each by itself: for tests, and for a single step."""

    def __init__(self, store: Store, written: Written) -> None:
        self._store = store
        self._written = written

    def put(self, units: list[Unit]) -> None:
        """Write units now."""
        for unit in units:
            try:
                self._store.commit([unit])
            except JournalError as error:
                self._written([unit], error)
                return
            self._written([unit], None)

    def close(self) -> None:
        """Do nothing: all is written."""
