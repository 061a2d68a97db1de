"""The vending pass as a whole. VP-01, VP-03, VP-04."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stepsmith.service import Execution
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tasks.vending import ATTENTION
from tasks.vending_pass.costs import WaitingCost, main
from tasks.vending_pass.drinks import issue_free_drink, tell_machine
from tasks.vending_pass.models import Swipe, SwipeOutcome, SwipeStatus
from tasks.vending_pass.swipes import read, read_points, record_swipe
from tasks.vending_pass.tables import PASS, create_tables
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB, MemoryQueues
from tests.tasks.cart.shop import FAKE
from tests.workflows.faults import FaultyTasks, failing
from tests.workflows.waiters import in_a_journal, in_process
from workflows.vending_pass import vending_pass


@pytest.fixture
def dynamodb() -> Any:
    dynamodb: Any = MemoryDynamoDB()
    create_tables(dynamodb)
    return dynamodb


@pytest.mark.slow
def test_w_02_the_fifth_swipe_earns_a_free_drink_on_moto() -> None:
    with mock_aws():
        dynamodb: Any = boto3.client("dynamodb", **FAKE)
        create_tables(dynamodb)

        ends = [swipe(dynamodb, name).result() for name in ("s0", "s1", "s2", "s3", "s3", "s4")]

    assert [(end.status, end.points, end.free_drink) for end in ends[3:]] == [
        ("COUNTED", 40, False),
        ("REPEATED", 0, False),
        ("COUNTED", 50, True),
    ]


def attention_queue() -> MemoryQueues:
    queues = MemoryQueues()
    queues.create_queue(QueueName=ATTENTION)
    return queues


def swipe(
    dynamodb: Any,
    swipe_id: str,
    *,
    execution_id: str | None = None,
    plan: Callable[[str], str | None] = lambda name: None,
    queues: MemoryQueues | None = None,
) -> Execution[SwipeOutcome]:
    queues = queues or attention_queue()
    clients = {"dynamodb": dynamodb, "sqs": queues}
    given = Swipe(swipe_id=swipe_id, participant="p1", machine="m1", product="cola")
    faulty = FaultyTasks(vending_pass, plan, clients)
    options = local(clients=clients, tasks=faulty.tasks)
    return run_workflow(vending_pass, vending_pass.input_of(given, execution_id or swipe_id), options)


def break_machine(dynamodb: Any) -> None:
    dynamodb.put_item(TableName=PASS, Item={"pk": {"S": "machine#m1"}, "status": {"S": "OUT_OF_ORDER"}})


def voucher(dynamodb: Any, swipe_id: str) -> Any:
    return (
        dynamodb.get_item(TableName=PASS, Key={"pk": {"S": f"voucher#{swipe_id}"}}, ConsistentRead=True)
        .get("Item", {})
        .get("status")
    )


def status(dynamodb: Any, swipe_id: str) -> Any:
    return (
        dynamodb.get_item(TableName=PASS, Key={"pk": {"S": f"swipe#{swipe_id}"}}, ConsistentRead=True)
        .get("Item", {})
        .get("status")
    )


def entered(execution: Execution[Any], state: str) -> float:
    return next(
        event["timestamp"]
        for event in execution.history
        if event["type"].endswith("StateEntered") and event["stateEnteredEventDetails"]["name"] == state
    )


def test_vp_01_exactly_90_seconds_pass_between_the_two_calls(dynamodb: Any) -> None:
    execution = swipe(dynamodb, "s1")

    assert entered(execution, "Update participant") - entered(execution, "Count points") == 90
    assert execution.result() == SwipeOutcome.model_validate(
        {"status": "COUNTED", "points": 10, "free_drink": False}
    )


def test_vp_03_the_same_swipe_three_times_counts_once(dynamodb: Any) -> None:
    ends = [swipe(dynamodb, "s1", execution_id=f"e{n}").result().status for n in range(3)]

    assert ends == ["COUNTED", "REPEATED", "REPEATED"]
    assert read_points("shown", "p1", dynamodb=dynamodb) == 10


@pytest.mark.parametrize("task", sorted(vending_pass.tasks))
@pytest.mark.parametrize("fault", ["before unavailable", "after unavailable"])
def test_vp_03_a_failing_back_end_is_asked_again_and_counts_once(
    dynamodb: Any, task: str, fault: str
) -> None:
    break_machine(dynamodb)
    for n in range(4):
        swipe(dynamodb, f"s{n}")

    execution = swipe(dynamodb, "s4", plan=failing(task, fault=fault, times=2))

    assert execution.result().status == "COUNTED"
    assert read_points("pending", "p1", dynamodb=dynamodb) == 50
    assert voucher(dynamodb, "s4") == {"S": "WITHDRAWN"}


def test_a_machine_that_does_not_answer_at_once_still_gives_the_free_drink(dynamodb: Any) -> None:
    for n in range(4):
        swipe(dynamodb, f"s{n}")

    execution = swipe(dynamodb, "s4", plan=failing("tell_machine", fault="before unavailable", times=1))

    assert execution.result().free_drink


def test_a_drink_that_was_given_is_not_withdrawn_when_the_record_cannot_be_written(dynamodb: Any) -> None:
    for n in range(4):
        swipe(dynamodb, f"s{n}")

    execution = swipe(dynamodb, "s4", plan=failing("record_swipe"))

    assert execution.status == "FAILED"
    assert voucher(dynamodb, "s4") == {"S": "GIVEN"}


def test_w_04_swipes_in_either_order_and_twice_leave_the_same_points(dynamodb: Any) -> None:
    for number, swipe_id in enumerate(["s2", "s1", "s2", "s1"]):
        swipe(dynamodb, swipe_id, execution_id=f"e{number}")

    assert read_points("shown", "p1", dynamodb=dynamodb) == 20
    assert status(dynamodb, "s1") == status(dynamodb, "s2") == {"S": "COUNTED"}


class Lagging:
    """A back end that does not show what it was told."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb

    def __getattr__(self, name: str) -> Any:
        return getattr(self.dynamodb, name)

    def put_item(self, **put: Any) -> Any:
        return None if put["Item"]["pk"]["S"].startswith("shown#") else self.dynamodb.put_item(**put)


def test_vp_03_a_back_end_that_lags_is_read_back_after_5_10_and_20_seconds_then_flagged(
    dynamodb: Any,
) -> None:
    queues = attention_queue()

    execution = swipe(Lagging(dynamodb), "s1", queues=queues)

    assert execution.result().status == "FLAGGED"
    assert execution.elapsed.total_seconds() == 90 + 5 + 10 + 20
    assert status(dynamodb, "s1") == {"S": "FLAGGED"}
    assert [json.loads(body) for body in queues.sent[ATTENTION]] == [
        {"subject": "swipe s1", "reason": "0 points are shown, not 10"}
    ]


def test_vp_03_a_swipe_that_nobody_can_be_told_of_fails_where_alarms_hear_of_it(dynamodb: Any) -> None:
    execution = swipe(Lagging(dynamodb), "s1", plan=failing("call_attention"))

    assert execution.error == "Crash"
    assert status(dynamodb, "s1") == {"S": "FAILED"}


def test_a_free_drink_that_was_earned_on_a_flagged_swipe_is_given_with_the_next(dynamodb: Any) -> None:
    for n in range(4):
        swipe(dynamodb, f"s{n}")

    flagged = swipe(Lagging(dynamodb), "s4").result()
    free = [swipe(dynamodb, f"s{n}").result().free_drink for n in (5, 6)]

    assert (flagged.status, flagged.free_drink, free) == ("FLAGGED", False, [True, False])
    assert (voucher(dynamodb, "s4"), voucher(dynamodb, "s5")) == ({"S": "WITHDRAWN"}, {"S": "GIVEN"})


def test_a_flagged_swipe_whose_drink_cannot_be_withdrawn_at_once_is_tried_again(dynamodb: Any) -> None:
    for n in range(4):
        swipe(dynamodb, f"s{n}")
    passing = failing("withdraw_free_drink", fault="before unavailable", times=1)

    flagged = swipe(Lagging(dynamodb), "s4", plan=passing).result()

    assert (flagged.status, flagged.free_drink) == ("FLAGGED", False)
    assert voucher(dynamodb, "s4") == {"S": "WITHDRAWN"}


def test_a_flagged_swipe_whose_drink_cannot_be_withdrawn_at_all_is_told_to_somebody(dynamodb: Any) -> None:
    for n in range(4):
        swipe(dynamodb, f"s{n}")
    queues = attention_queue()

    execution = swipe(Lagging(dynamodb), "s4", plan=failing("withdraw_free_drink"), queues=queues)

    assert execution.error == "CompensationFailed"
    assert status(dynamodb, "s4") == {"S": "FLAGGED"}
    assert len(queues.sent[ATTENTION]) == 2


@pytest.mark.parametrize(
    "task", ["update_participant", "verify_participant", "issue_free_drink", "tell_machine"]
)
@pytest.mark.parametrize("fault", ["before crash", "after crash", "after timeout"])
def test_a_free_drink_that_was_earned_on_a_failed_swipe_is_given_once(
    dynamodb: Any, task: str, fault: str
) -> None:
    for n in range(4):
        swipe(dynamodb, f"s{n}")

    failed = swipe(dynamodb, "s4", plan=failing(task, fault=fault))
    free = [swipe(dynamodb, f"s{n}").result().free_drink for n in (5, 6)]

    was_given = task == "tell_machine" and fault.startswith("after")
    assert failed.status == "FAILED"
    assert free == [not was_given, False]
    vouchers = [voucher(dynamodb, f"s{n}") for n in range(7)]
    assert vouchers.count({"S": "GIVEN"}) == 1
    assert vouchers.count({"S": "VALID"}) == 0


def test_two_swipes_at_once_that_have_earned_it_give_one_drink(dynamodb: Any) -> None:
    for n in range(4):
        swipe(dynamodb, f"s{n}")
    others: list[SwipeOutcome] = []

    def another_comes_between(name: str) -> None:
        if name == "issue_free_drink" and not others:
            others.append(SwipeOutcome(status=SwipeStatus.REPEATED, points=0, free_drink=False))
            others.append(swipe(dynamodb, "s5").result())

    first = swipe(dynamodb, "s4", plan=another_comes_between).result()

    assert (others[1].free_drink, first.free_drink, first.status) == (True, False, "COUNTED")
    assert (voucher(dynamodb, "s4"), voucher(dynamodb, "s5")) == ({"S": "WITHDRAWN"}, {"S": "GIVEN"})


def test_a_free_drink_that_one_machine_refuses_is_given_by_the_next(dynamodb: Any) -> None:
    break_machine(dynamodb)
    refused = [swipe(dynamodb, f"s{n}").result().free_drink for n in range(5)]
    dynamodb.delete_item(TableName=PASS, Key={"pk": {"S": "machine#m1"}})

    assert (refused, swipe(dynamodb, "s5").result().free_drink) == ([False] * 5, True)


@pytest.mark.slow
def test_the_fifth_swipe_earns_a_free_drink_and_the_sixth_does_not(dynamodb: Any) -> None:
    free = [swipe(dynamodb, f"s{n}").result().free_drink for n in range(6)]

    assert free == [False, False, False, False, True, False]


@pytest.mark.slow
def test_a_free_drink_that_the_machine_refuses_is_withdrawn(dynamodb: Any) -> None:
    break_machine(dynamodb)

    free = [swipe(dynamodb, f"s{n}").result().free_drink for n in range(5)]

    assert free == [False] * 5
    assert voucher(dynamodb, "s4") == {"S": "WITHDRAWN"}


def test_a_swipe_that_breaks_before_a_drink_was_earned_says_nothing_of_one(dynamodb: Any) -> None:
    execution = swipe(dynamodb, "s1", plan=failing("count_points"))

    assert execution.error == "Crash"
    assert (status(dynamodb, "s1"), voucher(dynamodb, "s1")) == ({"S": "FAILED"}, None)


def test_a_drink_that_was_given_is_left_alone_where_the_end_cannot_be_written(dynamodb: Any) -> None:
    for n in range(4):
        swipe(dynamodb, f"s{n}")

    execution = swipe(dynamodb, "s4", plan=failing("record_swipe", fault="before conflict", times=1))

    assert execution.error == "Conflict"
    assert voucher(dynamodb, "s4") == {"S": "GIVEN"}
    assert "withdraw_free_drink" not in [call.function for call in execution.task_calls()]


@pytest.mark.slow
def test_vp_04_waiting_executions_of_the_vending_pass_hold_no_threads(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """200 of them; `make waiters` lets 10,000 wait and says what each holds."""
    here, recorded = in_process(200), in_a_journal(200, tmp_path / "journal.db")

    assert (here.waiting, here.threads) == (200, 0)
    assert (recorded.waiting, recorded.threads) == (200, 0)
    record_property("bytes for each waiting execution", here.bytes_each)
    record_property("bytes for each waiting execution in a journal", recorded.bytes_each)
    assert here.bytes_each < 16_384
    assert (
        recorded.bytes_each < 65_536
    )  # as many as these are kept in memory, with the journal's own place in each


def test_the_cost_of_waiting_is_shown_with_its_arithmetic(capsys: pytest.CaptureFixture[str]) -> None:
    main()

    small, large = capsys.readouterr().out.splitlines()
    assert "90 s x 0.125 GB x $0.0000166667 = $0.0001875" in small
    assert small.endswith("7.5 times less")
    assert large.endswith("60.0 times less")
    assert WaitingCost(seconds=90, memory_mb=128).waiting < WaitingCost(seconds=90, memory_mb=128).sleeping


def test_a_drink_that_another_execution_of_a_flagged_swipe_has_given_is_not_denied(dynamodb: Any) -> None:
    for n in range(4):
        swipe(dynamodb, f"s{n}")

    def another_gives_it(name: str) -> None:
        if name == "verify_participant":
            issue_free_drink("s4", "p1", dynamodb=dynamodb)
            tell_machine("s4", "m1", dynamodb=dynamodb)

    flagged = swipe(Lagging(dynamodb), "s4", plan=another_gives_it).result()

    assert (flagged.status, flagged.free_drink) == ("FLAGGED", True)


def test_the_first_end_of_a_swipe_stands_and_whoever_comes_to_another_says_so(dynamodb: Any) -> None:
    def another_ends_it(name: str) -> None:
        if name == "verify_participant":
            record_swipe("s1", "s1", SwipeStatus.FAILED, dynamodb=dynamodb)

    late = swipe(dynamodb, "s1", plan=another_ends_it)

    assert late.error == "Conflict"
    assert read("swipe#s1", dynamodb)["status"] == {"S": "FAILED"}
