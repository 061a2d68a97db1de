"""IR-06, IR-10: who may write a record when, and how records are found."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.expressions.types import Json
from tasks.errors import Conflict, InvalidInput
from tasks.image_recognition.items import from_attribute, to_attribute
from tasks.image_recognition.models import ImageRecord, Labelling, Outcome, Photo, Status, Thumbnailing
from tasks.image_recognition.objects import read
from tasks.image_recognition.records import (
    TABLE,
    complete,
    create_table,
    end,
    end_record,
    newest,
    record_failure,
    record_refusal,
    register,
    store,
)
from tests.tasks.image_recognition.studio import BUCKET, NOW, Studio, inspected, photo
from tests.tasks.pictures.made_pictures import jpeg, png

KEY = "alice/uploads/photo.jpg"
DONE = Labelling(status=Outcome.DONE)
MADE = Thumbnailing(status=Outcome.DONE)


def registered(execution: str = "run-1", etag: str | None = None, **changes: Any) -> Photo:
    given = {"object_id": None, "version": None, "key": KEY, "now": NOW, **changes}
    return register(bucket=BUCKET, etag=etag, holder=execution, **given)


def stored(photo: Photo, body: bytes) -> ImageRecord:
    return store(photo, inspected(body, photo.etag or "")[1], DONE, MADE)


def age(studio: Studio, uploaded_at: str) -> None:
    """Pretend that the record is of an object written then."""
    studio.dynamodb.update_item(
        TableName=TABLE,
        Key={"id": {"S": KEY}},
        UpdateExpression="SET uploaded_at = :at",
        ExpressionAttributeValues={":at": {"S": uploaded_at}},
    )


def test_ir_10_a_registered_photograph_is_readable_while_it_runs(studio: Studio) -> None:
    etag = studio.upload(jpeg())

    photo = registered()

    assert (photo.id, photo.owner, photo.etag, photo.execution) == (KEY, "alice", etag, "run-1")
    record = studio.record()
    assert record is not None
    assert record.status == Status.RUNNING
    assert [each.id for each in newest(studio.dynamodb, "alice")] == [KEY]


def test_the_object_id_is_the_whole_key_unless_told_otherwise(studio: Studio) -> None:
    studio.upload(jpeg())

    assert registered().id == KEY
    assert registered(object_id="mine").id == "mine"


def test_ir_06_an_object_that_is_gone_is_registered_so_that_its_record_can_say_so(studio: Studio) -> None:
    photo = registered(etag='"old"')

    assert (photo.etag, photo.uploaded_at) == ('"old"', "2026-01-01T00:00:00Z")
    assert studio.record() is not None


def test_ir_06_an_object_that_is_gone_does_not_lose_the_record_it_has(studio: Studio) -> None:
    studio.upload(jpeg())
    stored(registered(), jpeg())
    studio.s3.delete_object(Bucket=BUCKET, Key=KEY)

    with pytest.raises(Conflict):
        registered("run-2")


@pytest.mark.parametrize("quotes", ["", '"'])
def test_ir_06_an_execution_for_an_object_that_was_replaced_stops(studio: Studio, quotes: str) -> None:
    etag = studio.upload(jpeg())
    studio.upload(png())

    with pytest.raises(Conflict, match="is not the object of ETag"):
        registered(etag=f"{quotes}{etag}{quotes}")

    assert studio.record() is None


def test_ir_06_an_execution_for_an_older_version_stops(studio: Studio) -> None:
    studio.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    version = studio.s3.put_object(Bucket=BUCKET, Key=KEY, Body=jpeg())["VersionId"]
    newer = studio.s3.put_object(Bucket=BUCKET, Key=KEY, Body=jpeg())["VersionId"]

    with pytest.raises(Conflict, match="is not version"):
        registered(version=version)
    assert registered(version=newer).version == newer


def test_ir_06_the_record_of_a_newer_object_is_not_taken_over(studio: Studio) -> None:
    studio.upload(jpeg())
    registered("newer")
    age(studio, "9999-01-01T00:00:00Z")

    with pytest.raises(Conflict):
        registered("older")


def test_ir_06_the_last_to_register_writes_the_record(studio: Studio) -> None:
    studio.upload(jpeg())
    first, second = registered("run-1"), registered("run-2")

    with pytest.raises(Conflict):
        stored(first, jpeg())
    stored(second, jpeg())

    record = studio.record()
    assert record is not None
    assert (record.status, record.execution) == (Status.SUCCEEDED, "run-2")


def test_w_03_registering_and_storing_twice_changes_nothing(studio: Studio) -> None:
    studio.upload(jpeg())
    registered()
    photo = registered()
    first = stored(photo, jpeg())

    assert stored(photo, jpeg()) == first == studio.record()


ENDED: dict[str, Callable[[Photo], object]] = {
    "succeeded": lambda photo: stored(photo, jpeg()),
    "partial": lambda photo: store(
        photo, inspected(jpeg(), photo.etag or "")[1], Labelling(status=Outcome.FAILED), MADE
    ),
    "refused": lambda photo: record_refusal(photo, "corrupt", "it is damaged"),
}


@pytest.mark.parametrize("again", ["run-1", "run-2"])
@pytest.mark.parametrize("end_as", ENDED)
def test_w_04_an_event_that_comes_again_does_not_touch_a_record_that_has_ended(
    studio: Studio, end_as: str, again: str
) -> None:
    etag = studio.upload(jpeg())
    ENDED[end_as](registered())
    before = studio.record()

    with pytest.raises(Conflict):
        registered(again, etag=etag)

    assert studio.record() == before


@pytest.mark.parametrize("again", ["run-1", "run-2"])
def test_a_photograph_that_failed_may_be_tried_again(studio: Studio, again: str) -> None:
    studio.upload(jpeg())
    record_failure(registered().id, "run-1", "the table was away")

    stored(registered(again), jpeg())

    record = studio.record()
    assert record is not None
    assert record.status == Status.SUCCEEDED


def test_ir_06_another_photograph_of_the_same_second_has_the_record(studio: Studio) -> None:
    studio.upload(jpeg())
    stored(registered(), jpeg())
    record = studio.record()
    assert record is not None
    etag = studio.upload(png())
    head = studio.s3.head_object(Bucket=BUCKET, Key=KEY)
    age(studio, head["LastModified"].strftime("%Y-%m-%dT%H:%M:%SZ"))

    assert registered("run-2", etag=etag).execution == "run-2"


def test_ir_06_the_same_photograph_uploaded_later_is_recognised_anew(studio: Studio) -> None:
    studio.upload(jpeg())
    stored(registered(), jpeg())
    age(studio, "2020-01-01T00:00:00Z")

    assert registered("run-2").execution == "run-2"


def test_w_04_two_executions_of_one_event_end_one_record_once(studio: Studio) -> None:
    studio.upload(jpeg())
    photo, twin = registered(), registered()
    first = stored(photo, jpeg())

    with pytest.raises(Conflict):
        store(twin, inspected(jpeg())[1], Labelling(status=Outcome.FAILED, reason="slow down"), MADE)
    record_refusal(twin, "corrupt", "it is damaged")
    record_failure(twin.id, twin.execution, "it broke")

    assert studio.record() == first


def test_a_bucket_without_versions_sends_an_empty_one(studio: Studio) -> None:
    studio.upload(jpeg())

    assert registered(version="").version is None


def test_of_a_bucket_with_versions_the_registered_one_is_read(studio: Studio) -> None:
    studio.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    studio.upload(jpeg())
    photo = registered()
    studio.upload(png())

    assert photo.version is not None
    assert read(studio.s3, photo).data == jpeg()


def test_ir_07_a_thumbnail_is_not_registered(studio: Studio) -> None:
    with pytest.raises(InvalidInput, match="is a thumbnail"):
        registered(key="alice/resized/photo.jpg")


@pytest.mark.parametrize(
    ("labelling", "thumbnailing", "status", "warning"),
    [
        (DONE, MADE, Status.SUCCEEDED, None),
        (
            Labelling(status=Outcome.FAILED, reason="slow down"),
            MADE,
            Status.PARTIAL,
            "labels failed: slow down",
        ),
        (DONE, Thumbnailing(status=Outcome.FAILED, reason="no"), Status.PARTIAL, "thumbnail failed: no"),
        (Labelling(status=Outcome.SKIPPED, reason="small"), MADE, Status.SUCCEEDED, "labels skipped: small"),
    ],
)
def test_ir_05_what_failed_alone_makes_the_record_partial(
    labelling: Labelling, thumbnailing: Thumbnailing, status: Status, warning: str | None
) -> None:
    record = complete(photo(), inspected(jpeg())[1], labelling, thumbnailing)

    assert record.status == status
    assert record.warnings == ([warning] if warning else [])


def test_a_refusal_says_why_and_stays(studio: Studio) -> None:
    studio.upload(b"hello")
    photo = registered()

    record_refusal(photo, "unsupported", "text is not processed")
    record_failure(photo.id, photo.execution, "something else")

    record = studio.record()
    assert record is not None
    assert (record.status, record.reason) == (Status.REFUSED, "unsupported: text is not processed")


def test_a_failure_says_what_broke(studio: Studio) -> None:
    studio.upload(jpeg())

    photo = registered()
    record_failure(photo.id, photo.execution, "x" * 5000)

    record = studio.record()
    assert record is not None
    assert (record.status, record.reason) == (Status.FAILED, "x" * 1000)


def test_ir_04_an_execution_that_was_aborted_leaves_its_record_failed_with_its_cause(studio: Studio) -> None:
    studio.upload(jpeg())
    photo = registered()
    input = json.dumps({"key": photo.key, "execution": photo.execution})

    assert end_record({"status": "ABORTED", "input": input, "cause": "by hand"})

    record = studio.record()
    assert record is not None
    assert (record.status, record.reason) == (Status.FAILED, "by hand")


def test_ir_06_an_execution_that_was_overtaken_ends_nothing(studio: Studio) -> None:
    studio.upload(jpeg())
    first = registered("run-1")
    registered("run-2")

    record_failure(first.id, first.execution, "too late")

    record = studio.record()
    assert record is not None
    assert record.status == Status.RUNNING
    assert end(studio.dynamodb, KEY, "run-1", Status.FAILED, "too late") is False


def test_w_02_the_whole_record_comes_back_as_it_was_stored(studio: Studio) -> None:
    studio.upload(jpeg())

    record = stored(registered(), jpeg())

    assert studio.record() == record


def test_ir_10_an_owner_finds_their_own_photographs_newest_first(studio: Studio) -> None:
    for day, owner in [(3, "alice"), (1, "alice"), (2, "alice"), (4, "bob")]:
        now = datetime(2026, 1, day, tzinfo=UTC)
        registered(f"run-{day}", key=f"{owner}/uploads/{day}.jpg", now=now)

    first = newest(studio.dynamodb, "alice", limit=2)
    rest = newest(studio.dynamodb, "alice", before=first[-1].uploaded_at)

    assert [record.key for record in first] == ["alice/uploads/3.jpg", "alice/uploads/2.jpg"]
    assert [record.key for record in rest] == ["alice/uploads/1.jpg"]


def test_an_id_without_a_record_is_none(studio: Studio) -> None:
    assert studio.record("nothing") is None


def test_the_table_is_made_once(studio: Studio) -> None:
    create_table(studio.dynamodb)

    assert studio.dynamodb.list_tables()["TableNames"] == [TABLE]


JSON: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(), inner.filter(lambda v: v is not None), max_size=3)
    ),
    max_leaves=10,
)


@given(JSON)
def test_json_comes_back_from_dynamodb_as_it_was(value: Json) -> None:
    assert from_attribute(to_attribute(value)) == value
