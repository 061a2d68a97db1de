"""Forgets ended executions: their names are free again, and their place in the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from stepsmith.store.store import Store

_BATCH: Final = 200
"""Executions forgotten in one transaction, so that nobody waits long for it."""


def prune(store: Store, before: float) -> int:
    """Forget the executions that ended before an instant, and say how many they were."""
    total = 0
    while True:
        count = store.transact(lambda db: _prune_some(db, before))
        total += count
        if count < _BATCH:
            store.transact(_forget_definitions)
            return total


def forget(store: Store, executions: Sequence[int]) -> None:
    """Forget executions, whatever their status."""

    def forget(db: sqlite3.Connection) -> None:
        for execution in executions:
            _forget(db, execution)

    store.transact(forget)


def _prune_some(db: sqlite3.Connection, before: float) -> int:
    found = db.execute(
        "SELECT execution FROM heads WHERE status <> 'RUNNING' AND stopped < ? ORDER BY stopped LIMIT ?",
        (before, _BATCH),
    ).fetchall()
    for (execution,) in found:
        _forget(db, execution)
    return len(found)


def _forget(db: sqlite3.Connection, execution: int) -> None:
    row = db.execute("SELECT record FROM heads WHERE execution = ?", (execution,)).fetchone()
    record = 0 if row is None else row[0]
    while record:
        row = db.execute(
            "DELETE FROM records WHERE id = ? AND execution = ? RETURNING previous", (record, execution)
        ).fetchone()
        record = 0 if row is None else row[0]
    for table in ("tokens", "requests", "heads"):
        db.execute(f"DELETE FROM {table} WHERE execution = ?", (execution,))  # noqa: S608
    db.execute("DELETE FROM executions WHERE id = ?", (execution,))


def _forget_definitions(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM definitions WHERE hash NOT IN (SELECT definition FROM executions)")
