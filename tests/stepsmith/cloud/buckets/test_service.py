"""Buckets that tell what happens: what the recordings leave open."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith.cloud.local import LocalCloud


@pytest.fixture(scope="module")
def shared() -> LocalCloud:
    return LocalCloud()


@pytest.fixture
def cloud(shared: LocalCloud) -> LocalCloud:
    """Give the cloud of all tests with an empty bucket and an empty queue."""
    s3, sqs = shared.client("s3"), shared.client("sqs")
    if any(bucket["Name"] == "photos" for bucket in s3.list_buckets()["Buckets"]):
        for version in s3.list_object_versions(Bucket="photos").get("Versions", []):
            s3.delete_object(Bucket="photos", Key=version["Key"], VersionId=version["VersionId"])
        s3.delete_bucket(Bucket="photos")
        shared.settle()
        sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="events")["QueueUrl"])
        shared.advance(timedelta(seconds=61))  # until a queue may have the name again
    s3.create_bucket(Bucket="photos")
    sqs.create_queue(QueueName="events")
    return shared


def tell(cloud: LocalCloud, *events: str, **rules: str) -> None:
    """Let the bucket tell the queue."""
    entry: dict[str, Any] = {
        "QueueArn": f"arn:aws:sqs:us-east-1:{cloud.caller.account}:events",
        "Events": list(events),
    }
    if rules:
        entry["Filter"] = {"Key": {"FilterRules": [{"Name": n, "Value": v} for n, v in rules.items()]}}
    cloud.client("s3").put_bucket_notification_configuration(
        Bucket="photos", NotificationConfiguration={"QueueConfigurations": [entry]}
    )


def told(cloud: LocalCloud) -> list[tuple[str, str]]:
    """Give events and keys that the queue has heard of, without the first test."""
    cloud.settle()
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName="events")["QueueUrl"]
    found: list[tuple[str, str]] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            for record in json.loads(message["Body"]).get("Records", []):
                found.append((record["eventName"], record["s3"]["object"]["key"]))
    return found


def test_a_new_configuration_sends_a_test_first(cloud: LocalCloud) -> None:
    tell(cloud, "s3:ObjectCreated:*")
    cloud.settle()
    sqs = cloud.client("sqs")

    (message,) = sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="events")["QueueUrl"])["Messages"]

    body = json.loads(message["Body"])
    assert (body["Event"], body["Bucket"]) == ("s3:TestEvent", "photos")


def test_only_events_and_keys_that_were_asked_for_are_told(cloud: LocalCloud) -> None:
    tell(cloud, "s3:ObjectCreated:Put", prefix="in/", suffix=".jpg")
    s3 = cloud.client("s3")

    for key in ("in/a b.jpg", "in/a.png", "out/a.jpg"):
        s3.put_object(Bucket="photos", Key=key, Body=b"x")
    s3.delete_object(Bucket="photos", Key="in/a b.jpg")

    assert told(cloud) == [("ObjectCreated:Put", "in/a+b.jpg")]


def test_copies_and_deletions_of_many_are_told_one_by_one(cloud: LocalCloud) -> None:
    s3 = cloud.client("s3")
    s3.put_object(Bucket="photos", Key="a", Body=b"x", Tagging="k=v")
    tell(cloud, "s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*")

    s3.copy_object(Bucket="photos", Key="b", CopySource="photos/a")
    s3.delete_objects(Bucket="photos", Delete={"Objects": [{"Key": "a"}, {"Key": "absent"}]})

    assert told(cloud) == [
        ("ObjectCreated:Copy", "b"),
        ("ObjectRemoved:Delete", "a"),
        ("ObjectRemoved:Delete", "absent"),
    ]


def test_an_upload_in_parts_is_told_once_it_is_complete(cloud: LocalCloud) -> None:
    tell(cloud, "s3:ObjectCreated:*")
    s3, place = cloud.client("s3"), {"Bucket": "photos", "Key": "big"}
    upload = s3.create_multipart_upload(**place)["UploadId"]
    part = s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"x")
    assert told(cloud) == []

    s3.complete_multipart_upload(
        **place, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    )

    assert told(cloud) == [("ObjectCreated:CompleteMultipartUpload", "big")]


def test_an_acl_that_is_there_already_is_not_told_of(cloud: LocalCloud) -> None:
    tell(cloud, "s3:ObjectAcl:Put")
    s3 = cloud.client("s3")
    s3.put_object(Bucket="photos", Key="a", Body=b"x")

    for _ in range(2):
        s3.put_object_acl(Bucket="photos", Key="a", ACL="public-read")

    assert told(cloud) == [("ObjectAcl:Put", "a")]


def test_what_is_refused_and_what_is_read_tells_nothing(cloud: LocalCloud) -> None:
    tell(cloud, "s3:ObjectCreated:*", "s3:ObjectRemoved:*")
    s3 = cloud.client("s3")

    with pytest.raises(ClientError):
        s3.copy_object(Bucket="photos", Key="b", CopySource="photos/absent")
    s3.list_objects_v2(Bucket="photos")

    assert told(cloud) == []


def test_a_bucket_that_was_deleted_forgets_its_configuration(cloud: LocalCloud) -> None:
    tell(cloud, "s3:ObjectCreated:*")
    s3 = cloud.client("s3")

    s3.delete_bucket(Bucket="photos")
    s3.create_bucket(Bucket="photos")

    answer = s3.get_bucket_notification_configuration(Bucket="photos")
    assert {name for name in answer if name != "ResponseMetadata"} == set()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"Events": ["s3:Whatever"]}, "A specified event is not supported for notifications."),
        ({"Events": ["s3:ObjectCreated:Whatever"]}, "A specified event is not supported for notifications."),
        (
            {
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "x", "Value": "y"}]}},
            },
            "filter rule name must be either prefix or suffix",
        ),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(
    cloud: LocalCloud, entry: dict[str, Any], message: str
) -> None:
    arn = f"arn:aws:sqs:us-east-1:{cloud.caller.account}:events"

    with pytest.raises(ClientError) as refused:
        cloud.client("s3").put_bucket_notification_configuration(
            Bucket="photos",
            NotificationConfiguration={"QueueConfigurations": [{"QueueArn": arn, **entry}]},
        )

    response: Any = refused.value.response
    error = response["Error"]
    assert (error["Code"], error["Message"]) == ("InvalidArgument", message)


def test_a_function_is_called_with_the_records(cloud: LocalCloud) -> None:
    events: list[Any] = []
    cloud.functions.define("thumb", lambda event, context: events.append(event))
    arn = f"arn:aws:lambda:us-east-1:{cloud.caller.account}:function:thumb"
    s3 = cloud.client("s3")
    s3.put_bucket_notification_configuration(
        Bucket="photos",
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]
        },
    )

    s3.put_object(Bucket="photos", Key="a", Body=b"four")
    cloud.advance(timedelta(seconds=1))

    ((record,),) = [event["Records"] for event in events]
    assert record["s3"]["object"]["size"] == 4
    assert record["s3"]["bucket"]["name"] == "photos"


def test_versions_are_named_and_a_marker_that_is_deleted_is_called_one(cloud: LocalCloud) -> None:
    tell(cloud, "s3:ObjectRemoved:*")
    s3 = cloud.client("s3")
    s3.put_bucket_versioning(Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="photos", Key="a", Body=b"x")

    marker = s3.delete_object(Bucket="photos", Key="a")["VersionId"]
    answer = s3.delete_object(Bucket="photos", Key="a", VersionId=marker)

    assert answer["DeleteMarker"] is True
    assert told(cloud) == [("ObjectRemoved:DeleteMarkerCreated", "a"), ("ObjectRemoved:Delete", "a")]
