"""What is not as it was written is said, whichever row it is in, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepsmith.store import Store, verify
from stepsmith.store.seals import head_seal
from tests.stepsmith.store.journals import filled

EXTRA = (
    "INSERT INTO records SELECT 1000, previous, execution, number, at, body, last, digest, chain"
    " FROM records WHERE id = 1"
)
OTHER_INDEX = "CREATE INDEX executions_by_name ON executions (machine)"


def said(store: Store, *statements: str) -> list[str]:
    """Change a journal behind its back and return what is wrong with it, without the path."""
    for statement in statements:
        store.transact(lambda db, statement=statement: db.execute(statement))
    store.close()
    return [each.removeprefix(f"{store.path} is damaged: ") for each in verify(store.path)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return filled(tmp_path / "journal.db")


@pytest.mark.parametrize(
    ("statements", "findings"),
    [
        ([], []),
        ([EXTRA], ["it holds 17 records, and 16 were written"]),
        (["DELETE FROM heads WHERE execution = 3"], ["execution 3 has no head", "it holds 16 records, and 11 were written"]),  # noqa: E501 - a row of a table
        (["DELETE FROM executions WHERE id = 3"], ["there is no execution 3"]),
        (["UPDATE heads SET due = 7 WHERE execution = 1"], ["the head of execution 1 is not what was written"]),
        (["UPDATE requests SET at = 7"], ["request 1 is not what was written"]),
        (["UPDATE tokens SET open = 0"], ["a task token of execution 1 is not what was written"]),
        (["UPDATE records SET at = 7 WHERE id = 2"], ["record 1 of execution 2 is not what was written"]),
        (["DELETE FROM records WHERE id = 5"], ["execution 2 has 3 records, and 5 were written", "it holds 15 records, and 16 were written"]),  # noqa: E501 - a row of a table
        (["UPDATE records SET previous = 0 WHERE id = 8"], ["execution 2 has 3 records, and 5 were written"]),
        (["UPDATE executions SET input = '[]' WHERE id = 2"], ["the beginning of execution 2 is not what was written"]),
        (
            ["UPDATE definitions SET text = '{}'"],
            [
                *(f"the definition of execution {id} is not what was written" for id in (1, 2, 3)),
                "a definition is not what was written",
            ],
        ),
        (
            ["UPDATE requests SET execution = 77"],
            ["requests of an execution 77 that is not there"],
        ),
        (
            ["INSERT INTO definitions VALUES (x'00', '{}')"],
            ["a definition is not what was written"],
        ),
    ],
)  # fmt: skip
def test_what_was_changed_is_said(store: Store, statements: list[str], findings: list[str]) -> None:
    assert said(store, *statements) == findings


def test_a_token_of_an_execution_that_is_not_there_is_said(store: Store) -> None:
    from stepsmith.store.commits import token_seal

    mark = token_seal("other", 77, 9, "S", 1)
    store.transact(lambda db: db.execute("INSERT INTO tokens VALUES ('other', 77, 9, 'S', 1, ?)", (mark,)))

    assert said(store) == ["tokens of an execution 77 that is not there"]


def test_a_head_in_which_other_records_end_is_said_although_its_own_seal_fits(store: Store) -> None:
    count, record, *says = store.transact(
        lambda db: db.execute("SELECT count, record, status, due, stopped FROM heads WHERE execution = 2")
    ).fetchone()
    mark = head_seal(2, count, record, b"other", *says)
    store.transact(
        lambda db: db.execute("UPDATE heads SET chain = ?, seal = ? WHERE execution = 2", (b"other", mark))
    )

    assert said(store) == ["the records of execution 2 are not those that were written"]


def test_an_index_that_finds_something_else_is_said(store: Store) -> None:
    found = said(
        store,
        "PRAGMA writable_schema=ON",
        f"UPDATE sqlite_schema SET sql = '{OTHER_INDEX}' WHERE name = 'executions_by_name'",
    )

    assert any("executions_by_name" in each for each in found)
