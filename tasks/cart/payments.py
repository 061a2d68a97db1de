"""A ledger that stands in for a payment provider: money is held, taken, let go of or given back.

Two methods are scripted: `declined` is refused, and `secure` asks the customer's bank once more; any other is accepted.
The ledger is an item of the checkout; its amounts are what the invariants add up.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from stepsmith import Personal, TaskToken, callback_task, client, task
from tasks.aws_faults import service_errors
from tasks.cart import rights
from tasks.cart.errors import PaymentDeclined
from tasks.cart.lines import QUICK
from tasks.cart.models import Authorisation, AuthorisationStatus, Confirmation
from tasks.cart.steps import StepStatus, bar_step, do_once, move_step, read_step, status_of
from tasks.cart.tables import NOTICES
from tasks.errors import Conflict
from tasks.retries import PERSISTENT, TRANSIENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

_STEP = "payment"
_SECURE = "secure"


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.DO_STEP)
def authorise_payment(
    payment_method: Personal[str],
    amount_cents: int,
    idempotency_key: str,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Authorisation:
    """Hold an amount, once for each checkout, and say what the ledger says of it, whatever the method is this time.

    Raises PaymentDeclined; Conflict once voided.
    """
    held = read_step(idempotency_key, _STEP, dynamodb=dynamodb)
    if held is None:
        _hold(payment_method, amount_cents, idempotency_key, dynamodb)
        held = read_step(idempotency_key, _STEP, dynamodb=dynamodb)
    if held is None or status_of(held) is StepStatus.UNDONE:
        raise Conflict("the money was let go of before it was held")
    return Authorisation(
        id=f"auth-{idempotency_key}",
        amount_cents=int(held["amount_cents"]["N"]),
        status=AuthorisationStatus(held["authorisation"]["S"]),
    )


def _hold(payment_method: str, amount_cents: int, idempotency_key: str, dynamodb: DynamoDBClient) -> None:
    if payment_method == "declined":
        raise PaymentDeclined("the bank refuses the payment")
    is_secure = payment_method == _SECURE
    status = AuthorisationStatus.NEEDS_CONFIRMATION if is_secure else AuthorisationStatus.AUTHORISED
    do_once(
        idempotency_key,
        _STEP,
        [],
        dynamodb=dynamodb,
        amount_cents={"N": str(amount_cents)},
        method={"S": payment_method},
        authorisation={"S": status},
    )


@callback_task(Confirmation, retry=[TRANSIENT], timeout=timedelta(minutes=10), policies=rights.NOTIFY)
def confirm_payment(
    token: TaskToken, authorisation: Authorisation, *, sqs: SQSClient = client("sqs")
) -> None:
    """Send the customer to the bank's page; the bank's answer comes back with the token, within 10 minutes."""
    with service_errors():
        queue = sqs.get_queue_url(QueueName=NOTICES)["QueueUrl"]
        sqs.send_message(
            QueueUrl=queue,
            MessageBody=f"confirm {authorisation.id}",
            MessageAttributes={"task_token": {"DataType": "String", "StringValue": token}},
        )


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.UNDO_STEP)
def void_payment(idempotency_key: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Let go of held money; where none was held, none ever will be."""
    if not bar_step(idempotency_key, _STEP, dynamodb=dynamodb):
        move_step(
            idempotency_key, _STEP, [], before=StepStatus.DONE, after=StepStatus.UNDONE, dynamodb=dynamodb
        )


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.READ_AND_CHANGE_STEP)
def capture_payment(
    idempotency_key: str, confirmed: bool, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> None:
    """Take the held money, once. `confirmed` is what the customer's bank has answered, where it was asked once more.

    Raises Conflict when the money is not held any more, or waits for the bank.
    """
    moved = move_step(
        idempotency_key,
        _STEP,
        [],
        before=StepStatus.DONE,
        after=StepStatus.SETTLED,
        dynamodb=dynamodb,
        provided={} if confirmed else {"authorisation": AuthorisationStatus.AUTHORISED},
        copied={"captured_cents": "amount_cents"},
    )
    if moved:
        return
    status = status_of(read_step(idempotency_key, _STEP, dynamodb=dynamodb))
    if status is StepStatus.DONE:
        raise Conflict("the customer's bank has not confirmed the payment")
    if status is not StepStatus.SETTLED:
        raise Conflict("the money is not held any more")


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.CHANGE_STEP)
def refund_payment(idempotency_key: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Give captured money back; money that was only held is left to void_payment."""
    move_step(
        idempotency_key,
        _STEP,
        [],
        before=StepStatus.SETTLED,
        after=StepStatus.UNDONE,
        dynamodb=dynamodb,
        copied={"refunded_cents": "captured_cents"},
    )
