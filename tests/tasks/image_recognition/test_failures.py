"""IR-09: what a service answers becomes a named error, and only what passes with time is tried again."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from tasks import errors
from tasks.image_recognition.failures import TRANSIENT
from tasks.image_recognition.models import ImageRecord, Status
from tasks.image_recognition.notices import notify
from tasks.named_errors import named_errors
from tasks.retries import LAMBDA_FAULTS


def client_error(code: str, status: int = 400) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": "words"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "Call")


@pytest.mark.parametrize(
    ("raised", "named"),
    [
        (client_error("NoSuchKey"), errors.NotFound),
        (client_error("404"), errors.NotFound),
        (client_error("AccessDenied"), errors.Forbidden),
        (client_error("PreconditionFailed"), errors.Conflict),
        (client_error("ConditionalCheckFailedException"), errors.Conflict),
        (client_error("SlowDown"), errors.Throttled),
        (client_error("ProvisionedThroughputExceededException"), errors.Throttled),
        (client_error("InternalError"), errors.Unavailable),
        (client_error("SomethingNew", 503), errors.Unavailable),
        (client_error("SomethingNew", 500), errors.Unavailable),
        (client_error("InvalidImageFormatException"), errors.Unsupported),
        (EndpointConnectionError(endpoint_url="https://s3"), errors.Unavailable),
        (NoCredentialsError(), errors.Forbidden),
    ],
)
def test_an_answer_becomes_a_named_error(raised: Exception, named: type[Exception]) -> None:
    with pytest.raises(named, match=r"^the call: ") as caught, named_errors("the call"):
        raise raised

    assert caught.value.__cause__ is raised


@pytest.mark.parametrize(
    "raised", [client_error("SomethingNew"), client_error("New", 499), ValueError("ours")]
)
def test_what_is_not_known_stays_what_it_is(raised: Exception) -> None:
    with pytest.raises(type(raised)) as caught, named_errors("the call"):
        raise raised

    assert caught.value is raised


def test_ir_09_only_what_passes_with_time_is_tried_again() -> None:
    assert set(TRANSIENT.names()) == {"Throttled", "Unavailable", *LAMBDA_FAULTS}
    delays = [TRANSIENT.delay(retries) for retries in range(3)]
    assert [delay and delay.total_seconds() for delay in delays] == [1.0, 1.5, None]


def test_w_08_a_notice_says_nothing_personal() -> None:
    class Sns:
        def publish(self, **arguments: Any) -> None:
            published.append(arguments)

    published: list[dict[str, Any]] = []
    record = ImageRecord(
        id="1",
        bucket="photos",
        key="alice/uploads/a.jpg",
        owner="alice",
        status=Status.PARTIAL,
        execution="run",
    )

    notify("arn:aws:sns:eu-west-1:123456789012:done", record, sns=Sns())

    assert json.loads(published[0]["Message"]) == {"id": "1", "bucket": "photos", "status": "PARTIAL"}
