"""IR-07: events of S3 and EventBridge become inputs, with keys decoded exactly once."""

import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import InvalidInput
from tasks.image_recognition.events import decoded, ended, starts
from tasks.image_recognition.keys import Folders
from tests.shared_data import SHARED, needs_shared

KIT = SHARED / "badinput"


def notification(key: str = "alice/uploads/photo.jpg", **changes: Any) -> dict[str, Any]:
    thing = {"key": quote_plus(key), "size": 10, "eTag": "abc", "sequencer": "0A", **changes.pop("thing", {})}
    s3 = {"bucket": {"name": "photos"}, "object": thing}
    record = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": s3, **changes}
    return {"Records": [record]}


def test_an_upload_starts_an_execution_named_after_it() -> None:
    (start,) = starts(notification(thing={"versionId": "v1"}))

    assert start.model_dump(exclude={"execution"}) == {
        "bucket": "photos",
        "key": "alice/uploads/photo.jpg",
        "object_id": "alice/uploads/photo.jpg",
        "etag": "abc",
        "version": "v1",
    }
    assert start.execution.startswith("image-")


@given(st.text(min_size=1, max_size=60).filter(lambda text: "\0" not in text and not text.endswith("/")))
def test_ir_07_any_key_comes_back_as_it_was(name: str) -> None:
    key = "uploads/" + name

    found = starts(notification(key))

    assert [start.key for start in found] == ([] if "/resized/" in key else [key])


@pytest.mark.parametrize(
    ("encoded", "key"),
    [("a+b", "a b"), ("a%2Bb", "a+b"), ("a%252Fb", "a%2Fb"), ("%C3%BCber", "über"), ("100%", "100%")],
)
def test_ir_07_a_key_is_decoded_exactly_once(encoded: str, key: str) -> None:
    assert decoded(encoded) == key


def test_a_key_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'%FF' is not UTF-8"):
        decoded("%FF")


@pytest.mark.parametrize(
    "key", ["alice/resized/a.jpg", "uploads/resized/a.jpg", "other/a.jpg", "alice/uploads/", "a.jpg"]
)
def test_ir_07_thumbnails_folders_and_other_objects_start_nothing(key: str) -> None:
    assert starts(notification(key)) == []


def test_deletions_and_test_events_start_nothing() -> None:
    assert starts(notification(eventName="ObjectRemoved:Delete")) == []
    assert starts({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "photos"}) == []


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ([], "the event is list, and must be an object"),
        ({"foo": 1}, "the event has no Records"),
        ({"Records": [1]}, r"Records\[0\] is int, and must be an object"),
        (notification(eventSource="aws:sns"), r"Records\[0\] comes from 'aws:sns', not from aws:s3"),
        (notification(eventName=None), r"Records\[0\].eventName is NoneType, and must be text"),
        (notification(s3={}), r"Records\[0\].s3.object is NoneType, and must be an object"),
        (notification(thing={"size": -1}), r"Records\[0\].s3.object.size is -1, and must be 0 or more"),
        (notification(thing={"size": True}), "size is True"),
        (notification(thing={"key": 5}), "key is int, and must be text"),
        (notification("uploads/a\0.jpg"), "String should match pattern"),
        (notification("uploads/" + "x" * 1020), "String should have at most 1024 characters"),
        (notification("uploads/" + "ü" * 600), "longer than 1024 bytes"),
        ({"detail-type": "Object Created", "source": "somebody"}, "comes from 'somebody', not from aws.s3"),
    ],
)
def test_what_is_no_event_of_s3_is_refused_by_the_place(event: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        starts(event)


def test_an_event_about_another_bucket_is_refused_where_one_is_expected() -> None:
    with pytest.raises(InvalidInput, match="about bucket 'photos', not 'mine'"):
        starts(notification(), bucket="mine")


def test_a_key_from_eventbridge_is_not_decoded() -> None:
    thing = {"key": "alice/uploads/a+b%20c.jpg", "size": 1, "etag": "abc", "version-id": "v1"}
    event = {
        "detail-type": "Object Created",
        "source": "aws.s3",
        "detail": {"bucket": {"name": "photos"}, "object": thing},
    }

    (start,) = starts(event)

    assert (start.key, start.etag, start.version) == ("alice/uploads/a+b%20c.jpg", "abc", "v1")
    assert starts({**event, "detail-type": "Object Deleted"}) == []


def test_w_04_an_event_delivered_twice_names_the_same_execution() -> None:
    first, second = starts(notification())[0], starts(notification())[0]

    assert first == second


def test_an_execution_that_timed_out_tells_which_record_to_end() -> None:
    detail = {"status": "TIMED_OUT", "input": json.dumps({"key": "a/uploads/b.jpg", "execution": "image-1"})}

    left = ended(detail)
    assert left is not None
    assert (left.id, left.execution, left.run) == ("a/uploads/b.jpg", "image-1", "image-1")
    assert (left.cause, left.photo) == ("the execution timed out", None)
    by_hand = ended(
        {
            **detail,
            "input": json.dumps({"bucket": "photos", "key": "a/uploads/b.jpg"}),
            "executionArn": "arn:1",
        }
    )
    assert by_hand is not None
    assert (by_hand.id, by_hand.execution, by_hand.run) == ("a/uploads/b.jpg", "arn:1", "arn:1")
    assert by_hand.photo == {"bucket": "photos", "key": "a/uploads/b.jpg", "owner": "a"}
    assert ended({**detail, "status": "SUCCEEDED"}) is None
    for broken, problem in (({"input": "{"}, "not JSON"), ({"input": "{}"}, "object_id is NoneType")):
        with pytest.raises(InvalidInput, match=problem):
            ended({**detail, **broken})
    with pytest.raises(InvalidInput, match=r"detail\.status is NoneType"):
        ended(notification())


def _hostile_events() -> list[dict[str, Any]]:
    if not KIT.is_dir():
        return []
    entries = json.loads((KIT / "index.json").read_text("utf-8"))["entries"]
    return [entry for entry in entries if entry["surface"] == "s3-event" and "file" in entry["payload"]]


@needs_shared
@pytest.mark.parametrize("entry", _hostile_events(), ids=lambda entry: entry["id"])
def test_hostile_events_end_as_they_must(entry: dict[str, Any]) -> None:
    params = entry["params"]
    folders = Folders(uploads=params["prefix"].strip("/"), resized=params["output_prefix"].strip("/"))
    event = json.loads((KIT / entry["payload"]["file"]).read_text("utf-8"))

    try:
        found = starts(event, folders=folders, bucket=params["bucket"])
    except InvalidInput:
        outcome, key = "event-refuse", None
    else:
        outcome, key = ("event-ok", found[0].key) if found else ("event-ignore", None)

    assert outcome == entry["expect"]["outcome"]
    assert key == entry["expect"].get("key")
