from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from stepsmith.expressions.types import Json
from stepsmith.service import Journal
from tests.stepsmith.service.small_machines import machine, task, wait

ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:child"
CHILD = machine(("Settle", wait(50)), name="child")
BROKEN = machine(("Give up", {"Type": "Fail", "Error": "E", "Cause": "because"}), name="child")


def start(pattern: str = "", **parameters: Json) -> dict[str, Any]:
    given = {"StateMachineArn": ARN, **parameters}
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::states:startExecution{pattern}",
        "Parameters": given,
    }


@pytest.mark.parametrize("named", [ARN, "child", "${child}"])
def test_a_machine_is_found_by_arn_name_or_placeholder(named: str) -> None:
    execution = machine(("Start", start(".sync:2", StateMachineArn=named))).run({}, machines={"child": CHILD})

    assert execution.status == "SUCCEEDED"


def test_sync_2_gives_values_and_takes_the_childs_time() -> None:
    parent = machine(("Start", start(".sync:2", Input={"a": 1}, Name="one")))

    execution = parent.run({}, machines={"child": CHILD})

    output = execution.output
    assert isinstance(output, dict)
    assert list(output) == sorted(output)
    assert output["Input"] == output["Output"] == {"a": 1}
    assert output["ExecutionArn"] == "arn:aws:states:us-east-1:123456789012:execution:child:one"
    assert (output["Name"], output["Status"], output["StateMachineArn"]) == ("one", "SUCCEEDED", ARN)
    assert execution.elapsed == timedelta(seconds=50)


def test_sync_gives_texts() -> None:
    execution = machine(("Start", start(".sync", Input={"a": 1}))).run({}, machines={"child": CHILD})

    assert isinstance(execution.output, dict)
    assert (execution.output["Input"], execution.output["Output"]) == ('{"a":1}', '{"a":1}')


def test_a_request_does_not_wait_for_the_child() -> None:
    execution = machine(("Start", start())).run({}, machines={"child": CHILD})

    assert isinstance(execution.output, dict)
    assert list(execution.output) == ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"]
    assert execution.elapsed == timedelta(0)


def test_the_start_is_the_submission() -> None:
    history = machine(("Start", start(".sync"))).run({}, machines={"child": CHILD}).history

    assert [event["type"] for event in history][2:6] == [
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
    ]


@pytest.mark.parametrize("pattern", [".sync", ".sync:2"])
def test_a_failed_child_fails_the_task_with_its_description(pattern: str) -> None:
    execution = machine(("Start", start(pattern))).run({}, machines={"child": BROKEN})

    assert execution.error == "States.TaskFailed"
    cause = json.loads(execution.cause or "")
    assert (cause["Status"], cause["Error"], cause["Cause"]) == ("FAILED", "E", "because")
    assert "Output" not in cause


def test_a_name_can_be_used_once() -> None:
    parent = machine(("One", start(Name="same")), ("Two", start(Name="same")))

    execution = parent.run({}, machines={"child": CHILD})

    assert execution.error == "StepFunctions.ExecutionAlreadyExistsException"
    assert (execution.cause or "").startswith(
        "Execution Already Exists: 'arn:aws:states:us-east-1:123456789012:execution:child:same' "
    )


@pytest.mark.parametrize("is_recorded", [False, True])
@pytest.mark.parametrize("name", ["two words", "../x", "a" * 81])
def test_a_name_that_aws_refuses_is_refused(tmp_path: Path, name: str, is_recorded: bool) -> None:
    parent, machines = machine(("One", start(Name=name))), {"child": CHILD}

    if is_recorded:
        journal = Journal(tmp_path / "jobs.db")
        failed = journal.start(parent, {}, machines=machines).wait(30)
        error, cause = failed.error, failed.cause
    else:
        execution = parent.run({}, machines=machines)
        error, cause = execution.error, execution.cause

    assert error == "StepFunctions.InvalidNameException"
    assert (cause or "").startswith(f"Invalid Name: '{name}' ")


def test_a_machine_that_is_not_here_does_not_exist() -> None:
    execution = machine(("Start", start())).run({}, machines={"other": CHILD})

    assert execution.error == "StepFunctions.StateMachineDoesNotExistException"


def test_machines_that_start_each_other_come_to_an_end() -> None:
    endless = machine(("Start", start(".sync")), name="child")

    execution = endless.run({}, machines={"child": endless})

    assert execution.error == "States.TaskFailed"
    assert 0 < len(execution.cause or "") <= 32_768


def test_the_tasks_of_a_child_are_answered_too() -> None:
    child = machine(("Call", task()), name="child")

    execution = machine(("Start", start(".sync:2"))).run(
        {}, machines={"child": child}, tasks={"work": lambda _: 7}
    )

    assert isinstance(execution.output, dict)
    assert execution.output["Output"] == 7


def test_stopping_the_parent_leaves_no_trace_of_waiting() -> None:
    parent = machine(("Start", start(".sync", Name="x")), TimeoutSeconds=10)

    execution = parent.run({}, machines={"child": CHILD})

    assert execution.status == "TIMED_OUT"
    assert execution.waiting == []
