"""The checkout as a whole. SC-01 to SC-06, W-05."""

import json
from typing import Any

import pytest

from tasks.cart.lines import add_line, list_lines
from tasks.cart.models import CartRef
from tests.tasks.cart.shop import CART, NOW, Money, Shop, quick_shop
from tests.workflows.checkouts import check_out
from tests.workflows.faults import Crash, failing

FORWARD = [
    "freeze_cart",
    "price_cart",
    "reserve_stock",
    "authorise_payment",
    "create_order",
    "capture_payment",
]
UNDO = ["void_payment", "refund_payment", "cancel_order", "release_stock", "unfreeze_cart"]


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    add_line(CART, "tea", 2, "r1", NOW, dynamodb=shop.dynamodb)
    return shop


def cart_quantities(shop: Shop) -> dict[str, int]:
    return {line.product_id: line.quantity for line in list_lines(CART, NOW, dynamodb=shop.dynamodb)}


def assert_nothing_happened(shop: Shop, key: str = "k1") -> None:
    assert shop.stock("tea") == 10
    assert shop.step(key, "payment") in (None, "undone")
    assert shop.step(key, "order") in (None, "undone")
    assert cart_quantities(shop) == {"tea": 2}


def test_a_checkout_takes_stock_and_money_and_empties_the_cart(shop: Shop) -> None:
    execution, _ = check_out(shop)

    assert execution.result().total_cents == 700
    assert (shop.stock("tea"), shop.step("k1", "payment"), shop.step("k1", "order")) == (8, "settled", "done")
    assert cart_quantities(shop) == {}
    assert shop.step("k1", "outcome") == "SUCCEEDED"
    assert json.loads(shop.notices()[0])["status"] == "SUCCEEDED"


def test_sc_02_the_same_idempotency_key_twice_is_one_order(shop: Shop) -> None:
    first, _ = check_out(shop)
    second, again = check_out(shop)

    assert first.result() == second.result()
    assert again.calls == ["open_checkout"]
    assert shop.stock("tea") == 8


def test_sc_01_a_checkout_that_breaks_undoes_its_own_steps_in_reverse_order(shop: Shop) -> None:
    execution, _ = check_out(shop, plan=failing("capture_payment"))

    undone = ["void_payment", "refund_payment", "cancel_order", "release_stock", "unfreeze_cart"]
    called = [call.function for call in execution.task_calls()]
    assert [each for each in called if each in undone] == undone


def test_sc_02_two_carts_racing_for_the_last_item_make_one_order(shop: Shop) -> None:
    other = CartRef(id="c2")
    add_line(other, "mug", 1, "r1", NOW, dynamodb=shop.dynamodb)
    add_line(CartRef(id="c3"), "mug", 1, "r1", NOW, dynamodb=shop.dynamodb)

    ends = [check_out(shop, key=f"k{n}", cart=CartRef(id=f"c{n}"))[0].status for n in (2, 3)]

    assert ends == ["SUCCEEDED", "FAILED"]
    assert shop.stock("mug") == 0


@pytest.mark.parametrize(
    ("prepare", "method", "error", "reason"),
    [
        (
            lambda shop: shop.put_product("tea", price=400, stock=10),
            "card",
            "PriceChanged",
            "costs 400 cents, not 350",
        ),
        (lambda shop: shop.put_product("tea", price=350, stock=1), "card", "OutOfStock", "not enough of tea"),
        (lambda shop: None, "declined", "PaymentDeclined", "the bank refuses the payment"),
    ],
    ids=["price change", "out of stock", "declined"],
)
def test_sc_06_a_refusal_comes_with_its_reason(
    shop: Shop, prepare: Any, method: str, error: str, reason: str
) -> None:
    prepare(shop)
    stock = shop.stock("tea")

    execution, _ = check_out(shop, method=method)

    assert (execution.status, execution.error) == ("FAILED", error)
    assert reason in (execution.cause or "")
    assert shop.stock("tea") == stock
    assert shop.step("k1", "payment") in (None, "undone")
    assert shop.step("k1", "outcome") == "REJECTED"


def test_sc_06_nobody_confirming_the_payment_within_ten_minutes_declines_it(shop: Shop) -> None:
    execution, _ = check_out(shop, method="secure", approve=None)

    assert execution.error == "PaymentDeclined"
    assert execution.cause == "nobody confirmed the payment in time"
    assert execution.elapsed.total_seconds() == 600
    assert_nothing_happened(shop)


def test_sc_06_a_confirmation_that_is_refused_declines_the_payment(shop: Shop) -> None:
    execution, _ = check_out(shop, method="secure", approve=lambda payload: {"approved": False})

    assert execution.error == "PaymentDeclined"
    assert_nothing_happened(shop)


def test_sc_05_a_confirmation_that_breaks_is_compensated(shop: Shop) -> None:
    def out_of_order(payload: Any) -> Any:
        raise Crash("the bank does not answer")

    execution, _ = check_out(shop, method="secure", approve=out_of_order)

    assert execution.error == "Crash"
    assert_nothing_happened(shop)


def test_a_confirmed_payment_goes_through(shop: Shop) -> None:
    execution, _ = check_out(shop, method="secure")

    assert execution.status == "SUCCEEDED"


@pytest.mark.parametrize(
    "answer",
    [
        *({"approved": word} for word in ("false", "perhaps", 1, 0, None, [True], {})),
        *({}, None, True, "true", [], {"Approved": True}, {"approved": True, "by": "me"}),
    ],
    ids=str,
)
def test_sc_05_what_does_not_say_yes_approves_no_payment(shop: Shop, answer: Any) -> None:
    execution, _ = check_out(shop, method="secure", approve=lambda payload: answer)

    assert execution.status == "FAILED"
    assert shop.money() == Money(let_go=700)
    assert_nothing_happened(shop)


@pytest.mark.parametrize("task", FORWARD)
@pytest.mark.parametrize("fault", ["before timeout", "after timeout", "before crash", "after crash"])
def test_sc_05_w_05_a_task_that_times_out_or_crashes_is_compensated(
    shop: Shop, task: str, fault: str
) -> None:
    execution, _ = check_out(shop, plan=failing(task, fault=fault))

    assert execution.status == "FAILED"
    assert execution.error in ("States.Timeout", "Crash")
    assert_nothing_happened(shop)
    assert shop.step("k1", "outcome") == "REJECTED"


@pytest.mark.parametrize("task", UNDO)
def test_sc_05_an_undo_that_keeps_failing_reaches_the_attention_queue(shop: Shop, task: str) -> None:
    execution, faulty = check_out(shop, method="declined", plan=failing(task))

    assert execution.error == "CompensationFailed"
    assert shop.step("k1", "outcome") == "COMPENSATION_FAILED"
    assert len(shop.attention()) == 1
    assert faulty.calls.count(task) == 9
    assert set(UNDO) - {"void_payment", "refund_payment"} <= set(faulty.calls)


def test_sc_05_every_undo_is_tried_whatever_the_others_and_the_attention_queue_do(shop: Shop) -> None:
    execution, faulty = check_out(shop, method="declined", plan=failing(*UNDO, "call_attention"))

    assert execution.status == "FAILED"
    assert set(UNDO) - {"refund_payment"} <= set(faulty.calls)
    assert "nobody was told" in (execution.cause or "")
    assert shop.step("k1", "outcome") == "REJECTED", (
        "what ends records leaves alone only what somebody was told of"
    )


def test_sc_05_the_attention_queue_is_told_all_that_could_not_be_undone(shop: Shop) -> None:
    check_out(shop, method="declined", plan=failing("cancel_order", "release_stock"))

    [told] = [json.loads(body) for body in shop.attention()]
    assert told == {
        "checkout": "k1",
        "step": "undo",
        "reason": "order: the function died; stock: the function died",
    }


def test_sc_05_nothing_is_undone_where_the_outcome_cannot_be_written_for_another_may_have_succeeded(
    shop: Shop,
) -> None:
    execution, faulty = check_out(shop, method="declined", plan=failing("record_outcome"))

    assert execution.error == "CompensationFailed"
    assert (execution.cause or "").startswith("outcome: ")
    assert not set(UNDO) & set(faulty.calls)


def test_sc_05_an_outcome_that_cannot_be_written_once_somebody_was_told_is_said(shop: Shop) -> None:
    stuck, unwritten = failing("release_stock"), failing("record_outcome")

    execution, _ = check_out(
        shop,
        method="declined",
        plan=lambda name: stuck(name) or (unwritten(name) if shop.attention() else None),
    )

    assert execution.error == "CompensationFailed"
    assert (execution.cause or "").startswith("outcome: ")


@pytest.mark.parametrize("task", [*FORWARD, *UNDO])
def test_what_passes_with_time_is_tried_again(shop: Shop, task: str) -> None:
    method = "declined" if task in UNDO else "card"

    execution, _ = check_out(shop, method=method, plan=failing(task, fault="before unavailable", times=3))

    assert execution.error == ("PaymentDeclined" if task in UNDO else None)


@pytest.mark.parametrize("task", ["clear_cart", "notify_customer"])
def test_a_failure_after_the_order_never_fails_the_order(shop: Shop, task: str) -> None:
    execution, _ = check_out(shop, plan=failing(task))

    assert execution.status == "SUCCEEDED"
    assert len(shop.attention()) == 1


@pytest.mark.parametrize("task", ["clear_cart", "notify_customer", *UNDO])
def test_the_attention_queue_is_tried_longer(shop: Shop, task: str) -> None:
    lasting = failing(task)
    passing = failing("call_attention", fault="before unavailable", times=6)

    check_out(
        shop,
        method="declined" if task in UNDO else "card",
        plan=lambda name: lasting(name) or passing(name),
    )

    assert len(shop.attention()) == 1


@pytest.mark.parametrize("reverse", [False, True])
def test_w_04_checkouts_in_either_order_and_twice_leave_the_same_records(reverse: bool) -> None:
    shop = quick_shop()
    carts = {"k1": CartRef(id="c1"), "k2": CartRef(id="c2")}
    for cart in carts.values():
        add_line(cart, "tea", 2, "r1", NOW, dynamodb=shop.dynamodb)

    for key in sorted([*carts, *carts], reverse=reverse):
        check_out(shop, key=key, cart=carts[key])

    assert shop.stock("tea") == 6
    assert [shop.step(key, step) for key in carts for step in ("payment", "order", "outcome")] == [
        "settled",
        "done",
        "SUCCEEDED",
    ] * 2


def test_sc_04_an_item_added_during_the_checkout_stays(shop: Shop) -> None:
    def add_meanwhile(payload: Any) -> dict[str, bool]:
        add_line(CART, "mug", 1, "r9", NOW, dynamodb=shop.dynamodb)
        return {"approved": True}

    check_out(shop, method="secure", approve=add_meanwhile)

    assert cart_quantities(shop) == {"mug": 1}
