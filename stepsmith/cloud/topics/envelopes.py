"""The form in which a message arrives: SNS's envelope, the event of a function, or the bare text."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from stepsmith.cloud.topics.topic import Subscription

_CERTIFICATE: Final = "SimpleNotificationService-00000000000000000000000000000000.pem"


@dataclass(frozen=True, slots=True)
class Published:
    """A message as it was published."""

    id: str
    at: datetime
    texts: Mapping[str, str]
    """The text for each protocol, `default` for all others."""
    subject: str | None = None
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    group: str | None = None
    deduplication: str | None = None
    sequence: str | None = None

    def text(self, protocol: str) -> str:
        """Give the text for a protocol."""
        return self.texts.get(protocol, self.texts["default"])


def envelope(message: Published, subscription: Subscription) -> str:
    """Give what arrives in a queue, unless it is delivered raw.

    FIFO topics sign nothing and say the sequence number: recorded, sns test_message_to_fifo_sqs.
    """
    topic = subscription.topic
    found: dict[str, Any] = {"Type": "Notification", "MessageId": message.id}
    if message.sequence is not None:
        found["SequenceNumber"] = message.sequence
    found["TopicArn"] = topic.arn
    if message.subject is not None:
        found["Subject"] = message.subject
    found |= {"Message": message.text(subscription.protocol), "Timestamp": _stamp(message.at)}
    if not topic.is_fifo:
        found |= _signed(topic.attributes.get("SignatureVersion", "1"), "SigningCertURL", _region(topic.arn))
    found["UnsubscribeURL"] = _unsubscribe(subscription)
    if message.attributes:
        found["MessageAttributes"] = shown(message.attributes)
    return json.dumps(found)


def event(message: Published, subscription: Subscription) -> str:
    """Give the event that a function is called with; some names are written differently there."""
    topic = subscription.topic
    record: dict[str, Any] = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": {
            "Type": "Notification",
            "MessageId": message.id,
            "TopicArn": topic.arn,
            "Subject": message.subject,
            "Message": message.text("lambda"),
            "Timestamp": _stamp(message.at),
            **_signed(topic.attributes.get("SignatureVersion", "1"), "SigningCertUrl", _region(topic.arn)),
            "UnsubscribeUrl": _unsubscribe(subscription),
            "MessageAttributes": shown(message.attributes),
        },
    }
    return json.dumps({"Records": [record]})


def shown(attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Give attributes as envelopes have them: `{"Type": ..., "Value": ...}`, bytes as Base64."""
    return {name: {"Type": str(each["DataType"]), "Value": _value(each)} for name, each in attributes.items()}


def _value(each: Mapping[str, Any]) -> str:
    value: bytes | str | None = each.get("BinaryValue")
    if value is None:
        return str(each["StringValue"])
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def _signed(version: str, certificate: str, region: str) -> dict[str, str]:
    """Give fields of a signature that nobody can check: there is no certificate of a local cloud."""
    return {
        "SignatureVersion": version,
        "Signature": base64.b64encode(b"a local cloud signs nothing").decode(),
        certificate: f"https://sns.{region}.amazonaws.com/{_CERTIFICATE}",
    }


def _unsubscribe(subscription: Subscription) -> str:
    region = _region(subscription.arn)
    return f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription.arn}"


def _region(arn: str) -> str:
    return arn.split(":")[3]


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
