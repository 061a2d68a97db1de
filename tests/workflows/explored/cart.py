"""The checkout: money and stock are counted, whatever went wrong."""

import json
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

from stepsmith.testing import Ending
from tasks.cart.lines import add_line
from tasks.cart.models import LINES, CartRef
from tasks.cart.tables import CHECKOUTS
from tests.tasks.cart.shop import NOW, quick_shop
from tests.tasks.cart.shop import Shop as ShopOf
from tests.workflows.explored.cases import Case, given
from workflows.shopping_cart import shopping_cart

STOCK = {"tea": 10, "mug": 1}
CARTS = {"c1": {"tea": 2}, "c2": {"tea": 1, "mug": 1}, "c3": {"mug": 2}}


@cache
def opened_shop() -> ShopOf:
    """Give the shop as all worlds begin with it."""
    shop = quick_shop()
    for cart, lines in CARTS.items():
        for product, quantity in lines.items():
            add_line(CartRef(id=cart), product, quantity, f"{cart}-{product}", NOW, dynamodb=shop.dynamodb)
    shop.dynamodb.snapshot()
    return shop


class Shop:
    """A shop with three carts, and a bank that remembers what it has approved."""

    def __init__(self) -> None:
        opened = opened_shop()
        self.shop = ShopOf(opened.dynamodb.copy(), opened.sqs.copy())
        self.approved: list[str] = []

    @property
    def clients(self) -> dict[str, Any]:
        return {"dynamodb": self.shop.dynamodb, "sqs": self.shop.sqs}

    def snapshot(self) -> object:
        return self.shop.dynamodb.snapshot(), self.shop.sqs.sent, self.approved

    def steps(self, step: str, *statuses: str) -> dict[str, dict[str, Any]]:
        """Give the steps of that name that stand at one of these statuses, by checkout."""
        return {
            key: item
            for (key, name), item in self.shop.dynamodb.tables[CHECKOUTS].items()
            if name == step and item["status"]["S"] in statuses
        }

    def cents(self, status: str) -> dict[str, int]:
        """Give how much money of each checkout is held (done) or taken (settled)."""
        return {key: int(item["amount_cents"]["N"]) for key, item in self.steps("payment", status).items()}

    def approve(self, payload: Any) -> dict[str, bool]:
        self.approved.append(payload["authorisation"]["id"].removeprefix("auth-"))
        return {"approved": True}


def asking_the_bank(world: Shop) -> dict[str, object]:
    return {"confirm_payment": [world.approve, {"approved": False}]}


def only_confirmed_money_is_taken(world: Shop) -> None:
    for key in world.cents("settled"):
        method = world.steps("payment", "settled")[key]["method"]["S"]
        assert method != "secure" or key in world.approved, f"{key} was taken without the customer's bank"


def money_is_where_it_belongs(ending: Ending[Shop]) -> None:
    world = ending.world
    failed = {_key(each) for each in ending.executions if each.error == "CompensationFailed"}
    # what an execution could not do itself, the one that ends its records may have done
    stuck = failed - world.steps("outcome", "REJECTED", "SUCCEEDED").keys()
    told = [json.loads(message)["step"] for message in world.shop.attention()]
    assert not stuck or told, f"nobody was told of {stuck}"
    ordered = {key: int(item["total_cents"]["N"]) for key, item in world.steps("order", "done").items()}
    held, taken = world.cents("done"), world.cents("settled")
    if not stuck and not {"find", "outcome", "undo"} & set(told):
        assert not held, f"held and never let go: {held}"
        assert taken == ordered, f"taken {taken}, ordered {ordered}"
        bought = _quantities(item["lines"]["S"] for item in world.steps("order", "done").values())
        for product, stock in STOCK.items():
            assert stock - world.shop.stock(product) == bought[product], f"stock of {product}"
        assert bought <= _all_lines(), f"bought more than lay in the carts: {bought}"
    for execution in ending.executions:
        if execution.status == "SUCCEEDED":
            _is_answered_well(execution.output, execution.input, taken)
            order = world.steps("order", "done")[_key(execution)]
            assert order["customer_id"]["S"] == given(execution)["checkout"]["customer_id"], (
                "somebody else's order"
            )


def _is_answered_well(order: Any, given: Any, taken: dict[str, int]) -> None:
    checkout = given["checkout"]
    assert taken.get(checkout["idempotency_key"]) == order["total_cents"]
    lines = {line["product_id"]: line["quantity"] for line in order["lines"]}
    assert lines == CARTS[checkout["cart"]["id"]], f"{checkout['cart']} was answered with {lines}"


def _key(execution: Any) -> str:
    return str(given(execution)["checkout"]["idempotency_key"])


def _quantities(texts: Iterable[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        for line in LINES.validate_json(text):
            found[line.product_id] += line.quantity
    return found


def _all_lines() -> Counter[str]:
    found: Counter[str] = Counter()
    for lines in CARTS.values():
        found.update(lines)
    return found


def checkout(
    key: str = "k1", *, cart: str = "c1", method: str = "card", customer: str = "u1"
) -> dict[str, Any]:
    return {
        "checkout": {
            "cart": {"id": cart},
            "customer_id": customer,
            "payment_method": method,
            "idempotency_key": key,
        }
    }


def case(*inputs: dict[str, Any]) -> Case:
    return Case(
        workflow=shopping_cart,
        inputs=inputs,
        world=Shop,
        holds=money_is_where_it_belongs,
        always=only_confirmed_money_is_taken,
        answers=asking_the_bank,
    )


CASES = {
    "a checkout": case(checkout()),
    "a checkout that the bank confirms": case(checkout(method="secure")),
    "a checkout that the bank declines": case(checkout(method="declined")),
    "a checkout of more than there is": case(checkout(cart="c3")),
    "the same checkout twice": case(checkout(), checkout()),
    "one key with another payment method": case(checkout(method="secure"), checkout()),
    "one key with another cart": case(checkout(), checkout(cart="c2")),
    "one key of another customer": case(checkout(), checkout(customer="u2")),
    "one cart under two keys": case(checkout(), checkout("k2")),
    "two carts": case(checkout(), checkout("k2", cart="c2")),
}
