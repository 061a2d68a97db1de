"""Reserving stock for a checkout, and giving it back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stepsmith import client, task
from tasks.aws_faults import ConditionFailed
from tasks.cart import rights
from tasks.cart.errors import OutOfStock
from tasks.cart.lines import QUICK
from tasks.cart.models import LINES, Line
from tasks.cart.steps import StepStatus, bar_step, do_once, move_step, read_step
from tasks.cart.tables import PRODUCTS
from tasks.retries import PERSISTENT, TRANSIENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_STEP = "stock"


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.RESERVE_STOCK)
def reserve_stock(
    lines: list[Line], idempotency_key: str, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> None:
    """Take all lines out of stock, or none. Raises OutOfStock naming the products; Conflict once released."""
    text = json.dumps([line.model_dump() for line in lines], separators=(",", ":"))
    taken = [_move(line, -line.quantity) for line in lines]
    try:
        do_once(idempotency_key, _STEP, taken, dynamodb=dynamodb, lines={"S": text})
    except ConditionFailed as error:
        short = [
            line.product_id for line, reason in zip(lines, error.reasons[1:], strict=True) if reason != "None"
        ]
        raise OutOfStock(f"not enough of {', '.join(short)}") from error


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.RELEASE_STOCK)
def release_stock(idempotency_key: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Put what was reserved back into stock, once; where nothing was reserved, nothing ever will be."""
    if bar_step(idempotency_key, _STEP, dynamodb=dynamodb):
        return
    reserved = read_step(idempotency_key, _STEP, dynamodb=dynamodb) or {}
    lines = LINES.validate_json(reserved.get("lines", {"S": "[]"})["S"])
    move_step(
        idempotency_key,
        _STEP,
        [_move(line, line.quantity) for line in lines],
        before=StepStatus.DONE,
        after=StepStatus.UNDONE,
        dynamodb=dynamodb,
    )


def _move(line: Line, change: int) -> dict[str, Any]:
    item: dict[str, Any] = {
        "TableName": PRODUCTS,
        "Key": {"pk": {"S": line.product_id}},
        "UpdateExpression": "ADD stock :change",
        "ExpressionAttributeValues": {":change": {"N": str(change)}},
    }
    if change < 0:
        item["ConditionExpression"] = "stock >= :enough"
        item["ExpressionAttributeValues"][":enough"] = {"N": str(-change)}
    return {"Update": item}
