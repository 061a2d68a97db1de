"""End the record of an image recognition that was aborted, or broke in a way that left its record RUNNING.

Started when an execution of `image_recognition` has failed, timed out or been aborted; takes what EventBridge says of
that. Gives whether a record was ended, and stores FAILED with the cause in it; one that was aborted before it had
written a record leaves one that is FAILED, too, and can write none any more. A record that has ended, or that another
execution holds, stays as it is. Fails with InvalidInput for an execution whose input names no object, and with
CompensationFailed where the record could not be ended, which then stands in the attention queue. Has no time limit of
its own: nothing waits, and every task has one.
"""

from pydantic import JsonValue

from stepsmith import CompensationFailed, Personal, context, workflow
from tasks.image_recognition.notices import call_attention
from tasks.image_recognition.records import end_record


@workflow(checked=True)
def image_recognition_ended(detail: Personal[dict[str, JsonValue]]) -> bool:
    """End the record of an image recognition that could not do it itself."""
    try:
        return end_record(detail)
    except Exception:
        try:
            call_attention(context.execution.id)
        except Exception as unheard:
            raise CompensationFailed(f"the record could not be ended, and nobody was told: {unheard}")
        raise CompensationFailed("the record could not be ended; see the attention queue")
