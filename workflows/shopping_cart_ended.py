"""End a checkout that was aborted: money held is let go, money taken goes back, stock comes back, the cart is free.

Started when an execution of `shopping_cart` has failed, timed out or been aborted; takes what EventBridge says of that.
Gives how the checkout has ended, or None where nothing was left to do. A checkout that has succeeded stays so, and its
cart is cleared; any other is REJECTED with the cause, and each of its steps is undone or never done any more, so that
this and the execution's own undo may race. Stores the outcome and what each step came to in the table of steps, and
puts what nobody could undo in the attention queue, or itself, by its ARN, where it could not find out what is left.
Fails with CompensationFailed in both cases. Has no time limit of its own: nothing waits, and every task has one.
"""

from pydantic import JsonValue

from stepsmith import CompensationFailed, Personal, compensation, context, workflow
from tasks.cart.ending import find_unfinished
from tasks.cart.freezing import clear_cart
from tasks.cart.models import CheckoutStatus
from tasks.cart.orders import call_attention, notify_customer, record_outcome
from tasks.cart.undoing import cart, order, payment, stock
from tasks.errors import Rejected


@workflow(checked=True)
def shopping_cart_ended(detail: Personal[dict[str, JsonValue]]) -> CheckoutStatus | None:
    """End a checkout that could not do it itself."""
    try:
        left = find_unfinished(detail)
    except Exception as problem:
        call_attention(context.execution.id, "find", str(problem))
        raise CompensationFailed("nobody knows what is left; see the attention queue")
    if left is None:
        return None
    key = left.idempotency_key
    try:
        ended = record_outcome(key, CheckoutStatus.REJECTED, left.cause)
    except Exception as problem:
        call_attention(key, "outcome", str(problem))
        raise
    if ended == CheckoutStatus.SUCCEEDED:
        try:
            clear_cart(key)
            notify_customer(left.customer_id, key, "SUCCEEDED")
        except Exception as problem:
            call_attention(key, "clear", str(problem))
        return ended
    undo = compensation()
    try:
        with undo:
            undo(cart, key)
            undo(stock, key)
            undo(order, key)
            undo(payment, key)
            raise Rejected(left.cause)
    except Exception:
        if not undo.problems:
            return ended
        call_attention(key, "undo", "; ".join(undo.problems))
        record_outcome(key, CheckoutStatus.COMPENSATION_FAILED, left.cause)
        raise
