"""How executions are driven on threads: what is under way stays under way, and nothing is let go of too early."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from stepsmith.engine.ports import StartTask, TaskFailed, TaskSucceeded
from stepsmith.errors import NotFound
from stepsmith.expressions.types import Json
from stepsmith.service import Journal, load
from stepsmith.service.durable.conductor import Conductor
from stepsmith.service.durable.live import Means
from stepsmith.service.durable.starting import begin
from stepsmith.store import Owners, Reader, Start, Store, Summary, Unit
from tests.stepsmith.service.durable.engines import Answers, Clock, driven, finish, shown, started, task

PATIENCE = 20.0


def side_by_side(*functions: str, **more: Any) -> dict[str, Any]:
    """Return a definition whose branches call two tasks each, the second after the first."""
    branches = [
        {
            "StartAt": name,
            "States": {name: task(name, Next=f"{name} then"), f"{name} then": task(f"{name}_then", End=True)},
        }
        for name in functions
    ]
    return {
        "StartAt": "All",
        "States": {"All": {"Type": "Parallel", "Branches": branches, "End": True, **more}},
    }


def conducted(path: Path, answers: Answers) -> None:
    """Drive everything to its end, as `work` does: tasks on threads of their own."""
    store = Store(path, synchronous="NORMAL")
    try:
        Conductor(store, answers).run()
    finally:
        store.close()


@pytest.mark.parametrize("virtual", [True, False])
def test_a_task_goes_on_while_another_branch_takes_its_steps(tmp_path: Path, virtual: bool) -> None:
    path, may_end, calls = tmp_path / "j.db", threading.Event(), Counter[str]()

    def slow(payload: Json) -> Json:
        calls["slow"] += 1
        assert may_end.wait(PATIENCE)
        return "slow"

    def called(name: str) -> Json:
        calls[name] += 1
        return name

    def quick_then(payload: Json) -> Json:
        may_end.set()
        return called("quick_then")

    started(path, side_by_side("slow", "quick"), virtual=virtual)
    tasks = {
        "slow": slow,
        "slow_then": lambda _: called("slow_then"),
        "quick": lambda _: called("quick"),
        "quick_then": quick_then,
    }
    conducted(path, Answers(tasks))

    assert shown(path)[:2] == ("SUCCEEDED", ["slow_then", "quick_then"])
    assert set(calls.values()) == {1}


def test_a_branch_that_fails_does_not_wait_for_a_task_of_another_one(tmp_path: Path) -> None:
    path, release, begun = tmp_path / "j.db", threading.Event(), threading.Event()

    def hang(payload: Json) -> Json:
        begun.set()
        release.wait(PATIENCE)
        return "late"

    def fail(payload: Json) -> Json:
        assert begun.wait(PATIENCE)
        raise ValueError("no")

    caught = [{"ErrorEquals": ["ValueError"], "Next": "After"}]
    machine = side_by_side("hang", "fail", Catch=caught)
    machine["States"]["After"] = task("after", End=True)
    started(path, machine)
    conducted(path, Answers({"hang": hang, "fail": fail, "after": lambda _: not release.is_set()}))
    release.set()

    assert shown(path)[:2] == ("SUCCEEDED", True)
    assert not [each for each in shown(path)[2] if "late" in str(each)]


def test_an_execution_is_let_go_of_when_its_last_step_is_on_the_disk_and_not_before(tmp_path: Path) -> None:
    path, ended, units = tmp_path / "j.db", [], list[Unit]()
    id = started(path, {"StartAt": "A", "States": {"A": task("a", End=True)}})
    store = Store(path, synchronous="NORMAL")
    conductor = Conductor(store, Answers({"a": lambda _: 1}), is_direct=True)
    conductor.on_end = ended.append
    conductor._outbox.put = units.append  # type: ignore[method-assign]  # the disk is slow
    conductor.take_up(id)
    live = conductor.lives[id]
    (command,) = [each for each in live.awaited.tasks.values() if isinstance(each, StartTask)]
    conductor.step(live, live.run.now, [TaskSucceeded(id=command.id, output=1)])

    store.commit(units[:1])
    conductor._take_written(units[:1])
    before = (list(ended), conductor.lives.get(id) is live, Owners.of(path).take(id))
    store.commit(units[1:])
    conductor._take_written(units[1:])

    assert before == ([], True, False)
    assert (ended, conductor.lives) == ([id], {})
    assert shown(path)[0] == "SUCCEEDED"
    conductor.close()
    store.close()


ASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
    "TimeoutSeconds": 3600,
    "End": True,
}


def asking(path: Path, clock: Clock) -> tuple[Conductor, str]:
    """Drive an execution until it waits for an answer, and give the token."""
    tokens = list[str]()
    started(path, {"StartAt": "A", "States": {"A": ASK}}, virtual=False, now=clock.now())
    answers = Answers({"ask": lambda payload: tokens.append(payload["token"])})
    conductor = driven(path, answers, clock=clock)
    return conductor, tokens[0]


def test_an_answer_before_the_deadline_counts_although_it_is_looked_at_after_it(tmp_path: Path) -> None:
    path, clock = tmp_path / "j.db", Clock()
    conductor, token = asking(path, clock)
    conductor._looked = float("inf")  # it has looked a moment ago, and does not again

    Journal(path).answer(token, "in time")
    clock.instant += 3600
    conductor.turn()

    assert shown(path)[:2] == ("SUCCEEDED", "in time")
    conductor.close()


def test_an_answer_is_taken_once_although_the_disk_is_slow(tmp_path: Path) -> None:
    path, units = tmp_path / "j.db", list[Unit]()
    conductor, token = asking(path, Clock())
    conductor._outbox.put = units.append  # type: ignore[method-assign]
    Journal(path).answer(token, "once")

    for _ in range(2):
        conductor.take_up(1)

    assert [len(unit.taken) for unit in units] == [1]
    conductor.close()


def test_an_answer_is_of_the_instant_at_which_it_was_given(tmp_path: Path) -> None:
    path, clock = tmp_path / "j.db", Clock(time.time())
    conductor, token = asking(path, clock)
    Journal(path).answer(token, "early")

    clock.instant += 3000
    conductor._looked = 0.0
    conductor.turn()

    (answered,) = [each for each in shown(path)[2] if each["type"] == "TaskSucceeded"]
    assert clock.now() - float(str(answered["timestamp"])) > 2000
    conductor.close()


@pytest.mark.parametrize("seconds", [29, 30, 31])
def test_a_nested_execution_and_a_deadline_meet_as_they_do_in_memory(tmp_path: Path, seconds: int) -> None:
    path = tmp_path / "j.db"
    child = load(
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 30, "End": True}}}, name="child"
    )
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:child"},
        "TimeoutSeconds": seconds,
        "Next": "Rest",
    }
    rest = {"Type": "Wait", "Seconds": 5, "End": True}
    machine = load({"StartAt": "Call", "States": {"Call": call, "Rest": rest}}, name="machine")
    in_memory = machine.run({}, machines={"child": child})
    started(path, machine)

    finish(path, Answers(machines={"child": child}))

    found = Journal(path).execution("one")
    assert (found.status, found.error) == (in_memory.status, in_memory.error)
    assert found.elapsed == in_memory.elapsed


def test_a_task_in_virtual_time_is_given_up_when_it_has_had_the_time_of_its_limit_and_not_before(
    tmp_path: Path,
) -> None:
    path, release = tmp_path / "j.db", threading.Event()
    limited = task("hang", TimeoutSeconds=3600, End=True)
    id = started(path, {"StartAt": "A", "States": {"A": limited}}, virtual=True)
    store = Store(path, synchronous="NORMAL")
    conductor = Conductor(store, Answers({"hang": lambda _: release.wait(PATIENCE)}))
    conductor.turn()
    (flight,) = conductor.lives[id].flights.values()
    assert flight.deadline is not None
    assert 3590 < flight.deadline - time.monotonic() <= 3600
    conductor._wait()
    still = flight.is_up

    flight.deadline = time.monotonic()
    conductor._wait()
    conductor.turn()

    assert (still, flight.is_up) == (True, False)
    assert [each.error for each in Journal(path).executions()] == ["States.Timeout"]
    release.set()
    conductor.close()
    store.close()


def test_whoever_waits_for_a_nested_execution_goes_on_at_once_when_that_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "j.db"
    child = load({"StartAt": "W", "States": {"W": {"Type": "Pass", "Result": 7, "End": True}}}, name="child")
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:child"},
        "OutputPath": "$.Output",
        "End": True,
    }
    started(path, {"StartAt": "Call", "States": {"Call": call}})
    monkeypatch.setattr("stepsmith.service.durable.conductor.POLL_SECONDS", 3600.0)

    conductor = driven(path, Answers(machines={"child": child}))

    assert shown(path)[:2] == ("SUCCEEDED", 7)
    conductor.close()


def test_an_execution_whose_step_was_refused_is_taken_up_again_at_once(tmp_path: Path) -> None:
    path, clock = tmp_path / "j.db", Clock(time.time())
    conductor, token = asking(path, clock)
    Journal(path).answer(token, "early")
    (live,) = conductor.lives.values()
    (command,) = live.awaited.tasks
    conductor._looked = time.monotonic() + 3600  # nothing but what it wants is looked at

    conductor.step(live, clock.now(), [TaskFailed(id=command, error="Late", cause=None)])
    conductor.turn()

    assert shown(path)[:2] == ("SUCCEEDED", "early")
    conductor.close()


class Strangers(Answers):
    """Knows nobody who answers the tasks of an execution."""

    def means(self, id: int, start: Start) -> Means:
        raise NotFound(f"there is no workflow for {start.name}")


def test_what_cannot_be_driven_here_is_left_to_others(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    id = started(path, {"StartAt": "A", "States": {"A": task("a", End=True)}})

    conductor = driven(path, Strangers())

    assert [str(each) for each in conductor.problems.values()] == ["there is no workflow for one"]
    finish(path, Answers({"a": lambda _: 1}))  # although the first still drives
    assert shown(path)[0] == "SUCCEEDED"
    assert Owners.of(path).take(id)
    Owners.of(path).release(id)
    conductor.close()


def test_of_two_items_that_start_an_execution_of_one_name_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    child = load({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3, "End": True}}}, name="child")
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {
            "StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:child",
            "Name": "same",
        },
        "ResultSelector": {"said.$": "$.Status"},
        "Catch": [
            {"ErrorEquals": ["StepFunctions.ExecutionAlreadyExistsException"], "Next": "Taken"},
        ],
        "End": True,
    }
    taken = {"Type": "Pass", "Result": "taken", "End": True}
    processor = {"StartAt": "Call", "States": {"Call": call, "Taken": taken}}
    both = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, "End": True}
    started(path, {"StartAt": "Both", "States": {"Both": both}}, {"items": [{}, {}]})

    finish(path, Answers(machines={"child": child}))

    assert shown(path)[:2] == ("SUCCEEDED", [{"said": "SUCCEEDED"}, "taken"])


def test_who_starts_the_same_execution_at_the_same_moment_gets_that_one(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    id = started(path, {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    store, reader = Store(path), Late(path)

    assert begin(store, reader, reader.start(id)) == id

    assert [each.name for each in Journal(path).summaries()] == ["one"]
    reader.close()
    store.close()


class Late(Reader):
    """Reads a moment too early the first time."""

    def find(self, name: str) -> list[Summary]:
        self.find = super().find  # type: ignore[method-assign]
        return []
