"""The steps of a checkout one by one: done once, undone once, never done after they were undone. SC-02, SC-04."""

import json
from collections.abc import Callable

import pytest

from stepsmith import TaskToken
from tasks.cart.ending import find_unfinished
from tasks.cart.errors import EmptyCart, KeyTaken, OutOfStock, PaymentDeclined, PriceChanged
from tasks.cart.freezing import clear_cart, freeze_cart, price_cart, unfreeze_cart
from tasks.cart.lines import add_line, frozen_by, list_lines
from tasks.cart.models import Authorisation, AuthorisationStatus, Checkout, CheckoutStatus, FrozenCart, Line
from tasks.cart.orders import (
    call_attention,
    cancel_order,
    create_order,
    notify_customer,
    open_checkout,
    record_outcome,
)
from tasks.cart.payments import (
    authorise_payment,
    capture_payment,
    confirm_payment,
    refund_payment,
    void_payment,
)
from tasks.cart.stock import release_stock, reserve_stock
from tasks.errors import Conflict
from tests.tasks.cart.shop import CART, CUSTOMER, NOW, Money, Shop
from tests.tasks.ended_executions import ended

CHECKOUT = Checkout(cart=CART, customer_id="u1", payment_method="card", idempotency_key="k1")
TEA = Line(product_id="tea", quantity=4, price_cents=350)
MUG = Line(product_id="mug", quantity=1, price_cents=900)


def frozen_tea(shop: Shop, quantity: int = 4) -> FrozenCart:
    add_line(CART, "tea", quantity, "r1", NOW, dynamodb=shop.dynamodb)
    return freeze_cart(CART, "k1", NOW, dynamodb=shop.dynamodb)


def test_freezing_notes_the_lines_and_the_total(shop: Shop) -> None:
    frozen = frozen_tea(shop)

    assert frozen == FrozenCart(lines=[TEA], total_cents=1400)


def test_freezing_again_gives_the_lines_of_the_first_time(shop: Shop) -> None:
    first = frozen_tea(shop)
    add_line(CART, "mug", 1, "r2", NOW, dynamodb=shop.dynamodb)

    assert freeze_cart(CART, "k1", NOW, dynamodb=shop.dynamodb) == first


def test_an_empty_cart_cannot_be_checked_out(shop: Shop) -> None:
    with pytest.raises(EmptyCart):
        freeze_cart(CART, "k1", NOW, dynamodb=shop.dynamodb)


def test_sc_04_what_is_added_during_the_checkout_stays_in_the_cart(shop: Shop) -> None:
    frozen_tea(shop)
    add_line(CART, "tea", 2, "r2", NOW, dynamodb=shop.dynamodb)
    add_line(CART, "mug", 1, "r3", NOW, dynamodb=shop.dynamodb)

    clear_cart("k1", dynamodb=shop.dynamodb)
    clear_cart("k1", dynamodb=shop.dynamodb)

    left = {line.product_id: line.quantity for line in list_lines(CART, NOW, dynamodb=shop.dynamodb)}
    assert left == {"tea": 2, "mug": 1}


@pytest.mark.parametrize("today", [400, 300])
def test_sc_06_a_changed_price_is_told_with_both_amounts(shop: Shop, today: int) -> None:
    frozen = frozen_tea(shop)
    shop.put_product("tea", price=today, stock=10)

    with pytest.raises(PriceChanged, match=f"tea costs {today} cents, not 350"):
        price_cart(frozen, dynamodb=shop.dynamodb)


def test_all_lines_are_reserved_or_none(shop: Shop) -> None:
    greedy = MUG.model_copy(update={"quantity": 2})

    with pytest.raises(OutOfStock, match="not enough of mug"):
        reserve_stock([TEA, greedy], "k1", dynamodb=shop.dynamodb)
    assert shop.stock("tea") == 10


def test_reserving_again_takes_nothing_more(shop: Shop) -> None:
    reserve_stock([TEA], "k1", dynamodb=shop.dynamodb)
    reserve_stock([TEA], "k1", dynamodb=shop.dynamodb)

    assert shop.stock("tea") == 6


def test_sc_02_two_carts_racing_for_the_last_item_get_it_once(shop: Shop) -> None:
    reserve_stock([MUG], "k1", dynamodb=shop.dynamodb)

    with pytest.raises(OutOfStock):
        reserve_stock([MUG], "k2", dynamodb=shop.dynamodb)
    assert shop.stock("mug") == 0


def test_released_stock_comes_back_once(shop: Shop) -> None:
    reserve_stock([TEA], "k1", dynamodb=shop.dynamodb)
    release_stock("k1", dynamodb=shop.dynamodb)
    release_stock("k1", dynamodb=shop.dynamodb)

    assert shop.stock("tea") == 10


def test_a_declined_payment_holds_no_money(shop: Shop) -> None:
    with pytest.raises(PaymentDeclined):
        authorise_payment("declined", 100, "k1", dynamodb=shop.dynamodb)
    assert shop.step("k1", "payment") is None


def test_a_bank_may_want_to_be_asked_once_more(shop: Shop) -> None:
    held = authorise_payment("secure", 100, "k1", dynamodb=shop.dynamodb)

    assert held.status is AuthorisationStatus.NEEDS_CONFIRMATION


def test_held_money_is_taken_once_and_given_back_once(shop: Shop) -> None:
    authorise_payment("card", 100, "k1", dynamodb=shop.dynamodb)
    capture_payment("k1", False, dynamodb=shop.dynamodb)
    capture_payment("k1", False, dynamodb=shop.dynamodb)
    assert shop.step("k1", "payment") == "settled"

    refund_payment("k1", dynamodb=shop.dynamodb)
    refund_payment("k1", dynamodb=shop.dynamodb)
    assert shop.step("k1", "payment") == "undone"


def test_the_ledger_keeps_what_was_held_taken_and_given_back(shop: Shop) -> None:
    authorise_payment("card", 100, "k1", dynamodb=shop.dynamodb)
    held = shop.money()
    capture_payment("k1", False, dynamodb=shop.dynamodb)
    taken = shop.money()
    refund_payment("k1", dynamodb=shop.dynamodb)

    assert (held, taken) == (Money(held=100), Money(captured=100))
    assert shop.money() == Money(captured=100, refunded=100)


def test_the_ledger_says_what_an_authorisation_is_and_not_whoever_asks_again(shop: Shop) -> None:
    first = authorise_payment("secure", 100, "k1", dynamodb=shop.dynamodb)

    for method in ("card", "declined"):
        assert authorise_payment(method, 999, "k1", dynamodb=shop.dynamodb) == first
    assert first.status is AuthorisationStatus.NEEDS_CONFIRMATION


def test_money_that_waits_for_the_bank_is_not_taken_without_its_answer(shop: Shop) -> None:
    authorise_payment("secure", 100, "k1", dynamodb=shop.dynamodb)

    with pytest.raises(Conflict, match="has not confirmed"):
        capture_payment("k1", False, dynamodb=shop.dynamodb)
    assert shop.money() == Money(held=100)
    capture_payment("k1", True, dynamodb=shop.dynamodb)
    assert shop.money() == Money(captured=100)


def test_a_frozen_cart_is_frozen_for_no_other_checkout_until_it_is_free_again(shop: Shop) -> None:
    frozen = frozen_tea(shop)

    with pytest.raises(Conflict, match="another checkout of this cart has not ended"):
        freeze_cart(CART, "k2", NOW, dynamodb=shop.dynamodb)
    unfreeze_cart("k1", dynamodb=shop.dynamodb)
    unfreeze_cart("k1", dynamodb=shop.dynamodb)
    assert freeze_cart(CART, "k2", NOW, dynamodb=shop.dynamodb) == frozen


def test_an_undo_that_comes_late_frees_no_cart_that_another_checkout_has_frozen(shop: Shop) -> None:
    frozen_tea(shop)
    later = NOW + CART.life
    add_line(CART, "mug", 1, "r2", later, dynamodb=shop.dynamodb)
    freeze_cart(CART, "k2", later, dynamodb=shop.dynamodb)

    unfreeze_cart("k1", dynamodb=shop.dynamodb)

    assert (shop.step("k1", "cart"), frozen_by(CART, later, dynamodb=shop.dynamodb)) == ("undone", "k2")


def test_a_cart_that_was_cleared_is_free(shop: Shop) -> None:
    frozen_tea(shop)

    clear_cart("k1", dynamodb=shop.dynamodb)

    assert frozen_by(CART, NOW, dynamodb=shop.dynamodb) is None


@pytest.mark.parametrize("change", [{"cart": CUSTOMER}, {"customer_id": "u2"}])
def test_sc_02_a_key_belongs_to_one_customer_and_one_cart(shop: Shop, change: dict[str, object]) -> None:
    open_checkout(CHECKOUT, dynamodb=shop.dynamodb)
    open_checkout(CHECKOUT.model_copy(update={"payment_method": "secure"}), dynamodb=shop.dynamodb)

    with pytest.raises(KeyTaken):
        open_checkout(CHECKOUT.model_copy(update=change), dynamodb=shop.dynamodb)


def test_money_that_was_let_go_cannot_be_taken(shop: Shop) -> None:
    authorise_payment("card", 100, "k1", dynamodb=shop.dynamodb)
    void_payment("k1", dynamodb=shop.dynamodb)

    with pytest.raises(Conflict):
        capture_payment("k1", False, dynamodb=shop.dynamodb)


def test_captured_money_is_not_voided(shop: Shop) -> None:
    authorise_payment("card", 100, "k1", dynamodb=shop.dynamodb)
    capture_payment("k1", False, dynamodb=shop.dynamodb)
    void_payment("k1", dynamodb=shop.dynamodb)

    assert shop.step("k1", "payment") == "settled"


@pytest.mark.parametrize(
    ("undo", "late"),
    [
        (
            lambda shop: release_stock("k1", dynamodb=shop.dynamodb),
            lambda shop: reserve_stock([TEA], "k1", dynamodb=shop.dynamodb),
        ),
        (
            lambda shop: void_payment("k1", dynamodb=shop.dynamodb),
            lambda shop: authorise_payment("card", 100, "k1", dynamodb=shop.dynamodb),
        ),
        (
            lambda shop: cancel_order("k1", dynamodb=shop.dynamodb),
            lambda shop: create_order(
                "u1", FrozenCart(lines=[TEA], total_cents=1), "k1", dynamodb=shop.dynamodb
            ),
        ),
        (
            lambda shop: unfreeze_cart("k1", dynamodb=shop.dynamodb),
            lambda shop: frozen_tea(shop),
        ),
    ],
    ids=["stock", "payment", "order", "cart"],
)
def test_a_step_that_wakes_up_after_its_undo_is_refused(
    shop: Shop, undo: Callable[[Shop], None], late: Callable[[Shop], object]
) -> None:
    undo(shop)

    with pytest.raises(Conflict):
        late(shop)


def test_an_order_is_written_once(shop: Shop) -> None:
    frozen = FrozenCart(lines=[TEA], total_cents=1400)

    first = create_order("u1", frozen, "k1", dynamodb=shop.dynamodb)
    second = create_order("u1", frozen, "k1", dynamodb=shop.dynamodb)

    assert first == second
    assert shop.step("k1", "order") == "done"


def test_a_cancelled_order_stays_cancelled(shop: Shop) -> None:
    create_order("u1", FrozenCart(lines=[TEA], total_cents=1400), "k1", dynamodb=shop.dynamodb)
    cancel_order("k1", dynamodb=shop.dynamodb)
    cancel_order("k1", dynamodb=shop.dynamodb)

    assert shop.step("k1", "order") == "undone"


def test_the_first_outcome_stands_but_what_was_rejected_may_turn_out_to_be_stuck(shop: Shop) -> None:
    rejected, stuck, succeeded = (
        CheckoutStatus.REJECTED,
        CheckoutStatus.COMPENSATION_FAILED,
        CheckoutStatus.SUCCEEDED,
    )

    ends = [
        record_outcome(key, status, "why", dynamodb=shop.dynamodb)
        for key, status in (
            ("k1", rejected),
            ("k1", succeeded),
            ("k1", stuck),
            ("k1", rejected),
            ("k2", succeeded),
            ("k2", stuck),
        )
    ]

    assert ends == [rejected, rejected, stuck, stuck, succeeded, succeeded]
    assert (shop.step("k1", "outcome"), shop.step("k2", "outcome")) == (stuck, succeeded)


def test_the_order_of_a_checkout_is_found_once_it_has_succeeded(shop: Shop) -> None:
    order = create_order("u1", FrozenCart(lines=[TEA], total_cents=1400), "k1", dynamodb=shop.dynamodb)

    assert open_checkout(CHECKOUT, dynamodb=shop.dynamodb) is None
    record_outcome("k1", CheckoutStatus.SUCCEEDED, "", dynamodb=shop.dynamodb)
    assert open_checkout(CHECKOUT, dynamodb=shop.dynamodb) == order


def test_a_notice_and_a_call_for_attention_carry_no_more_than_identifiers(shop: Shop) -> None:
    notify_customer("u1", "k1", "SUCCEEDED", sqs=shop.sqs)
    call_attention("k1", "stock", "x" * 5000, sqs=shop.sqs)

    assert json.loads(shop.notices()[0]) == {"customer_id": "u1", "checkout": "k1", "status": "SUCCEEDED"}
    assert len(json.loads(shop.attention()[0])["reason"]) == 1000


def test_the_customer_is_sent_to_the_bank_with_the_token_of_the_answer(shop: Shop) -> None:
    held = Authorisation(id="auth-k1", amount_cents=1400, status=AuthorisationStatus.NEEDS_CONFIRMATION)

    confirm_payment.function(TaskToken("t1"), held, sqs=shop.sqs)

    assert shop.notices() == ["confirm auth-k1"]


def test_an_aborted_checkout_is_left_open_until_its_outcome_and_its_steps_are_settled(shop: Shop) -> None:
    detail = ended("ABORTED", {"checkout": CHECKOUT.model_dump()})

    found = find_unfinished(detail, dynamodb=shop.dynamodb)

    assert found is not None
    assert (found.idempotency_key, found.customer_id, found.cause) == ("k1", "u1", "the execution aborted")
    frozen_tea(shop)
    record_outcome("k1", CheckoutStatus.SUCCEEDED, "", dynamodb=shop.dynamodb)
    assert find_unfinished(detail, dynamodb=shop.dynamodb) is not None  # the cart has still to be cleared


def test_nothing_is_left_of_a_checkout_that_never_began_or_whose_key_is_another_customers(shop: Shop) -> None:
    open_checkout(CHECKOUT, dynamodb=shop.dynamodb)
    other = CHECKOUT.model_copy(update={"customer_id": "u2"})

    assert find_unfinished(ended("ABORTED", {"checkout": other.model_dump()}), dynamodb=shop.dynamodb) is None
    assert find_unfinished(ended("ABORTED", {"checkout": {}}), dynamodb=shop.dynamodb) is None
    given = {"checkout": CHECKOUT.model_dump()}
    assert find_unfinished(ended("SUCCEEDED", given), dynamodb=shop.dynamodb) is None
