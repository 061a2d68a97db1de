"""Check a cart out: reserve, charge, order; undo all of it when any step fails, times out or crashes (a saga).

Started by the shop with a cart, a customer, a payment method and an idempotency key. Gives the order, or fails with
the reason: EmptyCart, PriceChanged, OutOfStock, PaymentDeclined (all of them Rejected), Conflict where another checkout
of this cart has not ended, whatever broke, or CompensationFailed when something could not be undone, which then stands
in the attention queue. Stores each step, the order and the outcome in the table `checkouts` under the idempotency key.
The key belongs to one customer and one cart, others fail with KeyTaken and disturb nothing; the same key again is the
same order, or AlreadyRejected. The first outcome stands: what another execution has completed is never undone. Has no
time limit of its own: the customer has ten minutes to confirm, and every task has a timeout. What is left when it is
aborted is undone by `shopping_cart_ended`.
"""

from stepsmith import CompensationFailed, TaskTimeout, compensation, now, workflow
from tasks.cart.errors import PaymentDeclined
from tasks.cart.freezing import clear_cart, freeze_cart, price_cart
from tasks.cart.models import AuthorisationStatus, Checkout, CheckoutStatus, Order
from tasks.cart.orders import (
    call_attention,
    create_order,
    notify_customer,
    open_checkout,
    record_outcome,
)
from tasks.cart.payments import (
    authorise_payment,
    capture_payment,
    confirm_payment,
)
from tasks.cart.stock import reserve_stock
from tasks.cart.undoing import cart, order, payment, stock
from tasks.errors import Conflict, InvalidInput, Rejected
from workflows.shopping_cart_ended import shopping_cart_ended


@workflow(checked=True, ended=shopping_cart_ended, refusals=(InvalidInput, Rejected, Conflict))
def shopping_cart(checkout: Checkout) -> Order:
    """Check out one shopping cart."""
    done = open_checkout(checkout)
    if done is not None:
        return done
    key = checkout.idempotency_key
    reason = ""
    confirmed = False
    undo = compensation()
    try:
        with undo:
            # Before all steps: each of these looks at what was done.
            undo(cart, key)
            undo(stock, key)
            undo(order, key)
            undo(payment, key)
            try:
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
                    confirmed = True
                placed = create_order(checkout.customer_id, frozen, key)
                capture_payment(key, confirmed)
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
        # Somebody is told before this is the outcome: what has it is left alone by what ends records.
        try:
            call_attention(key, "undo", "; ".join(left))
        except Exception as unheard:
            raise CompensationFailed(f"not everything could be undone, and nobody was told: {unheard}")
        try:
            record_outcome(key, CheckoutStatus.COMPENSATION_FAILED, reason)
        except Exception as problem:
            raise CompensationFailed(f"outcome: {problem}")
        raise
    try:
        clear_cart(key)
    except Exception as problem:
        call_attention(key, "clear", str(problem))
    try:
        notify_customer(checkout.customer_id, key, "SUCCEEDED")
    except Exception as problem:
        call_attention(key, "notice", str(problem))
    return placed
