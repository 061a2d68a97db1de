"""Give the money back for a sale that was aborted before it was over.

Started when an execution of `delayed_vending` has failed, timed out or been aborted; takes what EventBridge says of
that. Gives whether there was something to give back: an execution that failed has done so itself. Nobody may know
whether the product dropped: better a can for nothing than money for nothing. Stores nothing; the payment provider
keeps the authorisation, and lets none come after this. Fails with what keeps the money from going back, or with
CompensationFailed where nobody could be told of that either. Has no time limit of its own: nothing waits, and every
task has one.
"""

from pydantic import JsonValue

from stepsmith import CompensationFailed, Personal, context, workflow
from tasks.vending import Purchase, call_attention, find_sale, give_money_back


def give_back(purchase: Purchase, execution: str, reason: str) -> None:
    """Give the money back, or leave that to the attention queue."""
    try:
        give_money_back(purchase, execution, reason)
    except Exception as problem:
        try:
            call_attention(f"{purchase.price_cents} cents paid at {purchase.machine_id}", str(problem))
        except Exception as unheard:
            raise CompensationFailed(f"nobody was told: {unheard}")
        raise


@workflow(checked=True)
def delayed_vending_ended(detail: Personal[dict[str, JsonValue]]) -> bool:
    """Give the money back for a sale that could not do it itself."""
    try:
        sale = find_sale(detail)
    except Exception as problem:
        call_attention(context.execution.id, str(problem))
        raise CompensationFailed("nobody knows what is left; see the attention queue")
    if sale is None:
        return False
    give_back(sale.purchase, sale.execution, sale.cause)
    return True
