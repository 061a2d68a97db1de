"""What a queue is set to, read from the texts of CreateQueue and SetQueueAttributes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from stepsmith.events.refusals import Refused

_NUMBERS: Final = {
    "VisibilityTimeout": ("visibility", 0, 43_200),
    "MessageRetentionPeriod": ("retention", 60, 1_209_600),
    "DelaySeconds": ("delay", 0, 900),
    "ReceiveMessageWaitTimeSeconds": ("wait", 0, 20),
    "MaximumMessageSize": ("largest", 1024, 1_048_576),
}

_OTHERS: Final = (
    "Policy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
    "RedriveAllowPolicy",
)


@dataclass(frozen=True, slots=True)
class RedrivePolicy:
    """Where messages go that were received too often."""

    target_arn: str
    most_receives: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueAttributes:
    """The attributes of a queue that rule its behaviour."""

    fifo: bool = False
    visibility: float = 30
    retention: float = 345_600
    delay: float = 0
    wait: float = 0
    largest: int = 1_048_576
    redrive: RedrivePolicy | None = None
    by_content: bool = False
    """ContentBasedDeduplication."""
    scope: str = "queue"
    """DeduplicationScope: `queue` or `messageGroup`."""


def queue_attributes(given: Mapping[str, str], before: QueueAttributes | None = None) -> QueueAttributes:
    """Read attributes as they are sent, on top of what there is before; raises Refused."""
    fifo = str(given.get("FifoQueue", "")).lower() == "true" if before is None else before.fifo
    found = before or QueueAttributes(fifo=fifo)
    for name, text in given.items():
        found = replace(found, **_read(name, text, fifo))
    return found


def _read(name: str, text: str, fifo: bool) -> dict[str, Any]:
    if name in _NUMBERS:
        field, least, most = _NUMBERS[name]
        return {field: _number(name, text, least, most)}
    match name:
        case "RedrivePolicy":
            return {"redrive": redrive_policy(text)}
        case "FifoQueue":
            # Recorded: FifoQueue=false counts as unknown, too.
            if not fifo:
                raise _unknown(name)
            return {}
        case "ContentBasedDeduplication":
            if not fifo:
                raise _unknown(name)
            return {"by_content": text.lower() == "true"}
        case "DeduplicationScope" | "FifoThroughputLimit":
            if not fifo:
                raise Refused(
                    "InvalidAttributeName", f"You can specify the {name} only when FifoQueue is set to true."
                )
            return {"scope": text} if name == "DeduplicationScope" else {}
        case _:
            if name not in _OTHERS:
                raise _unknown(name)
            return {}


def _unknown(name: str) -> Refused:
    return Refused("InvalidAttributeName", f"Unknown Attribute {name}.")


def _number(name: str, text: str, least: int, most: int) -> int:
    plain = str(text)
    if not plain.isascii() or not plain.isdigit() or not least <= int(plain[:12]) <= most:
        raise Refused("InvalidAttributeValue", f"Invalid value for the parameter {name}.")
    return int(plain)


def redrive_policy(text: str) -> RedrivePolicy | None:
    """Read a redrive policy; an empty text takes it away."""
    if not text:
        return None
    try:
        read: object = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    value = cast("dict[str, object]", read) if isinstance(read, dict) else None
    if value is None:
        raise _bad_policy(text, "Reason: Redrive policy is not a valid JSON map.")
    target, most = value.get("deadLetterTargetArn"), value.get("maxReceiveCount")
    if not isinstance(target, str) or not target:
        raise _bad_policy(
            text, "Reason: Redrive policy does not contain mandatory attribute: deadLetterTargetArn."
        )
    if most is None:
        raise _bad_policy(
            text, "Reason: Redrive policy does not contain mandatory attribute: maxReceiveCount."
        )
    try:
        count = int(str(most))
    except ValueError:
        count = 0
    if not 1 <= count <= 1000:
        raise _bad_policy(
            text,
            "Reason: Invalid value for maxReceiveCount: "
            + str(most)
            + ", valid values are from 1 to 1000 both inclusive.",
        )
    return RedrivePolicy(target, count)


def _bad_policy(text: str, reason: str) -> Refused:
    return Refused("InvalidParameterValue", f"Value {text} for parameter RedrivePolicy is invalid. {reason}")
