"""Freezing the lines that a checkout is about, pricing them, and taking them out of the cart at the end."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from stepsmith import client, task
from tasks.aws_faults import ConditionFailed
from tasks.cart import rights
from tasks.cart.errors import EmptyCart, PriceChanged
from tasks.cart.lines import (
    QUICK,
    cart_version,
    freeze,
    frozen_by,
    product_price,
    read_lines,
    subtract,
    take,
    thaw,
)
from tasks.cart.models import LINES, CartRef, FrozenCart, Line
from tasks.cart.steps import StepStatus, bar_step, do_once, move_step, read_step, status_of
from tasks.cart.tables import CARTS
from tasks.errors import Conflict, Throttled
from tasks.retries import PERSISTENT, TRANSIENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_STEP = "cart"


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.FREEZE)
def freeze_cart(
    cart: CartRef, idempotency_key: str, now: datetime, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> FrozenCart:
    """Note which lines this checkout is about, and let no other check them out; what is added meanwhile is not of them.

    A repeated call gives the lines that were noted first. Raises EmptyCart; Conflict when the checkout was undone, and
    while another one has frozen the cart.
    """
    noted = read_step(idempotency_key, _STEP, dynamodb=dynamodb)
    if noted is None:
        version = cart_version(cart, dynamodb=dynamodb)
        if frozen_by(cart, now, dynamodb=dynamodb) not in (None, idempotency_key):
            raise Conflict("another checkout of this cart has not ended")
        lines = read_lines(cart, now, dynamodb=dynamodb)
        if not lines:
            raise EmptyCart("the cart has no lines, or has expired")
        _note(cart, freeze(cart, version, idempotency_key, now), lines, idempotency_key, dynamodb)
        noted = read_step(idempotency_key, _STEP, dynamodb=dynamodb)
    if noted is None or status_of(noted) is StepStatus.UNDONE:
        raise Conflict("this checkout has been undone; ask again with a new idempotency key")
    frozen = LINES.validate_json(noted["lines"]["S"])
    return FrozenCart(lines=frozen, total_cents=sum(line.quantity * line.price_cents for line in frozen))


def _note(
    cart: CartRef, freeze: dict[str, Any], lines: list[Line], idempotency_key: str, dynamodb: DynamoDBClient
) -> None:
    """Write the lines down if the cart is still the one they were read from."""
    text = json.dumps([line.model_dump() for line in lines], separators=(",", ":"))
    facts = {"lines": {"S": text}, "cart": {"S": cart.model_dump_json()}}
    try:
        do_once(idempotency_key, _STEP, [freeze], dynamodb=dynamodb, **facts)
    except ConditionFailed as error:
        raise Throttled("the cart changed while it was read") from error


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.READ_PRODUCTS)
def price_cart(cart: FrozenCart, *, dynamodb: DynamoDBClient = client("dynamodb")) -> int:
    """Compare the noted prices with today's and give the total in cents. Raises PriceChanged with the difference."""
    changes: list[str] = []
    for line in cart.lines:
        today = product_price(line.product_id, dynamodb=dynamodb)
        if today != line.price_cents:
            changes.append(f"{line.product_id} costs {today} cents, not {line.price_cents}")
    if changes:
        raise PriceChanged("; ".join(changes))
    return cart.total_cents


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.UNFREEZE)
def unfreeze_cart(idempotency_key: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Give the cart back as it is, and let no late call freeze it for this checkout."""
    if bar_step(idempotency_key, _STEP, dynamodb=dynamodb):
        return
    noted = read_step(idempotency_key, _STEP, dynamodb=dynamodb)
    if noted is None or status_of(noted) is not StepStatus.DONE:
        return
    move_step(
        idempotency_key,
        _STEP,
        thaw(_cart_of(noted), idempotency_key, dynamodb=dynamodb),
        before=StepStatus.DONE,
        after=StepStatus.UNDONE,
        dynamodb=dynamodb,
    )


def _cart_of(noted: dict[str, Any]) -> CartRef:
    return CartRef.model_validate_json(noted["cart"]["S"])


@task(retry=[PERSISTENT], timeout=timedelta(seconds=30), policies=rights.CLEAR)
def clear_cart(idempotency_key: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Take the bought quantities out of the cart, once, and give it back; what was added since stays."""
    noted = read_step(idempotency_key, _STEP, dynamodb=dynamodb)
    if noted is None or status_of(noted) is not StepStatus.DONE:
        return
    cart = _cart_of(noted)
    effects = [_remove(cart, line, dynamodb) for line in LINES.validate_json(noted["lines"]["S"])]
    try:
        move_step(
            idempotency_key,
            _STEP,
            [
                *(effect for effect in effects if effect is not None),
                *thaw(cart, idempotency_key, dynamodb=dynamodb),
            ],
            before=StepStatus.DONE,
            after=StepStatus.SETTLED,
            dynamodb=dynamodb,
        )
    except ConditionFailed as error:
        raise Throttled("the cart changed while it was cleared") from error


def _remove(cart: CartRef, line: Line, dynamodb: DynamoDBClient) -> dict[str, Any] | None:
    """Delete a line that holds no more than was bought, subtract from one that holds more, skip one that is gone."""
    held = stored_quantity(cart, line.product_id, dynamodb)
    if held == 0:
        return None
    if held <= line.quantity:
        return take(cart, line.product_id, held)
    return subtract(cart, line)


def stored_quantity(cart: CartRef, product_id: str, dynamodb: DynamoDBClient) -> int:
    """Give how many of a product lie in the cart, expired or not."""
    item: dict[str, Any] = dynamodb.get_item(
        TableName=CARTS,
        Key={"pk": {"S": cart.key}, "sk": {"S": f"product#{product_id}"}},
        ConsistentRead=True,
    ).get("Item", {})
    return int(item["quantity"]["N"]) if item else 0
