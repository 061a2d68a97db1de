"""Damage is noticed: no changed byte is returned as what was written."""

import os
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from stepsmith.errors import StepsmithError
from stepsmith.store import Reader, Store, verify
from tests.stepsmith.store.journals import begin, filled, step

FLIPS = int(os.environ.get("STEPSMITH_FLIPS", "250"))
CUTS = int(os.environ.get("STEPSMITH_CUTS", "400"))
TABLES = ("definitions", "executions", "records", "heads", "tokens", "requests")


def dump(path: Path) -> object:
    """Read all rows without looking at seals; what cannot be read is not what it was."""
    db = sqlite3.connect(path)
    try:
        return [sorted(map(repr, db.execute(f"SELECT * FROM {table} NOT INDEXED"))) for table in TABLES]
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return str(error)
    finally:
        db.close()


def whole(path: Path, *, executions: int, records: int) -> bytes:
    filled(path, executions=executions, records=records).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path.read_bytes()


def read_all(path: Path, ids: range) -> list[object]:
    """Resume every execution as far as reading goes: what comes of each, or None where it was refused."""
    found: list[object] = []
    for id in ids:
        try:
            reader = Reader(path)
            try:
                found.append(
                    (
                        reader.start(id),
                        reader.head(id),
                        list(reader.records(id)),
                        reader.requests(id),
                    )
                )
            finally:
                reader.close()
        except StepsmithError:
            found.append(None)
    return found


@pytest.mark.slow
def test_every_flipped_bit_that_changes_something_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    content, ids = whole(path, executions=4, records=40), range(1, 5)
    rows, good = dump(path), read_all(path, ids)
    chance, effective = random.Random(16), 0
    for _ in range(FLIPS):
        place, bit = chance.randrange(len(content)), chance.randrange(8)
        damaged = bytearray(content)
        damaged[place] ^= 1 << bit
        for each in tmp_path.iterdir():
            each.unlink()
        path.write_bytes(damaged)
        changed = dump(path) != rows
        effective += changed

        findings = reported(path)
        after = read_all(path, ids)

        assert not changed or findings, f"byte {place}, bit {bit} is not reported"
        for before, now in zip(good, after, strict=True):
            assert now is None or now == before, f"byte {place}, bit {bit} was read as good"

    assert effective > FLIPS / 5


def reported(path: Path) -> list[str]:
    try:
        return list(verify(path))
    except StepsmithError as error:
        return [str(error)]


@pytest.mark.slow
def test_a_torn_log_gives_a_prefix(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    store = Store(path, create=True)
    tails = [begin(store, f"n{each}") for each in range(3)]
    for number in range(1, 30):
        store.commit([step(tail, number) for tail in tails])
    whole_log = Path(f"{path}-wal").read_bytes()
    copies = tmp_path / "copies"
    full = [list(Reader(path).records(id)) for id in (1, 2, 3)]
    chance, lengths = random.Random(7), set()
    for _ in range(CUTS):
        shutil.rmtree(copies, ignore_errors=True)
        copies.mkdir()
        copy = copies / "journal.db"
        shutil.copy(path, copy)
        Path(f"{copy}-wal").write_bytes(whole_log[: chance.randrange(len(whole_log))])

        assert list(verify(copy)) == []
        reader = Reader(copy)
        for each in reader.executions():
            found = list(reader.records(each.id))
            assert found == full[each.id - 1][: len(found)]
            lengths.add(len(found))
        reader.close()

    assert len(lengths) > 20
    store.close()


def test_a_log_that_ends_inside_a_group_has_the_whole_group_or_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    store = Store(path, create=True)
    tails = [begin(store, f"n{each}") for each in range(3)]
    store.commit([step(tail, 1) for tail in tails])
    log = Path(f"{path}-wal")
    content = log.read_bytes()
    copies = tmp_path / "copies"
    copies.mkdir()
    shutil.copy(path, copies / "journal.db")
    (copies / "journal.db-wal").write_bytes(content[:-100])

    found = [len(list(Reader(copies / "journal.db").records(id))) for id in (1, 2, 3)]

    assert found == [0, 0, 0]
    store.close()
