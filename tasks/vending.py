"""Selling from a vending machine: what a purchase is, and what happens to money and product.

The payment provider and the machine are stand-ins that decide from their arguments alone: a payment is known by
machine and price, and a product called `stuck` never drops.
"""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

from annotated_types import Predicate
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from stepsmith import Retry, TaskTimeout, WorkflowError, client, task
from stepsmith.resources import Queue, allow
from tasks.retries import PERSISTENT, TRANSIENT

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ATTENTION: Final = "vending-attention"
SLOW_ANSWER: Final = Retry.on(TaskTimeout, interval=timedelta(seconds=2))
"""For calls that may be repeated: asks again where an answer got lost."""


def _whole(value: object) -> object:
    if type(value) is not int:
        raise ValueError("cents are a whole number")
    return value


def _is_name(text: str) -> bool:
    return text.isprintable() and "/" not in text


Name = Annotated[str, Field(min_length=1, max_length=64), Predicate(_is_name)]


class Purchase(BaseModel):
    """What a customer asks a machine for."""

    model_config = ConfigDict(extra="forbid")

    machine_id: Name
    product: Name
    price_cents: Annotated[int, BeforeValidator(_whole), Field(ge=0, le=100_000)]


class Receipt(BaseModel):
    """How a purchase ended."""

    authorisation: str
    delivered: bool


class MachineJammed(WorkflowError):
    """The product did not drop."""


@task(retry=[SLOW_ANSWER, TRANSIENT], timeout=timedelta(seconds=10))
def authorise_payment(purchase: Purchase) -> str:
    """Hold the price on the customer's account and give the authorisation's identifier; repeated, the same one."""
    return f"auth-{purchase.machine_id}-{purchase.price_cents}"


@task(timeout=timedelta(seconds=30))
def release_product(machine_id: str, product: str) -> None:
    """Let the product drop; never repeated, since it may have dropped. Raises MachineJammed when it does not."""
    if product == "stuck":
        raise MachineJammed(f"{machine_id} did not release {product}")


@task(retry=[SLOW_ANSWER, TRANSIENT], timeout=timedelta(seconds=10))
def capture_payment(authorisation: str) -> None:
    """Take the money that was held, once."""


@task(retry=[PERSISTENT], timeout=timedelta(seconds=10))
def void_payment(authorisation: str, reason: str) -> None:
    """Let go of the money that was held, and say why."""


@task(retry=[PERSISTENT], timeout=timedelta(seconds=10))
def give_money_back(purchase: Purchase, reason: str) -> None:
    """Let go of or refund whatever was held or taken for a purchase; where nothing was, nothing ever will be."""


@task(
    retry=[PERSISTENT],
    timeout=timedelta(seconds=10),
    policies=[allow("sqs:GetQueueUrl", "sqs:SendMessage", on=Queue(ATTENTION))],
)
def call_attention(subject: str, reason: str, *, sqs: "SQSClient" = client("sqs")) -> None:
    """Put what could not be undone where somebody looks at it."""
    queue = sqs.get_queue_url(QueueName=ATTENTION)["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"subject": subject, "reason": reason[:1000]}))
