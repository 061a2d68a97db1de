"""What SNS refuses of messages and their attributes."""

from __future__ import annotations

import json
import string
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from stepsmith.cloud.topics import refusals
from stepsmith.cloud.topics.topic import Topic

LARGEST: Final = 262_144
MOST_IN_BATCH: Final = 10
_NAME: Final = frozenset(string.ascii_letters + string.digits + "-_.")
_ID: Final = frozenset(string.ascii_letters + string.digits + "-_")


def attributes(given: Mapping[str, Mapping[str, Any]], place: str = "messageAttributes") -> None:
    """Raise ServiceError for message attributes that SNS does not take."""
    for name, each in given.items():
        _name(name)
        kind = each.get("DataType")
        if kind is None:
            raise refusals.missing(f"{place}.{name}.member.dataType")
        base = kind.partition(".")[0]
        if base not in {"String", "Number", "Binary"} or kind == f"{base}.":
            raise refusals.value(
                f"The message attribute '{name}' has an invalid message attribute type, the set of supported type "
                "prefixes is Binary, Number, and String."
            )
        member, other, field = (
            ("BinaryValue", "StringValue", "Binary")
            if base == "Binary"
            else ("StringValue", "BinaryValue", "String")
        )
        if each.get(other) is not None and each.get(member) is None:
            raise refusals.value(
                f"The message attribute '{name}' with type '{kind}' must use field '{field}'."
            )
        if not each.get(member):
            raise refusals.value(
                f"The message attribute '{name}' must contain non-empty message attribute value for message attribute "
                f"type '{kind}'."
            )
        if base == "Number" and not _is_number(str(each[member])):
            raise refusals.value(f"Could not cast message attribute '{name}' value to number.")


def _name(name: str) -> None:
    if len(name) > 256:
        raise refusals.value("Length of message attribute name must be less than 256 bytes.")
    for character in name:
        if character not in _NAME:
            raise refusals.value(
                f"Invalid non-alphanumeric character '#x{ord(character):X}' was found in the message attribute name. "
                "Can only include alphanumeric characters, hyphens, underscores, or dots."
            )
    if name.startswith("."):
        raise refusals.value("Invalid message attribute name starting with character '.' was found.")
    if name.endswith("."):
        raise refusals.value("Invalid message attribute name ending with character '.' was found.")
    if ".." in name:
        raise refusals.value("Message attribute name can not have successive '.' character.")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def message(topic: Topic, given: Mapping[str, Any]) -> None:
    """Raise ServiceError for a message that a topic does not take."""
    content(given)
    if topic.is_fifo:
        if not given.get("MessageGroupId"):
            raise refusals.invalid("The MessageGroupId parameter is required for FIFO topics")
        if not given.get("MessageDeduplicationId") and not topic.by_content:
            raise refusals.invalid(
                "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
                "explicitly"
            )
    elif given.get("MessageDeduplicationId"):
        raise refusals.invalid(
            "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid "
            "for this topic type"
        )


def content(given: Mapping[str, Any]) -> None:
    """Raise ServiceError for a text that SNS does not send, or a subject."""
    text = str(given.get("Message", ""))
    if not text:
        raise refusals.invalid("Empty message")
    said: Mapping[str, Mapping[str, Any]] = given.get("MessageAttributes") or {}
    if size(text, said) > LARGEST:
        raise refusals.invalid("Message too long")
    subject = given.get("Subject")
    if subject is not None and not (
        1 <= len(subject) <= 100 and subject.isascii() and not set(subject) & set("\n\r")
    ):
        raise refusals.invalid("Subject")
    if given.get("MessageStructure") == "json":
        structured(text)


def structured(text: str) -> dict[str, str]:
    """Read the message for each protocol. Raises ServiceError where there is no text for all others."""
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise refusals.invalid("Message Structure - JSON message body failed to parse") from None
    texts = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if not isinstance(texts.get("default"), str):
        raise refusals.invalid("Message Structure - No default entry in JSON message body")
    return {key: each for key, each in texts.items() if isinstance(each, str)}


def size(text: str, given: Mapping[str, Mapping[str, Any]]) -> int:
    """Give the bytes that count: the message, and names, types and values of attributes."""
    found = len(text.encode())
    for name, each in given.items():
        value = each.get("StringValue") or each.get("BinaryValue") or b""
        found += len(name.encode()) + len(str(each.get("DataType", "")).encode())
        found += len(value.encode() if isinstance(value, str) else value)
    return found


def batch(entries: Sequence[Mapping[str, Any]]) -> None:
    """Raise ServiceError for entries that make no batch."""
    if not entries:
        raise refusals.batch("EmptyBatchRequest")
    if len(entries) > MOST_IN_BATCH:
        raise refusals.batch("TooManyEntriesInBatchRequest")
    ids = [str(entry["Id"]) for entry in entries]
    if len(set(ids)) < len(ids):
        raise refusals.batch("BatchEntryIdsNotDistinct")
    if any(not (1 <= len(id) <= 80 and set(id) <= _ID) for id in ids):
        raise refusals.batch("InvalidBatchEntryId")
    total = 0
    for entry in entries:
        said: Mapping[str, Mapping[str, Any]] = entry.get("MessageAttributes") or {}
        total += size(str(entry["Message"]), said)
    if total > LARGEST:
        raise refusals.batch("BatchRequestTooLong")
