"""The tasks, each called as a function."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from tasks.errors import (
    Conflict,
    Corrupt,
    Forbidden,
    InvalidInput,
    NotFound,
    Throttled,
    TooLarge,
    Unsupported,
)
from tasks.media.models import Original, Transform, TransformRequest
from tasks.media.objects import store_derived
from tasks.media.parsing import derived_key
from tasks.media.rights import ORIGINALS, PICTURES
from tasks.media.steps import (
    inspect_original,
    look_up_derived,
    look_up_original,
    parse_request,
    render_and_store,
)
from tests.tasks.pictures.made_pictures import jpeg

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SMALL = Transform(width=20)
REQUEST = TransformRequest(key="a/owl.jpg", transform=SMALL, derived=derived_key("a/owl.jpg", SMALL))


def put(s3: Any, body: bytes | None = None) -> Original:
    s3.put_object(Bucket=ORIGINALS, Key=REQUEST.key, Body=jpeg() if body is None else body)
    return look_up_original(REQUEST)


class Failing:
    """A client whose operations all fail with one code."""

    def __init__(self, code: str) -> None:
        self._code = code

    def __getattr__(self, operation: str) -> Any:
        def call(**_: object) -> None:
            raise ClientError({"Error": {"Code": self._code, "Message": "no"}}, operation)

        return call


def test_an_address_is_read_with_the_settings_of_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_request("20x/a/owl.jpg", {}, "", now=NOW) == REQUEST
    monkeypatch.setenv("MEDIA_PRESETS", "30x")
    with pytest.raises(Forbidden, match="there are only 30x"):
        parse_request("20x/a/owl.jpg", {}, "", now=NOW)
    monkeypatch.setenv("MEDIA_SECRET", "s3cret")
    with pytest.raises(Forbidden, match="signed addresses only"):
        parse_request("20x/a/owl.jpg", {}, "", now=NOW)
    with pytest.raises(InvalidInput):
        parse_request("0x0/a/owl.jpg", {}, "", now=NOW)


def test_the_original_is_named_by_its_etag(s3: Any) -> None:
    first, second = put(s3), put(s3, jpeg(50, 50))

    assert first.bytes == len(jpeg())
    assert first.etag != second.etag


def test_an_original_that_is_gone_too_large_or_kept_from_us_is_so_by_name(s3: Any) -> None:
    with pytest.raises(NotFound):
        look_up_original(REQUEST)
    with pytest.raises(TooLarge, match="over the limit"):
        put(s3, bytes(26 * 1024 * 1024))
    with pytest.raises(Forbidden):
        look_up_original(REQUEST, s3=Failing("403"))
    with pytest.raises(Throttled):
        look_up_original(REQUEST, s3=Failing("SlowDown"))


def test_a_picture_is_made_once_and_found_while_the_original_is_the_same(s3: Any) -> None:
    original = put(s3)
    before = look_up_derived(REQUEST, original)
    made = render_and_store(REQUEST, original)

    assert before is None
    assert look_up_derived(REQUEST, original) == made
    assert look_up_derived(REQUEST, put(s3, jpeg(90, 90))) is None
    kept = s3.get_object(Bucket=PICTURES, Key=made.key)
    assert (kept["ContentType"], kept["ContentLength"]) == ("image/jpeg", made.bytes)
    assert kept["Metadata"] == {"source-etag": original.etag, "transform": '{"width":20}'}
    assert Image.open(BytesIO(kept["Body"].read())).size == (20, 16)


def test_a_picture_of_an_older_original_is_replaced(s3: Any) -> None:
    first = render_and_store(REQUEST, put(s3))
    second = render_and_store(REQUEST, put(s3, jpeg(90, 90)))

    assert second.key == first.key
    assert second.source != first.source
    assert s3.head_object(Bucket=PICTURES, Key=first.key)["ETag"].strip('"') == second.etag


def test_the_header_is_inspected(s3: Any) -> None:
    found = inspect_original(REQUEST, put(s3))

    assert (found.format, found.width, found.height) == ("JPEG", 100, 80)
    with pytest.raises(Unsupported):
        inspect_original(REQUEST, put(s3, b"hello"))
    with pytest.raises(Corrupt):
        inspect_original(REQUEST, put(s3, jpeg()[:-300]))


def test_an_original_that_was_replaced_meanwhile_is_a_conflict(s3: Any) -> None:
    before = put(s3)
    put(s3, jpeg(50, 50))

    for step in (inspect_original, render_and_store):
        with pytest.raises(Conflict):
            step(REQUEST, before)
    assert "Contents" not in s3.list_objects_v2(Bucket=PICTURES)


class Raced:
    """A client that is overtaken between looking and writing."""

    def __init__(self, s3: Any, other: Original) -> None:
        self._s3 = s3
        self._other = other

    def head_object(self, **given: Any) -> Any:
        try:
            return self._s3.head_object(**given)
        except ClientError:
            store_derived(self._s3, REQUEST, self._other, b"theirs", "image/jpeg")
            raise

    def put_object(self, **given: Any) -> Any:
        return self._s3.put_object(**given)


def test_what_somebody_else_has_kept_meanwhile_is_taken_and_of_another_original_it_is_a_conflict(
    s3: Any,
) -> None:
    original = put(s3)

    there = store_derived(Raced(s3, original), REQUEST, original, b"ours", "image/jpeg")
    assert s3.get_object(Bucket=PICTURES, Key=there.key)["Body"].read() == b"theirs"
    s3.delete_object(Bucket=PICTURES, Key=there.key)
    with pytest.raises(Conflict):
        store_derived(Raced(s3, Original(etag="other", bytes=1)), REQUEST, original, b"ours", "image/jpeg")
