"""Executions on AWS, played by a service that answers botocore's client as Step Functions does."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from stepsmith import ExecutionFailed, NotFound, aws
from stepsmith.errors import InvalidInput
from stepsmith.integrations.clients.account import AwsFailure
from stepsmith.service import AwsBackend, AwsExecution, Machine, load
from stepsmith.service.executions.declared import declared_by
from tasks.vending import MachineJammed, Purchase
from tests.stepsmith.service.answered import Refused, answered_account
from workflows.delayed_vending import delayed_vending

START = 1_893_456_000.0
PLACE = "arn:aws:states:eu-west-1:123456789012"
MACHINE = f"{PLACE}:stateMachine:shop-delayed_vending"
ARN = f"{PLACE}:execution:shop-delayed_vending:e1"
PURCHASE = {"machine_id": "m", "product": "cola", "price_cents": 5}
FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "MachineJammed", "Cause": "stuck"}}}
MACHINES = ["shop-delayed_vending", "other-noting", "third-noting", "high-pass", "plain"]


class StepFunctions:
    """Step Functions whose executions have run on the local engine before they are asked for."""

    def __init__(self, *, alias: bool = False, running: int = 0) -> None:
        self.alias, self.running, self.type = alias, running, "STANDARD"
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.unknown = self.throttled = self.missing_events = self.redrives = 0
        self.refused: dict[str, Refused] = {}
        self.page = 3
        self.execution = load({"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}}).run({})

    def __call__(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((name, given))
        if name in self.refused:
            raise self.refused[name]
        if self.throttled > 0:
            self.throttled -= 1
            raise Refused("ThrottlingException", "Rate exceeded")
        answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "StartExecution": self.start,
            "DescribeExecution": self.describe,
            "GetExecutionHistory": self.history,
            "DescribeStateMachineForExecution": self.machine,
            "StartSyncExecution": self.start_sync,
            "DescribeStateMachineAlias": self.describe_alias,
            "ListStateMachines": self.machines,
            "ListTagsForResource": self.tags,
            "ListExecutions": self.executions,
            "StopExecution": lambda given: {"stopDate": START},
            "RedriveExecution": lambda given: {"redriveDate": START},
        }
        return answers[name](given)

    def start(self, given: dict[str, Any]) -> dict[str, Any]:
        value = json.loads(given["input"])
        self.execution = Machine(delayed_vending.definition).run(value, tasks=dict(delayed_vending.tasks))
        return {"executionArn": ARN, "startDate": START}

    def start_sync(self, given: dict[str, Any]) -> dict[str, Any]:
        self.start(given)
        arn = f"{PLACE}:express:shop-delayed_vending:e1:x"
        return {**self.describe({"executionArn": arn}), "executionArn": arn}

    def describe(self, given: dict[str, Any]) -> dict[str, Any]:
        if self.unknown > 0 or given["executionArn"].endswith(":gone"):
            self.unknown -= 1
            raise Refused("ExecutionDoesNotExist", "gone")
        found: dict[str, Any] = {"executionArn": ARN, "stateMachineArn": MACHINE, "startDate": START}
        found |= {"status": "RUNNING", "input": "{}", "redriveCount": self.redrives}
        if self.running > 0:
            self.running -= 1
            return found
        end = START + self.execution.elapsed.total_seconds()
        found |= {"status": self.execution.status, "stopDate": end}
        if self.execution.status == "SUCCEEDED":
            return {**found, "output": json.dumps(self.execution.output)}
        return {**found, "error": self.execution.error, "cause": self.execution.cause}

    def history(self, given: dict[str, Any]) -> dict[str, Any]:
        events = [dict(event) for event in self.execution.history]
        if self.missing_events > 0:
            self.missing_events -= 1
            events = events[:-1]
        first = int(given.get("nextToken", "0"))
        last = first + min(self.page, given.get("maxResults", 100))
        more = {"nextToken": str(last)} if last < len(events) else {}
        return {"events": events[first:last], **more}

    def machine(self, given: dict[str, Any]) -> dict[str, Any]:
        text = delayed_vending.definition.to_json()
        return {"stateMachineArn": MACHINE, "name": "m", "definition": text, "roleArn": "r", "updateDate": 1}

    def describe_alias(self, given: dict[str, Any]) -> dict[str, Any]:
        if not self.alias:
            raise Refused("ResourceNotFound")
        return {}

    def machines(self, given: dict[str, Any]) -> dict[str, Any]:
        arn = MACHINE.rpartition(":")[0]
        made = {"type": self.type, "creationDate": START}
        return {"stateMachines": [{"name": n, "stateMachineArn": f"{arn}:{n}", **made} for n in MACHINES]}

    def tags(self, given: dict[str, Any]) -> dict[str, Any]:
        name = given["resourceArn"].rpartition("-")[2]
        ours = name in ("noting", "delayed_vending")
        return {"tags": [{"key": "stepsmith:workflow", "value": name}] if ours else []}

    def executions(self, given: dict[str, Any]) -> dict[str, Any]:
        made = {"stateMachineArn": MACHINE, "name": "e", "status": "FAILED", "startDate": START}
        return {"executions": [{"executionArn": f"{ARN}{number}", **made} for number in (2, 1)]}

    def sent(self, name: str) -> list[dict[str, Any]]:
        """The requests of one operation."""
        return [given for each, given in self.calls if each == name]


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AwsBackend]:
    def make(client: StepFunctions, stack: str | None = None) -> AwsBackend:
        return AwsBackend(answered_account(client, monkeypatch), stack=stack)

    return make


@pytest.fixture
def start(backend: Callable[..., AwsBackend]) -> Callable[..., Any]:
    def begin(client: StepFunctions, **changes: Any) -> Any:
        execution: Any = delayed_vending.start(purchase={**PURCHASE, **changes}, backend=backend(client))
        return unhurried(execution)

    return begin


def unhurried(execution: Any) -> Any:
    """Let time pass by sleeping only."""
    passed = [0.0]
    execution._sleep = lambda seconds: passed.append(passed[-1] + seconds)
    execution._now = lambda: passed[-1]
    if execution._fresh_until is not None:
        execution._fresh_until = 20.0
    return execution


Start = Callable[..., Any]
Make = Callable[..., AwsBackend]


def test_a_remote_execution_gives_what_a_local_one_gives(start: Start) -> None:
    local = delayed_vending.run(purchase=Purchase.model_validate(PURCHASE))

    remote = start(StepFunctions())

    assert remote.result() == local.result()
    assert remote.path == local.path
    assert remote.elapsed == local.elapsed == timedelta(seconds=90)
    assert [event["type"] for event in remote.history] == [event["type"] for event in local.history]
    assert remote.history[0]["timestamp"] == local.history[0]["timestamp"]


def test_a_notebook_shows_it_as_it_shows_a_local_one(start: Start) -> None:
    execution = start(StepFunctions())

    shown = execution._repr_mimebundle_()

    assert "Release product" in shown["text/html"]
    assert "shop-delayed_vending" in shown["text/plain"]
    assert "SUCCEEDED" in shown["text/plain"]


def test_it_is_waited_for_until_it_ends(start: Start) -> None:
    client = StepFunctions(running=3)

    assert start(client).wait().status == "SUCCEEDED"
    assert client.running == 0


def test_waiting_gives_up_after_a_while(start: Start) -> None:
    execution = start(StepFunctions(running=10**9))
    times = iter(range(100))
    execution._now = lambda: float(next(times))

    with pytest.raises(TimeoutError, match="still runs after 5 seconds"):
        execution.wait(timeout=5)


def test_events_come_to_the_last(start: Start) -> None:
    execution = start(StepFunctions(running=2))

    kinds = [event["type"] for event in execution.events()]

    assert kinds[0] == "ExecutionStarted"
    assert kinds[-1] == "ExecutionSucceeded"
    assert len(kinds) == len(execution.history)


def test_a_named_error_is_raised_as_its_class(backend: Make) -> None:
    client = StepFunctions()
    client.execution = load(FAIL).run({})
    execution = AwsExecution(backend(client).account, ARN, declared_by(delayed_vending))

    with pytest.raises(MachineJammed, match="stuck"):
        execution.result()
    assert execution.failed_state == "F"


def test_an_error_without_a_class_is_execution_failed(backend: Make) -> None:
    client = StepFunctions()
    client.execution = load(FAIL).run({})

    with pytest.raises(ExecutionFailed, match="MachineJammed: stuck"):
        backend(client).execution(ARN).result()


def test_the_alias_is_started_where_there_is_one(start: Start) -> None:
    plain, aliased = StepFunctions(), StepFunctions(alias=True)

    start(plain)
    start(aliased)

    assert plain.sent("StartExecution")[0]["stateMachineArn"] == MACHINE
    assert aliased.sent("StartExecution")[0]["stateMachineArn"] == f"{MACHINE}:live"


def test_nothing_is_started_where_it_is_not_known_whether_there_is_an_alias(start: Start) -> None:
    client = StepFunctions()
    client.refused["DescribeStateMachineAlias"] = Refused("ThrottlingException", "Rate exceeded")

    with pytest.raises(AwsFailure, match="looking for the alias failed: Rate exceeded"):
        start(client)
    assert client.sent("StartExecution") == []


def test_a_workflow_that_is_not_deployed_is_not_found(backend: Make) -> None:
    with pytest.raises(NotFound, match="nothing is not deployed in eu-west-1; deploy it with"):
        backend(StepFunctions()).machine_arn("nothing")
    with pytest.raises(NotFound, match="not deployed in stack other, but in shop; name it with --stack"):
        backend(StepFunctions(), stack="other").machine_arn("delayed_vending")
    with pytest.raises(NotFound, match="deploy it with: stepsmith deploy nothing --stack other"):
        backend(StepFunctions(), stack="other").machine_arn("nothing")


def test_a_workflow_deployed_twice_needs_the_stack(backend: Make) -> None:
    with pytest.raises(InvalidInput, match="in the stacks other, third; name one with --stack"):
        backend(StepFunctions()).machine_arn("noting")
    assert backend(StepFunctions(), stack="third").machine_arn("noting").endswith(":third-noting")


def test_the_state_machine_of_somebody_else_is_not_taken_for_a_workflow(backend: Make) -> None:
    with pytest.raises(NotFound, match="pass is not deployed"):
        backend(StepFunctions()).machine_arn("pass")
    assert backend(StepFunctions()).machine_arn("plain").endswith(":plain")


def test_stop_reaches_the_service(start: Start) -> None:
    client = StepFunctions()
    execution = start(client)

    execution.stop("Enough", "of this")

    assert client.sent("StopExecution") == [
        {"executionArn": execution.arn, "error": "Enough", "cause": "of this"}
    ]


def test_what_ended_before_the_redrive_is_not_taken_for_its_end(start: Start) -> None:
    client = StepFunctions()
    execution = start(client)
    assert execution.wait().status == "SUCCEEDED"
    execution.redrive()

    execution._sleep = lambda seconds: setattr(client, "redrives", client.redrives + 1)
    execution.wait()

    assert [given["executionArn"] for given in client.sent("RedriveExecution")] == [execution.arn]
    assert client.redrives == 1


def test_an_execution_that_cannot_be_redriven_says_why(start: Start) -> None:
    client = StepFunctions()
    execution = start(client)
    client.refused["RedriveExecution"] = Refused("ExecutionNotRedrivable", "it has succeeded")

    with pytest.raises(AwsFailure, match=r"redriving e1 failed: it has succeeded \(ExecutionNotRedrivable\)"):
        execution.redrive()


def test_an_execution_that_was_only_just_started_is_waited_for(start: Start) -> None:
    client = StepFunctions()
    client.unknown = 3

    assert start(client).wait().status == "SUCCEEDED"


def test_a_started_execution_that_never_appears_is_not_found(start: Start) -> None:
    client = StepFunctions()
    client.unknown = 10**9

    with pytest.raises(NotFound, match="there is no execution"):
        start(client).wait()


def test_the_last_event_is_waited_for(start: Start) -> None:
    client = StepFunctions()
    client.missing_events, client.page = 2, 1000

    kinds = [event["type"] for event in start(client).events()]

    assert kinds[-1] == "ExecutionSucceeded"


def test_a_history_without_its_last_event_is_asked_for_again(start: Start) -> None:
    client = StepFunctions()
    client.missing_events, client.page = 1, 1000
    execution = start(client)

    before, after = len(execution.history), len(execution.history)

    assert after == before + 1


def test_a_long_history_comes_a_thousand_events_at_a_time(backend: Make) -> None:
    client = StepFunctions()
    client.page = 1000
    loop = {"Type": "Pass", "Assign": {"n": "{% $n - 1 %}"}, "Next": "More"}
    more = {"Type": "Choice", "Choices": [{"Condition": "{% $n > 0 %}", "Next": "Loop"}], "Default": "End"}
    states = {
        "Begin": {"Type": "Pass", "Assign": {"n": 600}, "Next": "More"},
        "More": more,
        "Loop": loop,
        "End": {"Type": "Succeed"},
    }
    client.execution = load({"QueryLanguage": "JSONata", "StartAt": "Begin", "States": states}).run({})

    history = backend(client).execution(ARN).history

    assert len(history) == len(client.execution.history) > 2400
    assert len(client.sent("GetExecutionHistory")) == 3


def test_an_express_execution_has_ended_when_it_is_started(start: Start) -> None:
    client = StepFunctions(alias=True)
    client.type = "EXPRESS"

    execution = start(client)

    assert execution.result().delivered
    assert execution.is_express
    assert (len(execution.history), execution.path) == (0, [])
    assert client.sent("StartSyncExecution")[0]["stateMachineArn"] == f"{MACHINE}:live"
    assert client.sent("DescribeExecution") == client.sent("StartExecution") == []


def test_a_throttled_call_is_made_again(backend: Make) -> None:
    client = StepFunctions()
    client.throttled = 2

    assert backend(client).execution(ARN).status == "SUCCEEDED"


def test_expired_credentials_are_said_with_what_to_do(backend: Make) -> None:
    client = StepFunctions()
    client.refused["DescribeExecution"] = Refused("ExpiredTokenException", "The security token is expired")

    with pytest.raises(AwsFailure, match=r"The security token is expired .*; log in again"):
        _ = backend(client).execution(ARN).status


def test_only_as_many_executions_are_listed_as_wanted(backend: Make) -> None:
    client = StepFunctions()

    assert len(backend(client).executions(MACHINE, status="FAILED", most=1)) == 1
    assert client.sent("ListExecutions") == [{"stateMachineArn": MACHINE, "statusFilter": "FAILED"}]


def test_an_execution_that_is_not_there_is_not_found(backend: Make) -> None:
    with pytest.raises(NotFound, match="there is no execution"):
        _ = backend(StepFunctions()).execution(f"{PLACE}:execution:m:gone").status


def test_an_arn_of_something_else_is_refused(backend: Make) -> None:
    with pytest.raises(InvalidInput, match="is no ARN of an execution"):
        backend(StepFunctions()).execution(MACHINE)


def test_an_arn_of_another_region_says_which(backend: Make) -> None:
    with pytest.raises(InvalidInput, match="is in us-east-1, and this call goes to eu-west-1; say --region"):
        backend(StepFunctions()).execution(ARN.replace("eu-west-1", "us-east-1"))


def test_awaiting_gives_the_result(start: Start) -> None:
    async def wait_for(execution: Any) -> Any:
        return await execution

    assert asyncio.run(wait_for(start(StepFunctions()))).delivered


def test_aws_leads_to_a_backend_and_an_unknown_profile_is_said() -> None:
    found = aws(region="eu-west-1", profile="no-such-profile", stack="s")

    assert (found.stack, found.account.profile) == ("s", "no-such-profile")
    with pytest.raises(AwsFailure, match="no-such-profile"):
        found.machine_arn("x")
