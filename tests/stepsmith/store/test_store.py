"""What is written to a journal is there, in order, and nothing else."""

import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stepsmith.engine.ports import TaskSucceeded
from stepsmith.errors import JournalError
from stepsmith.store import NEVER, Reader, Store, Synchronous, Tail, Token, Unit, decode, verify
from tests.stepsmith.service.durable.engines import failing
from tests.stepsmith.store.journals import MACHINE, begin, filled, start, step


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "journal.db", create=True, synchronous="NORMAL")


def test_an_execution_is_read_as_it_was_begun(store: Store) -> None:
    begin(store, "one")

    reader = Reader(store.path)

    assert reader.start(1) == start("one")
    assert reader.head(1).status == "RUNNING"
    assert list(reader.records(1)) == []


def test_records_come_back_in_order_and_each_execution_has_its_own(store: Store) -> None:
    tails = [begin(store, "one"), begin(store, "two")]

    for number in (1, 2, 3):
        store.commit([step(tail, number) for tail in tails])

    reader = Reader(store.path)
    for id in (1, 2):
        found = list(reader.records(id))
        assert [each.last for each in found] == [5, 10, 15]
        assert found[0].inputs == [TaskSucceeded(id=1, output={"n": 1, "text": "x" * 40})]


def test_several_steps_of_one_execution_may_be_in_one_commit(store: Store) -> None:
    tail = begin(store, "one")

    store.commit([step(tail, 1), step(tail, 2), step(tail, 3)])

    assert [each.last for each in Reader(store.path).records(1)] == [5, 10, 15]


def test_records_are_read_on_from_where_they_were_read_before(store: Store) -> None:
    tail, place = begin(store, "one"), Tail()
    reader = Reader(store.path)
    store.commit([step(tail, 1), step(tail, 2)])
    assert len(list(reader.records(1, place))) == 2

    store.commit([step(tail, 3)])

    assert [each.last for each in reader.records(1, place)] == [15]
    assert list(reader.records(1, place)) == []


def test_a_step_on_an_execution_that_has_gone_on_is_refused_and_the_others_are_written(store: Store) -> None:
    one, two = begin(store, "one"), begin(store, "two")
    stale = Tail(one.execution, one.count, one.record, one.chain)
    store.commit([step(one, 1)])

    late, good = step(stale, 1), step(two, 1)
    store.commit([late, good])

    assert late.refused
    assert not good.refused
    assert [len(list(Reader(store.path).records(id))) for id in (1, 2)] == [1, 1]


def test_an_arn_is_taken_once(store: Store) -> None:
    begin(store, "one")

    again = Unit(tail=Tail(), start=start("one", input="[]"))
    store.commit([again])

    assert again.refused
    assert Reader(store.path).start(1).input == "{}"


def test_a_token_takes_one_answer(store: Store) -> None:
    tail = begin(store, "one")
    store.commit([step(tail, 1, opened=(Token(token="t", execution=1, command=4, state="S", is_open=True),))])

    given = TaskSucceeded(id=4, output=None)

    assert store.answer("t", 1, given, 5.0)
    assert not store.answer("t", 1, given, 6.0)
    assert [each.input for each in Reader(store.path).requests(1)] == [given]


def test_a_deadline_loses_against_an_answer_that_was_taken_before(store: Store) -> None:
    tail = begin(store, "one")
    store.commit([step(tail, 1, opened=(Token(token="t", execution=1, command=4, state="S", is_open=True),))])
    store.answer("t", 1, TaskSucceeded(id=4, output=None), 5.0)

    late = step(tail, 2, closed=("t",))
    store.commit([late])

    assert late.refused


def test_a_request_is_taken_with_the_step_that_takes_it(store: Store) -> None:
    tail = begin(store, "one")
    request = store.ask(1, TaskSucceeded(id=1, output=1), 5.0)

    store.commit([step(tail, 1, taken=(request,))])
    again = step(tail, 2, taken=(request,))
    store.commit([again])

    assert Reader(store.path).requests() == []
    assert again.refused


def test_the_next_due_execution_is_found_without_the_ended_ones(store: Store) -> None:
    for name, status, due in (
        ("a", "RUNNING", 50.0),
        ("b", "SUCCEEDED", 0.0),
        ("c", "RUNNING", 20.0),
        ("d", "RUNNING", NEVER),
    ):
        tail = begin(store, name)
        store.commit([step(tail, 1, status=status, due=due, stopped=1.0 if status != "RUNNING" else 0.0)])

    reader = Reader(store.path)

    assert reader.next_due == 20.0
    assert reader.due(60.0) == [(20.0, 3), (50.0, 1)]
    assert reader.due(60.0, after=(20.0, 3)) == [(50.0, 1)]


def test_a_head_says_when_an_execution_is_due_whether_that_changes_or_not(store: Store) -> None:
    tail, reader, found = begin(store, "one"), Reader(store.path), list[float | None]()
    for number, due in enumerate((0.0, 0.0, 5.0, 5.0, 7.0, 0.0), 1):
        store.commit([step(tail, number, due=due)])
        found.append(reader.next_due)
    store.commit([step(reader.tail(1), 7, due=0.0)])  # by whoever takes it up
    store.commit([step(reader.tail(1), 8, due=9.0)])
    found.append(reader.next_due)

    assert found == [0.0, 0.0, 5.0, 5.0, 7.0, 0.0, 9.0]
    assert reader.head(1).count == 8
    assert list(verify(store.path)) == []


def test_a_step_that_does_not_fit_changes_nothing_of_the_head_although_that_says_the_same(
    store: Store,
) -> None:
    tail = begin(store, "one")
    stale = Tail(tail.execution, tail.count, tail.record, tail.chain, tail.head)
    store.commit([step(tail, 1)])

    late = step(stale, 1)
    store.commit([late])

    assert late.refused
    assert Reader(store.path).head(1).count == 1
    assert list(verify(store.path)) == []


def test_executions_are_listed_newest_first_and_found_by_name_and_arn(store: Store) -> None:
    for name in ("a", "b", "c"):
        begin(store, name)

    reader = Reader(store.path)

    assert [each.name for each in reader.executions()] == ["c", "b", "a"]
    assert [each.name for each in reader.executions(most=1)] == ["c"]
    assert [each.id for each in reader.find("b")] == [2]
    assert [each.id for each in reader.find(f"{MACHINE}:b")] == [2]
    assert reader.find("nobody") == []


def test_a_deleted_journal_is_noticed_before_anything_is_written_to_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stepsmith.store.store._CHECK_SECONDS", 0.0)
    tail = begin(store, "one")
    store.path.unlink()

    with pytest.raises(JournalError, match="was deleted or replaced while it was in use"):
        store.commit([step(tail, 1)])


def test_readers_see_what_was_committed_when_they_began(tmp_path: Path) -> None:
    store = filled(tmp_path / "journal.db")
    reader = Reader(store.path)
    before = reader.changes

    with reader.snapshot():
        count = reader.head(3).count
        store.commit([step(reader.tail(3), 6)])
        assert reader.head(3).count == count

    assert reader.head(3).count == count + 1
    assert reader.changes != before


def test_the_beginning_of_an_execution_keeps_its_definition_once(tmp_path: Path) -> None:
    store = filled(tmp_path / "journal.db")

    assert Reader(store.path).query("SELECT count(*) FROM definitions") == [(1,)]


def test_what_no_version_writes_is_no_input() -> None:
    with pytest.raises(ValueError, match="no input of an execution"):
        decode(b'[["juggle",1]]')


def test_what_follows_a_step_that_was_refused_is_refused_although_it_would_fit(store: Store) -> None:
    one, two = begin(store, "one"), begin(store, "two")
    store.commit([step(one, 1, opened=(Token(token="t", execution=1, command=4, state="S", is_open=True),))])
    store.answer("t", 1, TaskSucceeded(id=4, output=None), 5.0)

    units = [step(one, 2, closed=("t",)), step(two, 1), step(one, 3), step(two, 2)]
    store.commit(units)

    assert [each.refused for each in units] == [True, False, True, False]
    assert [len(list(Reader(store.path).records(id))) for id in (1, 2)] == [1, 2]
    assert list(verify(store.path)) == []


def test_whether_the_file_is_there_is_looked_at_now_and_then_and_not_at_every_commit(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("stepsmith.store.store.time", SimpleNamespace(monotonic=lambda: now[0]))
    tail = begin(store, "one")
    store.path.unlink()

    now[0] += 0.04
    store.commit([step(tail, 1)])
    now[0] += 0.01
    with pytest.raises(JournalError, match="was deleted or replaced while it was in use"):
        store.commit([step(tail, 2)])


def test_what_follows_an_execution_begins_with_its_end_and_once(store: Store) -> None:
    one, two = begin(store, "one"), begin(store, "two")

    units = [
        step(each, 1, status="FAILED", stopped=3.0, follows=start("ending", input="[7]"))
        for each in (one, two)
    ]
    store.commit(units[:1])
    store.commit(units[1:])

    reader = Reader(store.path)
    assert [each.following for each in units] == [3, 3]
    assert [each.name for each in reader.executions()] == ["ending", "two", "one"]
    assert reader.start(3).input == "[7]"
    assert (reader.head(3).count, reader.head(3).status, list(reader.records(3))) == (0, "RUNNING", [])
    store.commit([step(reader.tail(3), 1)])
    assert list(verify(store.path)) == []


def test_nothing_follows_an_end_that_was_refused(store: Store) -> None:
    one = begin(store, "one")
    stale = Tail(one.execution, one.count, one.record, one.chain)
    store.commit([step(one, 1)])

    store.commit([step(stale, 1, status="FAILED", stopped=3.0, follows=start("ending"))])

    assert [each.name for each in Reader(store.path).executions()] == ["one"]


def test_a_token_that_a_step_has_answered_itself_takes_no_other_answer(store: Store) -> None:
    tail = begin(store, "one")
    token = Token(token="t", execution=1, command=4, state="S", is_open=True)
    store.commit([step(tail, 1, opened=(token,))])

    store.commit([step(tail, 2, answered=("t", "never handed out"))])

    assert not store.answer("t", 1, TaskSucceeded(id=4, output=None), 5.0)
    found = Reader(store.path).token("t")
    assert found is not None
    assert not found.is_open


def test_what_a_unit_posts_is_asked_of_the_other_execution_at_the_instant_of_the_step(store: Store) -> None:
    one, given = begin(store, "one"), TaskSucceeded(id=4, output={"a": 1})
    begin(store, "two")

    store.commit([step(one, 1, posted=((2, given),))])

    (found,) = Reader(store.path).requests()
    assert (found.execution, found.at, found.input) == (2, 2.5, given)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("database or disk is full", "journal.db: database or disk is full"),
        ("disk I/O error", "journal.db: disk I/O error"),
    ],
)
def test_a_commit_that_fails_leaves_nothing_and_can_be_made_again(
    tmp_path: Path, how: str, message: str
) -> None:
    path = tmp_path / "journal.db"
    begin(Store(path, create=True), "one")
    store = Store(path, connect=failing(1, how))
    tail = Reader(path).tail(1)
    unit = step(tail, 1)

    with pytest.raises(JournalError, match=message):
        store.commit([unit])
    assert (unit.refused, tail.count, Reader(path).head(1).count) == (False, 0, 0)
    store.commit([unit])

    assert (tail.count, Reader(path).head(1).count) == (1, 1)
    assert list(verify(path)) == []


def test_what_is_asked_has_a_number_of_its_own_for_ever(store: Store) -> None:
    tail, given = begin(store, "one"), TaskSucceeded(id=1, output=1)
    first = store.ask(1, given, 5.0)
    store.commit([step(tail, 1, taken=(first,))])

    assert [store.ask(1, given, 6.0), store.ask(1, given, 7.0)] == [first + 1, first + 2]


def test_a_store_waits_for_the_disk_unless_it_is_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"

    found = [
        each.transact(lambda db: db.execute("PRAGMA synchronous").fetchone()[0])
        for each in (Store(path, create=True), Store(path, synchronous="NORMAL"))
    ]

    assert found == [2, 1]


def test_a_transaction_that_sqlite_stops_in_the_middle_is_taken_back(tmp_path: Path) -> None:
    class Stopped(sqlite3.Connection):
        failing = False

        def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:
            found = super().executemany(sql, rows)
            if Stopped.failing and sql.startswith("INSERT INTO records"):
                raise sqlite3.OperationalError("interrupted")
            return found

    def connect(path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Stopped)

    store = Store(tmp_path / "journal.db", create=True, synchronous="NORMAL", connect=connect)
    tail = begin(store, "one")
    Stopped.failing = True
    with pytest.raises(JournalError, match="interrupted"):
        store.commit([step(tail, 1)])
    Stopped.failing = False

    store.commit([step(tail, 1)])

    assert [each.last for each in Reader(store.path).records(1)] == [5]
    assert list(verify(store.path)) == []


def test_nothing_is_asked_of_a_journal_that_was_deleted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stepsmith.store.store._CHECK_SECONDS", 0.0)
    begin(store, "one")
    store.path.unlink()

    with pytest.raises(JournalError, match="was deleted or replaced while it was in use"):
        store.ask(1, TaskSucceeded(id=1, output=None), 1.0)


def test_who_reads_writes_nothing(store: Store) -> None:
    begin(store, "one")

    with pytest.raises(JournalError, match="readonly database"):
        Reader(store.path).query("DELETE FROM heads")

    assert Reader(store.path).head(1).status == "RUNNING"


def test_what_sqlite_says_to_whoever_looks_for_what_is_due_is_an_error_of_the_journal(store: Store) -> None:
    begin(store, "one")
    store.transact(lambda db: db.execute("DROP TABLE heads"))

    with pytest.raises(JournalError, match="no such table: heads"):
        _ = Reader(store.path).next_due


def log_of(store: Store) -> Path:
    return Path(f"{store.path}-wal")


def written(store: Store, commits: int, tail: Tail | None = None) -> Tail:
    tail = tail or begin(store, "one")
    for number in range(tail.count + 1, tail.count + commits + 1):
        store.commit([step(tail, number)])
    return tail


def test_the_log_has_its_blocks_before_they_are_needed_and_twice_as_many_each_time(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal.db", create=True)
    tail, sizes = written(store, 16), [log_of(store).stat().st_size]

    while len(sizes) < 3:
        written(store, 16, tail)
        if (size := log_of(store).stat().st_size) > sizes[-1]:
            sizes.append(size)

    assert sizes[0] > 1 << 18
    assert sizes[1] > 1.9 * sizes[0]
    assert sizes[2] > 1.9 * sizes[1]
    store.close()


def test_a_log_that_is_as_long_as_it_gets_does_not_grow_ahead(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal.db", create=True)
    tail = begin(store, "one")

    for number in range(1, 16):
        unit = step(tail, number)
        unit.body = b'"%s"' % (b"x" * 300_000)
        store.commit([unit])

    assert 1 << 22 < log_of(store).stat().st_size < 5 << 20
    store.close()


def test_what_is_in_the_log_ahead_is_no_commit(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal.db", create=True)
    written(store, 15)  # the sixteenth commit is the one after which the log grows

    copy = tmp_path / "copy.db"
    for suffix in ("", "-wal"):  # as it is found after a process that was killed there
        Path(f"{copy}{suffix}").write_bytes(Path(f"{store.path}{suffix}").read_bytes())

    assert log_of(store).stat().st_size > 1 << 18
    assert list(verify(copy)) == []
    assert [each.last for each in Reader(copy).records(1)] == [5 * number for number in range(1, 16)]
    store.close()


@pytest.mark.parametrize("synchronous", ["FULL", "NORMAL"])
def test_only_who_waits_for_the_disk_lets_the_log_grow_ahead(
    tmp_path: Path, synchronous: Synchronous
) -> None:
    store = Store(tmp_path / "journal.db", create=True, synchronous=synchronous)

    written(store, 17)

    assert (log_of(store).stat().st_size > 1 << 18) == (synchronous == "FULL")
    store.close()


def test_where_there_is_no_room_for_it_the_log_grows_as_it_is_written(tmp_path: Path) -> None:
    class Full(sqlite3.Connection):
        asked = 0

        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            if "zeroblob" in sql:
                Full.asked += 1
                super().execute("PRAGMA max_page_count=40")
            return super().execute(sql, *parameters)

    opened: list[sqlite3.Connection] = []

    def connect(path: Path) -> sqlite3.Connection:
        opened.append(sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Full))
        return opened[-1]

    store = Store(tmp_path / "journal.db", create=True, connect=connect)

    written(store, 40)

    assert Full.asked
    assert opened[-1].execute("PRAGMA cache_size").fetchone() == (-2000,)  # what SQLite has otherwise
    assert [each.last for each in Reader(store.path).records(1)][-1] == 200
    assert list(verify(store.path)) == []
    store.close()
