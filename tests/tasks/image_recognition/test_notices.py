"""Who is told of a photograph, and of what."""

import json
from typing import Any

import pytest

from stepsmith import WorkflowError
from tasks.errors import NotFound, Throttled
from tasks.image_recognition.models import ImageRecord, Status
from tasks.image_recognition.notices import call_attention, notify
from tasks.image_recognition.rights import ATTENTION
from tests.tasks.cart.memory_dynamodb import ClientError, MemoryQueues

TOPIC = "arn:aws:sns:us-east-1:123456789012:image-recognition"
RECORD = ImageRecord(
    id="alice/uploads/a.jpg",
    bucket="photos",
    key="alice/uploads/a.jpg",
    status=Status.PARTIAL,
    execution="e1",
)


class Topics:
    """An SNS that keeps what is published, or refuses it."""

    def __init__(self, refuses: str | None = None) -> None:
        self.refuses = refuses
        self.published: list[dict[str, str]] = []

    def publish(self, **message: str) -> None:
        if self.refuses is not None:
            raise ClientError(self.refuses)
        self.published.append(message)


def test_who_subscribed_is_told_which_photograph_is_done_and_how() -> None:
    sns: Any = Topics()

    notify(TOPIC, RECORD, sns=sns)

    [message] = sns.published
    assert message["TopicArn"] == TOPIC
    assert json.loads(message["Message"]) == {
        "id": "alice/uploads/a.jpg",
        "bucket": "photos",
        "status": "PARTIAL",
    }


@pytest.mark.parametrize(
    ("code", "error"), [("ResourceNotFoundException", NotFound), ("Throttling", Throttled)]
)
def test_a_topic_that_refuses_is_named(code: str, error: type[WorkflowError]) -> None:
    sns: Any = Topics(code)

    with pytest.raises(error, match=TOPIC):
        notify(TOPIC, RECORD, sns=sns)


def test_who_looks_after_records_is_told_which_execution_could_not_end_one_and_nothing_personal() -> None:
    queues = MemoryQueues()
    queues.create_queue(QueueName=ATTENTION)
    sqs: Any = queues

    call_attention("arn:1", sqs=sqs)

    assert [json.loads(message) for message in queues.sent[ATTENTION]] == [
        {"execution": "arn:1", "step": "end"}
    ]
