"""Envelopes of SNS: what a queue and what a function gets of a published message."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from stepsmith.events.records.instants import iso_milliseconds
from stepsmith.expressions.types import Json

Attributes: TypeAlias = Mapping[str, Mapping[str, object]]
"""Name -> `{"DataType": ..., "StringValue" or "BinaryValue": ...}`, as Publish has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message published to a topic, for one of its subscriptions."""

    message_id: str
    topic_arn: str
    subscription_arn: str
    message: str
    at: float
    region: str
    subject: str | None = None
    attributes: Attributes = field(default_factory=dict[str, Mapping[str, object]])
    sequence_number: str | None = None
    """Of a FIFO topic."""
    signature: str = "EXAMPLE"

    @property
    def certificate(self) -> str:
        """Where the certificate of the signature would lie."""
        return f"https://sns.{self.region}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem"

    @property
    def unsubscribe(self) -> str:
        """The address that ends the subscription."""
        return (
            f"https://sns.{self.region}.amazonaws.com/"
            f"?Action=Unsubscribe&SubscriptionArn={self.subscription_arn}"
        )


def queue_envelope(sent: Notification) -> dict[str, Json]:
    """Build the body of the message that a queue gets (unless its subscription wants it raw)."""
    found: dict[str, Json] = {"Type": "Notification", "MessageId": sent.message_id}
    # Recorded: FIFO has a sequence number and no signature.
    if sent.sequence_number is not None:
        found["SequenceNumber"] = sent.sequence_number
    found["TopicArn"] = sent.topic_arn
    if sent.subject is not None:
        found["Subject"] = sent.subject
    found["Message"] = sent.message
    found["Timestamp"] = iso_milliseconds(sent.at)
    if sent.sequence_number is None:
        found |= {
            "SignatureVersion": "1",
            "Signature": sent.signature,
            "SigningCertURL": sent.certificate,
        }
    found["UnsubscribeURL"] = sent.unsubscribe
    if sent.attributes:
        found["MessageAttributes"] = attribute_values(sent.attributes)
    return found


def function_envelope(sent: Notification) -> dict[str, Json]:
    """Build the event that a function gets; some names differ from those for queues."""
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": sent.subscription_arn,
                "Sns": {
                    "Type": "Notification",
                    "MessageId": sent.message_id,
                    "TopicArn": sent.topic_arn,
                    "Subject": sent.subject,
                    "Message": sent.message,
                    "Timestamp": iso_milliseconds(sent.at),
                    "SignatureVersion": "1",
                    "Signature": sent.signature,
                    "SigningCertUrl": sent.certificate,
                    "UnsubscribeUrl": sent.unsubscribe,
                    "MessageAttributes": attribute_values(sent.attributes),
                },
            }
        ]
    }


def attribute_values(attributes: Attributes) -> dict[str, Json]:
    """Give attributes as envelopes have them: `{"Type": ..., "Value": ...}`, bytes in base64."""
    return {
        name: {"Type": str(attribute.get("DataType", "String")), "Value": _text(attribute)}
        for name, attribute in attributes.items()
    }


def queue_attributes(attributes: Attributes) -> dict[str, Mapping[str, object]]:
    """Give attributes as those of a queue's message, for raw delivery; a queue takes ten."""
    return dict(list(attributes.items())[:10])


def _text(attribute: Mapping[str, object]) -> str:
    data = attribute.get("BinaryValue")
    if isinstance(data, bytes):
        return base64.b64encode(data).decode()
    return str(attribute.get("StringValue", ""))
