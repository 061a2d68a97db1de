"""One message of a queue, and what a receiver gets to see of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from stepsmith.events.records.queues import attributes_digest, digest

SENDER: Final = "AIDAQUEUESENDER000001"
"""Who sends, as far as a local cloud knows."""

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
            "MD5OfBody": digest(self.body.encode()),
            "Body": self.body,
        }
        said = self.system_attributes()
        if chosen := (said if "All" in system else {name: said[name] for name in system if name in said}):
            found["Attributes"] = chosen
        if picked := {name: self.attributes[name] for name in self.attributes if _is_asked(name, attributes)}:
            found["MessageAttributes"] = picked
            found["MD5OfMessageAttributes"] = attributes_digest(picked)
        return found


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


def _is_asked(name: str, asked: Sequence[str]) -> bool:
    for each in asked:
        if each in {"All", ".*", "*", name}:
            return True
        if each.endswith(".*") and name.startswith(each[:-2]):
            return True
    return False
