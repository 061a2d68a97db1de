"""The records that a function gets of a stream: Kinesis' and DynamoDB's."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Literal, TypeAlias

from stepsmith.expressions.types import Json

View: TypeAlias = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
Item: TypeAlias = "dict[str, Json]"
"""An item of a table, values with their type keys: `{"id": {"S": "1"}}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedRecord:
    """A record of a Kinesis stream."""

    sequence_number: str
    partition_key: str
    data: bytes
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A write to a table that changed an item."""

    event_id: str
    sequence_number: str
    at: float
    keys: Item
    old: Item | None
    new: Item | None
    by_time_to_live: bool = False
    """Whether DynamoDB removed it because its time was over."""


def stream_record(
    record: StreamedRecord, *, stream_arn: str, shard_id: str, role_arn: str, region: str
) -> dict[str, Json]:
    """Build one of the `Records` of a call for a Kinesis stream."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.partition_key,
            "sequenceNumber": record.sequence_number,
            "data": base64.b64encode(record.data).decode(),
            "approximateArrivalTimestamp": round(record.at, 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard_id}:{record.sequence_number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role_arn,
        "awsRegion": region,
        "eventSourceARN": stream_arn,
    }


def change_record(change: Change, *, stream_arn: str, view: View, region: str) -> dict[str, Json] | None:
    """Build one of the `Records` of a call for a table's stream; None for a write that changed nothing."""
    if change.old == change.new:
        return None
    name = "INSERT" if change.old is None else "REMOVE" if change.new is None else "MODIFY"
    images: dict[str, Json] = {}
    if change.new is not None and view in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
        images["NewImage"] = change.new
    if change.old is not None and view in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
        images["OldImage"] = change.old
    size = item_size(change.keys) + sum(
        item_size(image) for image in images.values() if isinstance(image, dict)
    )
    record: dict[str, Json] = {
        "eventID": change.event_id,
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": region,
        "dynamodb": {
            # Whole seconds, with a fraction's point (recorded).
            "ApproximateCreationDateTime": float(int(change.at)),
            "Keys": change.keys,
            **images,
            "SequenceNumber": change.sequence_number,
            "SizeBytes": size,
            "StreamViewType": view,
        },
        "eventSourceARN": stream_arn,
    }
    if change.by_time_to_live:
        record["userIdentity"] = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    return record


def item_size(item: Item) -> int:
    """Give the size of an item as DynamoDB counts: names, and values by their kinds."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Json) -> int:
    if not isinstance(value, dict) or len(value) != 1:
        return 0
    ((kind, inner),) = value.items()
    match kind, inner:
        case "S", str():
            return len(inner.encode(errors="surrogatepass"))
        case "N", str():
            return _number_size(inner)
        case "B", str():
            return len(inner) * 3 // 4 - inner.count("=")
        case (("SS" | "NS" | "BS"), list()):
            return sum(_value_size({kind[0]: element}) for element in inner)
        case "L", list():
            return 3 + sum(1 + _value_size(element) for element in inner)
        case "M", dict():
            return 3 + len(inner) + item_size(inner)
        case _:
            return 1


def _number_size(text: str) -> int:
    digits = text.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + (1 if text.startswith("-") else 0)
