"""Executions on AWS, played by a client that answers as Step Functions does."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith import ExecutionFailed, NotFound, aws
from stepsmith.errors import InvalidInput
from stepsmith.integrations.account import AwsAccount, AwsFailure
from stepsmith.service import AwsBackend, AwsExecution, Machine, error_classes, load
from tasks.vending import MachineJammed
from workflows.delayed_vending import delayed_vending

START = datetime(2030, 1, 1, tzinfo=UTC)
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:shop-delayed_vending"
PURCHASE = {"machine_id": "m", "product": "cola", "price_cents": 5}


class StepFunctions:
    """Step Functions whose executions have run on the local engine before they are asked for."""

    def __init__(self, *, alias: bool = False, running: int = 0) -> None:
        self.alias, self.running = alias, running
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.execution = load({"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}}).run({})

    def start_execution(self, **given: Any) -> dict[str, Any]:
        self.calls.append(("start", given))
        machine = delayed_vending.definition
        value = json.loads(given["input"])
        self.execution = Machine(machine).run(value, tasks=dict(delayed_vending.tasks))
        return {"executionArn": "arn:aws:states:eu-west-1:123456789012:execution:shop-delayed_vending:e1"}

    def describe_execution(self, executionArn: str) -> dict[str, Any]:
        if executionArn.endswith(":gone"):
            raise ClientError(
                {"Error": {"Code": "ExecutionDoesNotExist", "Message": "gone"}}, "DescribeExecution"
            )
        found: dict[str, Any] = {"status": "RUNNING", "startDate": START, "input": "{}"}
        if self.running > 0:
            self.running -= 1
            return found
        found |= {"status": self.execution.status, "stopDate": START + self.execution.elapsed}
        if self.execution.status == "SUCCEEDED":
            return {**found, "output": json.dumps(self.execution.output)}
        return {**found, "error": self.execution.error, "cause": self.execution.cause}

    def describe_state_machine_for_execution(self, executionArn: str) -> dict[str, Any]:
        return {"definition": delayed_vending.definition.to_json()}

    def describe_state_machine_alias(self, stateMachineAliasArn: str) -> dict[str, Any]:
        if not self.alias:
            raise ClientError(
                {"Error": {"Code": "ResourceNotFound", "Message": "no"}}, "DescribeStateMachineAlias"
            )
        return {}

    def stop_execution(self, **given: Any) -> None:
        self.calls.append(("stop", given))

    def redrive_execution(self, **given: Any) -> None:
        self.calls.append(("redrive", given))

    def get_paginator(self, name: str) -> Any:
        return {
            "get_execution_history": History,
            "list_state_machines": Machines,
            "list_executions": Executions,
        }[name](self)


class History:
    def __init__(self, client: StepFunctions) -> None:
        self.client = client

    def paginate(self, executionArn: str) -> Iterator[dict[str, Any]]:
        events = [
            {**event, "timestamp": datetime.fromtimestamp(float(str(event["timestamp"])), UTC)}
            for event in self.client.execution.history
        ]
        yield {"events": events[:3]}
        yield {"events": events[3:]}


class Machines(History):
    def paginate(self) -> Iterator[dict[str, Any]]:  # type: ignore[override]
        names = ["shop-delayed_vending", "other-noting", "third-noting"]
        yield {
            "stateMachines": [
                {"name": n, "stateMachineArn": f"{MACHINE.rpartition(':')[0]}:{n}"} for n in names
            ]
        }


class Executions(History):
    def paginate(self, **given: Any) -> Iterator[dict[str, Any]]:  # type: ignore[override]
        self.client.calls.append(("list", given))
        yield {"executions": [{"executionArn": "arn:e2"}, {"executionArn": "arn:e1"}]}


def backend(client: StepFunctions, stack: str | None = None) -> AwsBackend:
    account = AwsAccount("eu-west-1")
    account._clients["stepfunctions"] = client
    return AwsBackend(account, stack=stack)


def start(client: StepFunctions, **changes: Any) -> Any:
    execution = delayed_vending.start(purchase={**PURCHASE, **changes}, backend=backend(client))
    execution._sleep = lambda seconds: None
    return execution


def test_a_remote_execution_gives_what_a_local_one_gives() -> None:
    local = delayed_vending.run(purchase=PURCHASE)

    remote = start(StepFunctions())

    assert remote.result() == local.result()
    assert remote.path == local.path
    assert remote.elapsed == local.elapsed == timedelta(seconds=90)
    assert [event["type"] for event in remote.history] == [event["type"] for event in local.history]
    assert remote.history[0]["timestamp"] == local.history[0]["timestamp"]


def test_a_notebook_shows_it_as_it_shows_a_local_one() -> None:
    execution = start(StepFunctions())

    shown = execution._repr_mimebundle_()

    assert "Release product" in shown["text/html"]
    assert "shop-delayed_vending" in shown["text/plain"]
    assert "SUCCEEDED" in shown["text/plain"]


def test_it_is_waited_for_until_it_ends() -> None:
    client = StepFunctions(running=3)

    assert start(client).wait().status == "SUCCEEDED"
    assert client.running == 0


def test_waiting_gives_up_after_a_while() -> None:
    execution = start(StepFunctions(running=10**9))
    times = iter(range(100))
    execution._now = lambda: float(next(times))

    with pytest.raises(TimeoutError, match="still runs after 5 seconds"):
        execution.wait(timeout=5)


def test_events_come_to_the_last() -> None:
    execution = start(StepFunctions(running=2))

    kinds = [event["type"] for event in execution.events()]

    assert kinds[0] == "ExecutionStarted"
    assert kinds[-1] == "ExecutionSucceeded"
    assert len(kinds) == len(execution.history)


def test_a_named_error_is_raised_as_its_class() -> None:
    client = StepFunctions()
    client.start_execution(input=json.dumps({"purchase": PURCHASE}))
    failing = load(
        {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "MachineJammed", "Cause": "stuck"}}}
    )
    client.execution = failing.run({})
    execution = AwsExecution(
        backend(client).account,
        "arn:e:x:x:x:execution:m:e",
        convert=lambda value: value,
        errors=error_classes(delayed_vending),
    )

    with pytest.raises(MachineJammed, match="stuck"):
        execution.result()
    assert execution.failed_state == "F"


def test_an_error_without_a_class_is_execution_failed() -> None:
    client = StepFunctions()
    client.execution = load(
        {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Odd", "Cause": "c"}}}
    ).run({})

    with pytest.raises(ExecutionFailed, match="Odd: c"):
        backend(client).execution("arn:aws:states:eu-west-1:1:execution:m:e").result()


def test_the_alias_is_started_where_there_is_one() -> None:
    plain, aliased = StepFunctions(), StepFunctions(alias=True)

    start(plain)
    start(aliased)

    assert plain.calls[0][1]["stateMachineArn"] == MACHINE
    assert aliased.calls[0][1]["stateMachineArn"] == f"{MACHINE}:live"


def test_a_workflow_that_is_not_deployed_is_not_found() -> None:
    with pytest.raises(NotFound, match="nothing is not deployed in eu-west-1; deploy it with"):
        backend(StepFunctions()).machine_arn("nothing")
    with pytest.raises(NotFound, match="not deployed in stack other"):
        backend(StepFunctions(), stack="other").machine_arn("delayed_vending")


def test_a_workflow_deployed_twice_needs_the_stack() -> None:
    with pytest.raises(
        InvalidInput, match="deployed more than once: other-noting, third-noting; name the stack"
    ):
        backend(StepFunctions()).machine_arn("noting")
    assert backend(StepFunctions(), stack="third").machine_arn("noting").endswith(":third-noting")


def test_stop_and_redrive_reach_the_service() -> None:
    client = StepFunctions()
    execution = start(client)

    execution.stop("Enough", "of this")
    execution.redrive()

    assert client.calls[1] == ("stop", {"executionArn": execution.arn, "error": "Enough", "cause": "of this"})
    assert client.calls[2] == ("redrive", {"executionArn": execution.arn})


def test_an_execution_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound, match="there is no execution"):
        _ = backend(StepFunctions()).execution("arn:aws:states:eu-west-1:1:execution:m:gone").status


def test_an_arn_of_something_else_is_refused() -> None:
    with pytest.raises(InvalidInput, match="is no ARN of an execution"):
        backend(StepFunctions()).execution(MACHINE)


def test_awaiting_gives_the_result() -> None:
    async def wait_for(execution: Any) -> Any:
        return await execution

    assert asyncio.run(wait_for(start(StepFunctions()))).delivered


def test_aws_leads_to_a_backend_and_an_unknown_profile_is_said() -> None:
    found = aws(region="eu-west-1", profile="no-such-profile", stack="s")

    assert (found.stack, found.account.profile) == ("s", "no-such-profile")
    with pytest.raises(AwsFailure, match="no-such-profile"):
        found.machine_arn("x")
