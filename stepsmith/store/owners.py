"""Who drives an execution: a lock for each, kept by the system and gone with the process that holds it."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Final

from stepsmith.errors import JournalError

_held: Final[dict[tuple[int, int], Owners]] = {}
_guard: Final = threading.Lock()


class Owners:
    """The locks of one journal; one object for each journal in a process, since the system counts by processes."""

    def __init__(self, file: str, handle: int) -> None:
        self._file = file
        self._handle = handle
        self._mine: set[int] = set()
        self._lock = threading.Lock()

    @classmethod
    def of(cls, path: Path) -> Owners:
        """Return the locks of the journal at a path; their file is never closed: that lets go of all.

        A journal has one such file, whichever links lead to it.
        """
        file = f"{path.resolve()}-owners"
        with _guard:
            try:
                known = os.stat(file) if os.path.exists(file) else None
                if known is not None and (known.st_dev, known.st_ino) in _held:
                    return _held[known.st_dev, known.st_ino]
                handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            except OSError as error:
                raise JournalError(f"{file} cannot be opened: {error.strerror}") from None
            made = os.fstat(handle)
            owners = _held[made.st_dev, made.st_ino] = cls(file, handle)
            return owners

    def check(self) -> None:
        """Raise JournalError where the file is gone: other processes do not see these locks, and take their own."""
        made = os.fstat(self._handle)
        try:
            found = os.stat(self._file)
        except OSError:
            found = None
        if found is None or (found.st_dev, found.st_ino) != (made.st_dev, made.st_ino):
            raise JournalError(
                f"{self._file} was deleted or replaced while it was in use: it says who drives what; run it again"
            )

    def take(self, execution: int) -> bool:
        """Become the owner of an execution, if nobody is."""
        from fcntl import LOCK_EX, LOCK_NB, lockf

        with self._lock:
            if execution in self._mine:
                return False
            try:
                lockf(self._handle, LOCK_EX | LOCK_NB, 1, execution)
            except OSError:
                return False
            self._mine.add(execution)
            return True

    def release(self, execution: int) -> None:
        """Let others become the owner."""
        from fcntl import LOCK_UN, lockf

        with self._lock:
            if execution in self._mine:
                self._mine.discard(execution)
                lockf(self._handle, LOCK_UN, 1, execution)
