"""What a cart, a checkout and an order are."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from stepsmith import Personal

MOST_LINES = 40
"""A checkout moves all its lines in one DynamoDB transaction, which holds at most 100 items."""

MOST_OF_ONE = 999

ANONYMOUS_LIFE = timedelta(days=1)
SIGNED_IN_LIFE = timedelta(days=7)

Identifier = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9@._:+-]+$")]
Quantity = Annotated[int, Field(ge=1, le=999, strict=True)]
Cents = Annotated[int, Field(ge=0, le=100_000_000, strict=True)]


class Model(BaseModel):
    """A model that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class CartRef(Model):
    """Whose cart: an anonymous one by its own identifier, or a customer's."""

    id: Personal[Identifier]
    signed_in: Annotated[bool, Field(strict=True)] = False

    @property
    def key(self) -> str:
        """The partition key of the cart."""
        return f"{'user' if self.signed_in else 'cart'}#{self.id}"

    @property
    def life(self) -> timedelta:
        """How long the cart lives after its last change."""
        return SIGNED_IN_LIFE if self.signed_in else ANONYMOUS_LIFE


class Line(Model):
    """A product in a cart, with the price that the customer saw when it was added."""

    product_id: Identifier
    quantity: Quantity
    price_cents: Cents


LINES = TypeAdapter(list[Line])
"""Lines as they are kept in a checkout."""


class CheckoutStatus(StrEnum):
    """How a checkout ended."""

    SUCCEEDED = "SUCCEEDED"
    REJECTED = "REJECTED"
    COMPENSATION_FAILED = "COMPENSATION_FAILED"


class Checkout(Model):
    """What starts a checkout."""

    cart: CartRef
    customer_id: Personal[Identifier]
    payment_method: Personal[Identifier]
    idempotency_key: Identifier


class Unfinished(Model):
    """A checkout whose execution has ended without it."""

    idempotency_key: str
    customer_id: Personal[str]
    cause: str


class FrozenCart(Model):
    """The lines that a checkout is about; what is added to the cart later is not among them."""

    lines: list[Line]
    total_cents: int


class AuthorisationStatus(StrEnum):
    """Whether the customer's bank wants to be asked once more."""

    AUTHORISED = "authorised"
    NEEDS_CONFIRMATION = "needs_confirmation"


class Authorisation(Model):
    """Money that is held on a customer's account."""

    id: str
    amount_cents: int
    status: AuthorisationStatus


class Confirmation(Model):
    """What the customer's bank answers to a 3-D Secure question."""

    approved: bool


class Order(Model):
    """What the customer gets to see of a finished checkout."""

    id: str
    total_cents: int
    lines: list[Line]
