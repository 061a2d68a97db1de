"""A cloud that is served goes on by itself."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest

from stepsmith.cloud.local import LocalCloud
from stepsmith.service.clock import VirtualClock, WallClock

ROLE = "arn:aws:iam::123456789012:role/r"


def machine(client: Any, state: dict[str, Any], name: str = "m", type: str = "STANDARD") -> str:
    definition = json.dumps({"StartAt": "S", "States": {"S": {**state, "End": True}}})
    answer = client.create_state_machine(name=name, definition=definition, roleArn=ROLE, type=type)
    return str(answer["stateMachineArn"])


def test_executions_go_on_in_real_time_on_a_thread() -> None:
    with LocalCloud(clock=WallClock(), is_served=True) as cloud:
        client = cloud.client("stepfunctions")
        cloud.means.define({"double": lambda n: n * 2})
        arn = machine(
            client, {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:double"}, type="EXPRESS"
        )

        answer = client.start_sync_execution(stateMachineArn=arn, input="21")

    assert (answer["status"], answer["output"]) == ("SUCCEEDED", "42")


def test_a_worker_waits_for_a_task_that_comes_later() -> None:
    with LocalCloud(clock=WallClock(), is_served=True) as cloud:
        client = cloud.client("stepfunctions")
        activity = client.create_activity(name="work")["activityArn"]
        arn = machine(client, {"Type": "Task", "Resource": activity})
        tasks: list[Any] = []
        worker = threading.Thread(target=lambda: tasks.append(client.get_activity_task(activityArn=activity)))
        worker.start()

        client.start_execution(stateMachineArn=arn, input='{"a":1}')
        worker.join(10)

    assert tasks[0]["input"] == '{"a":1}'


def test_a_clock_that_stands_still_is_moved_from_outside() -> None:
    clock = VirtualClock()
    with LocalCloud(clock=clock, is_served=True) as cloud:
        client = cloud.client("stepfunctions")
        execution = client.start_execution(stateMachineArn=machine(client, {"Type": "Wait", "Seconds": 60}))
        arn = execution["executionArn"]
        assert client.describe_execution(executionArn=arn)["status"] == "RUNNING"

        cloud.advance(timedelta(seconds=60))

        found = client.describe_execution(executionArn=arn)
    assert found["status"] == "SUCCEEDED"
    assert found["stopDate"] - found["startDate"] == timedelta(seconds=60)


def test_in_virtual_time_the_same_client_settles_and_asks_lambda_for_functions() -> None:
    with LocalCloud() as cloud:
        cloud.functions.define("double", lambda event, context: event * 2)
        client = cloud.client("stepfunctions")
        state = {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "double", "Payload.$": "$"}, "OutputPath": "$.Payload",
        }  # fmt: skip
        arns = [
            machine(client, state),
            machine(client, {**state, "Parameters": {"FunctionName": "none"}}, "n"),
        ]
        executions = [client.start_execution(stateMachineArn=arn, input="21")["executionArn"] for arn in arns]

        cloud.settle()

        found = [client.describe_execution(executionArn=arn) for arn in executions]
    assert found[0]["output"] == "42"
    assert found[1]["error"] == "Lambda.ResourceNotFoundException"


def test_refusals_are_boto3s_exceptions() -> None:
    with LocalCloud() as cloud:
        client = cloud.client("stepfunctions")
        arn = "arn:aws:states:us-east-1:123456789012:execution:m:e"
        with pytest.raises(
            client.exceptions.ExecutionDoesNotExist, match="Execution Does Not Exist: "
        ) as caught:
            client.describe_execution(executionArn=arn)

    assert caught.value.response["Error"]["Message"] == f"Execution Does Not Exist: '{arn}'"


def test_whoever_waits_for_an_execution_lets_time_pass_in_all_of_the_cloud() -> None:
    with LocalCloud() as cloud:
        begun, told = cloud.now, list[float]()
        cloud.agenda.after(2, lambda: told.append(cloud.clock.now()))
        client = cloud.client("stepfunctions")
        arn = machine(client, {"Type": "Wait", "Seconds": 5}, type="EXPRESS")

        answer = client.start_sync_execution(stateMachineArn=arn)

    assert answer["status"] == "SUCCEEDED"
    assert answer["stopDate"] - begun == timedelta(seconds=5)
    assert told == [begun.timestamp() + 2]


def test_what_a_function_takes_does_not_count_for_the_task_that_calls_it() -> None:
    with LocalCloud() as cloud:
        cloud.functions.define("slow", lambda event, context: "done", duration=lambda event, context: 2.0)
        client = cloud.client("stepfunctions")
        state = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:slow"}
        execution = client.start_execution(stateMachineArn=machine(client, state))["executionArn"]

        cloud.settle()

        found = client.describe_execution(executionArn=execution)
    assert (found["status"], found["output"]) == ("SUCCEEDED", '"done"')
