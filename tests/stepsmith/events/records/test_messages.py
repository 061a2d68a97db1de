"""Records of queues and streams and of the clock, with the fields of the recordings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stepsmith.events.records import (
    Change,
    QueuedMessage,
    StreamedRecord,
    change_record,
    queue_record,
    scheduled_event,
    stream_record,
)
from stepsmith.events.records.queues import attributes_digest

ATTRIBUTES: dict[str, dict[str, object]] = {
    "a": {"DataType": "String", "StringValue": "x"},
    "b": {"DataType": "Binary", "BinaryValue": b"\x02\x03\x04"},
}


def test_a_message_of_a_queue_keeps_its_attributes() -> None:
    message = QueuedMessage(
        message_id="m",
        receipt_handle="r",
        body="hello",
        attributes={"ApproximateReceiveCount": "1"},
        message_attributes=ATTRIBUTES,
    )

    record = queue_record(message, queue_arn="arn:q", region="us-east-1")

    assert record == {
        "messageId": "m",
        "receiptHandle": "r",
        "body": "hello",
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {
            "a": {"stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
            "b": {
                "binaryValue": "AgME",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "Binary",
            },
        },
        "md5OfMessageAttributes": attributes_digest(ATTRIBUTES),
        "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:q",
        "awsRegion": "us-east-1",
    }


@pytest.mark.parametrize(
    ("names", "digest"),
    [
        (("Help.Me", "Hello", "General"), "4c360f3fdafd970e05fae2f149d997f5"),
        (("Hello", "General"), "fca026605781cb4126a1e9044df24232"),
        (("Hello",), "a311262e065454b75da111d535b8dacd"),
    ],
)
def test_the_digest_of_attributes_is_the_one_that_sqs_answers(names: tuple[str, ...], digest: str) -> None:
    # Recorded: test_receive_message_message_attribute_names_filters.
    texts = {"Help.Me": "Me", "Hello": "There", "General": "Kenobi"}

    attributes = {name: {"DataType": "String", "StringValue": texts[name]} for name in names}

    assert attributes_digest(attributes) == digest


def test_a_record_of_kinesis_names_its_shard() -> None:
    record = StreamedRecord(sequence_number="49", partition_key="k", data=b"hello", at=1704067200.1234)

    assert stream_record(
        record, stream_arn="arn:s", shard_id="shardId-000000000000", role_arn="arn:r", region="us-east-1"
    ) == {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "k",
            "sequenceNumber": "49",
            "data": "aGVsbG8=",
            "approximateArrivalTimestamp": 1704067200.123,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": "shardId-000000000000:49",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:r",
        "awsRegion": "us-east-1",
        "eventSourceARN": "arn:s",
    }


CHANGE = Change(
    event_id="e",
    sequence_number="000000000000000000001",
    at=1704067201.9,
    keys={"id": {"S": "id_value"}},
    old=None,
    new={"id": {"S": "id_value"}, "id2": {"S": "id2_value"}},
)


def test_a_change_of_a_table_has_the_images_of_its_view() -> None:
    # Recorded: insert_same_entry_twice, 32 bytes.
    record = change_record(CHANGE, stream_arn="arn:t", view="NEW_AND_OLD_IMAGES", region="us-east-1")

    assert record is not None
    assert (record["eventName"], record["eventVersion"]) == ("INSERT", "1.1")
    assert record["dynamodb"] == {
        "ApproximateCreationDateTime": 1704067201.0,
        "Keys": {"id": {"S": "id_value"}},
        "NewImage": {"id": {"S": "id_value"}, "id2": {"S": "id2_value"}},
        "SequenceNumber": "000000000000000000001",
        "SizeBytes": 32,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }


def test_a_write_that_changes_nothing_makes_no_record() -> None:
    same = replace(CHANGE, old=CHANGE.new)

    assert change_record(same, stream_arn="arn:t", view="KEYS_ONLY", region="us-east-1") is None


def test_a_removal_by_time_says_who_removed() -> None:
    gone = replace(CHANGE, old=CHANGE.new, new=None, by_time_to_live=True)

    record = change_record(gone, stream_arn="arn:t", view="KEYS_ONLY", region="us-east-1")

    assert record is not None
    assert record["eventName"] == "REMOVE"
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def test_a_clock_sends_an_empty_detail_from_its_rule() -> None:
    event = scheduled_event(id_="i", rule_arn="arn:rule", at=0.9, account="1", region="us-east-1")

    assert (event["detail-type"], event["detail"], event["resources"], event["time"]) == (
        "Scheduled Event", {}, ["arn:rule"], "1970-01-01T00:00:00Z",
    )  # fmt: skip
