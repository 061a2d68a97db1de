"""Check a cart out: reserve, charge, order; undo all of it when any step fails, times out or crashes (a saga).

Started by the shop with a cart, a customer, a payment method and an idempotency key. Gives the order, or fails with
the reason: EmptyCart, PriceChanged, OutOfStock, PaymentDeclined (all of them Rejected), whatever broke, or
CompensationFailed when something could not be undone, which then stands in the attention queue. Stores each step, the
order and the outcome in the table `checkouts` under the idempotency key: the same key again is the same order,
and the first outcome stands: what another execution has completed is never undone. Has no time limit of its own, which
would end it between a step and its undo: the customer has ten minutes to confirm, and every task has a timeout.
"""

from stepsmith import CompensationFailed, TaskTimeout, compensation, now, workflow
from tasks.cart.errors import PaymentDeclined
from tasks.cart.freezing import clear_cart, freeze_cart, price_cart, unfreeze_cart
from tasks.cart.models import AuthorisationStatus, Checkout, CheckoutStatus, Order
from tasks.cart.orders import (
    call_attention,
    cancel_order,
    create_order,
    find_order,
    notify_customer,
    record_outcome,
)
from tasks.cart.payments import (
    authorise_payment,
    capture_payment,
    confirm_payment,
    refund_payment,
    void_payment,
)
from tasks.cart.stock import release_stock, reserve_stock
from tasks.errors import Conflict


def payment(key: str) -> None:
    """Undo the payment, however far it came."""
    refund_payment(key)
    void_payment(key)


def order(key: str) -> None:
    """Undo the order."""
    cancel_order(key)


def stock(key: str) -> None:
    """Undo what was reserved."""
    release_stock(key)


def cart(key: str) -> None:
    """Let the customer change the cart again."""
    unfreeze_cart(key)


@workflow(checked=True)
def shopping_cart(checkout: Checkout) -> Order:
    """Check out one shopping cart."""
    key = checkout.idempotency_key
    reason = ""
    undo = compensation()
    try:
        with undo:
            # Before all steps: each of these looks at what was done.
            undo(cart, key)
            undo(stock, key)
            undo(order, key)
            undo(payment, key)
            try:
                done = find_order(checkout)
                if done is not None:
                    return done
                frozen = freeze_cart(checkout.cart, key, now())
                total = price_cart(frozen)
                reserve_stock(frozen.lines, key)
                authorisation = authorise_payment(checkout.payment_method, total, key)
                if authorisation.status == AuthorisationStatus.NEEDS_CONFIRMATION:
                    try:
                        confirmation = confirm_payment(authorisation)
                    except TaskTimeout:
                        raise PaymentDeclined("nobody confirmed the payment in time")
                    if not confirmation.approved:
                        raise PaymentDeclined("the customer's bank refuses the payment")
                placed = create_order(checkout.customer_id, frozen, key)
                capture_payment(key)
                ended = record_outcome(key, CheckoutStatus.SUCCEEDED, "")
                if ended != CheckoutStatus.SUCCEEDED:
                    raise Conflict("another execution has undone this checkout")
            except Exception as error:
                reason = str(error)
                try:
                    stored = record_outcome(key, CheckoutStatus.REJECTED, reason)
                except Exception as problem:
                    undo.clear()
                    raise CompensationFailed(f"outcome: {problem}")
                if stored == CheckoutStatus.SUCCEEDED:
                    undo.clear()
                    raise
                raise
    except CompensationFailed as stuck:
        left = undo.problems or [str(stuck)]
        try:
            record_outcome(key, CheckoutStatus.COMPENSATION_FAILED, reason)
        except Exception as problem:
            left = [*left, f"outcome: {problem}"]
        try:
            call_attention(key, "undo", "; ".join(left))
        except Exception as unheard:
            raise CompensationFailed(f"not everything could be undone, and nobody was told: {unheard}")
        raise
    try:
        clear_cart(checkout.cart, frozen, key)
    except Exception as problem:
        call_attention(key, "clear", str(problem))
    try:
        notify_customer(checkout.customer_id, key, "SUCCEEDED")
    except Exception as problem:
        call_attention(key, "notice", str(problem))
    return placed
