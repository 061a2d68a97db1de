"""Selling from a vending machine: what a purchase is, and the four things that happen to money and product.

The payment provider and the machine are stand-ins that decide from their arguments alone: a payment is known by
machine and price, and a product called `stuck` never drops.
"""

from datetime import timedelta
from typing import Annotated

from annotated_types import Predicate
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from stepsmith import Retry, WorkflowError, task


def _whole(value: object) -> object:
    if type(value) is not int:
        raise ValueError("cents are a whole number")
    return value


Name = Annotated[str, Field(min_length=1, max_length=64), Predicate(str.isprintable)]


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


@task(retry=[Retry.on("States.Timeout", interval=timedelta(seconds=2))], timeout=timedelta(seconds=10))
def authorise_payment(purchase: Purchase) -> str:
    """Hold the price on the customer's account and give the authorisation's identifier."""
    return f"auth-{purchase.machine_id}-{purchase.price_cents}"


@task(timeout=timedelta(seconds=30))
def release_product(machine_id: str, product: str) -> None:
    """Let the product drop. Raises MachineJammed when it does not."""
    if product == "stuck":
        raise MachineJammed(f"{machine_id} did not release {product}")


@task(timeout=timedelta(seconds=10))
def capture_payment(authorisation: str) -> None:
    """Take the money that was held."""


@task(timeout=timedelta(seconds=10))
def void_payment(authorisation: str, reason: str) -> None:
    """Let go of the money that was held, and say why."""
