"""Carts and checkouts that change between two calls, are read in pages, or cannot be reached; in memory."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith import TaskToken
from tasks.cart.ending import find_unfinished
from tasks.cart.errors import KeyTaken
from tasks.cart.freezing import clear_cart, freeze_cart, unfreeze_cart
from tasks.cart.lines import add_line, cart_version, list_lines, product_price, remove_line, set_line
from tasks.cart.models import Authorisation, AuthorisationStatus, CartRef, Checkout, CheckoutStatus, Line
from tasks.cart.orders import notify_customer, open_checkout, record_outcome
from tasks.cart.payments import confirm_payment
from tasks.cart.steps import StepStatus, bar_step, move_step, note_once, read_step
from tasks.cart.tables import CHECKOUTS
from tasks.errors import Conflict, Throttled, TooLarge
from tests.tasks.cart.shop import CART, NOW, Shop, quick_shop
from tests.tasks.ended_executions import ended

CHECKOUT = Checkout(cart=CART, customer_id="u1", payment_method="card", idempotency_key="k1")


@pytest.fixture
def shop() -> Shop:
    return quick_shop()


def freeze(shop: Shop, product: str = "tea", quantity: int = 4) -> None:
    add_line(CART, product, quantity, "r1", NOW, dynamodb=shop.dynamodb)
    freeze_cart(CART, "k1", NOW, dynamodb=shop.dynamodb)


def lines(shop: Shop) -> list[Line]:
    return list_lines(CART, NOW, dynamodb=shop.dynamodb)


class Throttling:
    """A client whose every call is throttled."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**_: Any) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": name}}, name)

        return call


class Through:
    """A client that hands everything on."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb

    def __getattr__(self, name: str) -> Any:
        return getattr(self.dynamodb, name)


@pytest.mark.parametrize(
    "call",
    [
        lambda client: product_price("tea", dynamodb=client),
        lambda client: list_lines(CART, NOW, dynamodb=client),
        lambda client: cart_version(CART, dynamodb=client),
        lambda client: read_step("k1", "cart", dynamodb=client),
        lambda client: note_once("k1", "cart", {}, dynamodb=client),
        lambda client: record_outcome("k1", CheckoutStatus.REJECTED, "", dynamodb=client),
        lambda client: notify_customer("u1", "k1", "SUCCEEDED", sqs=client),
        lambda client: confirm_payment.function(
            TaskToken("t"),
            Authorisation(id="a", amount_cents=1, status=AuthorisationStatus.NEEDS_CONFIRMATION),
            sqs=client,
        ),
    ],
)
def test_what_is_throttled_is_named_so_that_it_is_tried_again(call: Callable[[Any], object]) -> None:
    with pytest.raises(Throttled):
        call(Throttling())


def test_a_cart_that_comes_in_pages_is_read_to_the_end(shop: Shop) -> None:
    add_line(CART, "tea", 2, "r1", NOW, dynamodb=shop.dynamodb)
    add_line(CART, "mug", 1, "r2", NOW, dynamodb=shop.dynamodb)

    class Paging(Through):
        def query(self, *, ExclusiveStartKey: int = 0, **asked: Any) -> dict[str, Any]:
            items = self.dynamodb.query(**asked)["Items"]
            page = {"Items": items[ExclusiveStartKey : ExclusiveStartKey + 1]}
            is_last = ExclusiveStartKey + 1 >= len(items)
            return page if is_last else {**page, "LastEvaluatedKey": ExclusiveStartKey + 1}

    found = list_lines(CART, NOW, dynamodb=Paging(shop.dynamodb))  # type: ignore[arg-type]  # it stands in for one

    assert [line.product_id for line in found] == ["mug", "tea"]


def test_a_cart_holds_forty_products_of_which_each_can_still_be_set(shop: Shop) -> None:
    for index in range(40):
        shop.put_product(f"p{index}", price=1, stock=1)
        set_line(CART, f"p{index}", 1, NOW, dynamodb=shop.dynamodb)

    with pytest.raises(TooLarge):
        set_line(CART, "tea", 1, NOW, dynamodb=shop.dynamodb)
    assert set_line(CART, "p0", 3, NOW, dynamodb=shop.dynamodb) == Line(
        product_id="p0", quantity=3, price_cents=1
    )


def test_a_request_is_forgotten_at_the_instant_that_its_cart_expires(shop: Shop) -> None:
    add_line(CART, "tea", 2, "r1", NOW, dynamodb=shop.dynamodb)

    again = add_line(CART, "tea", 3, "r1", NOW + CART.life, dynamodb=shop.dynamodb)

    assert again.quantity == 3


def test_a_cart_that_never_was_has_seen_no_change(shop: Shop) -> None:
    assert cart_version(CartRef(id="nobodys"), dynamodb=shop.dynamodb) == 0


def test_unfreezing_twice_or_clearing_where_nothing_was_frozen_does_nothing(shop: Shop) -> None:
    clear_cart("k1", dynamodb=shop.dynamodb)
    for _ in range(2):
        unfreeze_cart("k1", dynamodb=shop.dynamodb)
    clear_cart("k1", dynamodb=shop.dynamodb)

    assert shop.step("k1", "cart") == "undone"


def test_a_bought_line_that_was_removed_meanwhile_is_no_hindrance(shop: Shop) -> None:
    freeze(shop)
    remove_line(CART, "tea", NOW, dynamodb=shop.dynamodb)

    clear_cart("k1", dynamodb=shop.dynamodb)

    assert (shop.step("k1", "cart"), lines(shop)) == ("settled", [])


def test_a_single_piece_that_was_bought_is_cleared(shop: Shop) -> None:
    freeze(shop, "mug", 1)

    clear_cart("k1", dynamodb=shop.dynamodb)

    assert lines(shop) == []


def test_a_cart_that_changes_while_it_is_cleared_is_cleared_in_another_attempt(shop: Shop) -> None:
    freeze(shop)

    class Racing(Through):
        def transact_write_items(self, **asked: Any) -> None:
            set_line(CART, "tea", 9, NOW, dynamodb=self.dynamodb)
            self.dynamodb.transact_write_items(**asked)

    with pytest.raises(Throttled, match="the cart changed while it was cleared"):
        clear_cart("k1", dynamodb=Racing(shop.dynamodb))  # type: ignore[arg-type]  # it stands in for one
    clear_cart("k1", dynamodb=shop.dynamodb)

    assert [line.quantity for line in lines(shop)] == [5]


def test_a_checkout_that_has_succeeded_without_an_order_says_so(shop: Shop) -> None:
    record_outcome("k1", CheckoutStatus.SUCCEEDED, "", dynamodb=shop.dynamodb)

    with pytest.raises(Conflict, match="its order is gone"):
        open_checkout(CHECKOUT, dynamodb=shop.dynamodb)


def test_a_key_that_an_earlier_version_has_given_away_stays_given_away(shop: Shop) -> None:
    owner = {"pk": {"S": "k1"}, "sk": {"S": "key"}, "cart": {"S": CART.key}, "customer": {"S": "u2"}}
    shop.dynamodb.put_item(TableName=CHECKOUTS, Item=owner)

    with pytest.raises(KeyTaken):
        open_checkout(CHECKOUT, dynamodb=shop.dynamodb)


def test_what_is_noted_of_an_end_is_cut_to_a_readable_length(shop: Shop) -> None:
    given = {"checkout": CHECKOUT.model_dump()}

    found = find_unfinished(ended("FAILED", given, error="E", cause="x" * 5000), dynamodb=shop.dynamodb)
    record_outcome("k1", CheckoutStatus.REJECTED, "x" * 5000, dynamodb=shop.dynamodb)
    outcome = read_step("k1", "outcome", dynamodb=shop.dynamodb) or {}

    assert found is not None
    assert (found.cause, outcome["reason"]["S"]) == ("x" * 1000, "x" * 1000)


def test_a_step_says_whether_it_was_noted_barred_or_moved(shop: Shop) -> None:
    def move() -> bool:
        return move_step(
            "k1", "a", [], before=StepStatus.DONE, after=StepStatus.SETTLED, dynamodb=shop.dynamodb
        )

    def note() -> bool:
        return note_once("k1", "a", {"status": {"S": StepStatus.DONE}}, dynamodb=shop.dynamodb)

    assert [bar_step("k2", "a", dynamodb=shop.dynamodb) for _ in range(2)] == [True, False]
    assert [note() for _ in range(2)] == [True, False]
    assert [move() for _ in range(2)] == [True, False]
