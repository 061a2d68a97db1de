"""The cart itself: add, set, remove, list, migrate, total."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from stepsmith import client, task
from tasks.aws_faults import ConditionFailed, dynamodb_errors
from tasks.cart import rights
from tasks.cart.models import MOST_LINES, MOST_OF_ONE, CartRef, Identifier, Line, Quantity
from tasks.cart.tables import CARTS, PRODUCTS
from tasks.errors import Conflict, InvalidInput, NotFound, Throttled, TooLarge
from tasks.retries import TRANSIENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

QUICK = timedelta(seconds=10)
_LINE = "product#"


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.ADD_LINE)
def add_line(
    cart: CartRef,
    product_id: Identifier,
    quantity: Quantity,
    request_id: Identifier,
    now: datetime,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Line:
    """Add to the quantity of a product, once for each `request_id`, and note today's price.

    Raises NotFound for an unknown product, TooLarge past 999 of one product or past 40 products, Conflict when the
    request was carried out before and the product was removed since.
    """
    lines = {line.product_id: line for line in read_lines(cart, now, dynamodb=dynamodb)}
    before = lines.get(product_id)
    if _seen(cart, request_id, now, dynamodb):
        if before is None:
            raise Conflict(f"request {request_id} was carried out, and {product_id} was removed since")
        return before
    if before is None and len(lines) >= MOST_LINES:
        raise TooLarge(f"a cart holds at most {MOST_LINES} products")
    after = quantity + (before.quantity if before else 0)
    if after > MOST_OF_ONE:
        raise TooLarge(f"{after} of {product_id} are more than {MOST_OF_ONE}")
    line = Line(
        product_id=product_id, quantity=after, price_cents=product_price(product_id, dynamodb=dynamodb)
    )
    _write([_mark(cart, request_id, now), _change(cart, line, before, now), _touch(cart, now)], dynamodb)
    return line


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.SET_LINE)
def set_line(
    cart: CartRef,
    product_id: Identifier,
    quantity: Quantity,
    now: datetime,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Line:
    """Set the quantity of a product. Raises NotFound for an unknown product, TooLarge past 40 products."""
    lines = {line.product_id: line for line in read_lines(cart, now, dynamodb=dynamodb)}
    if product_id not in lines and len(lines) >= MOST_LINES:
        raise TooLarge(f"a cart holds at most {MOST_LINES} products")
    price = product_price(product_id, dynamodb=dynamodb)
    line = Line(product_id=product_id, quantity=quantity, price_cents=price)
    _write([_change(cart, line, lines.get(product_id), now), _touch(cart, now)], dynamodb)
    return line


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.REMOVE_LINE)
def remove_line(
    cart: CartRef, product_id: Identifier, now: datetime, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> None:
    """Take a product out of the cart; one that is not there is no error."""
    delete = {"Delete": {"TableName": CARTS, "Key": _key(cart, f"{_LINE}{product_id}")}}
    _write([delete, _touch(cart, now)], dynamodb)


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.READ_CART)
def list_lines(cart: CartRef, now: datetime, *, dynamodb: DynamoDBClient = client("dynamodb")) -> list[Line]:
    """List the lines of a cart by product; an expired or unknown cart is empty."""
    return read_lines(cart, now, dynamodb=dynamodb)


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.READ_CART)
def cart_total(cart: CartRef, now: datetime, *, dynamodb: DynamoDBClient = client("dynamodb")) -> int:
    """Add up what the lines of a cart cost, in cents."""
    return sum(line.quantity * line.price_cents for line in read_lines(cart, now, dynamodb=dynamodb))


@task(retry=[TRANSIENT], timeout=timedelta(minutes=1), policies=rights.MIGRATE)
def migrate_cart(
    anonymous: CartRef, customer: CartRef, now: datetime, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> list[Line]:
    """Move the lines of an anonymous cart into a customer's; each line moves in one transaction, exactly once.

    Run again, or after an interruption, it moves what is still there and adds nothing twice. More than 999 of one
    product are cut to 999; what would be more than 40 products stays where it is. Raises Conflict while the anonymous
    cart is being checked out: its lines would be paid for there, and once more in the other cart; InvalidInput for the
    cart of a customer as the anonymous one, and the other way round, so that no cart moves into itself.
    """
    if anonymous.signed_in or not customer.signed_in:
        raise InvalidInput("anonymous, customer: lines move from an anonymous cart into a customer's")
    if frozen_by(anonymous, now, dynamodb=dynamodb) is not None:
        raise Conflict("the cart is being checked out; ask again")
    theirs = {line.product_id: line for line in read_lines(customer, now, dynamodb=dynamodb)}
    for line in read_lines(anonymous, now, dynamodb=dynamodb):
        before = theirs.get(line.product_id)
        if before is None and len(theirs) >= MOST_LINES:
            continue
        together = min(MOST_OF_ONE, line.quantity + (before.quantity if before else 0))
        moved = line.model_copy(update={"quantity": together})
        _write(
            [
                take(anonymous, line.product_id, line.quantity),
                _change(customer, moved, before, now),
                _touch(customer, now),
                _touch_unfrozen(anonymous, now),
            ],
            dynamodb,
        )
        theirs[line.product_id] = moved
    return read_lines(customer, now, dynamodb=dynamodb)


def product_price(product_id: str, *, dynamodb: DynamoDBClient) -> int:
    """Give today's price of a product in cents. Raises NotFound."""
    with dynamodb_errors():
        found: dict[str, Any] = dynamodb.get_item(
            TableName=PRODUCTS, Key={"pk": {"S": product_id}}, ConsistentRead=True
        ).get("Item", {})
    if not found:
        raise NotFound(f"there is no product {product_id}")
    return int(found["price_cents"]["N"])


def read_lines(cart: CartRef, now: datetime, *, dynamodb: DynamoDBClient) -> list[Line]:
    """Read the lines of a cart that have not expired."""
    found: list[Line] = []
    start: dict[str, Any] = {}
    while True:
        with dynamodb_errors():
            page: Any = dynamodb.query(
                TableName=CARTS,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :line)",
                ExpressionAttributeValues={":pk": {"S": cart.key}, ":line": {"S": _LINE}},
                ConsistentRead=True,
                **start,
            )
        found.extend(_line(item) for item in page["Items"] if int(item["expires_at"]["N"]) > now.timestamp())
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def cart_version(cart: CartRef, *, dynamodb: DynamoDBClient) -> int:
    """Give the number of changes that a cart has seen; 0 for one that never was."""
    item = _get(cart, "cart", dynamodb)
    return int(item["version"]["N"]) if item else 0


def frozen_by(cart: CartRef, now: datetime, *, dynamodb: DynamoDBClient) -> str | None:
    """Give the checkout that a cart is frozen by, or None; a freeze is over when the lines of then have expired."""
    item = _get(cart, "cart", dynamodb) or {}
    if "frozen_by" not in item or int(item["frozen_until"]["N"]) <= now.timestamp():
        return None
    return str(item["frozen_by"]["S"])


def freeze(cart: CartRef, version: int, checkout: str, now: datetime) -> dict[str, Any]:
    """Give the transaction item that freezes a cart for a checkout, if it has this version and nobody has frozen it."""
    return {
        "Update": {
            "TableName": CARTS,
            "Key": _key(cart, "cart"),
            "UpdateExpression": "SET frozen_by = :checkout, frozen_until = :expiry",
            "ConditionExpression": "version = :version AND attribute_not_exists(frozen_by) "
            "OR version = :version AND frozen_until <= :now",
            "ExpressionAttributeValues": {
                ":checkout": {"S": checkout},
                ":expiry": _expiry(cart, now),
                ":version": {"N": str(version)},
                ":now": {"N": str(int(now.timestamp()))},
            },
        }
    }


def thaw(cart: CartRef, checkout: str, *, dynamodb: DynamoDBClient) -> list[dict[str, Any]]:
    """Give the transaction items that end a checkout's freeze of a cart; none where it holds no more."""
    if (_get(cart, "cart", dynamodb) or {}).get("frozen_by") != {"S": checkout}:
        return []
    update = {
        "TableName": CARTS,
        "Key": _key(cart, "cart"),
        "UpdateExpression": "REMOVE frozen_by, frozen_until",
        "ConditionExpression": "frozen_by = :checkout",
        "ExpressionAttributeValues": {":checkout": {"S": checkout}},
    }
    return [{"Update": update}]


def subtract(cart: CartRef, line: Line) -> dict[str, Any]:
    """Give the transaction item that takes a line's quantity out of the cart and leaves what was added since."""
    return {
        "Update": {
            "TableName": CARTS,
            "Key": _key(cart, f"{_LINE}{line.product_id}"),
            "UpdateExpression": "ADD quantity :less",
            "ConditionExpression": "quantity > :quantity",
            "ExpressionAttributeValues": {
                ":less": {"N": str(-line.quantity)},
                ":quantity": {"N": str(line.quantity)},
            },
        }
    }


def take(cart: CartRef, product_id: str, quantity: int) -> dict[str, Any]:
    """Give the transaction item that deletes a line, if it still holds this quantity."""
    return {
        "Delete": {
            "TableName": CARTS,
            "Key": _key(cart, f"{_LINE}{product_id}"),
            "ConditionExpression": "quantity = :quantity",
            "ExpressionAttributeValues": {":quantity": {"N": str(quantity)}},
        }
    }


def _change(cart: CartRef, line: Line, before: Line | None, now: datetime) -> dict[str, Any]:
    """Set a line to what it should be, if it still is what was read."""
    values: dict[str, Any] = {
        ":price": {"N": str(line.price_cents)},
        ":quantity": {"N": str(line.quantity)},
        ":expiry": _expiry(cart, now),
        ":now": {"N": str(int(now.timestamp()))},
    }
    condition = "attribute_not_exists(pk) OR expires_at <= :now"
    if before is not None:
        condition = "quantity = :before AND expires_at > :now"
        values[":before"] = {"N": str(before.quantity)}
    return {
        "Update": {
            "TableName": CARTS,
            "Key": _key(cart, f"{_LINE}{line.product_id}"),
            "UpdateExpression": "SET price_cents = :price, quantity = :quantity, expires_at = :expiry",
            "ConditionExpression": condition,
            "ExpressionAttributeValues": values,
        }
    }


def _touch(cart: CartRef, now: datetime) -> dict[str, Any]:
    """Count a change of the cart, which is what a checkout compares when it freezes the lines."""
    return {
        "Update": {
            "TableName": CARTS,
            "Key": _key(cart, "cart"),
            "UpdateExpression": "SET expires_at = :expiry ADD version :one",
            "ExpressionAttributeValues": {":expiry": _expiry(cart, now), ":one": {"N": "1"}},
        }
    }


def _touch_unfrozen(cart: CartRef, now: datetime) -> dict[str, Any]:
    """Count a change of a cart that loses lines, if nobody is checking them out."""
    touch = _touch(cart, now)["Update"]
    values = {**touch["ExpressionAttributeValues"], ":now": {"N": str(int(now.timestamp()))}}
    return {
        "Update": {
            **touch,
            "ConditionExpression": "attribute_not_exists(frozen_by) OR frozen_until <= :now",
            "ExpressionAttributeValues": values,
        }
    }


def _mark(cart: CartRef, request_id: str, now: datetime) -> dict[str, Any]:
    """Leave a mark of a request, so that it is carried out once."""
    return {
        "Put": {
            "TableName": CARTS,
            "Item": {**_key(cart, f"request#{request_id}"), "expires_at": _expiry(cart, now)},
            "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
            "ExpressionAttributeValues": {":now": {"N": str(int(now.timestamp()))}},
        }
    }


def _seen(cart: CartRef, request_id: str, now: datetime, dynamodb: DynamoDBClient) -> bool:
    mark = _get(cart, f"request#{request_id}", dynamodb)
    return mark is not None and int(mark["expires_at"]["N"]) > now.timestamp()


def _write(items: list[Any], dynamodb: DynamoDBClient) -> None:
    """Write all or nothing. Raises Throttled when a line is no longer what was read, so that the task reads again."""
    try:
        with dynamodb_errors():
            dynamodb.transact_write_items(TransactItems=items)
    except ConditionFailed as error:
        raise Throttled("the cart changed meanwhile") from error


def _key(cart: CartRef, sort: str) -> dict[str, Any]:
    return {"pk": {"S": cart.key}, "sk": {"S": sort}}


def _get(cart: CartRef, sort: str, dynamodb: DynamoDBClient) -> dict[str, Any] | None:
    with dynamodb_errors():
        return dynamodb.get_item(TableName=CARTS, Key=_key(cart, sort), ConsistentRead=True).get("Item")


def _line(item: dict[str, Any]) -> Line:
    return Line(
        product_id=item["sk"]["S"].removeprefix(_LINE),
        quantity=int(item["quantity"]["N"]),
        price_cents=int(item["price_cents"]["N"]),
    )


def _expiry(cart: CartRef, now: datetime) -> dict[str, str]:
    return {"N": str(int((now + cart.life).timestamp()))}
