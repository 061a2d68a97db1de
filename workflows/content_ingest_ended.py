"""End the record of a content ingest that was aborted, or broke in a way that left its record RUNNING.

Started when an execution of `content_ingest` has failed, timed out or been aborted; takes what EventBridge says of
that. Gives whether a record was ended, and stores FAILED with the cause in it. A record that has ended, or that another
execution holds, stays as it is. Fails with CompensationFailed where the record could not be ended, which then stands in
the attention queue. Has no time limit of its own: nothing waits, and every task has one.
"""

from pydantic import JsonValue

from stepsmith import CompensationFailed, Personal, context, workflow
from tasks.content.runs import call_attention, end_run


@workflow(checked=True)
def content_ingest_ended(detail: Personal[dict[str, JsonValue]]) -> bool:
    """End the record of a run that could not do it itself."""
    try:
        return end_run(detail)
    except Exception:
        try:
            call_attention(context.execution.id)
        except Exception as unheard:
            raise CompensationFailed(f"the record could not be ended, and nobody was told: {unheard}")
        raise CompensationFailed("the record could not be ended; see the attention queue")
