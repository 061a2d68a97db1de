"""S3's records and events, with the fields of the recordings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from stepsmith.events.records import ObjectChange, object_event, object_record
from stepsmith.expressions.types import Json

PUT = ObjectChange(
    event="ObjectCreated:Put",
    bucket="b",
    key="up loads/ä@1.jpg",
    at=1704067200.123,
    account="111111111111",
    region="us-east-1",
    sequencer="0055",
    request_id="R",
    size=4,
    etag="8d77",
)


def of_object(record: dict[str, Json]) -> dict[str, Any]:
    return cast("Any", record)["s3"]["object"]


def test_the_record_of_an_upload_has_every_field() -> None:
    record = object_record(PUT, "id123")

    assert record == {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2024-01-01T00:00:00.123Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": PUT.principal},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "R", "x-amz-id-2": ""},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "id123",
            "bucket": {"name": "b", "ownerIdentity": {"principalId": PUT.owner}, "arn": "arn:aws:s3:::b"},
            "object": {"key": "up+loads/%C3%A4%401.jpg", "size": 4, "eTag": "8d77", "sequencer": "0055"},
        },
    }


@pytest.mark.parametrize(
    ("event", "version", "keys"),
    [
        ("ObjectRemoved:Delete", "2.1", ["key", "versionId", "sequencer"]),
        ("ObjectRemoved:DeleteMarkerCreated", "2.1", ["key", "eTag", "versionId", "sequencer"]),
        ("ObjectTagging:Put", "2.3", ["key", "eTag", "versionId"]),
        ("ObjectAcl:Put", "2.3", ["key", "eTag", "versionId"]),
        ("ObjectCreated:Copy", "2.1", ["key", "size", "eTag", "versionId", "sequencer"]),
    ],
)
def test_kinds_of_events_name_different_parts_of_the_object(
    event: str, version: str, keys: list[str]
) -> None:
    record = object_record(replace(PUT, event=event, version_id="v"), "id")

    assert record["eventVersion"] == version
    assert list(of_object(record)) == keys


def test_a_completed_restore_says_until_when() -> None:
    done = replace(PUT, event="ObjectRestore:Completed", storage_class="GLACIER", restored_until=1704153600.0)

    assert object_record(done, "id")["glacierEventData"] == {
        "restoreEventData": {
            "lifecycleRestorationExpiryTime": "2024-01-02T00:00:00.000Z",
            "lifecycleRestoreStorageClass": "GLACIER",
        }
    }
    detail = cast("Any", object_event(done, "id")["detail"])
    assert detail["restore-expiry-time"] == "2024-01-02T00:00:00Z"
    assert "source-ip-address" not in detail
    assert "reason" not in detail


def test_an_event_names_the_key_as_it_is_and_why() -> None:
    event = object_event(PUT, "id-1")

    assert event == {
        "version": "0",
        "id": "id-1",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "111111111111",
        "time": "2024-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::b"],
        "detail": {
            "version": "0",
            "bucket": {"name": "b"},
            "object": {"key": "up loads/ä@1.jpg", "size": 4, "etag": "8d77", "sequencer": "0055"},
            "request-id": "R",
            "requester": "111111111111",
            "source-ip-address": "127.0.0.1",
            "reason": "PutObject",
        },
    }


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("ObjectRemoved:Delete", "Permanently Deleted"),
        ("ObjectRemoved:DeleteMarkerCreated", "Delete Marker Created"),
    ],
)
def test_a_deletion_says_of_what_kind_it_is(event: str, kind: str) -> None:
    detail = cast("Any", object_event(replace(PUT, event=event), "id")["detail"])

    assert (detail["reason"], detail["deletion-type"]) == ("DeleteObject", kind)
    assert list(detail["object"]) == (
        ["key", "sequencer"] if kind[0] == "P" else ["key", "etag", "sequencer"]
    )
