"""The operations on a cart. SC-03 and SC-07."""

from datetime import timedelta
from typing import Any

import pytest

from stepsmith import InvalidInput
from tasks import errors
from tasks.cart.lines import add_line, cart_total, list_lines, migrate_cart, remove_line, set_line
from tasks.cart.models import MOST_LINES, CartRef, Line
from tasks.errors import Conflict, NotFound, Throttled, TooLarge
from tests.tasks.cart.shop import CART, CUSTOMER, NOW, Shop


def add(shop: Shop, product: str, quantity: int, request: str, **options: Any) -> Line:
    return add_line(
        options.get("cart", CART), product, quantity, request, options.get("now", NOW), dynamodb=shop.dynamodb
    )


def quantities(shop: Shop, cart: Any = CART) -> dict[str, int]:
    return {line.product_id: line.quantity for line in list_lines(cart, NOW, dynamodb=shop.dynamodb)}


def test_adding_twice_sums_the_quantities(shop: Shop) -> None:
    add(shop, "tea", 2, "r1")
    line = add(shop, "tea", 3, "r2")

    assert line == Line(product_id="tea", quantity=5, price_cents=350)
    assert quantities(shop) == {"tea": 5}


def test_the_same_request_twice_adds_once(shop: Shop) -> None:
    add(shop, "tea", 2, "r1")
    again = add(shop, "tea", 2, "r1")

    assert again.quantity == 2
    assert quantities(shop) == {"tea": 2}


def test_a_request_that_comes_again_after_its_line_was_removed_adds_nothing(shop: Shop) -> None:
    add(shop, "tea", 2, "r1")
    remove_line(CART, "tea", NOW, dynamodb=shop.dynamodb)

    with pytest.raises(Conflict, match="was removed since"):
        add(shop, "tea", 2, "r1")

    assert quantities(shop) == {}


def test_a_request_is_forgotten_with_the_cart_it_was_for(shop: Shop) -> None:
    add(shop, "tea", 2, "r1")

    add(shop, "tea", 3, "r1", now=NOW + timedelta(days=2))

    later = list_lines(CART, NOW + timedelta(days=2), dynamodb=shop.dynamodb)
    assert [(line.product_id, line.quantity) for line in later] == [("tea", 3)]


def test_the_price_is_noted_when_the_line_is_added(shop: Shop) -> None:
    add(shop, "tea", 1, "r1")
    shop.put_product("tea", price=400, stock=10)

    assert list_lines(CART, NOW, dynamodb=shop.dynamodb)[0].price_cents == 350


def test_setting_replaces_the_quantity(shop: Shop) -> None:
    add(shop, "tea", 2, "r1")
    set_line(CART, "tea", 7, NOW, dynamodb=shop.dynamodb)

    assert quantities(shop) == {"tea": 7}


def test_a_removed_line_is_gone_and_removing_again_is_no_error(shop: Shop) -> None:
    add(shop, "tea", 2, "r1")
    remove_line(CART, "tea", NOW, dynamodb=shop.dynamodb)
    remove_line(CART, "tea", NOW, dynamodb=shop.dynamodb)

    assert quantities(shop) == {}


def test_the_total_is_in_cents(shop: Shop) -> None:
    add(shop, "tea", 2, "r1")
    add(shop, "mug", 1, "r2")

    assert cart_total(CART, NOW, dynamodb=shop.dynamodb) == 1600


def test_an_unknown_product_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound, match="no product sofa"):
        add(shop, "sofa", 1, "r1")


def test_more_than_999_of_one_product_are_too_many(shop: Shop) -> None:
    add(shop, "tea", 999, "r1")

    with pytest.raises(TooLarge):
        add(shop, "tea", 1, "r2")
    assert quantities(shop) == {"tea": 999}


@pytest.mark.slow
def test_a_cart_holds_a_bounded_number_of_products(shop: Shop) -> None:
    for number in range(MOST_LINES):
        shop.put_product(f"p{number}", price=1, stock=1)
        add(shop, f"p{number}", 1, f"r{number}")

    with pytest.raises(TooLarge):
        add(shop, "tea", 1, "r")
    with pytest.raises(TooLarge):
        set_line(CART, "tea", 1, NOW, dynamodb=shop.dynamodb)


def test_an_anonymous_cart_lives_a_day_and_a_customers_a_week(shop: Shop) -> None:
    add(shop, "tea", 1, "r1")
    add(shop, "tea", 1, "r2", cart=CUSTOMER)

    after_a_day = NOW + timedelta(days=1, seconds=1)
    assert list_lines(CART, after_a_day, dynamodb=shop.dynamodb) == []
    assert len(list_lines(CUSTOMER, after_a_day, dynamodb=shop.dynamodb)) == 1
    assert list_lines(CUSTOMER, NOW + timedelta(days=7, seconds=1), dynamodb=shop.dynamodb) == []


def test_adding_to_an_expired_line_starts_anew(shop: Shop) -> None:
    add(shop, "tea", 5, "r1")
    later = NOW + timedelta(days=2)

    assert add(shop, "tea", 1, "r2", now=later).quantity == 1


@pytest.mark.parametrize("times", [1, 2, 5])
def test_sc_03_migrating_again_changes_nothing(shop: Shop, times: int) -> None:
    add(shop, "tea", 2, "r1")
    add(shop, "mug", 1, "r2")
    add(shop, "tea", 3, "r3", cart=CUSTOMER)

    for _ in range(times):
        migrate_cart(CART, CUSTOMER, NOW, dynamodb=shop.dynamodb)

    assert quantities(shop, CUSTOMER) == {"tea": 5, "mug": 1}
    assert quantities(shop) == {}


def test_sc_03_migrating_cuts_what_would_be_more_than_999_of_one_product(shop: Shop) -> None:
    add(shop, "tea", 900, "r1")
    add(shop, "tea", 100, "r2", cart=CUSTOMER)

    migrate_cart(CART, CUSTOMER, NOW, dynamodb=shop.dynamodb)

    assert quantities(shop, CUSTOMER) == {"tea": 999}
    assert quantities(shop) == {}


@pytest.mark.parametrize(("source", "target"), [(CART, CART), (CUSTOMER, CUSTOMER), (CUSTOMER, CART)])
def test_sc_03_lines_move_from_an_anonymous_cart_into_a_customers_and_nowhere_else(
    shop: Shop, source: CartRef, target: CartRef
) -> None:
    add(shop, "tea", 2, "r1", cart=source)

    with pytest.raises(errors.InvalidInput, match="from an anonymous cart into a customer's"):
        migrate_cart(source, target, NOW, dynamodb=shop.dynamodb)
    assert quantities(shop, source) == {"tea": 2}


class Interrupted(Exception):
    """The process died."""


class Dying:
    """A DynamoDB client whose process dies before or after its n-th transaction."""

    def __init__(self, dynamodb: Any, *, at: int, after: bool) -> None:
        self.dynamodb, self.left, self.after = dynamodb, at, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self.dynamodb, name)

    def transact_write_items(self, **arguments: Any) -> Any:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Interrupted
        answer = self.dynamodb.transact_write_items(**arguments)
        if self.left == 0:
            raise Interrupted
        return answer


@pytest.mark.slow
def test_migrating_leaves_what_would_be_too_many_products_where_it_is(shop: Shop) -> None:
    for index in range(MOST_LINES - 1):
        shop.put_product(f"p{index}", price=1, stock=1)
        add_line(CUSTOMER, f"p{index}", 1, f"r{index}", NOW, dynamodb=shop.dynamodb)
    add(shop, "mug", 1, "r1")
    add(shop, "p0", 1, "r2")
    add(shop, "tea", 1, "r3")

    for _ in range(2):
        moved = migrate_cart(CART, CUSTOMER, NOW, dynamodb=shop.dynamodb)

    assert len(moved) == MOST_LINES
    assert quantities(shop, CUSTOMER)["p0"] == 2
    assert quantities(shop) == {"tea": 1}


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("after", [False, True])
def test_sc_03_migrating_survives_an_interruption_anywhere(shop: Shop, at: int, after: bool) -> None:
    add(shop, "tea", 2, "r1")
    add(shop, "mug", 1, "r2")
    add(shop, "tea", 3, "r3", cart=CUSTOMER)

    with pytest.raises(Interrupted):
        migrate_cart(CART, CUSTOMER, NOW, dynamodb=Dying(shop.dynamodb, at=at, after=after))
    migrate_cart(CART, CUSTOMER, NOW, dynamodb=shop.dynamodb)

    assert quantities(shop, CUSTOMER) == {"tea": 5, "mug": 1}


def test_a_line_that_changes_while_it_is_written_is_read_again_later(shop: Shop) -> None:
    add(shop, "tea", 2, "r1")

    class Racing(Dying):
        def transact_write_items(self, **arguments: Any) -> Any:
            set_line(CART, "tea", 9, NOW, dynamodb=self.dynamodb)
            return self.dynamodb.transact_write_items(**arguments)

    with pytest.raises(Throttled):
        add_line(CART, "tea", 1, "r2", NOW, dynamodb=Racing(shop.dynamodb, at=0, after=False))
    assert quantities(shop) == {"tea": 9}


@pytest.mark.parametrize("quantity", [0, -1, 1.5, 1_000_000_000, "3", None, True])
def test_sc_07_a_bad_quantity_is_refused_by_name(shop: Shop, quantity: Any) -> None:
    payload = {
        "cart": {"id": "c1"},
        "product_id": "tea",
        "quantity": quantity,
        "request_id": "r1",
        "now": NOW.isoformat(),
    }

    with pytest.raises(InvalidInput, match="quantity"):
        add_line.handle(payload, dynamodb=shop.dynamodb)
    assert quantities(shop) == {}


@pytest.mark.parametrize("payload", [{}, None, [], "x", {"cart": {"id": "c1"}}, {"cart": {"id": ""}}])
def test_sc_07_a_malformed_or_empty_body_is_refused(shop: Shop, payload: Any) -> None:
    with pytest.raises(InvalidInput):
        add_line.handle(payload, dynamodb=shop.dynamodb)
