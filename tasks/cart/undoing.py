"""How the steps of a checkout are undone; each looks at what was done, and lets no late call do it."""

from tasks.cart.freezing import unfreeze_cart
from tasks.cart.orders import cancel_order
from tasks.cart.payments import refund_payment, void_payment
from tasks.cart.stock import release_stock


def payment(key: str) -> None:
    """Undo the payment, however far it came; in this order, for a late capture may come in between."""
    void_payment(key)
    refund_payment(key)


def order(key: str) -> None:
    """Undo the order."""
    cancel_order(key)


def stock(key: str) -> None:
    """Undo what was reserved."""
    release_stock(key)


def cart(key: str) -> None:
    """Let the customer change the cart again."""
    unfreeze_cart(key)
