"""What an execution of the checkout has left when it ended without ending that itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import JsonValue, ValidationError

from stepsmith import Personal, Retry, client, task
from tasks.cart import rights
from tasks.cart.lines import QUICK
from tasks.cart.models import Checkout, CheckoutStatus, Unfinished
from tasks.cart.orders import outcome_of, take_key
from tasks.cart.steps import StepStatus, read_step, status_of
from tasks.endings import EndedExecution, read_ended
from tasks.errors import InvalidInput
from tasks.retries import PERSISTENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_STEPS = ("cart", "stock", "order", "payment")


@task(retry=[Retry.never(InvalidInput), PERSISTENT], timeout=QUICK, policies=rights.DO_STEP)
def find_unfinished(
    detail: Personal[dict[str, JsonValue]], *, dynamodb: DynamoDBClient = client("dynamodb")
) -> Unfinished | None:
    """Give the checkout that an execution has left open, or None where it has left nothing.

    `detail` is that of EventBridge's event about the end of the execution. One whose input was refused, or whose
    key was another's, has begun nothing. Raises InvalidInput for any other detail.
    """
    ended = read_ended(detail)
    if ended is None:
        return None
    try:
        checkout = Checkout.model_validate(ended.input.get("checkout"))
    except ValidationError:
        return None
    key = checkout.idempotency_key
    if not take_key(checkout, dynamodb=dynamodb) or not _is_open(key, ended, dynamodb):
        return None
    return Unfinished(idempotency_key=key, customer_id=checkout.customer_id, cause=ended.cause[:1000])


def _is_open(key: str, ended: EndedExecution, dynamodb: DynamoDBClient) -> bool:
    outcome = outcome_of(key, dynamodb=dynamodb)
    if outcome is None:
        return True
    steps = {step: status_of(read_step(key, step, dynamodb=dynamodb)) for step in _STEPS}
    if outcome is CheckoutStatus.SUCCEEDED:
        return steps["cart"] is StepStatus.DONE
    if outcome is CheckoutStatus.COMPENSATION_FAILED and ended.has_caught:
        return False  # it has told somebody itself
    return any(status is not StepStatus.UNDONE for status in steps.values())
