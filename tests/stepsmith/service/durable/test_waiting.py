"""Executions that only wait cost nothing but their place in the file, and end when it is time."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from pathlib import Path

import pytest

from stepsmith.service import load
from stepsmith.service.durable import conductor as conductor_module
from stepsmith.service.durable.conductor import MOST_WAITING, Conductor
from stepsmith.service.durable.live import Live, Resolver
from stepsmith.service.durable.recorded import Origin, start_of
from stepsmith.service.journals.journal import Journal
from stepsmith.store import Reader, Store, Tail, Unit
from tests.stepsmith.service.durable.engines import Answers, Clock, driven, shown, started, task

DAY = 86_400
WAITS = {
    "StartAt": "Rest",
    "States": {
        "Rest": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Then"},
        "Then": task("then", End=True),
    },
}


def many(path: Path, count: int, clock: Clock) -> Store:
    """Return a journal in which executions wait for a day, each a second longer than the one before."""
    store = Store(path, create=True, synchronous="NORMAL")
    definition = load(WAITS).definition.to_json()
    starts = [
        start_of(
            definition,
            f'{{"seconds":{DAY + number}}}',
            machine="waits",
            name=f"n{number}",
            started=clock.now(),
            virtual=False,
            origin=Origin(),
            seed=number,
        )
        for number in range(count)
    ]
    for place in range(0, count, 500):
        store.commit([Unit(tail=Tail(), start=start) for start in starts[place : place + 500]])
    return store


@pytest.mark.slow
def test_ten_thousand_waiting_executions_need_neither_threads_nor_memory(tmp_path: Path) -> None:
    clock, ran = Clock(), []
    store = many(tmp_path / "journal.db", 10_000, clock)
    threads = threading.active_count()
    conductor = Conductor(store, Answers({"then": ran.append}), clock=clock, is_direct=True)
    tracemalloc.start()
    try:
        while conductor._reader.due(clock.now(), most=1):  # pyright: ignore[reportPrivateUsage]
            conductor._looked = 0.0  # pyright: ignore[reportPrivateUsage]
            conductor.turn()
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert threading.active_count() <= threads
    assert len(conductor.lives) <= MOST_WAITING
    assert 0 < held / 10_000 < 2048
    assert ran == []

    clock.instant += DAY + 4.5
    conductor._looked = 0.0  # pyright: ignore[reportPrivateUsage]
    conductor.turn()

    assert len(ran) == 5
    assert Reader(store.path).next_due == clock.now() + 0.5
    conductor.close()


@pytest.mark.parametrize("is_known", [True, False])
def test_many_that_end_their_wait_at_once_are_taken_up_once_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    clock, ran, loaded = Clock(), list[object](), list[int]()
    monkeypatch.setattr(conductor_module, "MOST_WAITING", 4)
    store = many(tmp_path / "journal.db", 40, clock)
    conductor = Conductor(store, Answers({"then": ran.append}), clock=clock, is_direct=True)
    conductor.turn()
    if not is_known:
        conductor.close()
        conductor = Conductor(store, Answers({"then": ran.append}), clock=clock, is_direct=True)
    load_one = conductor_module.load

    def load_and_note(reader: Reader, id: int, resolver: Resolver) -> Live:
        loaded.append(id)
        return load_one(reader, id, resolver)

    monkeypatch.setattr(conductor_module, "load", load_and_note)

    clock.instant += DAY + 40
    conductor._looked = 0.0  # pyright: ignore[reportPrivateUsage]
    conductor.turn()

    assert len(ran) == 40
    assert len(loaded) == (36 if is_known else 40)
    assert {each.status for each in Journal(store.path).executions()} == {"SUCCEEDED"}
    conductor.close()


def test_one_in_virtual_time_keeps_its_own_although_the_wall_is_long_past_its_deadlines(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.db"
    started(path, WAITS, {"seconds": 10}, virtual=True, now=1_800_000_000.0)

    conductor = driven(path, Answers({"then": lambda _: 1}), clock=Clock(1_900_000_000.0))

    assert Journal(path).execution("one").elapsed.total_seconds() == 10
    conductor.close()


def test_the_next_one_is_found_by_an_index(tmp_path: Path) -> None:
    store = many(tmp_path / "journal.db", 10, Clock())
    plan = Reader(store.path).query(
        "EXPLAIN QUERY PLAN SELECT due, execution FROM heads WHERE status = 'RUNNING' AND due <= 5"
        " ORDER BY due, execution LIMIT 1"
    )

    assert "heads_by_due" in str(plan)
    assert "TEMP B-TREE" not in str(plan)


@pytest.mark.slow
def test_a_hundred_thousand_ended_executions_do_not_slow_a_start(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal.db", create=True, synchronous="NORMAL")
    definition = load(WAITS).definition.to_json()

    def start(name: str) -> Unit:
        found = start_of(
            definition,
            "{}",
            machine="waits",
            name=name,
            started=1.0,
            virtual=False,
            origin=Origin(),
            seed=1,
        )
        return Unit(tail=Tail(), start=found)

    def fill(last: int) -> None:
        """Repeat the first execution, which has ended, up to a number; nobody looks at the seals of the others."""
        store._db.executescript(  # pyright: ignore[reportPrivateUsage]
            f"""
            INSERT INTO executions WITH RECURSIVE n (id) AS
            (SELECT max(id) + 1 FROM executions UNION ALL SELECT id + 1 FROM n WHERE id < {last})
            SELECT n.id, e.arn || n.id, e.name || n.id, e.machine, e.definition, e.input, e.started, e.options,
            e.seal FROM n, executions e WHERE e.id = 1;
            INSERT INTO heads SELECT e.id, h.count, h.record, h.chain, h.status, h.due, h.stopped, h.seal
            FROM executions e, heads h WHERE h.execution = 1 AND e.id > (SELECT max(execution) FROM heads);
            """
        )

    def steps(name: str) -> int:
        """Count what SQLite does to begin another one and to find what is due, in its own instructions."""
        count = [0]

        def tick() -> int:
            count[0] += 1
            return 0

        reader = Reader(store.path)
        for db in (store._db, reader._db):  # pyright: ignore[reportPrivateUsage]
            db.set_progress_handler(tick, 1)
        store.commit([start(name)])
        reader.due(10.0)
        reader.find("nobody")
        reader.close()
        store._db.set_progress_handler(None, 1)  # pyright: ignore[reportPrivateUsage]
        return count[0]

    first = start("first")
    first.status, first.stopped = "SUCCEEDED", 2.0
    store.commit([first])
    fill(1000)
    few = steps("few")
    fill(100_000)

    assert steps("many") < few * 2
    reader = Reader(store.path)
    assert reader.query("SELECT count(*), sum(status = 'RUNNING') FROM heads") == [(100_001, 2)]


def test_a_clock_set_back_neither_stretches_a_wait_nor_ends_it_early(tmp_path: Path) -> None:
    path, clock = tmp_path / "journal.db", Clock()
    started(path, WAITS, {"seconds": 3600}, virtual=False, now=clock.now())
    driven(path, Answers(), clock=clock).close()
    due = clock.now() + 3600

    clock.instant -= 7200
    driven(path, Answers(), clock=clock).close()

    assert Journal(path).execution("one").status == "RUNNING"
    assert Reader(path).next_due == due


def test_a_wait_whose_time_has_passed_ends_at_once(tmp_path: Path) -> None:
    path, clock = tmp_path / "journal.db", Clock()
    started(path, WAITS, {"seconds": 3600}, virtual=False, now=clock.now())
    driven(path, Answers(), clock=clock).close()

    clock.instant += 7200
    driven(path, Answers({"then": lambda payload: "done"}), clock=clock).close()

    assert shown(path)[:2] == ("SUCCEEDED", "done")


def test_a_resumed_wait_takes_only_the_time_that_is_left(tmp_path: Path) -> None:
    path, clock = tmp_path / "journal.db", Clock()
    started(path, WAITS, {"seconds": 3600}, virtual=False, now=clock.now())
    driven(path, Answers(), clock=clock).close()
    clock.instant += 3599.0
    driven(path, Answers(), clock=clock).close()
    assert Journal(path).execution("one").status == "RUNNING"

    clock.instant += 1.0
    driven(path, Answers({"then": lambda payload: "done"}), clock=clock).close()

    exits = [each for each in shown(path)[2] if each["type"] == "WaitStateExited"]
    entries = [each for each in shown(path)[2] if each["type"] == "WaitStateEntered"]
    assert exits[0]["timestamp"] - entries[0]["timestamp"] == 3600.0  # type: ignore[operator]
