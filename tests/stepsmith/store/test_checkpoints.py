"""The log of a journal is moved to its file beside those who write."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from stepsmith.store import Checkpoints, Store


def test_the_log_is_moved_after_so_many_commits_and_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "j"
    store = Store(path, synchronous="NORMAL", create=True)
    checkpoints = Checkpoints(store, most=3)

    def write(number: int) -> None:
        text = "x" * 100_000
        store.transact(
            lambda db: db.execute("INSERT OR REPLACE INTO definitions VALUES (?, ?)", (bytes([number]), text))
        )
        checkpoints.count()

    log, number, end = path.with_name("j-wal"), 0, time.monotonic() + 10
    while time.monotonic() < end and (number < 5 or log.stat().st_size > (number - 3) * 100_000):
        write(number % 256)
        number += 1
        time.sleep(0.01)

    assert log.stat().st_size <= (number - 3) * 100_000
    assert path.stat().st_size > 300_000
    checkpoints.close()
    store.close()


def test_what_is_in_the_log_is_there_whatever_was_moved(tmp_path: Path) -> None:
    path = tmp_path / "j"
    store = Store(path, synchronous="NORMAL", create=True)
    checkpoints = Checkpoints(store, most=1)
    for number in range(50):
        store.transact(
            lambda db, at=number: db.execute("INSERT INTO definitions VALUES (?, 'x')", (bytes([at]),))
        )
        checkpoints.count()
    checkpoints.close()
    store.close()

    db = sqlite3.connect(path)
    assert db.execute("SELECT count(*) FROM definitions").fetchone() == (50,)
    db.close()
