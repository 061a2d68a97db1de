"""What SendMessage refuses of a message."""

from __future__ import annotations

import string
from typing import Final

from stepsmith.events.queues.attributes import QueueAttributes
from stepsmith.events.queues.messages import NewMessage
from stepsmith.events.refusals import Refused

_NAMES: Final = frozenset(string.ascii_letters + string.digits + string.punctuation)
_OUTSIDE: Final = (
    "Invalid characters found. Valid unicode characters are "
    "#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
)


def check_message(message: NewMessage, attributes: QueueAttributes) -> None:
    """Refuse what the queue would not take."""
    if not message.body:
        raise Refused("MissingParameter", "The request must contain the parameter MessageBody.")
    if not all(_is_allowed(mark) for mark in message.body):
        raise Refused("InvalidMessageContents", _OUTSIDE)
    if size(message) > attributes.largest:
        raise Refused(
            "InvalidParameterValue",
            "One or more parameters are invalid. Reason: Message must be shorter than "
            f"{attributes.largest} bytes.",
        )
    _check_name("MessageGroupId", message.group)
    _check_name("MessageDeduplicationId", message.deduplication)
    if message.delay is not None and not 0 <= message.delay <= 900:
        raise _invalid("DelaySeconds", f"{message.delay:g}", "DelaySeconds must be >= 0 and <= 900.")
    if attributes.fifo:
        _check_fifo(message, attributes)
    elif message.deduplication is not None:
        raise _invalid(
            "MessageDeduplicationId",
            message.deduplication,
            "The request includes a parameter that is not valid for this queue type.",
        )


def _check_fifo(message: NewMessage, attributes: QueueAttributes) -> None:
    if message.group is None:
        raise Refused("MissingParameter", "The request must contain the parameter MessageGroupId.")
    if message.deduplication is None and not attributes.by_content:
        raise Refused(
            "InvalidParameterValue",
            "The queue should either have ContentBasedDeduplication enabled or "
            "MessageDeduplicationId provided explicitly",
        )
    # Recorded: 0 is taken, and the queue's delay holds all the same.
    if message.delay:
        raise _invalid(
            "DelaySeconds",
            f"{message.delay:g}",
            "The request include parameter that is not valid for this queue type.",
        )


def size(message: NewMessage) -> int:
    """Count a message's bytes: the body, and names, kinds and values of its attributes."""
    total = len(message.body.encode(errors="surrogatepass"))
    for name, attribute in message.attributes.items():
        data = attribute.get("BinaryValue")
        value = data if isinstance(data, bytes) else str(attribute.get("StringValue", "")).encode()
        total += len(name.encode()) + len(str(attribute.get("DataType", "")).encode()) + len(value)
    return total


def _check_name(parameter: str, value: str | None) -> None:
    if value is not None and not (1 <= len(value) <= 128 and set(value) <= _NAMES):
        raise _invalid(
            parameter,
            value,
            f"{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.",
        )


def _invalid(parameter: str, value: str, reason: str) -> Refused:
    return Refused(
        "InvalidParameterValue", f"Value {value} for parameter {parameter} is invalid. Reason: {reason}"
    )


def _is_allowed(mark: str) -> bool:
    return mark in "\t\n\r" or " " <= mark <= "\ud7ff" or "\ue000" <= mark <= "\ufffd" or mark >= "\U00010000"
