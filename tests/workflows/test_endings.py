"""What ends the records of aborted executions, with tasks that fail: W-04 and W-05 for `ended` workflows."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.service import Execution, VirtualClock, local, run_workflow
from tasks.cart.freezing import freeze_cart
from tasks.cart.lines import add_line
from tasks.cart.models import Checkout
from tasks.onboarding.accounts import create_account
from tasks.onboarding.applications import record_outcome
from tasks.onboarding.desk import erase_application
from tasks.onboarding.models import Outcome, Status
from tasks.onboarding.tables import ACCOUNTS
from tasks.vending import ATTENTION
from tasks.vending_pass.models import Swipe
from tasks.vending_pass.swipes import register_swipe
from tasks.vending_pass.tables import create_tables
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB, MemoryQueues
from tests.tasks.cart.shop import CART, NOW, quick_shop
from tests.tasks.onboarding.office import quick_office
from tests.workflows.checkouts import check_out
from tests.workflows.faults import FaultyTasks, failing
from workflows.customer_onboarding_ended import customer_onboarding_ended
from workflows.delayed_vending_ended import delayed_vending_ended
from workflows.shopping_cart_ended import shopping_cart_ended
from workflows.vending_pass_ended import vending_pass_ended

Left = tuple[Workflow[..., Any], dict[str, Any], dict[str, Any], Callable[[], int]]
"""A workflow, its clients, the input of the execution that was aborted, and how many things were told to somebody."""


def frozen() -> Left:
    shop = quick_shop()
    add_line(CART, "tea", 2, "r1", NOW, dynamodb=shop.dynamodb)
    freeze_cart(CART, "k1", NOW, dynamodb=shop.dynamodb)
    return _checkout(shop)


def not_cleared() -> Left:
    shop = quick_shop()
    add_line(CART, "tea", 2, "r1", NOW, dynamodb=shop.dynamodb)
    check_out(shop, plan=failing("clear_cart"))
    return _checkout(shop)


def _checkout(shop: Any) -> Left:
    given = Checkout(cart=CART, customer_id="u1", payment_method="card", idempotency_key="k1")
    clients = {"dynamodb": shop.dynamodb, "sqs": shop.sqs}
    return shopping_cart_ended, clients, {"checkout": given.model_dump()}, lambda: len(shop.attention())


def swiped() -> Left:
    dynamodb: Any = MemoryDynamoDB()
    create_tables(dynamodb)
    swipe = Swipe(swipe_id="s1", participant="p1", machine="m1", product="cola")
    register_swipe(swipe, "e1", dynamodb=dynamodb)
    queues = MemoryQueues()
    queues.create_queue(QueueName=ATTENTION)
    given = {"swipe": swipe.model_dump(), "execution_id": "e1"}
    clients = {"dynamodb": dynamodb, "sqs": queues}
    return vending_pass_ended, clients, given, lambda: len(queues.sent[ATTENTION])


def applied() -> Left:
    office = quick_office()
    office.submit()
    clients = {"dynamodb": office.dynamodb, "sqs": office.sqs, "ses": office.ses}
    return customer_onboarding_ended, clients, {"application_id": "a1"}, lambda: len(office.attention())


def bought() -> Left:
    queues = MemoryQueues()
    queues.create_queue(QueueName=ATTENTION)
    given = {"purchase": {"machine_id": "m1", "product": "cola", "price_cents": 150}}
    return delayed_vending_ended, {"sqs": queues}, given, lambda: len(queues.sent[ATTENTION])


LEFT: list[Callable[[], Left]] = [frozen, not_cleared, swiped, applied, bought]


def end(
    left: Left, plan: Callable[[str], str | None] = lambda name: None, status: str = "ABORTED"
) -> Execution[Any]:
    workflow, clients, given, _ = left
    detail: Any = {"status": status, "name": "e1", "input": json.dumps(given), "cause": None}
    tasks = FaultyTasks(workflow, plan, clients).tasks
    options = local(clients=clients, tasks=tasks, clock=VirtualClock(NOW))
    found = run_workflow(workflow, {"detail": detail}, options)
    assert isinstance(found, Execution)
    return found


BROKEN = {"status": "FAILED", "reason": "something broke", "account_id": None}
GIVES = {frozen: "REJECTED", not_cleared: "SUCCEEDED", swiped: True, applied: BROKEN, bought: True}
GIVES_WITHOUT: dict[Any, Any] = {frozen: None, swiped: False, applied: None, bought: False}


@pytest.mark.parametrize("make", GIVES)
def test_what_ends_records_gives_how_they_have_ended(make: Callable[[], Left]) -> None:
    assert end(make()).output == GIVES[make]


@pytest.mark.parametrize("make", GIVES_WITHOUT)
def test_there_is_nothing_to_end_after_a_success(make: Callable[[], Left]) -> None:
    assert end(make(), status="SUCCEEDED").output == GIVES_WITHOUT[make]


def calls(make: Callable[[], Left]) -> list[str]:
    return [call.function for call in end(make()).task_calls()]


CALLS = [(make, task) for make in LEFT for task in calls(make)]


@pytest.mark.parametrize(("make", "task"), CALLS)
def test_w_05_what_passes_with_time_is_tried_again(make: Callable[[], Left], task: str) -> None:
    left = make()

    ending = end(left, failing(task, fault="before unavailable", times=1))

    assert (ending.status, left[3]()) == ("SUCCEEDED", 0 if make is not not_cleared else 1)


@pytest.mark.parametrize(("make", "task"), CALLS)
def test_w_05_what_fails_for_good_reaches_somebody(make: Callable[[], Left], task: str) -> None:
    left = make()
    before = left[3]()

    ending = end(left, failing(task, fault="before crash"))

    assert left[3]() == before + 1
    assert ending.status == (
        "SUCCEEDED" if task in ("send_notice", "clear_cart", "notify_customer") else "FAILED"
    )


@pytest.mark.parametrize(("make", "task"), CALLS)
def test_w_05_the_attention_queue_is_tried_longer(make: Callable[[], Left], task: str) -> None:
    left = make()
    before, lasting = left[3](), failing(task, fault="before crash")
    passing = failing("call_attention", fault="before unavailable", times=6)

    end(left, lambda name: lasting(name) or passing(name))

    assert left[3]() == before + 1


def test_money_that_does_not_go_back_although_nobody_can_be_told_is_called_so() -> None:
    ending = end(bought(), failing("give_money_back", "call_attention"))

    assert ending.error == "CompensationFailed"
    assert "nobody was told" in (ending.cause or "")


def test_w_04_an_application_that_was_completed_at_the_last_moment_stays_so() -> None:
    left = applied()
    dynamodb = left[1]["dynamodb"]

    def overtaken(name: str) -> None:
        if name == "record_outcome":
            done = Outcome(status=Status.COMPLETED, reason="", account_id="account-a1")
            create_account("a1", dynamodb=dynamodb)
            record_outcome("a1", done, NOW, dynamodb=dynamodb)

    ending = end(left, overtaken)

    assert ending.output is not None
    assert [call.function for call in ending.task_calls()][-1] == "send_notice"
    assert ending.result().status == Status.COMPLETED
    assert dynamodb.tables[ACCOUNTS]["email#ada@example.ie", ""]["status"] == {"S": "ACTIVE"}


@pytest.mark.parametrize("task", ["record_outcome", "deactivate_account"])
def test_an_application_that_is_erased_meanwhile_leaves_nothing_to_end(task: str) -> None:
    left = applied()
    dynamodb = left[1]["dynamodb"]

    def erased(name: str) -> None:
        if name == task:
            erase_application("a1", dynamodb=dynamodb)

    ending = end(left, erased)

    assert (ending.status, ending.output, left[3]()) == ("SUCCEEDED", None, 0)
    assert [call.function for call in ending.task_calls()][-1] == task
