"""End the record of an image recognition that was aborted, or broke in a way that left its record RUNNING.

Started by EventBridge's event about an execution of `image_recognition`, in whatever stack, that did not succeed; takes
the detail of that event. Gives whether a record was ended, and stores FAILED with the cause in it; a record that has
ended, or that another execution holds, stays as it is. Fails with InvalidInput for an execution whose input names no
object, and with what DynamoDB answers. Has no time limit of its own: its one task has.
"""

from pydantic import JsonValue

from stepsmith import Personal, workflow
from stepsmith.triggers import Event
from tasks.image_recognition.events import BADLY_ENDED
from tasks.image_recognition.records import end_record

# the end of the name that a stack gives the state machine
MACHINE = "-image_recognition"
ENDED = Event(
    name="ended",
    pattern={
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"status": list(BADLY_ENDED), "stateMachineArn": [{"suffix": MACHINE}]},
    },
    input={"detail": "$.detail"},
)


@workflow(triggers=[ENDED], checked=True)
def image_recognition_ended(detail: Personal[dict[str, JsonValue]]) -> bool:
    """End the record of an image recognition that could not do it itself."""
    return end_record(detail)
