"""Ended executions are forgotten when it is time, and nothing else is."""

from pathlib import Path

import pytest

from stepsmith.engine.ports import TaskSucceeded
from stepsmith.store import Reader, Store, Token, prune, verify
from tests.stepsmith.store.journals import begin, step


def ended(store: Store, name: str, stopped: float) -> None:
    tail = begin(store, name)
    store.commit([step(tail, number) for number in range(1, 4)])
    store.commit([step(tail, 4, status="SUCCEEDED", stopped=stopped)])


def test_what_ended_long_ago_is_forgotten_and_its_name_is_free(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal.db", create=True, synchronous="NORMAL")
    ended(store, "old", 100.0)
    ended(store, "young", 300.0)
    begin(store, "running")

    assert prune(store, 200.0) == 1

    reader = Reader(store.path)
    assert [each.name for each in reader.executions()] == ["running", "young"]
    assert list(verify(store.path)) == []
    begin(store, "old")
    assert len(reader.find("old")) == 1


def test_nothing_is_left_of_what_is_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal.db", create=True, synchronous="NORMAL")
    for number in range(450):
        ended(store, f"n{number}", float(number))

    assert prune(store, 1000.0) == 450

    for table in ("executions", "heads", "records", "tokens", "requests", "definitions"):
        assert Reader(store.path).query(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_an_execution_that_ended_at_the_instant_itself_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal.db", create=True, synchronous="NORMAL")
    ended(store, "before", 199.9)
    ended(store, "then", 200.0)

    assert prune(store, 200.0) == 1

    assert [each.name for each in Reader(store.path).executions()] == ["then"]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_all_are_forgotten_however_many_they_are_beside_a_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr("stepsmith.store.pruning._BATCH", 2)
    store = Store(tmp_path / "journal.db", create=True, synchronous="NORMAL")
    for number in range(count):
        ended(store, f"n{number}", float(number))

    assert prune(store, 1000.0) == count

    assert list(Reader(store.path).executions()) == []


def test_what_others_wait_with_and_are_asked_is_kept_with_their_definitions(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal.db", create=True, synchronous="NORMAL")
    ended(store, "old", 100.0)
    kept = begin(store, "kept")
    token = Token(token="t", execution=2, command=4, state="S", is_open=True)
    store.commit([step(kept, 1, opened=(token,))])
    store.ask(2, TaskSucceeded(id=1, output=1), 5.0)

    prune(store, 1000.0)

    reader = Reader(store.path)
    assert reader.token("t") == token
    assert len(reader.requests(2)) == 1
    assert len(list(reader.records(2))) == 1
    assert list(verify(store.path)) == []


def test_one_whose_records_are_damaged_can_still_be_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal.db", create=True, synchronous="NORMAL")
    ended(store, "old", 100.0)
    begin(store, "other")
    store.transact(lambda db: db.execute("DELETE FROM records WHERE number = 2"))

    assert prune(store, 1000.0) == 1

    assert [each.name for each in Reader(store.path).executions()] == ["other"]


def test_a_link_that_leads_to_a_record_of_another_execution_takes_none_of_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal.db", create=True, synchronous="NORMAL")
    tail = begin(store, "other")
    store.commit([step(tail, 1)])
    ended(store, "old", 100.0)
    store.transact(
        lambda db: db.execute("UPDATE records SET previous = 1 WHERE execution = 2 AND number = 1")
    )

    prune(store, 1000.0)

    assert len(list(Reader(store.path).records(1))) == 1
