"""End the record of an image recognition that was aborted, or broke in a way that left its record RUNNING.

Started when an execution of `image_recognition` has failed, timed out or been aborted; takes what EventBridge says of
that. Gives whether a record was ended, and stores FAILED with the cause in it; a record that has ended, or that another
execution holds, stays as it is. Fails with InvalidInput for an execution whose input names no object, and with what
DynamoDB answers. Has no time limit of its own: its one task has.
"""

from pydantic import JsonValue

from stepsmith import Personal, workflow
from tasks.image_recognition.records import end_record


@workflow(checked=True)
def image_recognition_ended(detail: Personal[dict[str, JsonValue]]) -> bool:
    """End the record of an image recognition that could not do it itself."""
    return end_record(detail)
