"""Many executions on AWS are redriven, played by services that answer as AWS does."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from stepsmith.errors import InvalidInput
from stepsmith.service import AwsBackend
from stepsmith.service.executions.redriving import Outcome, Step, carry_out, name_again
from stepsmith.service.executions.search import Search, read_condition
from stepsmith.service.remote.redriving import AwsPlace, FailureQueue, execution_in
from tests.stepsmith.service.answered import Refused, answered_account

START = 1_893_456_000.0
NOW = datetime.fromtimestamp(START + 3600, UTC)
PLACE = "arn:aws:states:eu-west-1:123456789012"
MACHINE = f"{PLACE}:stateMachine:shop"


def arn(name: str) -> str:
    return f"{PLACE}:execution:shop:{name}"


class StepFunctions:
    """Step Functions with these executions, the newest first."""

    def __init__(self, **executions: dict[str, Any]) -> None:
        self.executions = executions
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.type = "STANDARD"

    def __call__(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((name, given))
        answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "DescribeStateMachine": lambda given: {
                "stateMachineArn": MACHINE, "name": "shop", "definition": "{}", "roleArn": "r",
                "type": self.type, "creationDate": START,
            },
            "ListExecutions": self.listed,
            "DescribeExecution": lambda given: self.described(given["executionArn"].rpartition(":")[2]),
            "RedriveExecution": self.redrive,
            "StartExecution": lambda given: {"executionArn": arn(given["name"]), "startDate": START},
        }  # fmt: skip
        if name == "DescribeStateMachineAlias":
            raise Refused("ResourceNotFound")
        return answers[name](given)

    def described(self, name: str) -> dict[str, Any]:
        if name not in self.executions:
            raise Refused("ExecutionDoesNotExist", "Execution Does Not Exist")
        made: dict[str, Any] = {
            "executionArn": arn(name),
            "stateMachineArn": MACHINE,
            "name": name,
            "startDate": START,
        }
        made |= {"status": "FAILED", "stopDate": START + 1, "input": '{"n": 1}', "error": "Broken"}
        return {**made, "redriveStatus": "REDRIVABLE", **self.executions[name]}

    def listed(self, given: dict[str, Any]) -> dict[str, Any]:
        found = [self.described(name) for name in self.executions]
        wanted = [each for each in found if given.get("statusFilter") in (None, each["status"])]
        keys = ("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate")
        first = int(given.get("nextToken", "0"))
        page = [{key: each[key] for key in keys} for each in wanted[first : first + 2]]
        more = {"nextToken": str(first + 2)} if first + 2 < len(wanted) else {}
        return {"executions": page, **more}

    def redrive(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["executionArn"].endswith("refused"):
            raise Refused("ExecutionNotRedrivable", "The execution cannot be redriven.")
        return {"redriveDate": START}

    def sent(self, name: str) -> list[str]:
        """What an operation was called with, in short."""
        return [str(given.get("name") or given["executionArn"]) for each, given in self.calls if each == name]


class Sqs:
    """A queue that gives two messages at a time."""

    def __init__(self, *bodies: str) -> None:
        self.bodies = dict(enumerate(bodies))
        self.hidden: set[int] = set()
        self.shown_again: list[int] = []

    def get_queue_url(self, *, QueueName: str) -> dict[str, str]:
        return {"QueueUrl": f"https://sqs/{QueueName}"}

    def receive_message(self, *, MaxNumberOfMessages: int, **_: Any) -> dict[str, Any]:
        left = [each for each in self.bodies if each not in self.hidden][: min(2, MaxNumberOfMessages)]
        self.hidden |= set(left)
        return (
            {"Messages": [{"ReceiptHandle": str(each), "Body": self.bodies[each]} for each in left]}
            if left
            else {}
        )

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:
        del self.bodies[int(ReceiptHandle)]

    def change_message_visibility(self, *, ReceiptHandle: str, VisibilityTimeout: int, **_: Any) -> None:
        assert VisibilityTimeout == 0
        self.shown_again.append(int(ReceiptHandle))


Make = Callable[..., AwsBackend]


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Make:
    def make(client: StepFunctions, queue: Sqs | None = None) -> AwsBackend:
        account = answered_account(client, monkeypatch)
        account._clients["sqs"] = queue
        return AwsBackend(account)

    return make


FAILURES = Search(statuses=("FAILED", "TIMED_OUT", "ABORTED"))


@pytest.mark.parametrize(
    ("details", "action", "why"),
    [
        ({}, "redrive", ""),
        ({"status": "ABORTED"}, "redrive", ""),
        ({"status": "RUNNING"}, "leave", "it runs"),
        ({"status": "SUCCEEDED"}, "leave", "it has succeeded"),
        ({"status": "PENDING_REDRIVE"}, "leave", "it is about to be redriven"),
        (
            {
                "redriveStatus": "NOT_REDRIVABLE",
                "redriveStatusReason": "Execution history event limit exceeded",
            },
            "leave",
            "Execution history event limit exceeded",
        ),
        ({"redriveStatus": "REDRIVABLE_BY_MAP_RUN"}, "leave", "it is one of a Map Run, which goes on when"),
    ],
)
def test_what_is_done_with_an_execution_and_why(
    backend: Make, details: dict[str, Any], action: str, why: str
) -> None:
    step = AwsPlace(backend(StepFunctions(one=details)), MACHINE, now=NOW).step(arn("one"), "none")

    assert step.action == action
    assert step.why.startswith(why)
    assert step.is_stuck is (action == "leave" and details.get("redriveStatus") is not None)


def test_where_nobody_says_whether_it_can_be_redriven_its_age_decides(backend: Make) -> None:
    client = StepFunctions(one={"redriveStatus": None})
    client.described = lambda name: {  # type: ignore[method-assign]  # an endpoint that knows no redrives
        "executionArn": arn(name), "stateMachineArn": MACHINE, "name": name, "status": "FAILED",
        "startDate": START, "stopDate": START,
    }  # fmt: skip
    aws = backend(client)

    young = AwsPlace(aws, MACHINE, now=NOW).step(arn("one"), "none")
    old = AwsPlace(aws, MACHINE, now=datetime.fromtimestamp(START + 15 * 86_400, UTC)).step(
        arn("one"), "others"
    )

    assert young.action == "redrive"
    assert (old.action, old.why) == ("restart", "it ended more than 14 days ago")


def test_executions_that_nobody_can_help_are_named_with_why(backend: Make) -> None:
    place = AwsPlace(backend(StepFunctions()), MACHINE, now=NOW)

    gone = place.step(arn("gone"), "others")
    express = place.step(f"{PLACE}:express:shop:one:two", "all")

    assert (gone.action, gone.is_stuck) == ("leave", True)
    assert "Execution Does Not Exist" in gone.why
    assert (express.action, express.is_stuck) == ("leave", True)
    assert express.why == "Express executions cannot be redriven, and only their log knows the input"


def test_failures_are_redriven_at_a_rate_and_one_refusal_keeps_nobody(backend: Make) -> None:
    old = {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": "too old"}
    client = StepFunctions(one={}, refused={}, fine={"status": "SUCCEEDED"}, three={}, old=old)
    place = AwsPlace(backend(client), MACHINE, now=NOW)
    slept: list[float] = []
    clock = [0.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    outcomes = list(
        carry_out(place.plan(FAILURES, "others"), place, rate=2, sleep=sleep, now=lambda: clock[0])
    )

    assert [each.done for each in outcomes] == ["redriven", "failed", "redriven", "restarted"]
    assert "The execution cannot be redriven." in outcomes[1].reason
    assert [each.is_well for each in outcomes] == [True, False, True, True]
    assert slept == [0.5, 0.5, 0.5]
    assert client.sent("RedriveExecution") == [arn("one"), arn("refused"), arn("three")]
    assert client.sent("StartExecution") == ["old-restarted"]
    assert outcomes[3].began == arn("old-restarted")


def test_all_are_started_anew_on_demand_and_those_that_did_not_fail_never(backend: Make) -> None:
    client = StepFunctions(one={}, fine={"status": "SUCCEEDED"})
    place = AwsPlace(backend(client), MACHINE, now=NOW)

    steps = list(place.plan(Search(), "all"))

    assert [(each.action, each.why) for each in steps] == [
        ("restart", "all are started anew"),
        ("leave", "it has succeeded"),
    ]


def test_an_input_that_is_not_shown_is_not_started_with(backend: Make) -> None:
    client = StepFunctions(one={"input": None})
    client.described = lambda name: {  # type: ignore[method-assign]  # as without rights to its key
        "executionArn": arn(name), "stateMachineArn": MACHINE, "name": name, "status": "FAILED", "startDate": START
    }  # fmt: skip

    with pytest.raises(InvalidInput, match="the input of one is not shown to these credentials"):
        AwsPlace(backend(client), MACHINE).restart(arn("one"))


@pytest.mark.parametrize("name", ["a", "x" * 70, "x" * 71, "x" * 80])
def test_the_name_of_what_begins_again_is_a_name_and_the_same_each_time(name: str) -> None:
    assert len(name_again(name)) <= 80
    assert name_again(name) == name_again(name) != name
    assert name_again(name).endswith("-restarted")
    assert name_again("x" * 79 + "a") != name_again("x" * 79 + "b")


def message(name: str) -> str:
    return json.dumps({"executionArn": arn(name), "status": "FAILED"})


def test_a_queue_tells_which_and_loses_the_messages_of_those_that_go_on(backend: Make) -> None:
    queue = Sqs(message("one"), "no JSON", message("refused"), message("one"), message("fine"), '{"n": 1}')
    client = StepFunctions(one={}, refused={}, fine={"status": "SUCCEEDED"})
    aws = backend(client, queue)
    told, place = FailureQueue(aws, "failures"), AwsPlace(aws, now=NOW)

    steps = [place.step(each, "none") for each in told.read(100)]
    for outcome in carry_out(steps, place, rate=1000, sleep=lambda seconds: None):
        told.settle(outcome)
    told.give_back()

    assert [each.arn for each in steps] == [arn("one"), arn("refused"), arn("fine")]
    assert client.sent("RedriveExecution") == [arn("one"), arn("refused")]
    assert list(queue.bodies) == [1, 2, 5]
    assert sorted(queue.shown_again) == [1, 2, 5]
    assert told.foreign == ["no JSON", '{"n": 1}']


def test_no_more_messages_are_read_than_asked_for(backend: Make) -> None:
    queue = Sqs(*(message(str(number)) for number in range(9)))

    assert len(list(FailureQueue(backend(StepFunctions(), queue), "q").read(3))) == 3
    assert len(queue.hidden) == 3


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (message("one"), arn("one")),
        (json.dumps({"detail-type": "x", "detail": {"executionArn": arn("one")}}), arn("one")),
        (json.dumps({"Type": "Notification", "Message": message("one")}), arn("one")),
        (json.dumps({"Message": json.dumps({"detail": {"executionArn": arn("one")}})}), arn("one")),
        (json.dumps({"executionArn": MACHINE}), None),
        (json.dumps({"executionArn": 5, "detail": [], "Message": "{"}), None),
        ("[" * 100_000, None),
        ("", None),
        ("null", None),
    ],
)
def test_the_execution_that_a_message_tells_of(body: str, expected: str | None) -> None:
    assert execution_in(body) == expected


def test_a_search_looks_no_further_than_it_has_to(backend: Make) -> None:
    client = StepFunctions(**{f"e{number}": {"startDate": START - number * 60} for number in range(9)})
    aws = backend(client)

    recent = [each.name for each in aws.search(MACHINE, Search(since=START - 130))]
    pages = sum(name == "ListExecutions" for name, _ in client.calls)
    first = [each.name for each in islice(aws.search(MACHINE, Search(name="e*")), 1)]

    assert (recent, pages) == (["e0", "e1", "e2"], 2)
    assert first == ["e0"]
    assert not client.sent("DescribeExecution")


def test_a_search_by_input_and_error_describes_what_fits_otherwise(backend: Make) -> None:
    client = StepFunctions(
        one={"input": '{"order": {"total": 5}}'},
        two={"input": '{"order": {"total": 50}}'},
        three={"input": '{"order": {"total": 500}}', "error": "Other"},
    )
    search = Search(name="t*", error="Bro*", where=(read_condition("order.total > 10"),))

    found = list(backend(client).search(MACHINE, search))

    assert [(each.name, each.error) for each in found] == [("two", "Broken")]
    assert client.sent("DescribeExecution") == [arn("two"), arn("three")]


def test_executions_of_an_express_machine_are_in_no_list(backend: Make) -> None:
    client = StepFunctions()
    client.type = "EXPRESS"

    with pytest.raises(InvalidInput, match="shop is an Express state machine: Step Functions keeps no list"):
        list(backend(client).search(MACHINE, Search()))


def test_an_outcome_is_well_when_nothing_is_left_to_do() -> None:
    step = Step(arn="a", status="FAILED", action="redrive")
    stuck = Step(arn="a", status="FAILED", action="leave", is_stuck=True)

    assert Outcome(step=step, done="redriven").is_well
    assert not Outcome(step=step, done="failed").is_well
    assert not Outcome(step=stuck, done="left").is_well
