"""Moves what is in the log of a journal to its file, on a thread beside: who commits never waits for the disk."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from typing import Final

from stepsmith.store.files import connect
from stepsmith.store.store import Store

MOST_COMMITS: Final = 1000
"""Commits after which the log is moved."""


class Checkpoints:
    """The checkpoints of a journal that is written with `synchronous` NORMAL, in place of SQLite's own.

    SQLite lets the commit after each thousand pages wait until all of them are on the disk. A passive checkpoint beside
    keeps out neither who reads nor who writes, and the log is begun anew once it has all been moved.
    """

    def __init__(self, store: Store, *, most: int = MOST_COMMITS) -> None:
        self._store = store
        self._most = most
        self._commits = 0
        self._wanted = threading.Event()
        self._is_over = False
        store.transact_alone("PRAGMA wal_autocheckpoint=0")
        self._thread = threading.Thread(target=self._run, name="stepsmith-checkpoints", daemon=True)
        self._thread.start()

    def count(self) -> None:
        """Take notice of a commit."""
        self._commits += 1
        if self._commits >= self._most:
            self._commits = 0
            self._wanted.set()

    def close(self) -> None:
        """Move no more; SQLite moves the rest when the journal is closed."""
        self._is_over = True
        self._wanted.set()
        self._thread.join()

    def _run(self) -> None:
        db = connect(self._store.path)
        try:
            while self._wanted.wait() and not self._is_over:
                self._wanted.clear()
                with suppress(sqlite3.OperationalError):  # somebody else is at it
                    db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        finally:
            db.close()
