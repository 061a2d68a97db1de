"""The records that a function gets of a queue."""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from stepsmith.expressions.types import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMessage:
    """A message as a receive call hands it out."""

    message_id: str
    receipt_handle: str
    body: str
    attributes: Mapping[str, str]
    """System attributes, all of them."""
    message_attributes: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict[str, Mapping[str, object]]
    )


def queue_record(
    message: QueuedMessage, *, queue_arn: str, region: str, collected: bool = False
) -> dict[str, Json]:
    """Build one of the `Records` of a call; `collected` says whether the mapping has a batching window.

    With a window, messages without attributes have null for the digest of these: recorded, sqs_mapping
    test_sqs_event_source_mapping_batch_size and test_sqs_event_filter against the cases without one.
    """
    record: dict[str, Json] = {
        "messageId": message.message_id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": dict(message.attributes),
        "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
    }
    if message.message_attributes:
        record["md5OfMessageAttributes"] = attributes_digest(message.message_attributes)
    elif collected:
        record["md5OfMessageAttributes"] = None
    return {
        **record,
        "md5OfBody": digest(message.body.encode(errors="surrogatepass")),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }


def digest(data: bytes) -> str:
    """Give the MD5 that SQS answers for a body."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def attributes_digest(attributes: Mapping[str, Mapping[str, object]]) -> str:
    """Give the MD5 that SQS answers for message attributes: sorted, each part with its length before it."""
    parts: list[bytes] = []
    for name in sorted(attributes):
        attribute = attributes[name]
        kind, value = str(attribute.get("DataType", "")), attribute.get("BinaryValue")
        data = value if isinstance(value, bytes) else str(attribute.get("StringValue", "")).encode()
        parts += [_measured(name.encode()), _measured(kind.encode())]
        parts += [b"\x02" if isinstance(value, bytes) else b"\x01", _measured(data)]
    return digest(b"".join(parts))


def _measured(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _attribute(attribute: Mapping[str, object]) -> dict[str, Json]:
    kind, data = str(attribute.get("DataType", "")), attribute.get("BinaryValue")
    value: dict[str, Json] = (
        {"binaryValue": base64.b64encode(data).decode()}
        if isinstance(data, bytes)
        else {"stringValue": str(attribute.get("StringValue", ""))}
    )
    return {**value, "stringListValues": [], "binaryListValues": [], "dataType": kind}
