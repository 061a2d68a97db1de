"""Records for on-failure destinations, with the fields of the recordings."""

from __future__ import annotations

from stepsmith.events.mappings import GivenUp, StreamRecord, failure_key, failure_record

AT = 1704067201.5
RECORD = StreamRecord("49", "k", AT, {"n": 1})


def test_a_batch_that_was_tried_says_how_often_and_why() -> None:
    # Recorded: test_kinesis_event_source_mapping_with_on_failure_destination_config.
    given_up = GivenUp("RetryAttemptsExhausted", (RECORD,), 2, "Unhandled", answered=True)

    record = failure_record(
        given_up,
        source="kinesis",
        stream_arn="stream",
        shard_id="shardId-000000000000",
        function_arn="function",
        request_id="request",
        at=AT,
    )

    assert list(record) == ["requestContext", "responseContext", "version", "timestamp", "KinesisBatchInfo"]
    assert record["requestContext"] == {
        "requestId": "request",
        "functionArn": "function",
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 2,
    }
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert record["KinesisBatchInfo"] == {
        "shardId": "shardId-000000000000",
        "startSequenceNumber": "49",
        "endSequenceNumber": "49",
        "approximateArrivalOfFirstRecord": "2024-01-01T00:00:01.500Z",
        "approximateArrivalOfLastRecord": "2024-01-01T00:00:01.500Z",
        "batchSize": 1,
        "streamArn": "stream",
    }


def test_a_record_too_old_for_any_call_has_no_response_and_tables_no_milliseconds() -> None:
    given_up = GivenUp("RecordAgeExceeded", (RECORD,), 1, None, answered=False)

    record = failure_record(
        given_up,
        source="dynamodb",
        stream_arn="stream",
        shard_id="shard",
        function_arn="function",
        request_id="request",
        at=AT,
        payload=True,
    )

    assert "responseContext" not in record
    assert record["timestamp"] == "2024-01-01T00:00:01.500Z"
    info = record["DDBStreamBatchInfo"]
    assert isinstance(info, dict)
    assert info["approximateArrivalOfFirstRecord"] == "2024-01-01T00:00:01Z"
    assert record["payload"] == {"Records": [{"n": 1}]}


def test_the_object_for_a_bucket_lies_under_the_day() -> None:
    assert failure_key(mapping_id="uuid", shard_id="shard", at=AT, id_="other") == (
        "aws/lambda/uuid/shard/2024/01/01/2024-01-01T00.00.01-other"
    )
