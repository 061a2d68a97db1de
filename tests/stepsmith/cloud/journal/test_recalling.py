"""Executions of the cloud that are there again after the process has ended, at whatever step it did."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from stepsmith.cloud.actions.service import StepFunctions
from stepsmith.cloud.journal.recalling import Recalling
from stepsmith.cloud.journal.recording import Journal
from stepsmith.integrations import ClientRegistry, Dispatcher
from stepsmith.server.kept import machines
from stepsmith.service.clock import VirtualClock
from tests.stepsmith.cloud.actions.services import CALLER, Here

LAMBDA: Final = "arn:aws:lambda:eu-west-1:111111111111:function:"
ACTIVITY: Final = "arn:aws:states:eu-west-1:111111111111:activity:work"
Definition = dict[str, Any]


def task(name: str, **more: Any) -> Definition:
    return {"Type": "Task", "Resource": LAMBDA + name, "End": True, **more}


def one(state: Definition, name: str = "S") -> Definition:
    return {"StartAt": name, "States": {name: state}}


class Place:
    """A folder with a journal, and Step Functions that begins anew with it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "executions.journal"
        self.clock = VirtualClock()
        self.calls: list[Any] = []
        self.tasks: dict[str, object] = {"double": self._double, "fail": self._fail}
        self.journal: Journal | None = None
        self._resources: list[Mapping[str, Any]] = []
        self.here = self.begin()

    def _double(self, n: Any) -> Any:
        self.calls.append(n)
        return n * 2

    def _fail(self, n: Any) -> Any:
        raise ValueError(f"no {n}")

    def begin(self, path: Path | None = None) -> Here:
        """Begin anew with what is on the disk, as after a kill: nothing is let go of in good order."""
        if self.journal is not None:
            account = self.here.service.account(CALLER)
            every = [*account.machines, *account.activities]
            self._resources = [machines.entry_of(account, arn) for arn in every]
        service = StepFunctions(
            self.clock, lambda caller: Dispatcher(ClientRegistry.local(), self.tasks), seed=1
        )
        for entry in self._resources:
            machines.put(service.account(CALLER), json.loads(json.dumps(entry)))
        self.journal = Journal(path or self.path)
        assert Recalling(self.journal, service).recall() == []
        self.here = Here(service, self.clock)
        return self.here

    def told(self, execution: str) -> list[Any]:
        """Give all that is told of an execution."""
        return [
            self.here("DescribeExecution", executionArn=execution),
            self.here("GetExecutionHistory", executionArn=execution)["events"],
            self.here("DescribeStateMachineForExecution", stateMachineArn=execution, executionArn=execution),
        ][:2]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


NINE: Final = one({"Type": "Wait", "Seconds": 9, "End": True}, "W")
MACHINES: Final[dict[str, Definition]] = {
    "task": one(task("double")),
    "retried": one(task("fail", Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 60}])),
    "caught": {
        "StartAt": "S",
        "States": {
            "S": task("fail", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "W"}]),
            "W": {"Type": "Wait", "Seconds": 5, "End": True},
        },
    },
    "parallel": one(
        {"Type": "Parallel", "End": True, "Branches": [one(task("double"), "D"), NINE]}
    ),
    "map": one(
        {
            "Type": "Map", "End": True, "ItemsPath": "$$.Execution.Input", "MaxConcurrency": 2,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **one(task("double"), "D")
            },
        }
    ),
    "query": {
        "QueryLanguage": "JSONata",
        **one({"Type": "Pass", "End": True, "Output": "{% [$random(), $uuid(), $millis()] %}"}),
    },
    "large": one({"Type": "Pass", "End": True, "Result": ["x" * 1000] * 100}),
    "no activity": one({"Type": "Task", "Resource": ACTIVITY, "End": True}),
}  # fmt: skip


@pytest.mark.parametrize("name", MACHINES)
def test_what_is_told_of_an_execution_is_the_same_after_a_restart(place: Place, name: str) -> None:
    machine = place.here.create(MACHINES[name])
    execution = place.here.start(machine, [1, 2, 3] if name == "map" else 4)
    place.here.service.turn()
    place.here.advance(1000)
    before, listed = place.told(execution), place.here("ListExecutions", stateMachineArn=machine)

    place.begin()
    place.here("CreateActivity", name="work")  # whether it was there before is written down

    assert place.told(execution) == before
    assert place.here("ListExecutions", stateMachineArn=machine) == listed
    assert place.here("ListExecutions", stateMachineArn=machine, statusFilter="RUNNING")["executions"] == []


@pytest.mark.parametrize("name", MACHINES)
def test_wherever_the_process_ends_the_execution_comes_to_the_same_end(
    place: Place, name: str, tmp_path: Path
) -> None:
    copies: list[Path] = []
    assert place.journal is not None
    place.journal.store.commit = copying(place.journal.store.commit, place.path, copies)
    machine = place.here.create(MACHINES[name])
    execution = place.here.start(machine, [1, 2, 3] if name == "map" else 4)
    place.here.service.turn()
    place.here.advance(1000)
    described, events = place.told(execution)

    for copy in copies:
        place.begin(copy)
        place.here.service.turn()
        place.here.advance(1000)
        again, others = place.told(execution)
        assert again["status"] == described["status"]
        assert name == "query" or again.get("output") == described.get("output")
        assert sorted(each["type"] for each in others) == sorted(each["type"] for each in events)
    assert len(copies) > 1


def copying(commit: Callable[..., None], path: Path, copies: list[Path]) -> Callable[..., None]:
    """Copy the journal after each commit."""

    def commit_and_copy(units: Any) -> None:
        commit(units)
        copy = path.with_name(f"{len(copies)}.journal")
        source, target = sqlite3.connect(path), sqlite3.connect(copy)
        source.backup(target)
        source.close()
        target.close()
        copies.append(copy)

    return commit_and_copy


def waiting(place: Place) -> str:
    """Start an execution that waits for the answer to a token, which is the last thing that was called with."""
    tokens = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    call = {"FunctionName": "double", "Payload.$": "States.Array($$.Task.Token)"}
    machine = place.here.create(one({"Type": "Task", "Resource": tokens, "Parameters": call, "End": True}))
    execution = place.here.start(machine)
    place.here.service.turn()
    return execution


def test_a_task_token_takes_its_answer_after_a_restart_and_is_not_handed_out_again(place: Place) -> None:
    execution = waiting(place)
    place.begin()
    place.here.service.turn()

    place.here("SendTaskSuccess", taskToken=place.calls[0][0], output='"here"')
    place.here.service.turn()

    assert place.told(execution)[0]["output"] == '"here"'
    assert len(place.calls) == 1


def test_an_answer_that_was_sent_before_the_end_is_taken_after_it(place: Place) -> None:
    execution = waiting(place)
    place.here("SendTaskSuccess", taskToken=place.calls[0][0], output='"here"')
    place.begin()
    place.here.service.turn()
    place.begin()

    assert place.told(execution)[0]["output"] == '"here"'
    assert place.here.refused("SendTaskSuccess", taskToken=place.calls[0][0], output="1")[0] == "InvalidToken"


@pytest.mark.parametrize("is_fetched", [False, True])
def test_a_worker_keeps_its_task_and_others_get_theirs(place: Place, is_fetched: bool) -> None:
    place.here("CreateActivity", name="work")
    execution = place.here.start(place.here.create(one({"Type": "Task", "Resource": ACTIVITY, "End": True})))
    place.here.service.turn()
    before = place.here("GetActivityTask", activityArn=ACTIVITY) if is_fetched else {}
    place.here.service.turn()
    place.begin()
    after = place.here("GetActivityTask", activityArn=ACTIVITY)

    token = (after or before)["taskToken"]
    place.here("SendTaskSuccess", taskToken=token, output="1")
    place.here.service.turn()

    assert (before == {}) != (after == {})
    assert place.here.status(execution) == "SUCCEEDED"


@pytest.mark.parametrize("seconds", [0, 5, 20])
def test_an_execution_waits_on_for_those_that_it_has_started(place: Place, seconds: int) -> None:
    wait = {"Type": "Wait", "Seconds": 9, "Next": "E"}
    child = place.here.create(
        {"StartAt": "S", "States": {"S": wait, "E": {"Type": "Pass", "Result": 7, "End": True}}}, "child"
    )
    start = {
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child},
    }
    execution = place.here.start(place.here.create(one({"Type": "Task", **start, "End": True})))
    place.here.advance(seconds)
    place.begin()
    place.here.advance(30)

    assert json.loads(place.told(execution)[0]["output"])["Output"] == 7
    assert len(place.here("ListExecutions", stateMachineArn=child)["executions"]) == 1


def test_what_has_failed_is_run_again_after_a_restart_and_that_is_kept_too(place: Place) -> None:
    execution = place.here.start(place.here.create(one(task("late"))), 4)
    place.here.service.turn()
    place.begin()
    assert place.here.status(execution) == "FAILED"

    place.tasks["late"] = place.tasks["double"]
    place.begin()
    place.here("RedriveExecution", executionArn=execution)
    place.here.service.turn()
    before = place.told(execution)
    place.begin()

    assert (before[0]["output"], before[0]["redriveCount"]) == ("8", 1)
    assert place.told(execution) == before


def test_what_was_stopped_stays_stopped(place: Place) -> None:
    execution = waiting(place)
    place.here("StopExecution", executionArn=execution, error="Enough", cause="of it")
    before = place.told(execution)
    place.begin()
    place.here.service.turn()

    assert place.told(execution) == before
    assert before[0]["error"] == "Enough"


def test_other_bounds_of_a_map_run_are_kept(place: Place) -> None:
    state = MACHINES["map"]["States"]["S"] | {"MaxConcurrency": 1}
    state["ItemProcessor"] = state["ItemProcessor"] | NINE
    execution = place.here.start(place.here.create(one(state)), [1, 2, 3])
    place.here.service.turn()
    (map_run,) = place.here("ListMapRuns", executionArn=execution)["mapRuns"]
    place.here("UpdateMapRun", mapRunArn=map_run["mapRunArn"], maxConcurrency=3)
    place.here.service.turn()
    place.begin()
    place.here.advance(9)

    assert place.here.status(execution) == "SUCCEEDED"
    assert place.here("DescribeMapRun", mapRunArn=map_run["mapRunArn"])["maxConcurrency"] == 3
    assert len(place.here("ListExecutions", mapRunArn=map_run["mapRunArn"])["executions"]) == 3


def test_a_name_is_taken_again_only_where_it_is_free(place: Place) -> None:
    machine = place.here.create(one({"Type": "Pass", "End": True}))
    execution = place.here.start(machine, name="n")
    place.here.service.turn()
    place.begin()
    assert (
        place.here.refused("StartExecution", stateMachineArn=machine, name="n")[0] == "ExecutionAlreadyExists"
    )

    place.here.advance(91 * 86_400)
    assert place.here.start(machine, 5, name="n") == execution
    place.here.service.turn()
    place.begin()

    assert place.told(execution)[0]["output"] == "5"


def test_executions_of_a_machine_that_was_deleted_are_not_those_of_the_next_one(place: Place) -> None:
    machine = place.here.create(one({"Type": "Pass", "End": True}))
    execution = place.here.start(machine)
    place.here.service.turn()
    place.here("DeleteStateMachine", stateMachineArn=machine)
    place.here.advance(1)
    place.here.create(one({"Type": "Pass", "End": True}))
    place.begin()

    assert place.here("ListExecutions", stateMachineArn=machine)["executions"] == []
    assert place.here.status(execution) == "SUCCEEDED"


def test_another_program_is_told_what_is_wrong_and_the_others_go_on(place: Place) -> None:
    machine = place.here.create(one(task("double")))
    good, bad = place.here.start(machine, 1), place.here.start(machine, 2)
    place.here.service.turn()
    assert place.journal is not None
    place.journal.store.transact(lambda db: db.execute("UPDATE records SET digest = 1 WHERE execution = 2"))
    place.begin()

    assert place.here.status(good) == "SUCCEEDED"
    code, message = place.here.refused("DescribeExecution", executionArn=bad)
    assert (code, "record 1 of execution 2" in message) == ("InternalFailure", True)
