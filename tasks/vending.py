"""Selling from a vending machine: what a purchase is, and what happens to money and product.

The payment provider and the machine are stand-ins that decide from their arguments alone: a payment is known by
machine and execution, and a product called `stuck` never drops.
"""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

from annotated_types import Predicate
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from stepsmith import Personal, Retry, TaskTimeout, WorkflowError, client, task
from stepsmith.resources import Queue, allow
from tasks.endings import read_ended
from tasks.errors import InvalidInput
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


def authorisation_of(purchase: Purchase, execution: str) -> str:
    """Give the identifier of a purchase's authorisation, whether it was asked for or not.

    An execution is named after the event of the machine that it is about, so its name is that of the purchase.
    """
    return f"auth-{purchase.machine_id}-{execution}"


@task(retry=[SLOW_ANSWER, TRANSIENT], timeout=timedelta(seconds=10))
def authorise_payment(purchase: Purchase, execution: str = "itself") -> str:
    """Hold the price on the customer's account and give the authorisation's identifier; repeated, the same one.

    No two purchases have the same: not at one machine, nor at one price.
    """
    return authorisation_of(purchase, execution)


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
def give_money_back(purchase: Purchase, execution: str, reason: str) -> None:
    """Let go of or refund whatever was held or taken for a purchase; where nothing was, nothing ever will be."""


class Sale(BaseModel):
    """A purchase whose execution has ended without it."""

    purchase: Purchase
    execution: str
    cause: str


@task(retry=[Retry.never(InvalidInput), PERSISTENT], timeout=timedelta(seconds=10))
def find_sale(detail: Personal[dict[str, JsonValue]]) -> Sale | None:
    """Give the purchase that an execution has left open, or None where it has left nothing.

    `detail` is that of EventBridge's event about the end of the execution. One that failed has given the money back
    itself, or told somebody, unless its error is one that no state can catch. Raises InvalidInput for any other detail.
    """
    ended = read_ended(detail)
    if ended is None or ended.has_caught:
        return None
    try:
        purchase = Purchase.model_validate(ended.input.get("purchase"))
    except ValidationError:
        return None
    return Sale(purchase=purchase, execution=ended.name, cause=ended.cause[:1000])


@task(
    retry=[PERSISTENT],
    timeout=timedelta(seconds=10),
    policies=[allow("sqs:GetQueueUrl", "sqs:SendMessage", on=Queue(ATTENTION))],
)
def call_attention(subject: str, reason: str, *, sqs: "SQSClient" = client("sqs")) -> None:
    """Put what could not be undone where somebody looks at it."""
    queue = sqs.get_queue_url(QueueName=ATTENTION)["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"subject": subject, "reason": reason[:1000]}))
