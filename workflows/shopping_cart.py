"""Check a cart out: reserve, charge, order; undo all of it when any step fails, times out or crashes (a saga).

Started by the shop with a cart, a customer, a payment method and an idempotency key. Gives the order, or fails with
the reason: EmptyCart, PriceChanged, OutOfStock, PaymentDeclined (all of them Rejected), whatever broke, or
CompensationFailed when something could not be undone, which then stands in the attention queue. Stores each step, the
order and the outcome in the table `checkouts` under the idempotency key: the same key again is the same order,
and the first outcome stands: what another execution has completed is never undone. Has no time limit of its own, which
would end it between a step and its undo: the customer has ten minutes to confirm, and every task has a timeout.
"""

from stepsmith import TaskTimeout, now, workflow
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
from tasks.errors import CompensationFailed, Conflict


@workflow
def shopping_cart(checkout: Checkout) -> Order:
    """Check out one shopping cart."""
    key = checkout.idempotency_key
    try:
        done = find_order(key)
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
        order = create_order(checkout.customer_id, frozen, key)
        capture_payment(key)
        ended = record_outcome(key, CheckoutStatus.SUCCEEDED, "")
        if ended != CheckoutStatus.SUCCEEDED:
            raise Conflict("another execution has undone this checkout")
    except Exception as error:
        stuck: list[str] = []
        undoing = False
        try:
            stored = record_outcome(key, CheckoutStatus.REJECTED, str(error))
            undoing = stored != CheckoutStatus.SUCCEEDED
        except Exception as problem:
            stuck = [f"outcome: {problem}"]
        if undoing:
            try:
                refund_payment(key)
                void_payment(key)
            except Exception as problem:
                stuck = [*stuck, f"payment: {problem}"]
            try:
                cancel_order(key)
            except Exception as problem:
                stuck = [*stuck, f"order: {problem}"]
            try:
                release_stock(key)
            except Exception as problem:
                stuck = [*stuck, f"stock: {problem}"]
            try:
                unfreeze_cart(key)
            except Exception as problem:
                stuck = [*stuck, f"cart: {problem}"]
        if stuck:
            try:
                record_outcome(key, CheckoutStatus.COMPENSATION_FAILED, str(error))
            except Exception as problem:
                stuck = [*stuck, f"outcome: {problem}"]
            try:
                call_attention(key, "undo", "; ".join(stuck))
            except Exception as unheard:
                raise CompensationFailed(f"not everything could be undone, and nobody was told: {unheard}")
            raise CompensationFailed("not everything could be undone; see the attention queue")
        raise
    try:
        clear_cart(checkout.cart, frozen, key)
    except Exception as problem:
        call_attention(key, "clear", str(problem))
    try:
        notify_customer(checkout.customer_id, key, "SUCCEEDED")
    except Exception as problem:
        call_attention(key, "notice", str(problem))
    return order
