from typing import Any

import pytest

from stepsmith.engine import Run
from stepsmith.errors import InvalidInput
from tests.stepsmith.engine.maps.test_distributed_map import Bucket, each
from tests.stepsmith.engine.playing import Failing, details, drive, kinds, one, play, task


class Flaky:
    """A worker that fails the payloads it is told to until it is repaired."""

    def __init__(self, *failing: Any) -> None:
        self.failing = failing
        self.seen: list[Any] = []

    def __call__(self, payload: Any) -> Any:
        self.seen.append(payload)
        if payload in self.failing:
            raise Failing("E")
        return {"did": payload}


def redriven(run: Run, worker: Any, *, carry: Any = None) -> Run:
    run.redrive(run.now + 100)
    drive(run, worker, carry=carry, now=run.now)
    return run


def test_a_failed_task_is_scheduled_again_without_being_entered() -> None:
    machine = one({"Type": "Pass", "Result": 1, "Next": "T"}, T=task(Next="E"), E={"Type": "Succeed"})
    worker = Flaky(1)
    run = play(machine, {}, worker)
    worker.failing = ()

    redriven(run, worker)

    assert run.output == {"did": 1}
    assert kinds(run)[8:11] == ["ExecutionRedriven", "LambdaFunctionScheduled", "LambdaFunctionStarted"]
    assert details(run, "ExecutionRedriven") == [{"redriveCount": 1}]
    assert kinds(run).count("TaskStateEntered") == 1
    assert run.redrive_count == 1


def test_retries_count_from_the_start_again() -> None:
    worker = Flaky("x")
    run = play(one(task(Retry=[{"ErrorEquals": ["E"], "MaxAttempts": 2}])), "x", worker)

    redriven(run, worker)

    assert len(worker.seen) == 6


def test_only_iterations_that_failed_or_were_aborted_run_again() -> None:
    worker = Flaky(2)
    state = {
        "Type": "Map",
        "MaxConcurrency": 1,
        "ItemProcessor": {"StartAt": "I", "States": {"I": task(End=True)}},
    }
    run = play(one(state), [1, 2, 3], worker)
    worker.failing = ()

    redriven(run, worker)

    assert run.output == [{"did": 1}, {"did": 2}, {"did": 3}]
    assert worker.seen == [1, 2, 2, 3]


def test_only_branches_that_did_not_end_run_again() -> None:
    worker = Flaky("bad")
    state = {
        "Type": "Parallel",
        "Branches": [
            {"StartAt": "A", "States": {"A": task(InputPath="$.good", End=True)}},
            {"StartAt": "B", "States": {"B": task(InputPath="$.bad", End=True)}},
        ],
    }
    run = play(one(state), {"good": "good", "bad": "bad"}, worker)
    worker.failing = ()

    redriven(run, worker)

    assert run.output == [{"did": "good"}, {"did": "bad"}]
    assert worker.seen.count("bad") == 2


def test_only_the_branch_that_lost_its_way_runs_again() -> None:
    lost = {"Type": "Pass", "Parameters": {"m.$": "$.nope"}, "End": True}
    branches = [
        {"StartAt": "T", "States": {"T": task(End=True)}},
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "Next": "L"}, "L": lost}},
    ]
    worker = Flaky()
    run = play(one({"Type": "Parallel", "Branches": branches}), {"x": 1}, worker)

    redriven(run, worker)

    assert run.error == "States.Runtime"
    assert kinds(run)[-3:] == ["ExecutionRedriven", "PassStateEntered", "ExecutionFailed"]
    assert len(worker.seen) == 1


def test_a_state_without_work_is_entered_again() -> None:
    run = play(one({"Type": "Fail", "Error": "E"}), {})

    redriven(run, None)

    assert kinds(run)[-3:] == ["ExecutionRedriven", "FailStateEntered", "ExecutionFailed"]


def test_failed_children_of_a_map_run_run_again() -> None:
    bucket = Bucket(failing=(2,))
    run = play(one(each(task(), MaxConcurrency=1)), [1, 2, 3], carry=bucket)
    bucket.failing = ()

    redriven(run, None, carry=bucket)

    assert run.output == [{"did": 1}, {"did": 2}, {"did": 3}]
    assert details(run, "MapRunRedriven") == [{"mapRunArn": run.map_runs[0].arn, "redriveCount": 1}]
    assert len(run.map_runs) == 1


def test_a_timed_out_execution_gets_its_time_anew() -> None:
    machine = {**one({"Type": "Wait", "Seconds": 50}), "TimeoutSeconds": 30}
    run = play(machine, {})
    assert run.status == "TIMED_OUT"

    run.redrive(1000.0)
    drive(run, now=1000.0)

    assert run.status == "TIMED_OUT"
    assert run.now == 1030.0


def test_what_was_stopped_can_be_redriven() -> None:
    worker = Flaky()
    run = play(one(task()), 1, carry=lambda command: [])
    run.stop(None, None, 5.0)

    redriven(run, worker)

    assert run.output == {"did": 1}


def test_a_succeeded_execution_cannot_be_redriven() -> None:
    run = play(one({"Type": "Pass"}), {})

    with pytest.raises(InvalidInput, match="SUCCEEDED"):
        run.redrive(1.0)


def test_the_context_tells_of_the_redrive() -> None:
    worker = Flaky({"n": 0})
    run = play(one(task(Parameters={"n.$": "$$.Execution.RedriveCount"})), {}, worker)

    redriven(run, worker)

    assert run.output == {"did": {"n": 1}}
