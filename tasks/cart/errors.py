"""Why a checkout does not go through."""

from tasks.errors import Conflict, Rejected


class KeyTaken(Conflict):
    """The idempotency key is that of another customer's checkout, or of another cart's."""


class AlreadyRejected(Rejected):
    """The checkout of this idempotency key has been rejected before."""


class EmptyCart(Rejected):
    """There is nothing to check out."""


class PriceChanged(Rejected):
    """A product costs something else than when it was added."""


class OutOfStock(Rejected):
    """There is less of a product than the cart asks for."""


class PaymentDeclined(Rejected):
    """The customer's bank refuses, or did not answer in time."""
