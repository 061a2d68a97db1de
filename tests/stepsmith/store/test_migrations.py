"""Journals of earlier schemas open and go on, and stay as they were if the way there fails."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from stepsmith.errors import JournalError
from stepsmith.expressions.types import Json
from stepsmith.service.journals.journal import Journal
from stepsmith.store import Reader, Store, verify
from stepsmith.store.schema import VERSION
from tests.stepsmith.service.durable.engines import Crash, failing, finish
from tests.stepsmith.service.durable.workloads import WORKLOADS, Effects, answers

JOURNALS = sorted(Path("tests/journals").resolve().glob("*.db"))


@pytest.fixture(params=JOURNALS, ids=lambda path: path.stem)
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    shutil.copy(request.param, path)
    return path


def version(path: Path) -> int:
    db = sqlite3.connect(path)
    try:
        return int(db.execute("PRAGMA user_version").fetchone()[0])
    finally:
        db.close()


def test_an_earlier_journal_is_brought_up_to_date_and_a_copy_of_it_is_kept(journal: Path) -> None:
    before = version(journal)
    names = {row[0] for row in sqlite3.connect(journal).execute("SELECT name FROM executions")}

    Store(journal).close()

    assert before < VERSION
    assert version(journal) == VERSION
    assert version(Path(f"{journal}.schema{before}")) == before
    assert {each.name for each in Reader(journal).executions()} == names
    assert list(verify(journal)) == []


def test_executions_of_an_earlier_journal_are_resumed(journal: Path) -> None:
    effects = Effects()
    mine = answers(effects)
    before = {each.name: list(each.history) for each in Journal(journal).executions()}
    (token,) = [each.token for each in Journal(journal).execution("ask").waiting]
    Journal(journal).answer(token, "answered")

    finish(journal, mine)

    after = {each.name: each for each in Journal(journal).executions()}
    assert {each.status for each in after.values()} == {"SUCCEEDED"}
    assert after["ask"].output == "answered"
    for name in WORKLOADS:
        assert list(after[name].history)[: len(before[name])] == before[name]


@pytest.mark.parametrize("how", ["before", "after", "database or disk is full"])
def test_a_journal_whose_migration_is_interrupted_is_migrated_the_next_time(journal: Path, how: str) -> None:
    before: Json = version(journal)
    with suppress(Crash, JournalError):
        Store(journal, connect=failing(1, how))
    assert version(journal) in (before, VERSION)

    Store(journal).close()

    assert version(journal) == VERSION
    assert list(verify(journal)) == []


def test_of_two_that_migrate_at_once_the_first_keeps_the_copy_and_the_second_is_not_in_its_way(
    journal: Path,
) -> None:
    before = version(journal)

    class Overtaken(sqlite3.Connection):
        def backup(self, *arguments: Any, **options: Any) -> None:
            Store(journal).close()
            super().backup(*arguments, **options)

    def connect(path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Overtaken)

    Store(journal, connect=connect).close()

    assert version(journal) == VERSION
    assert version(Path(f"{journal}.schema{before}")) == before
    assert {each.name for each in journal.parent.iterdir() if each.name.startswith(".")} == set()


def test_a_copy_that_is_there_already_stays_and_nothing_is_copied_again(journal: Path) -> None:
    before = version(journal)
    kept = Path(f"{journal}.schema{before}")
    kept.write_bytes(b"the first copy")

    class Careful(sqlite3.Connection):
        def backup(self, *arguments: Any, **options: Any) -> None:
            raise AssertionError("copied again")

    def connect(path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Careful)

    Store(journal, connect=connect).close()

    assert version(journal) == VERSION
    assert kept.read_bytes() == b"the first copy"


def tables(path: Path) -> set[tuple[str, str]]:
    db = sqlite3.connect(path)
    try:
        return set(db.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
    finally:
        db.close()


def test_a_journal_that_was_migrated_has_the_tables_and_indexes_of_a_new_one(
    journal: Path, tmp_path: Path
) -> None:
    Store(journal).close()
    Store(tmp_path / "new.db", create=True).close()

    assert tables(journal) == tables(tmp_path / "new.db")


def test_a_migration_that_cannot_be_written_is_taken_back_and_said(journal: Path) -> None:
    before = version(journal)

    class Full(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            if sql.startswith("PRAGMA user_version="):
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(sql, *parameters)

    made: list[sqlite3.Connection] = []

    def connect(path: Path) -> sqlite3.Connection:
        made.append(sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Full))
        return made[-1]

    with pytest.raises(JournalError, match="database or disk is full"):
        Store(journal, connect=connect)

    assert not made[-1].in_transaction
    assert version(journal) == before
    Store(journal).close()
    assert version(journal) == VERSION
    made[-1].close()
