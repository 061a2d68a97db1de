"""What is read of an object: all of the largest that is taken, and nothing of one that is larger."""

from typing import Any

import pytest

from tasks.errors import TooLarge
from tasks.image_recognition.objects import read
from tests.tasks.image_recognition.studio import photo

LARGEST = 25 * 1024 * 1024


class OneObject:
    """An S3 with one object, which notes what it is asked."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.asked: dict[str, Any] = {}

    def get_object(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        return {"ContentLength": self.size, "Body": self, "ETag": '"e"', "VersionId": "v"}

    def read(self, most: int) -> bytes:
        return bytes(min(most, self.size))


def test_the_largest_object_is_read_whole_and_a_larger_one_is_not_read() -> None:
    taken: Any = OneObject(LARGEST)
    refused: Any = OneObject(LARGEST + 1)

    body = read(taken, photo())

    assert (len(body.data), body.etag, body.version) == (LARGEST, "e", "v")
    with pytest.raises(TooLarge, match="26214401 bytes are over the limit"):
        read(refused, photo())


@pytest.mark.parametrize(
    ("version", "etag", "more"),
    [(None, None, {}), ("v1", None, {"VersionId": "v1"}), (None, "e", {"IfMatch": '"e"'})],
)
def test_a_version_and_an_etag_are_asked_for(
    version: str | None, etag: str | None, more: dict[str, str]
) -> None:
    s3: Any = OneObject(1)

    read(s3, photo().model_copy(update={"version": version}), etag=etag)

    assert {name: s3.asked[name] for name in s3.asked if name not in ("Bucket", "Key")} == more
