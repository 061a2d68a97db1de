"""A checkout that is aborted at any moment leaves no money held, no stock reserved, and a record of its end."""

import json
import threading
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest

from stepsmith.service import VirtualClock
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tasks.cart.lines import add_line, list_lines
from tasks.cart.models import Checkout
from tests.tasks.cart.shop import CART, NOW, Money, Shop, quick_shop
from tests.workflows.checkouts import check_out
from tests.workflows.faults import FaultyTasks, failing
from workflows.shopping_cart import shopping_cart
from workflows.shopping_cart_ended import shopping_cart_ended

FORWARD = (
    "open_checkout",
    "freeze_cart",
    "price_cart",
    "reserve_stock",
    "authorise_payment",
    "confirm_payment",
    "create_order",
    "capture_payment",
    "record_outcome",
)
AFTERWARDS = ("clear_cart", "notify_customer")
UNDO = ("void_payment", "refund_payment", "cancel_order", "release_stock", "unfreeze_cart")
UNDONE = (Money(), Money(let_go=700), Money(captured=700, refunded=700))


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    add_line(CART, "tea", 2, "r1", NOW, dynamodb=shop.dynamodb)
    return shop


def checkout(method: str = "secure", **changes: Any) -> dict[str, Any]:
    given = Checkout(cart=CART, customer_id="u1", payment_method=method, idempotency_key="k1")
    return {"checkout": {**given.model_dump(), **changes}}


MOMENTS = ("before", "after", "later")


def aborted(
    shop: Shop, task: str, moment: str, *, method: str = "secure", plan: Any = lambda name: None
) -> Any:
    """Run a checkout that is aborted before a task has its effect, after it, or while the effect is yet to come."""
    clients = {"dynamodb": shop.dynamodb, "sqs": shop.sqs}
    tasks = FaultyTasks(shopping_cart, plan, clients).tasks
    call, running = tasks[task], [True]
    began = threading.Event()

    def stopping(payload: Any) -> Any:
        if not running:
            return call(payload)
        running.clear()
        began.wait(5)
        if moment == "after":
            call(payload)
        execution.stop("Stopped", "by hand")
        if moment == "later":
            execution.wait(5)
            with suppress(Exception):
                call(payload)
        return None

    options = local(
        clients=clients,
        tasks={**tasks, task: stopping},
        responders={"confirm_payment": lambda payload: {"approved": True}},
        clock=VirtualClock(NOW),
    )
    execution = run_workflow(shopping_cart, checkout(method), options, background=True)
    began.set()
    return execution.wait(10)


def left(shop: Shop) -> dict[str, int]:
    return {line.product_id: line.quantity for line in list_lines(CART, NOW, dynamodb=shop.dynamodb)}


def tell(shop: Shop, status: str = "ABORTED", *, plan: Any = lambda name: None, **changes: Any) -> Any:
    detail = {"status": status, "input": json.dumps(checkout(**changes)), "cause": None}
    clients = {"dynamodb": shop.dynamodb, "sqs": shop.sqs}
    tasks = FaultyTasks(shopping_cart_ended, plan, clients).tasks
    return run_workflow(
        shopping_cart_ended,
        {"detail": detail},
        local(clients=clients, tasks=tasks, clock=VirtualClock(NOW)),
    )


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("task", FORWARD)
def test_a_checkout_that_is_aborted_leaves_nothing_half_done(shop: Shop, task: str, moment: str) -> None:
    execution = aborted(shop, task, moment)

    assert (execution.status, execution.ending.status) == ("ABORTED", "SUCCEEDED")
    if (task, moment) == ("record_outcome", "after"):
        assert (shop.money(), shop.stock("tea"), left(shop)) == (Money(captured=700, ordered=700), 8, {})
        assert shop.step("k1", "outcome") == "SUCCEEDED"
        assert len(shop.notices()) == 2  # the bank's page, and the order
    else:
        assert shop.money() in UNDONE
        assert (shop.stock("tea"), left(shop)) == (10, {"tea": 2})
        assert (shop.step("k1", "outcome"), shop.attention()) == ("REJECTED", [])
    expected = "FAILED" if left(shop) == {} else "SUCCEEDED"
    assert check_out(shop, key="k2")[0].status == expected


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("task", AFTERWARDS)
def test_a_checkout_that_is_aborted_after_the_order_keeps_it_and_clears_the_cart(
    shop: Shop, task: str, moment: str
) -> None:
    execution = aborted(shop, task, moment)

    assert (execution.status, execution.ending.status) == ("ABORTED", "SUCCEEDED")
    assert (shop.money(), shop.stock("tea"), left(shop)) == (Money(captured=700, ordered=700), 8, {})


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("task", [*UNDO, "record_outcome"])
def test_an_undo_that_is_aborted_is_brought_to_its_end(shop: Shop, task: str, moment: str) -> None:
    execution = aborted(shop, task, moment, plan=failing("create_order", fault="after crash"))

    assert (execution.status, execution.ending.status) == ("ABORTED", "SUCCEEDED")
    assert (shop.money(), shop.stock("tea"), left(shop)) == (Money(let_go=700), 10, {"tea": 2})
    assert shop.step("k1", "outcome") == "REJECTED"


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_w_04_the_event_twice_changes_nothing(shop: Shop, status: str) -> None:
    aborted(shop, "create_order", "after")
    before = deepcopy(shop.dynamodb.tables)

    ends = [tell(shop, status).output for _ in range(2)]

    assert ends == [None, None]
    assert shop.dynamodb.tables == before


def test_w_04_the_event_changes_nothing_of_a_checkout_that_has_succeeded(shop: Shop) -> None:
    check_out(shop)
    before = deepcopy(shop.dynamodb.tables)

    assert tell(shop).output is None
    assert shop.dynamodb.tables == before


def test_w_04_an_event_for_another_cart_or_customer_undoes_nothing(shop: Shop) -> None:
    def tell_meanwhile(payload: Any) -> dict[str, bool]:
        assert tell(shop, cart={"id": "c2"}).output is None
        assert tell(shop, customer_id="u2").output is None
        assert shop.money() == Money(held=700)
        return {"approved": True}

    check_out(shop, method="secure", approve=tell_meanwhile)

    assert shop.money() == Money(captured=700, ordered=700)


def test_an_event_that_races_with_the_execution_rejects_it_and_the_money_goes_back(shop: Shop) -> None:
    def tell_meanwhile(payload: Any) -> dict[str, bool]:
        assert tell(shop).output == "REJECTED"
        return {"approved": True}

    execution, _ = check_out(shop, method="secure", approve=tell_meanwhile)

    assert execution.error == "Conflict"
    assert (shop.money(), shop.stock("tea"), left(shop)) == (Money(let_go=700), 10, {"tea": 2})


@pytest.mark.parametrize("task", UNDO)
def test_sc_05_what_cannot_be_undone_after_an_abort_reaches_the_attention_queue(
    shop: Shop, task: str
) -> None:
    def let_it_hang(payload: Any) -> dict[str, bool]:
        ending = tell(shop, plan=failing(task))
        assert (ending.status, ending.error) == ("FAILED", "CompensationFailed")
        return {"approved": False}

    check_out(shop, method="secure", approve=let_it_hang)

    [told] = [json.loads(body) for body in shop.attention()]
    kind = {"refund_payment": "payment", "void_payment": "payment", "cancel_order": "order"}.get(task)
    assert told["reason"].startswith(f"{kind or task.rpartition('_')[2]}: ")
    assert shop.step("k1", "outcome") == "COMPENSATION_FAILED"


def test_sc_05_an_execution_that_has_told_of_its_failure_is_left_to_those_it_told(shop: Shop) -> None:
    check_out(shop, method="declined", plan=failing("release_stock"))

    assert tell(shop, "FAILED").output is None
    assert len(shop.attention()) == 1
    assert tell(shop, "ABORTED").status == "SUCCEEDED"
    assert shop.step("k1", "stock") == "undone"


def test_a_cart_that_cannot_be_cleared_after_an_abort_is_told(shop: Shop) -> None:
    check_out(shop, plan=failing("clear_cart"))

    tell(shop, plan=failing("clear_cart"))
    tell(shop)

    assert [json.loads(body)["step"] for body in shop.attention()] == ["clear", "clear"]
    assert left(shop) == {}


@pytest.mark.parametrize("given", [{}, {"checkout": None}, {"checkout": {"cart": {"id": "a/b"}}}])
def test_w_07_an_execution_whose_input_was_refused_has_left_nothing(shop: Shop, given: Any) -> None:
    detail: Any = {"status": "FAILED", "input": json.dumps(given), "cause": "refused"}
    clients = {"dynamodb": shop.dynamodb, "sqs": shop.sqs}

    ending = run_workflow(shopping_cart_ended, {"detail": detail}, local(clients=clients))

    assert (ending.status, ending.output) == ("SUCCEEDED", None)
    assert shop.money() == Money()
