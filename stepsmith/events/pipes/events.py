"""The form that events have in a pipe, what an enrichment makes of them, and what is told of those given up."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from stepsmith.events.mappings import GivenUp
from stepsmith.events.records.instants import iso_milliseconds
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json


def pipe_event(record: dict[str, Json]) -> dict[str, Json]:
    """Turn a record as a function gets it into an event of a pipe: Kinesis' fields lie flat, all else stays.

    (Pipes' guide, "Amazon Kinesis stream as a source".)
    """
    kinesis = record.get("kinesis")
    if not isinstance(kinesis, dict):
        return record
    return {**kinesis, **{name: value for name, value in record.items() if name != "kinesis"}}


def with_contents(event: Json) -> Json:
    """Read what was sent, so that paths lead into it: `$.body.order` of a queue, `$.data.order` of Kinesis.

    The guide calls it implicit body data parsing; what is no JSON stays as it is.
    """
    if not isinstance(event, dict):
        return event
    found = event
    body = event.get("body")
    if isinstance(body, str):
        found = {**found, "body": _read(body)}
    data = event.get("data")
    if isinstance(data, str) and event.get("eventSource") == "aws:kinesis":
        found = {**found, "data": _decoded(data)}
    return found


def _read(text: str) -> Json:
    try:
        return read(text, repeated_keys=True)
    except InvalidJson:
        return text


def _decoded(data: str) -> Json:
    try:
        return _read(base64.b64decode(data, validate=True).decode())
    except (binascii.Error, UnicodeDecodeError):
        return data


def enriched(answer: Json) -> list[Json]:
    """Give the events that go on to the target: an array's elements, or the one value that was answered.

    The answer takes the place of the batch, however many events that had; of an empty array nothing goes on, and the
    batch counts as done (Pipes' guide, "Filtering events using enrichment").
    """
    return answer if isinstance(answer, list) else [answer]


def record_id(event: Mapping[str, Json]) -> Json:
    """Give what the rules of a source know an event by: what `batchItemFailures` names."""
    if "messageId" in event:
        return event["messageId"]
    changed = event.get("dynamodb")
    return changed.get("SequenceNumber") if isinstance(changed, dict) else event.get("sequenceNumber")


def letter(given_up: GivenUp, *, pipe_arn: str, shard_id: str, stream: str, at: float) -> dict[str, Json]:
    """Give what the dead letters of a pipe get: where the records lie, not the records themselves."""
    records = given_up.records
    about: dict[str, Json] = {
        "shardId": shard_id,
        "startSequenceNumber": records[0].sequence,
        "endSequenceNumber": records[-1].sequence,
        "approximateArrivalOfFirstRecord": iso_milliseconds(records[0].at),
        "approximateArrivalOfLastRecord": iso_milliseconds(records[-1].at),
        "batchSize": len(records),
        "streamArn": stream,
    }
    name = "KinesisBatchInfo" if ":kinesis:" in stream else "DDBStreamBatchInfo"
    context: dict[str, Json] = {
        "partnerResourceArn": pipe_arn,
        "condition": given_up.condition,
        "approximateInvokeCount": given_up.count,
    }
    return {"context": context, "version": "1.0", "timestamp": iso_milliseconds(at), name: about}
