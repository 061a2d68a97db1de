"""End a swipe whose execution was aborted: no free drink is promised any more, and the swipe is FAILED.

Started when an execution of `vending_pass` has failed, timed out or been aborted; takes what EventBridge says of
that. Gives whether a swipe was open; one that has ended, or that another execution holds, stays as it is. Points that
were counted stay, and a free drink that the machine was not told of is for the next swipe. Stores the status of the
swipe and of its drink in the table of passes. Fails with CompensationFailed when something could not be undone, which
then stands in the attention queue. Has no time limit of its own: nothing waits, and every task has one.
"""

from pydantic import JsonValue

from stepsmith import CompensationFailed, Personal, context, workflow
from tasks.vending import call_attention
from tasks.vending_pass.drinks import withdraw_free_drink
from tasks.vending_pass.models import SwipeStatus
from tasks.vending_pass.swipes import find_open_swipe, record_swipe


@workflow(checked=True)
def vending_pass_ended(detail: Personal[dict[str, JsonValue]]) -> bool:
    """End a swipe that could not do it itself."""
    try:
        swipe = find_open_swipe(detail)
    except Exception as problem:
        call_attention(context.execution.id, str(problem))
        raise CompensationFailed("nobody knows what is left; see the attention queue")
    if swipe is None:
        return False
    try:
        withdraw_free_drink(swipe.swipe_id, swipe.participant)
        record_swipe(swipe.swipe_id, swipe.execution_id, SwipeStatus.FAILED)
    except Exception as problem:
        call_attention(f"swipe {swipe.swipe_id}", str(problem))
        raise CompensationFailed("not everything could be undone; see the attention queue")
    return True
