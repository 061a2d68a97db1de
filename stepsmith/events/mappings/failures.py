"""The records that on-failure destinations of stream mappings get."""

from __future__ import annotations

from typing import Literal

from stepsmith.events.mappings.calls import GivenUp
from stepsmith.events.records.instants import iso_milliseconds, iso_seconds
from stepsmith.expressions.types import Json


def failure_record(
    given_up: GivenUp,
    *,
    source: Literal["kinesis", "dynamodb"],
    stream_arn: str,
    shard_id: str,
    function_arn: str,
    request_id: str,
    at: float,
    payload: bool = False,
) -> dict[str, Json]:
    """Build the record of a batch that was given up; `payload` (for S3 only) adds the records themselves."""
    record: dict[str, Json] = {
        "requestContext": {
            "requestId": request_id,
            "functionArn": function_arn,
            "condition": given_up.condition,
            "approximateInvokeCount": given_up.count,
        }
    }
    if given_up.answered:
        record["responseContext"] = {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": given_up.function_error,
        }
    record |= {"version": "1.0", "timestamp": iso_milliseconds(at)}
    # Recorded: DynamoDB's two times lack milliseconds.
    iso, name = (
        (iso_milliseconds, "KinesisBatchInfo") if source == "kinesis" else (iso_seconds, "DDBStreamBatchInfo")
    )
    records = given_up.records
    record[name] = {
        "shardId": shard_id,
        "startSequenceNumber": records[0].sequence if records else None,
        "endSequenceNumber": records[-1].sequence if records else None,
        "approximateArrivalOfFirstRecord": iso(records[0].at) if records else None,
        "approximateArrivalOfLastRecord": iso(records[-1].at) if records else None,
        "batchSize": len(records),
        "streamArn": stream_arn,
    }
    if payload:
        record["payload"] = {"Records": [one.value for one in records]}
    return record


def failure_key(*, mapping_id: str, shard_id: str, at: float, id_: str) -> str:
    """Give the key of the object that a bucket as on-failure destination gets."""
    day, _, time = iso_seconds(at)[:-1].partition("T")
    return f"aws/lambda/{mapping_id}/{shard_id}/{day.replace('-', '/')}/{day}T{time.replace(':', '.')}-{id_}"
