"""The order that comes out of a checkout, its end, and who is told about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stepsmith import Personal, client, task
from tasks.aws_faults import ConditionFailed, dynamodb_errors, service_errors
from tasks.cart import rights
from tasks.cart.errors import AlreadyRejected, KeyTaken
from tasks.cart.lines import QUICK
from tasks.cart.models import LINES, Checkout, CheckoutStatus, FrozenCart, Order
from tasks.cart.steps import StepStatus, bar_step, do_once, move_step, note_once, read_step
from tasks.cart.tables import ATTENTION, CHECKOUTS, NOTICES
from tasks.errors import Conflict
from tasks.retries import PERSISTENT, TRANSIENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

_STEP = "order"
_OUTCOME = "outcome"
_KEY = "key"


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.DO_STEP)
def create_order(
    customer_id: Personal[str],
    cart: FrozenCart,
    idempotency_key: str,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Order:
    """Write the order, once for each checkout. Raises Conflict once cancelled."""
    lines = json.dumps([line.model_dump() for line in cart.lines], separators=(",", ":"))
    do_once(
        idempotency_key,
        _STEP,
        [],
        dynamodb=dynamodb,
        customer_id={"S": customer_id},
        total_cents={"N": str(cart.total_cents)},
        lines={"S": lines},
    )
    return Order(id=f"order-{idempotency_key}", total_cents=cart.total_cents, lines=cart.lines)


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.UNDO_STEP)
def cancel_order(idempotency_key: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Cancel the order; where none was written, none ever will be."""
    if not bar_step(idempotency_key, _STEP, dynamodb=dynamodb):
        move_step(
            idempotency_key, _STEP, [], before=StepStatus.DONE, after=StepStatus.UNDONE, dynamodb=dynamodb
        )


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.DO_STEP)
def open_checkout(checkout: Checkout, *, dynamodb: DynamoDBClient = client("dynamodb")) -> Order | None:
    """Take the idempotency key for this customer and cart, and give the order where it has succeeded before.

    The first task, which checks the input. Raises KeyTaken where the key is that of another customer or cart,
    AlreadyRejected where this checkout has ended without an order.
    """
    key = checkout.idempotency_key
    if not take_key(checkout, dynamodb=dynamodb):
        raise KeyTaken("this idempotency key belongs to another checkout; take a new one")
    outcome = read_step(key, _OUTCOME, dynamodb=dynamodb)
    if outcome is None:
        return None
    if outcome["status"]["S"] != CheckoutStatus.SUCCEEDED:
        raise AlreadyRejected(f"this checkout was rejected before: {outcome['reason']['S']}")
    order = read_step(key, _STEP, dynamodb=dynamodb)
    if order is None:
        raise Conflict("this checkout has succeeded, and its order is gone")
    return Order(
        id=f"order-{key}",
        total_cents=int(order["total_cents"]["N"]),
        lines=LINES.validate_json(order["lines"]["S"]),
    )


def take_key(checkout: Checkout, *, dynamodb: DynamoDBClient) -> bool:
    """Take an idempotency key for a customer and a cart; False where it is another's."""
    key, cart, customer = checkout.idempotency_key, checkout.cart.key, checkout.customer_id
    owner = {"cart": {"S": cart}, "customer": {"S": customer}}
    if note_once(key, _KEY, owner, dynamodb=dynamodb):
        return True
    taken = read_step(key, _KEY, dynamodb=dynamodb) or {}
    return {name: taken.get(name) for name in owner} == owner


def outcome_of(idempotency_key: str, *, dynamodb: DynamoDBClient) -> CheckoutStatus | None:
    """Give how a checkout has ended, or None."""
    outcome = read_step(idempotency_key, _OUTCOME, dynamodb=dynamodb)
    return CheckoutStatus(outcome["status"]["S"]) if outcome else None


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.RECORD)
def record_outcome(
    idempotency_key: str,
    status: CheckoutStatus,
    reason: str,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> CheckoutStatus:
    """Write how the checkout ended, where whoever asked for it can read it, and give how it has ended.

    The first outcome stays, whatever other executions for the same key do; only what was rejected may turn out to be
    stuck.
    """
    stands = "attribute_not_exists(pk)"
    if status == CheckoutStatus.COMPENSATION_FAILED:
        stands += " OR #status = :rejected"
    values = {":status": status, ":reason": reason[:1000], ":rejected": CheckoutStatus.REJECTED}
    used = {name: {"S": value} for name, value in values.items() if name != ":rejected" or name in stands}
    try:
        with dynamodb_errors():
            dynamodb.update_item(
                TableName=CHECKOUTS,
                Key={"pk": {"S": idempotency_key}, "sk": {"S": _OUTCOME}},
                UpdateExpression="SET #status = :status, reason = :reason",
                ConditionExpression=stands,
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=used,
            )
    except ConditionFailed:
        stored = read_step(idempotency_key, _OUTCOME, dynamodb=dynamodb)
        return CheckoutStatus(stored["status"]["S"]) if stored else status
    return status


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.NOTIFY)
def notify_customer(
    customer_id: Personal[str], idempotency_key: str, status: str, *, sqs: SQSClient = client("sqs")
) -> None:
    """Tell the customer how the checkout ended."""
    body = {"customer_id": customer_id, "checkout": idempotency_key, "status": status}
    with service_errors():
        queue = sqs.get_queue_url(QueueName=NOTICES)["QueueUrl"]
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(body))


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.CALL_ATTENTION)
def call_attention(idempotency_key: str, step: str, reason: str, *, sqs: SQSClient = client("sqs")) -> None:
    """Put a step that could not be undone where somebody looks at it."""
    queue = sqs.get_queue_url(QueueName=ATTENTION)["QueueUrl"]
    body = {"checkout": idempotency_key, "step": step, "reason": reason[:1000]}
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(body))
