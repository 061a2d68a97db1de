"""A journal that is open for writing."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from stepsmith.errors import JournalError
from stepsmith.store.commits import add_request, close_token, commit, roll_back
from stepsmith.store.files import Connect, Synchronous, connect, open_file, problem
from stepsmith.store.inputs import Input, encode
from stepsmith.store.owners import Owners
from stepsmith.store.rows import Unit

T = TypeVar("T")
_CHECK_SECONDS: Final = 0.05
"""How often to look whether the file is still there."""
_LOOKS: Final = 16
"""After how many commits to look whether the log has grown."""
_PIECE: Final = 1 << 18
_MOST_LOG: Final = 1 << 22
"""Bytes of the log after which SQLite begins it anew, in the blocks that it has."""
_ROOM: Final = "INSERT INTO records VALUES (NULL, 0, 0, 0, 0, zeroblob(?), 0, 0, x'')"


class _Log:
    """The log of a journal, which gets its blocks on the disk before they are needed, twice as many each time.

    A commit that makes the file longer takes up to twice as long until it is on the disk as one that does not.
    """

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self._path = path.with_name(f"{path.name}-wal")
        self._db = db
        self._commits = 0
        self._size = 0

    def written(self) -> None:
        """Take notice of a commit."""
        self._commits += 1
        if self._commits % _LOOKS:
            return
        with suppress(OSError, sqlite3.Error):  # without room it goes on as it is
            size = os.stat(self._path).st_size
            if self._size < size < _MOST_LOG:
                self._reserve(1 + size // _PIECE)
            self._size = os.stat(self._path).st_size

    def _reserve(self, pieces: int) -> None:
        """Let a transaction grow over what is kept in memory, and take it back: what it has written is no commit."""
        db = self._db
        db.execute("PRAGMA cache_size=16")
        try:
            db.execute("BEGIN IMMEDIATE")
            for _ in range(pieces):
                db.execute(_ROOM, (_PIECE,))
        finally:
            roll_back(db)
            db.execute("PRAGMA cache_size=-2000")


class Store:
    """Writes to a journal; safe to call from several threads, which wait for each other.

    `synchronous` FULL lets a commit wait until it is on the disk; NORMAL may lose the last ones when the power fails.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        synchronous: Synchronous = "FULL",
        create: bool = False,
        connect: Connect = connect,
    ) -> None:
        self.path = Path(path)
        self._db = open_file(self.path, create=create, connect=connect)
        self.owners = Owners.of(self.path)
        self._db.execute(f"PRAGMA synchronous={synchronous}")
        self._log = _Log(self.path, self._db) if synchronous == "FULL" else None
        self._lock = threading.Lock()
        self._file = os.stat(self.path)
        self._checked = 0.0

    def close(self) -> None:
        """Close the journal."""
        with self._lock:
            self._db.close()

    def commit(self, units: Sequence[Unit]) -> None:
        """Write units, each whole or not at all; marks as refused what does not fit. Raises JournalError."""
        with self._writing():
            commit(self._db, units)
            if self._log is not None:
                self._log.written()

    def transact(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Let `action` write in a transaction of its own and give what it gives. Raises JournalError."""
        with self._writing():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                found = action(self._db)
                self._db.execute("COMMIT")
            except BaseException:
                roll_back(self._db)
                raise
            return found

    def transact_alone(self, statement: str) -> None:
        """Carry out a statement that belongs to no transaction. Raises JournalError."""
        with self._writing():
            self._db.execute(statement).fetchall()

    def ask(self, execution: int, given: Input, at: float) -> int:
        """Ask something of an execution; whoever owns it takes it. Gives the id of the request."""
        return self.transact(lambda db: add_request(db, execution, at, encode([given])))

    def answer(self, token: str, execution: int, given: Input, at: float) -> bool:
        """Ask an execution to take the answer to a token, and close the token; False where it is closed already."""

        def answer(db: sqlite3.Connection) -> bool:
            if not close_token(db, token):
                return False
            add_request(db, execution, at, encode([given]))
            return True

        return self.transact(answer)

    @contextmanager
    def _writing(self) -> Generator[None]:
        with self._lock:
            self._check_file()
            try:
                yield
            except sqlite3.Error as error:
                raise problem(self.path, error) from error

    def _check_file(self) -> None:
        """Notice that the file is gone: what is written to it would be gone too."""
        now = time.monotonic()
        if now - self._checked < _CHECK_SECONDS:
            return
        self._checked = now
        try:
            found = os.stat(self.path)
        except OSError:
            found = None
        if found is None or (found.st_dev, found.st_ino) != (self._file.st_dev, self._file.st_ino):
            raise JournalError(f"the journal {self.path} was deleted or replaced while it was in use")
        self.owners.check()
