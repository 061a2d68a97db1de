"""Why a checkout does not go through, and what is left when undoing fails."""

from stepsmith import WorkflowError
from tasks.errors import Rejected


class EmptyCart(Rejected):
    """There is nothing to check out."""


class PriceChanged(Rejected):
    """A product costs something else than when it was added."""


class OutOfStock(Rejected):
    """There is less of a product than the cart asks for."""


class PaymentDeclined(Rejected):
    """The customer's bank refuses, or did not answer in time."""


class CompensationFailed(WorkflowError):
    """A step could not be undone; somebody has to look at the attention queue."""
