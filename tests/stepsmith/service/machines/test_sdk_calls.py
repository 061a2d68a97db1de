"""Tasks that call Step Functions by the AWS SDK reach the machines and executions of the run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from stepsmith.expressions.types import Json
from stepsmith.service import Machine, load
from tests.stepsmith.service.small_machines import callback, machine, wait

PREFIX = "arn:aws:states:us-east-1:123456789012"
ARN = f"{PREFIX}:stateMachine:child"
SLOW = machine(("Settle", wait(50)), name="child")
QUICK = load(
    {"StartAt": "Q", "States": {"Q": {"Type": "Pass", "Result": {"done": True}, "End": True}}},
    name="child",
    type="EXPRESS",
)


def sfn(action: str, **parameters: Json) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:sfn:{action}", "Parameters": parameters}


def started(child: Machine, *following: tuple[str, dict[str, Any]]) -> Any:
    first = sfn("startExecution", StateMachineArn=ARN, Name="one", Input={"a": 1})
    return machine(("Start", {**first, "ResultPath": "$.started"}), *following).run(
        {}, machines={"child": child}
    )


def test_start_answers_as_the_sdk_does() -> None:
    execution = started(SLOW)

    assert execution.output == {
        "started": {
            "ExecutionArn": f"{PREFIX}:execution:child:one",
            "StartDate": execution.output["started"]["StartDate"],
        }
    }
    assert str(execution.output["started"]["StartDate"]).endswith("Z")


def test_a_name_can_be_used_once() -> None:
    execution = started(SLOW, ("Again", sfn("startExecution", StateMachineArn=ARN, Name="one")))

    assert execution.error == "Sfn.ExecutionAlreadyExistsException"
    assert "(Service: Sfn, Status Code: 400, Request ID: " in (execution.cause or "")


def test_a_synchronous_start_gives_the_end_of_an_express_execution() -> None:
    start = sfn("startSyncExecution", StateMachineArn=ARN, Input={"a": 1})

    execution = machine(("Start", start)).run({}, machines={"child": QUICK})

    output = execution.output
    assert isinstance(output, dict)
    assert (output["Status"], output["Input"], output["Output"]) == ("SUCCEEDED", '{"a":1}', '{"done":true}')
    assert output["BillingDetails"] == {"BilledDurationInMilliseconds": 100, "BilledMemoryUsedInMB": 64}
    assert str(output["StopDate"]).endswith("Z")


def test_a_standard_machine_cannot_be_started_synchronously() -> None:
    start = sfn("startSyncExecution", StateMachineArn=ARN)

    execution = machine(("Start", start)).run({}, machines={"child": SLOW})

    assert execution.error == "Sfn.StateMachineTypeNotSupportedException"


@pytest.mark.parametrize(("seconds", "status"), [(10, "RUNNING"), (60, "SUCCEEDED")])
def test_an_execution_can_be_asked_for(seconds: int, status: str) -> None:
    describe = sfn("describeExecution", **{"ExecutionArn.$": "$.started.ExecutionArn"})

    execution = started(SLOW, ("Wait", wait(seconds)), ("Ask", describe))

    output = execution.output
    assert (output["Status"], output["Input"], output["Name"]) == (status, '{"a":1}', "one")
    assert ("StopDate" in output) is (status == "SUCCEEDED")


def test_an_execution_can_be_stopped_and_is_then_aborted() -> None:
    stop = sfn("stopExecution", Error="Enough", **{"ExecutionArn.$": "$.started.ExecutionArn"})
    describe = sfn("describeExecution", **{"ExecutionArn.$": "$.started.ExecutionArn"})

    execution = started(SLOW, ("Stop", {**stop, "ResultPath": "$.stopped"}), ("Ask", describe))

    assert (execution.output["Status"], execution.output["Error"]) == ("ABORTED", "Enough")
    assert execution.elapsed == timedelta(0)


def test_the_history_of_an_execution_can_be_read_in_pages() -> None:
    history = sfn("getExecutionHistory", MaxResults=2, **{"ExecutionArn.$": "$.started.ExecutionArn"})

    execution = started(SLOW, ("Wait", wait(60)), ("Ask", history))

    events = execution.output["Events"]
    assert [event["Type"] for event in events] == ["ExecutionStarted", "WaitStateEntered"]
    assert events[1]["StateEnteredEventDetails"]["Name"] == "Settle"
    assert execution.output["NextToken"] == "2"


def test_executions_are_listed_by_status() -> None:
    listing = sfn("listExecutions", StateMachineArn=ARN, StatusFilter="RUNNING")

    execution = started(SLOW, ("List", listing))

    assert [each["Name"] for each in execution.output["Executions"]] == ["one"]


def test_a_machine_describes_itself() -> None:
    describe = sfn("describeStateMachine", StateMachineArn=ARN)

    execution = machine(("Ask", describe)).run({}, machines={"child": QUICK})

    assert isinstance(execution.output, dict)
    assert (execution.output["Name"], execution.output["Type"], execution.output["Status"]) == (
        "child", "EXPRESS", "ACTIVE"
    )  # fmt: skip


def test_the_machines_of_the_run_are_listed() -> None:
    listing = machine(("List", sfn("listStateMachines")))

    output: Any = listing.run({}, machines={"a": QUICK, ARN: QUICK}).output

    assert [(each["Name"], each["Type"]) for each in output["StateMachines"]] == [("child", "EXPRESS")]


def test_an_arn_may_name_a_version() -> None:
    start = sfn("startExecution", StateMachineArn=f"{ARN}:7")

    assert machine(("Start", start)).run({}, machines={"child": SLOW}).status == "SUCCEEDED"


def test_a_machine_that_is_not_here_does_not_exist() -> None:
    execution = machine(("Start", sfn("startExecution", StateMachineArn=ARN))).run(
        {}, machines={"other": SLOW}
    )

    assert execution.error == "Sfn.StateMachineDoesNotExistException"


def test_a_task_answers_the_callback_of_another_branch() -> None:
    answer = sfn("sendTaskSuccess", Output={"fine": True}, **{"TaskToken.$": "$.token"})
    child = machine(("Answer", answer), name="child")
    asking = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:startExecution.waitForTaskToken",
        "Parameters": {"StateMachineArn": ARN, "Input": {"token.$": "$$.Task.Token"}},
    }

    execution = machine(("Ask", asking)).run({}, machines={"child": child})

    assert execution.output == {"fine": True}


def test_an_execution_that_waits_no_longer_for_another_stops_it() -> None:
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync",
        "Parameters": {"StateMachineArn": ARN, "Name": "one"},
        "TimeoutSeconds": 10,
        "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Wait"}],
    }
    describe = sfn("describeExecution", ExecutionArn=f"{PREFIX}:execution:child:one")

    execution: Any = machine(("Start", start), ("Wait", wait(1)), ("Ask", describe)).run(
        {}, machines={"child": SLOW}
    )

    assert execution.output["Status"] == "ABORTED"


@pytest.mark.parametrize("pattern", ["startExecution.sync", "startExecution.sync:2"])
def test_a_machine_that_starts_itself_twice_comes_to_its_end(pattern: str) -> None:
    call = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::states:{pattern}",
        "Parameters": {"StateMachineArn": ARN},
        "End": True,
    }
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Call",
        "States": {"Call": call},
    }
    twice = {"Type": "Map", "QueryLanguage": "JSONata", "Items": [1, 2], "ItemProcessor": processor}
    endless = machine(("Twice", twice), name="child")

    execution = endless.run({}, machines={"child": endless})

    assert execution.error == "States.ExceedToleratedFailureThreshold"


@pytest.mark.parametrize(
    ("parameters", "member"),
    [({"Error": "E" * 257}, "error"), ({"Cause": "c" * 32_769}, "cause")],
)
def test_a_failure_that_is_too_long_is_refused_as_aws_refuses_it(parameters: Any, member: str) -> None:
    answer = sfn("sendTaskFailure", **parameters, **{"TaskToken.$": "$.token"})

    execution = machine(("Answer", answer)).run({"token": "t"})

    assert execution.error == "Sfn.ValidationException"
    assert f"Value at '{member}' failed to satisfy constraint: Member must have length less" in (
        execution.cause or ""
    )


def test_a_callback_is_refused_once_its_task_is_over() -> None:
    late = sfn("sendTaskSuccess", Output="1", TaskToken="made up")

    execution = machine(
        ("Ask", callback(TimeoutSeconds=5, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Late"}])),
        ("Late", late),
    ).run({}, tasks={"ask": lambda _: None})

    assert execution.error == "Sfn.InvalidTokenException"
