"""One message of a queue, and what a receiver gets to see of it."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

SENDER: Final = "AIDAQUEUESENDER000001"
"""Who sends, as far as a local cloud knows."""
_KINDS: Final = {"String": 1, "Number": 1, "Binary": 2}

Attribute = Mapping[str, Any]
"""`{"DataType": "String", "StringValue": "x"}`, or with `BinaryValue`."""


@dataclass(slots=True, eq=False)
class Message:
    """A message and where it stands."""

    id: str
    body: str
    sent: float
    """When it was sent, in seconds since 1970; a message that is moved keeps it."""
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    trace: str | None = None
    group: str | None = None
    deduplication: str | None = None
    sequence: str | None = None
    place: int = 0
    """Where it stands in its queue."""
    visible_at: float = 0.0
    received: int = 0
    first_received: float | None = None
    handle: str | None = None
    """The newest receipt handle."""
    is_delayed: bool = False
    """Whether it has been sent, and may not be received yet."""
    from_queue: str | None = None
    """The ARN of the queue that has given it up."""

    def system_attributes(self) -> dict[str, str]:
        """Give what SQS itself says of the message: counts, times as milliseconds, group and order."""
        found = {
            "SenderId": SENDER,
            "SentTimestamp": milliseconds(self.sent),
            "ApproximateReceiveCount": str(self.received),
            "ApproximateFirstReceiveTimestamp": milliseconds(self.first_received or self.sent),
        }
        for name, value in (
            ("SequenceNumber", self.sequence),
            ("MessageGroupId", self.group),
            ("MessageDeduplicationId", self.deduplication),
            ("AWSTraceHeader", self.trace),
            ("DeadLetterQueueSourceArn", self.from_queue),
        ):
            if value is not None:
                found[name] = value
        return found

    def shown(self, attributes: Sequence[str], system: Sequence[str]) -> dict[str, Any]:
        """Give the message as ReceiveMessage answers it, with the attributes that were asked for."""
        found: dict[str, Any] = {
            "MessageId": self.id,
            "ReceiptHandle": self.handle,
            "MD5OfBody": md5(self.body),
            "Body": self.body,
        }
        said = self.system_attributes()
        if chosen := (said if "All" in system else {name: said[name] for name in system if name in said}):
            found["Attributes"] = chosen
        if picked := {name: self.attributes[name] for name in self.attributes if _is_asked(name, attributes)}:
            found["MessageAttributes"] = picked
            found["MD5OfMessageAttributes"] = md5_of_attributes(picked)
        return found


def md5(text: str) -> str:
    """Give the digest of a body."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def md5_of_attributes(attributes: Mapping[str, Attribute]) -> str:
    """Give the digest of attributes: lengths and texts of names, types and values, in the order of the names.

    As the SQS developer guide says under "Calculating the MD5 message digest for message attributes".
    """
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        each = attributes[name]
        kind = str(each["DataType"])
        _put(digest, name.encode())
        _put(digest, kind.encode())
        digest.update(bytes([_KINDS.get(kind.partition(".")[0], 1)]))
        value = each.get("BinaryValue")
        _put(digest, value if isinstance(value, bytes) else str(each.get("StringValue", "")).encode())
    return digest.hexdigest()


def milliseconds(instant: float) -> str:
    """Give an instant as SQS writes it."""
    return str(round(instant * 1000))


def size(body: str, attributes: Mapping[str, Attribute]) -> int:
    """Give the bytes that count for the limits: the body, and names, types and values of attributes."""
    found = len(body.encode())
    for name, each in attributes.items():
        value = each.get("BinaryValue")
        bytes_ = len(value) if isinstance(value, bytes) else len(str(each.get("StringValue", "")).encode())
        found += len(name.encode()) + len(str(each["DataType"]).encode()) + bytes_
    return found


def _put(digest: Any, value: bytes) -> None:
    digest.update(struct.pack("!I", len(value)))
    digest.update(value)


def _is_asked(name: str, asked: Sequence[str]) -> bool:
    for each in asked:
        if each in {"All", ".*", "*", name}:
            return True
        if each.endswith(".*") and name.startswith(each[:-2]):
            return True
    return False
