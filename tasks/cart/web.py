"""The cart over HTTP, as the shop calls it for a customer: requests are signed, and the shop knows whose cart it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from stepsmith import client
from stepsmith.http import Request, route
from tasks.cart import rights
from tasks.cart.lines import QUICK, add_line, list_lines, migrate_cart, remove_line, set_line
from tasks.cart.models import CartRef, Identifier, Line, Model, Quantity
from tasks.refusals import answered

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Owner: TypeAlias = Literal["anonymous", "customer"]


class Addition(Model):
    """What is put into a cart, once for each request."""

    product_id: Identifier
    quantity: Quantity
    request_id: Identifier


class Amount(Model):
    """How many of a product there shall be."""

    quantity: Quantity


class Migration(Model):
    """The cart that a customer had before signing in."""

    anonymous_id: Identifier


class Cart(Model):
    """What is in a cart, and what it costs."""

    lines: list[Line]
    total_cents: int


@route("GET", "/carts/{owner}/{cart_id}", timeout=QUICK, policies=rights.READ_CART)
def show_cart(
    owner: Owner, cart_id: Identifier, request: Request, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> Cart:
    """Show a cart; one that is not known, or has expired, is empty."""
    with answered():
        return _shown(list_lines(_cart(owner, cart_id), request.at, dynamodb=dynamodb))


@route("POST", "/carts/{owner}/{cart_id}/lines", timeout=QUICK, policies=rights.ADD_LINE)
def add_to_cart(
    owner: Owner,
    cart_id: Identifier,
    addition: Addition,
    request: Request,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Line:
    """Add to what is in a cart, once for each request_id."""
    given = addition.product_id, addition.quantity, addition.request_id
    with answered():
        return add_line(_cart(owner, cart_id), *given, request.at, dynamodb=dynamodb)


@route("PUT", "/carts/{owner}/{cart_id}/lines/{product_id}", timeout=QUICK, policies=rights.SET_LINE)
def set_in_cart(
    owner: Owner,
    cart_id: Identifier,
    product_id: Identifier,
    amount: Amount,
    request: Request,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Line:
    """Say how many of a product are in a cart."""
    with answered():
        return set_line(_cart(owner, cart_id), product_id, amount.quantity, request.at, dynamodb=dynamodb)


@route("DELETE", "/carts/{owner}/{cart_id}/lines/{product_id}", timeout=QUICK, policies=rights.REMOVE_LINE)
def remove_from_cart(
    owner: Owner,
    cart_id: Identifier,
    product_id: Identifier,
    request: Request,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> None:
    """Take a product out of a cart, where it is in it."""
    with answered():
        remove_line(_cart(owner, cart_id), product_id, request.at, dynamodb=dynamodb)


@route("POST", "/carts/customer/{cart_id}/migration", policies=rights.MIGRATE)
def bring_cart(
    cart_id: Identifier,
    migration: Migration,
    request: Request,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Cart:
    """Bring what was in a cart before its customer has signed in; nothing comes twice."""
    carts = _cart("anonymous", migration.anonymous_id), _cart("customer", cart_id)
    with answered():
        return _shown(migrate_cart(*carts, request.at, dynamodb=dynamodb))


def _cart(owner: Owner, cart_id: str) -> CartRef:
    return CartRef(id=cart_id, signed_in=owner == "customer")


def _shown(lines: list[Line]) -> Cart:
    return Cart(lines=lines, total_cents=sum(line.quantity * line.price_cents for line in lines))
