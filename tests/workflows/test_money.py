"""Amounts of money over whole checkouts: held, captured, refunded, ordered. SC-01, SC-02, SC-03, SC-05, W-04."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from stepsmith.service import Execution
from tasks.cart.errors import KeyTaken
from tasks.cart.freezing import freeze_cart
from tasks.cart.lines import add_line, list_lines, migrate_cart
from tasks.cart.models import CartRef, Order
from tasks.errors import Conflict, Throttled
from tests.tasks.cart.shop import CART, CUSTOMER, NOW, Money, Shop, quick_shop
from tests.workflows.checkouts import check_out
from tests.workflows.faults import failing
from tests.workflows.random_checkouts import play

ONE_ORDER = Money(captured=700, ordered=700)
NOTHING = Money()


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    add_line(CART, "tea", 2, "r1", NOW, dynamodb=shop.dynamodb)
    return shop


def run(shop: Shop, **options: Any) -> Execution[Order]:
    return check_out(shop, **options)[0]


def quantities(shop: Shop, cart: CartRef = CART) -> dict[str, int]:
    return {line.product_id: line.quantity for line in list_lines(cart, NOW, dynamodb=shop.dynamodb)}


def test_what_is_ordered_is_what_is_taken(shop: Shop) -> None:
    run(shop)

    assert (shop.money(), shop.stock("tea")) == (ONE_ORDER, 8)


@pytest.mark.parametrize("method", ["card", "declined"])
def test_sc_02_money_held_for_a_confirmation_is_not_taken_by_the_same_key_with_another_method(
    shop: Shop, method: str
) -> None:
    seen: list[Money] = []

    def refuse_after_another(payload: Any) -> dict[str, bool]:
        run(shop, method=method, approve=lambda payload: {"approved": False})
        seen.append(shop.money())
        return {"approved": False}

    execution = run(shop, method="secure", approve=refuse_after_another)

    assert execution.status == "FAILED"
    assert seen[0].captured == 0
    assert (shop.money(), shop.stock("tea")) == (Money(let_go=700), 10)


def test_sc_02_a_declined_method_under_a_key_that_holds_money_declines_nothing(shop: Shop) -> None:
    def approve_after_another(payload: Any) -> dict[str, bool]:
        second = run(shop, method="declined", approve=lambda payload: {"approved": True})
        assert second.status == "SUCCEEDED"
        return {"approved": True}

    run(shop, method="secure", approve=approve_after_another)

    assert shop.money() == ONE_ORDER


@pytest.mark.parametrize("of", ["another cart", "another customer"])
def test_sc_02_a_key_that_was_used_is_not_answered_with_somebody_elses_order(shop: Shop, of: str) -> None:
    other = CartRef(id="c2")
    add_line(other, "mug", 1, "r1", NOW, dynamodb=shop.dynamodb)
    run(shop)

    second = run(shop, cart=other) if of == "another cart" else run(shop, customer="u2")

    assert (second.status, second.error, second.output) == ("FAILED", "KeyTaken", None)
    with pytest.raises(KeyTaken, match="belongs to another checkout; take a new one"):
        second.result()
    assert (shop.money(), shop.step("k1", "outcome")) == (ONE_ORDER, "SUCCEEDED")
    assert quantities(shop, other) == {"mug": 1}


def test_sc_02_a_refused_stranger_disturbs_nothing_of_a_checkout_that_goes_on(shop: Shop) -> None:
    other = CartRef(id="c2")
    add_line(other, "mug", 1, "r1", NOW, dynamodb=shop.dynamodb)

    def approve_after_a_stranger(payload: Any) -> dict[str, bool]:
        assert run(shop, cart=other).error == "KeyTaken"
        assert shop.money() == Money(held=700)
        return {"approved": True}

    execution = run(shop, method="secure", approve=approve_after_a_stranger)

    assert execution.result().total_cents == 700
    assert (shop.money(), quantities(shop, other)) == (ONE_ORDER, {"mug": 1})


def test_sc_02_one_cart_under_two_keys_at_once_is_one_order(shop: Shop) -> None:
    ends: list[str | None] = []

    def approve_after_the_other_key(payload: Any) -> dict[str, bool]:
        ends.append(run(shop, key="k2").error)
        return {"approved": True}

    ends.append(run(shop, method="secure", approve=approve_after_the_other_key).error)

    assert ends == ["Conflict", None]
    assert (shop.money(), shop.stock("tea")) == (ONE_ORDER, 8)
    assert quantities(shop) == {}


@pytest.mark.parametrize("task", ["price_cart", "reserve_stock", "authorise_payment", "create_order"])
def test_a_cart_whose_checkout_was_undone_can_be_checked_out_under_another_key(shop: Shop, task: str) -> None:
    run(shop, plan=failing(task))

    second = run(shop, key="k2")

    assert second.result().total_cents == 700
    assert (shop.money().captured, shop.money().ordered, shop.money().held) == (700, 700, 0)


def test_sc_05_a_rejected_checkout_asked_for_again_is_rejected(shop: Shop) -> None:
    run(shop, method="declined")

    again = run(shop)

    assert (again.error, shop.step("k1", "outcome")) == ("AlreadyRejected", "REJECTED")
    assert "the bank refuses the payment" in (again.cause or "")
    assert (shop.money(), shop.stock("tea")) == (NOTHING, 10)


def test_sc_05_a_checkout_that_is_stuck_is_not_tried_again(shop: Shop) -> None:
    run(shop, method="declined", plan=failing("release_stock"))

    again = run(shop)

    assert (again.error, shop.step("k1", "outcome")) == ("AlreadyRejected", "COMPENSATION_FAILED")
    assert shop.money() == NOTHING


def test_sc_01_money_and_stock_are_conserved_whatever_fails_meddles_or_aborts() -> None:
    """150 of them; `make money` plays 10,000."""
    seen: Counter[str] = Counter()
    for seed in range(150):
        seen.update(play(seed).seen)

    assert min(seen[what] for what in ("abort", "same key", "other key", "other cart", "migrate")) > 5
    assert seen["faults"] > 500
    assert seen["SUCCEEDED"] > 20


class Racing:
    """A DynamoDB client before whose n-th transaction somebody else does something."""

    def __init__(self, shop: Shop, does: Callable[[], object], at: int = 1) -> None:
        self.dynamodb, self.does, self.left = shop.dynamodb, does, at

    def __getattr__(self, name: str) -> Any:
        return getattr(self.dynamodb, name)

    def transact_write_items(self, **arguments: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            self.does()
        return self.dynamodb.transact_write_items(**arguments)


def test_sc_03_a_cart_that_changed_while_it_was_read_is_read_again(shop: Shop) -> None:
    def add() -> None:
        add_line(CART, "mug", 1, "r2", NOW, dynamodb=shop.dynamodb)

    racing = Racing(shop, add)
    execution = check_out(Shop(racing, shop.sqs))[0]

    assert execution.retries("freeze_cart") == 1
    assert execution.result().total_cents == 1600
    assert shop.money() == Money(captured=1600, ordered=1600)


def test_sc_03_a_migration_while_the_cart_is_read_is_noticed_by_the_anonymous_carts_version(
    shop: Shop,
) -> None:
    def migrate() -> None:
        migrate_cart(CART, CUSTOMER, NOW, dynamodb=shop.dynamodb)

    execution = check_out(Shop(Racing(shop, migrate), shop.sqs))[0]

    assert execution.error == "EmptyCart"
    assert (shop.money(), shop.stock("tea")) == (NOTHING, 10)
    assert run(shop, key="k2", cart=CUSTOMER).result().total_cents == 700
    assert shop.money() == ONE_ORDER


def test_sc_03_a_cart_that_is_being_checked_out_does_not_migrate(shop: Shop) -> None:
    def approve_after_a_migration(payload: Any) -> dict[str, bool]:
        with pytest.raises(Conflict, match="is being checked out"):
            migrate_cart(CART, CUSTOMER, NOW, dynamodb=shop.dynamodb)
        assert run(shop, key="k2", cart=CUSTOMER).error == "EmptyCart"
        return {"approved": True}

    run(shop, method="secure", approve=approve_after_a_migration)

    assert migrate_cart(CART, CUSTOMER, NOW, dynamodb=shop.dynamodb) == []
    assert (shop.money(), shop.stock("tea")) == (ONE_ORDER, 8)


def test_sc_03_a_cart_that_is_frozen_while_it_migrates_keeps_its_lines(shop: Shop) -> None:
    def freeze() -> None:
        freeze_cart(CART, "k1", NOW, dynamodb=shop.dynamodb)

    racing: Any = Racing(shop, freeze)
    with pytest.raises(Throttled):
        migrate_cart(CART, CUSTOMER, NOW, dynamodb=racing)

    assert (quantities(shop), quantities(shop, CUSTOMER)) == ({"tea": 2}, {})


def test_sc_02_of_two_checkouts_that_freeze_one_cart_at_the_same_moment_one_does(shop: Shop) -> None:
    racing: Any = Racing(shop, lambda: freeze_cart(CART, "k2", NOW, dynamodb=shop.dynamodb))

    with pytest.raises(Throttled):
        freeze_cart(CART, "k1", NOW, dynamodb=racing)
    with pytest.raises(Conflict, match="another checkout of this cart"):
        freeze_cart(CART, "k1", NOW, dynamodb=shop.dynamodb)
    assert shop.step("k1", "cart") is None


def test_a_freeze_that_nobody_ended_is_over_when_the_cart_has_expired(shop: Shop) -> None:
    freeze_cart(CART, "k1", NOW, dynamodb=shop.dynamodb)
    later = NOW + CART.life
    add_line(CART, "tea", 1, "r2", later, dynamodb=shop.dynamodb)

    assert freeze_cart(CART, "k2", later, dynamodb=shop.dynamodb).total_cents == 350
