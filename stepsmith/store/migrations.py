"""Brings a journal of an older schema to the present one: a copy first, then everything in one transaction."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from stepsmith.store.schema import VERSION

STEPS: Final[dict[int, Sequence[str]]] = {
    1: ("CREATE INDEX executions_by_machine ON executions (machine)",),
}
"""Schema -> the statements that make the next one of it."""


def migrate(path: Path, db: sqlite3.Connection) -> None:
    """Bring the journal up to date, if it is not."""
    if _version(db) == VERSION:
        return
    _copy(path, db)
    db.execute("BEGIN IMMEDIATE")
    try:
        for version in range(_version(db), VERSION):  # asked again: another process may have been as quick
            for statement in STEPS[version]:
                db.execute(statement)
        db.execute(f"PRAGMA user_version={VERSION}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _copy(path: Path, db: sqlite3.Connection) -> None:
    """Keep the journal as it was beside it, under a name that says which schema it has.

    Several processes may do so at once. The first copy stays: whoever comes later may copy what is migrated already.
    """
    target = path.with_name(f"{path.name}.schema{_version(db)}")
    if target.exists():
        return
    handle, draft = tempfile.mkstemp(prefix=f".{target.name}.", dir=path.parent)
    os.close(handle)
    try:
        copy = sqlite3.connect(draft)
        try:
            db.backup(copy)
        finally:
            copy.close()
        with suppress(FileExistsError):
            os.link(draft, target)
    finally:
        os.unlink(draft)


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
