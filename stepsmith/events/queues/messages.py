"""Messages: as they are sent, as a queue holds them, as a receive call hands them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stepsmith.events.records.queues import attributes_digest, digest


def _nothing() -> dict[str, Mapping[str, object]]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message as SendMessage has it."""

    body: str
    attributes: Mapping[str, Mapping[str, object]] = field(default_factory=_nothing)
    """`{"name": {"DataType": ..., "StringValue" or "BinaryValue": ...}}`"""
    delay: float | None = None
    """DelaySeconds; None for the queue's."""
    group: str | None = None
    deduplication: str | None = None
    trace: str | None = None
    """AWSTraceHeader."""
    sender: str = "AIDAEXAMPLE"


@dataclass(slots=True, kw_only=True, eq=False)
class Stored:
    """A message in a queue."""

    id: str
    new: NewMessage
    sent: float
    order: int
    """Its place in the order of the queue."""
    visible_at: float
    expires_at: float
    receives: int = 0
    first_received: float | None = None
    sequence_number: str | None = None
    deduplication: str | None = None
    dead_from: str | None = None
    """ARN of the queue whose dead letter it is."""
    receipts: list[str] = field(default_factory=list[str])
    gone: bool = False

    @property
    def group(self) -> str:
        """Its group; none is the empty text."""
        return self.new.group or ""

    @property
    def body_digest(self) -> str:
        """MD5 of the body."""
        return digest(self.new.body.encode(errors="surrogatepass"))

    @property
    def attributes_digest(self) -> str | None:
        """MD5 of the message attributes; None if there are none."""
        return attributes_digest(self.new.attributes) if self.new.attributes else None

    def system_attributes(self) -> dict[str, str]:
        """Give the attributes that SQS knows of the message, as texts."""
        found = {
            "SenderId": self.new.sender,
            "SentTimestamp": str(round(self.sent * 1000)),
            "ApproximateReceiveCount": str(self.receives),
            "ApproximateFirstReceiveTimestamp": str(round((self.first_received or 0) * 1000)),
        }
        optional = {
            "SequenceNumber": self.sequence_number,
            "MessageDeduplicationId": self.deduplication,
            "MessageGroupId": self.new.group,
            "AWSTraceHeader": self.new.trace,
            "DeadLetterQueueSourceArn": self.dead_from,
        }
        return found | {name: value for name, value in optional.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Received:
    """What a receive call brings: messages with their receipts, and what is now a dead letter."""

    messages: tuple[tuple[Stored, str], ...]
    dead: tuple[Stored, ...]
