"""Opens the file of a journal, makes a new one, and refuses what is none."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import get_ident
from typing import Final, Literal, TypeAlias
from urllib.parse import quote

from stepsmith.errors import JournalError, NotFound
from stepsmith.store.migrations import migrate
from stepsmith.store.schema import APPLICATION, TABLES, VERSION

Synchronous: TypeAlias = Literal["FULL", "NORMAL"]
Connect: TypeAlias = Callable[[Path], sqlite3.Connection]
_PATIENCE_MS: Final = 30_000
"""How long to wait for another process that writes."""


class _Connection(sqlite3.Connection):
    """Closes when nobody has it any more, as with a journal that is let go of; Python 3.13 warns of others."""

    def __del__(self) -> None:
        with suppress(sqlite3.Error):  # one that could not be opened
            self.close()


def connect(path: Path) -> sqlite3.Connection:
    """Open a connection; it begins transactions only where it is told to, and any thread may use it."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=_Connection)


def open_file(path: Path, *, create: bool, connect: Connect = connect) -> sqlite3.Connection:
    """Return a connection to a journal of the present schema.

    Raises NotFound where there is none, unless it may be made, and JournalError for what is no journal or is newer.
    """
    if create and _mode(path) is None:
        _create(path)
    check_file(path)
    try:
        db = connect(path)
        db.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        _check_version(path, db)
        migrate(path, db)
    except sqlite3.Error as error:
        raise problem(path, error) from error
    return db


def check_file(path: Path) -> None:
    """Raise NotFound or JournalError for a path where no journal is, and touch nothing.

    SQLite reads the header: to open the file in any other way, and close it, would let go of the locks that this
    process has on it, and other processes would take the log away from under it.
    """
    mode = _mode(path)
    if mode is None:
        raise NotFound(f"there is no journal {path}; stepsmith start --journal {path} begins one")
    if stat.S_ISDIR(mode):
        raise JournalError(f"{path} is a folder; a journal is a file")
    if not stat.S_ISREG(mode):
        raise JournalError(f"{path} is no journal: it is a device or a pipe, and a journal is a file")
    try:
        size = os.stat(path).st_size
        application = _application(path)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "") != "SQLITE_NOTADB":
            raise problem(path, error) from None
        size = application = 0
    if size == 0:
        raise JournalError(f"{path} is no journal: it is not an SQLite file; it is left as it is")
    if application != APPLICATION:
        raise JournalError(
            f"{path} is no journal: another program made this SQLite file; it is left as it is"
        )


def _mode(path: Path) -> int | None:
    """Return what stands at a path, as the system says it; None for nothing."""
    try:
        return os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise JournalError(f"{str(path)!r} cannot be a journal: {reason}") from None


def _application(path: Path) -> int:
    """Return which program an SQLite file is of, as its header says.

    Where there was no room to move all pages from the log to the file, it is shorter than its header says: SQLite takes
    that for damage unless it looks at the log, too.
    """
    try:
        return _header(path, "mode=ro&immutable=1")
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "") != "SQLITE_CORRUPT":
            raise
        return _header(path, "mode=ro")


def _header(path: Path, mode: str) -> int:
    db = sqlite3.connect(f"file:{quote(str(path.absolute()))}?{mode}", uri=True)
    try:
        return int(db.execute("PRAGMA application_id").fetchone()[0])
    finally:
        db.close()


def _check_version(path: Path, db: sqlite3.Connection) -> None:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        db.close()
        raise JournalError(
            f"{path} was written by a newer stepsmith: it has schema {version}, and this one knows up to {VERSION}; "
            "it is left as it is"
        )


def _create(path: Path) -> None:
    """Make a journal under another name and give it its own when it is whole, so that nobody sees half of one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        db = connect(draft)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("BEGIN")
            for statement in TABLES:
                db.execute(statement)
            db.execute(f"PRAGMA application_id={APPLICATION}")
            db.execute(f"PRAGMA user_version={VERSION}")
            db.execute("COMMIT")
        finally:
            db.close()
        with suppress(FileExistsError):  # somebody else was as quick
            os.link(draft, path)
        _flush(path.parent)
    except sqlite3.Error as error:
        raise problem(path, error) from error
    except OSError as error:
        raise JournalError(f"{path} cannot be made: {error.strerror}") from None
    finally:
        with suppress(OSError):  # it is gone, or could not be made
            draft.unlink()


def _flush(folder: Path) -> None:
    """Let the name of a new file be on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def problem(path: Path, error: sqlite3.Error) -> JournalError:
    """Return what to raise for an error of SQLite."""
    from stepsmith.errors import JournalDamaged

    code = getattr(error, "sqlite_errorname", "")
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "UTF-8" in str(error):
        return JournalDamaged(f"{path} is damaged: {error}")
    if code == "SQLITE_FULL":
        return JournalError(f"{path}: there is no room left; nothing is lost, make room and run it again")
    if code.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
        return JournalError(
            f"{path}: {error}; a journal has its log beside it, so its folder has to be one that can be written to"
        )
    if code.startswith("SQLITE_IOERR"):
        return JournalError(f"{path} cannot be written or read: {error}; nothing that was committed is lost")
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return JournalError(f"{path} is held by another process for more than {_PATIENCE_MS // 1000} s")
    return JournalError(f"{path}: {error}")
