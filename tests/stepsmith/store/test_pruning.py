"""Ended executions are forgotten when it is time, and nothing else is."""

from pathlib import Path

from stepsmith.store import Reader, Store, prune, verify
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
