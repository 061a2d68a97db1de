"""The cart as it is called over HTTP, in a local cloud."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from stepsmith.cloud.local import LocalCloud
from tasks.cart.tables import PRODUCTS
from tasks.cart.web import add_to_cart, bring_cart, remove_from_cart, set_in_cart, show_cart

FUNCTIONS = [show_cart, add_to_cart, set_in_cart, remove_from_cart, bring_cart]


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(functions=FUNCTIONS) as cloud:
        for product, cents in (("tea", 450), ("mug", 900)):
            item = {"pk": {"S": product}, "price_cents": {"N": str(cents)}, "stock": {"N": "9"}}
            cloud.client("dynamodb").put_item(TableName=PRODUCTS, Item=item)
        yield cloud


def add(cloud: LocalCloud, cart: str, product: str, quantity: object, request: str = "r1") -> Any:
    body = {"product_id": product, "quantity": quantity, "request_id": request}
    return cloud.http("POST", f"/carts/{cart}/lines", body)


def test_what_is_added_once_is_in_the_cart_once(cloud: LocalCloud) -> None:
    first, again = (add(cloud, "anonymous/c1", "tea", 2) for _ in range(2))
    more = add(cloud, "anonymous/c1", "tea", 1, "r2")

    line = {"product_id": "tea", "quantity": 2, "price_cents": 450}
    assert (first.status, first.json(), again.json()) == (200, line, line)
    assert more.json()["quantity"] == 3
    shown = cloud.http("GET", "/carts/anonymous/c1").json()
    assert shown == {"lines": [{**line, "quantity": 3}], "total_cents": 1350}


def test_a_line_is_set_and_removed(cloud: LocalCloud) -> None:
    add(cloud, "customer/u1", "tea", 2)

    changed = cloud.http("PUT", "/carts/customer/u1/lines/tea", {"quantity": 7})
    gone = cloud.http("DELETE", "/carts/customer/u1/lines/tea")

    assert changed.json()["quantity"] == 7
    assert gone.status == 204
    assert cloud.http("GET", "/carts/customer/u1").json() == {"lines": [], "total_cents": 0}


def test_a_cart_comes_along_when_its_customer_signs_in_and_nothing_twice(cloud: LocalCloud) -> None:
    add(cloud, "anonymous/c1", "tea", 2)
    add(cloud, "customer/u1", "tea", 1)
    add(cloud, "customer/u1", "mug", 1, "r2")

    carts = [
        cloud.http("POST", "/carts/customer/u1/migration", {"anonymous_id": "c1"}).json() for _ in range(2)
    ]

    assert carts[0] == carts[1]
    assert {line["product_id"]: line["quantity"] for line in carts[0]["lines"]} == {"mug": 1, "tea": 3}
    assert cloud.http("GET", "/carts/anonymous/c1").json()["lines"] == []


@pytest.mark.parametrize(
    ("cart", "product", "quantity", "status"),
    [
        ("anonymous/c1", "coffee", 1, 404),
        ("anonymous/c1", "tea", 0, 422),
        ("anonymous/c1", "tea", 1000, 422),
        ("anonymous/c1", "tea", 1.5, 422),
        ("anonymous/c1", "tea", "3", 422),
        ("anonymous/c1", "tea", None, 422),
        ("nobody/c1", "tea", 1, 422),
    ],
)
def test_what_a_cart_cannot_take_is_refused(
    cloud: LocalCloud, cart: str, product: str, quantity: object, status: int
) -> None:
    answer = add(cloud, cart, product, quantity)

    assert answer.status == status
    assert cloud.http("GET", "/carts/anonymous/c1").json()["lines"] == []


def test_more_than_a_cart_holds_of_one_is_refused(cloud: LocalCloud) -> None:
    add(cloud, "anonymous/c1", "tea", 999)

    answer = add(cloud, "anonymous/c1", "tea", 1, "r2")

    assert (answer.status, "more than 999" in answer.json()["message"]) == (422, True)


def test_an_anonymous_cart_is_empty_a_day_after_its_last_change(cloud: LocalCloud) -> None:
    add(cloud, "anonymous/c1", "tea", 1)
    add(cloud, "customer/u1", "tea", 1)

    cloud.advance(timedelta(days=1, seconds=1))

    assert cloud.http("GET", "/carts/anonymous/c1").json()["lines"] == []
    assert cloud.http("GET", "/carts/customer/u1").json()["total_cents"] == 450
