"""Journals from Python: started in this process, gone on with in another, shown like any execution."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from stepsmith import Journal, NotFound, WorkflowError, load, local, running, task, wait, workflow
from stepsmith.errors import InvalidInput, JournalError
from stepsmith.expressions.types import Json
from stepsmith.service import JournalExecution
from stepsmith.service.durable import execution as shown
from stepsmith.service.durable.starting import ExecutionAlreadyExists
from tests.stepsmith.service.durable.engines import started
from tests.stepsmith.service.durable.engines import task as task_state


class Refused(WorkflowError):
    """No."""


@task
def double(number: int) -> int:
    if number < 0:
        raise Refused("only upwards")
    return number * 2


@workflow
def doubling(number: int) -> int:
    first = double(number)
    wait(3600)
    return double(first)


@workflow
def redoubling(number: int) -> int:
    first = doubling(number)
    return double(first)


def test_a_workflow_is_recorded_and_gives_its_result(tmp_path: Path) -> None:
    execution = doubling.start(number=3, backend=local(journal=tmp_path / "j.db", name="one"))

    assert execution.wait(30).result() == 12  # type: ignore[attr-defined]
    found = Journal(tmp_path / "j.db").execution("one")
    assert found.status == "SUCCEEDED"
    assert found.elapsed == timedelta(hours=1)
    assert found.waited == timedelta(hours=1)
    assert found.input == {"number": 3}
    assert found.machine_name == "doubling"
    assert [call.function for call in found.task_calls()] == ["double", "double"]
    assert found.result() == 12


def test_a_journal_stays_the_same_when_the_process_goes_to_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    doubling.start(number=3, backend=local(journal="j.db", name="one")).wait(30)

    monkeypatch.chdir(tmp_path / "elsewhere")
    doubling.start(number=3, backend=local(journal=tmp_path / "j.db", name="two")).wait(30)

    assert [each.status for each in Journal(tmp_path / "j.db").executions()] == ["SUCCEEDED"] * 2
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_running_in_a_journal_waits_for_the_end(tmp_path: Path) -> None:
    with running(local(journal=tmp_path / "j.db")):
        execution = doubling.run(number=3)

    assert isinstance(execution, JournalExecution)
    assert execution.result() == 12


def test_the_error_of_a_workflow_is_raised(tmp_path: Path) -> None:
    execution = doubling.start(number=-1, backend=local(journal=tmp_path / "j.db"))

    with pytest.raises(Refused, match="only upwards"):
        execution.wait(30).result()  # type: ignore[attr-defined]
    assert execution.failed_state == "Double (number)"  # type: ignore[attr-defined]


def test_a_workflow_that_starts_another_one_has_both_in_the_journal(tmp_path: Path) -> None:
    execution = redoubling.start(number=3, backend=local(journal=tmp_path / "j.db"))

    assert execution.wait(30).result() == 24  # type: ignore[attr-defined]
    assert [each.machine for each in Journal(tmp_path / "j.db").summaries()] == ["doubling", "redoubling"]


def test_any_machine_is_recorded(tmp_path: Path) -> None:
    machine = load({"StartAt": "A", "States": {"A": task_state("a", End=True)}}, name="any")

    execution = Journal(tmp_path / "j.db").start(
        machine, {"n": 1}, tasks={"a": lambda payload: payload}, name="one"
    )

    assert execution.wait(30).output == {"n": 1}
    with pytest.raises(ExecutionAlreadyExists):
        Journal(tmp_path / "j.db").start(machine, {"n": 1}, name="one")


def test_what_another_process_has_left_is_resumed(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    machine = {"StartAt": "A", "States": {"A": task_state("a", End=True)}}
    for name in ("one", "two"):
        started(path, machine, name=name)

    ended = Journal(path).resume(tasks={"a": lambda payload: "done"})

    assert sorted(each.name for each in ended) == ["one", "two"]
    assert {each.output for each in ended} == {"done"}
    assert Journal(path).resume() == []


def test_executions_are_listed_by_what_has_become_of_them_and_of_which_machine_they_are(
    tmp_path: Path,
) -> None:
    path, journal = tmp_path / "j.db", Journal(tmp_path / "j.db")
    for name, function in (("one", "a"), ("two", "b"), ("three", "a")):
        machine = load({"StartAt": "A", "States": {"A": task_state(function, End=True)}}, name=function)
        started(path, machine, name=name)
    journal.execution("three").stop()

    def names(**wanted: Any) -> list[str]:
        found = [each.name for each in journal.executions(**wanted)]
        assert found == [each.name for each in journal.summaries(**wanted)]
        return found

    assert names() == ["three", "two", "one"]
    assert names(most=1) == ["three"]
    assert names(status="RUNNING") == ["two", "one"]
    assert names(machine="a") == ["three", "one"]
    assert names(machine="a", status="RUNNING", most=5) == ["one"]


def test_a_workflow_is_found_again_by_its_name(tmp_path: Path) -> None:
    from stepsmith.service.durable.recorded import Origin, start_of
    from stepsmith.service.durable.starting import begin
    from stepsmith.store import Reader, Store

    path = tmp_path / "j.db"
    store = Store(path, create=True)
    for name, module in (("one", __name__), ("two", "no_such_module")):
        start = start_of(
            doubling.definition.to_json(),
            '{"number":3}',
            machine="doubling",
            name=name,
            started=1.0,
            virtual=True,
            origin=Origin(workflow=f"{module}:doubling"),
        )
        begin(store, Reader(path), start)

    with pytest.raises(
        NotFound, match="the workflow doubling is not here: there is no module no_such_module"
    ):
        Journal(path).resume()

    assert Journal(path).execution("one").result() == 12
    assert Journal(path).execution("two").status == "RUNNING"


def test_whoever_waits_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    class Watcher:
        def changed(self) -> None:
            told.append("changed")

        def end(self) -> None:
            told.append("end")

    monkeypatch.setattr(shown, "observers", [lambda execution: Watcher()])
    execution = doubling.start(number=3, backend=local(journal=tmp_path / "j.db"))

    execution.wait(30)

    assert told[-1] == "end"
    assert "SUCCEEDED" in execution._repr_mimebundle_()["text/plain"]  # type: ignore[attr-defined]
    assert "ExecutionSucceeded" in execution._repr_mimebundle_()["text/html"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"delays": {"double": 1.0}}, "takes no delays"), ({"clock": object()}, "takes no clock")],
)
def test_what_no_other_process_could_go_on_with_is_refused(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        doubling.start(number=3, backend=local(journal=tmp_path / "j.db", **options))  # type: ignore[arg-type]


def test_an_express_machine_keeps_no_history(tmp_path: Path) -> None:
    machine = load({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, type="EXPRESS")

    with pytest.raises(InvalidInput, match="an Express execution keeps no history"):
        Journal(tmp_path / "j.db").start(machine)
    with pytest.raises(InvalidInput, match=r"write Journal\('j.db'\).start\(machine, ...\)"):
        machine.run(journal="j.db")


def test_a_history_that_another_engine_has_made_is_refused(tmp_path: Path) -> None:
    from stepsmith.store import Reader, Store, Unit

    path = tmp_path / "j.db"
    started(path, {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    store, reader = Store(path), Reader(path)
    tail = reader.tail(1)
    tail.chain = reader._start(1)[1]  # pyright: ignore[reportPrivateUsage] - where its chain begins
    store.commit([Unit(tail=tail, body=b"", at=1.8e9, last=99, digest=7)])

    with pytest.raises(JournalError, match="this one comes to other events at record 1"):
        list(Journal(path).execution("one").history)


def test_memory_does_not_grow_with_a_history(tmp_path: Path) -> None:
    from stepsmith.service.durable.conductor import Conductor
    from stepsmith.store import Store
    from tests.stepsmith.service.durable.engines import Answers

    path, kept = tmp_path / "j.db", []
    more = [{"Variable": "$.n", "NumericLessThan": 400, "Next": "A"}]
    machine = {
        "StartAt": "A",
        "States": {
            "A": task_state("a", Next="More"),
            "More": {"Type": "Choice", "Choices": more, "Default": "Done"},
            "Done": {"Type": "Succeed"},
        },
    }
    started(path, machine, {"n": 0})
    conductor = Conductor(
        Store(path, synchronous="NORMAL"), Answers({"a": lambda payload: step(payload)}), is_direct=True
    )

    def step(payload: Json) -> Json:
        assert isinstance(payload, dict)
        kept.extend(len(live.run.history) for live in conductor.lives.values())
        return {"n": int(payload["n"]) + 1}  # type: ignore[arg-type]

    conductor.run()

    assert set(kept) == {1}
    assert len(Journal(path).execution("one").history) > 2000
