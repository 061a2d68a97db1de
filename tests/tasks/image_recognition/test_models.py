"""What a name, a key, a version and a topic may be, and the words in which records are stored."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tasks.image_recognition.models import (
    BucketName,
    Mark,
    ObjectId,
    ObjectKey,
    Outcome,
    Status,
    TopicArn,
    Version,
)

TOPIC = "arn:aws:sns:eu-west-1:123456789012:"
LIMITS: list[tuple[Any, str, str]] = [
    (BucketName, "abc", "a" * 63),
    (ObjectKey, "k", "k" * 1024),
    (ObjectId, "k", "k" * 1024),
    (Mark, "k", "k" * 1024),
    (Version, "", "v" * 1024),
    (TopicArn, f"{TOPIC}t", f"{TOPIC}{'t' * (400 - len(TOPIC))}"),
]


@pytest.mark.parametrize(("model", "shortest", "longest"), LIMITS)
def test_a_text_reaches_to_its_limits_and_no_further(model: Any, shortest: str, longest: str) -> None:
    text = TypeAdapter[str](model)

    assert [text.validate_python(each) for each in (shortest, longest)] == [shortest, longest]
    for bad in (shortest[:-1] if shortest else "\0", f"{longest}x"):
        with pytest.raises(ValidationError):
            text.validate_python(bad)


def test_records_are_read_by_later_versions() -> None:
    assert list(Status) == ["RUNNING", "SUCCEEDED", "PARTIAL", "REFUSED", "FAILED", "SUPERSEDED"]
    assert list(Outcome) == ["done", "skipped", "failed"]
