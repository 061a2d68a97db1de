"""What is refused of the parameters of messages, in SQS's words."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any, Final

from stepsmith.cloud.queues import refusals
from stepsmith.cloud.queues.message import size
from stepsmith.cloud.queues.queue import Queue
from stepsmith.cloud.services import ServiceError

MOST_IN_BATCH: Final = 10
_NAME: Final = frozenset(string.ascii_letters + string.digits + "-_")
_PUNCTUATED: Final = frozenset(string.ascii_letters + string.digits + string.punctuation)
_ATTRIBUTE_NAME: Final = frozenset(string.ascii_letters + string.digits + "_-.")
_TYPES: Final = ("String", "Number", "Binary")
MOST_VISIBILITY: Final = 43_200


def queue_name(name: str, *, is_fifo: bool) -> None:
    """Raise ServiceError for a name that no queue can have."""
    bare = name.removesuffix(".fifo") if is_fifo else name
    if is_fifo and not name.endswith(".fifo"):
        raise refusals.parameter(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
            "must end with .fifo suffix and be 1 to 80 in length."
        )
    if not bare or len(name) > 80 or not set(bare) <= _NAME:
        raise refusals.parameter(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        )


def message(queue: Queue, given: Mapping[str, Any]) -> None:
    """Raise ServiceError for a message that a queue does not take."""
    body = str(given["MessageBody"])
    if not body:
        raise refusals.missing("MessageBody")
    group, deduplication = given.get("MessageGroupId"), given.get("MessageDeduplicationId")
    for name, each in (("MessageGroupId", group), ("MessageDeduplicationId", deduplication)):
        if each is not None and not (1 <= len(each) <= 128 and set(each) <= _PUNCTUATED):
            reason = f"{name} can only include alphanumeric and punctuation characters. 1 to 128 in length."
            raise refusals.value(each, name, reason)
    _order(queue, given)
    _content(body)
    attributes: Mapping[str, Mapping[str, Any]] = given.get("MessageAttributes") or {}
    _attributes(attributes)
    if size(body, attributes) > queue.settings.largest:
        raise refusals.parameter(
            f"One or more parameters are invalid. Reason: Message must be shorter than {queue.settings.largest} bytes."
        )


def _order(queue: Queue, given: Mapping[str, Any]) -> None:
    delay = given.get("DelaySeconds")
    if delay is not None and not 0 <= delay <= 900:
        raise refusals.value(delay, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")
    if queue.is_fifo:
        if delay:
            reason = "The request include parameter that is not valid for this queue type."
            raise refusals.value(delay, "DelaySeconds", reason)
        if given.get("MessageGroupId") is None:
            raise refusals.missing("MessageGroupId")
        if given.get("MessageDeduplicationId") is None and not queue.settings.by_content:
            raise refusals.parameter(
                "The queue should either have ContentBasedDeduplication enabled or "
                "MessageDeduplicationId provided explicitly"
            )
    elif (deduplication := given.get("MessageDeduplicationId")) is not None:
        reason = "The request includes a parameter that is not valid for this queue type."
        raise refusals.value(deduplication, "MessageDeduplicationId", reason)


def _content(body: str) -> None:
    for character in body:
        code = ord(character)
        if (
            (code < 0x20 and character not in "\t\n\r")
            or 0xD800 <= code <= 0xDFFF
            or code in {0xFFFE, 0xFFFF}
        ):
            raise ServiceError(
                "InvalidMessageContents",
                "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | "
                "#xE000 to #xFFFD | #x10000 to #x10FFFF",
                shape="InvalidMessageContents",
            )


def _attributes(attributes: Mapping[str, Mapping[str, Any]]) -> None:
    if len(attributes) > 10:
        raise refusals.parameter(
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [10]."
        )
    for name, each in attributes.items():
        if not (0 < len(name) <= 256 and set(name) <= _ATTRIBUTE_NAME) or name.startswith(
            ("AWS.", "Amazon.", ".")
        ):
            raise refusals.parameter(
                f"The message attribute name '{name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, "
                "underscore (_), hyphen (-), and period (.) characters."
            )
        kind = str(each.get("DataType", ""))
        if kind.partition(".")[0] not in _TYPES:
            raise refusals.parameter(
                f"The type of message (user) attribute '{name}' is invalid. You must use only the following supported "
                "type prefixes: Binary, Number, String."
            )
        member = "BinaryValue" if kind.startswith("Binary") else "StringValue"
        if not each.get(member):
            raise refusals.parameter(
                f"Message (user) attribute '{name}' must contain a non-empty value of type "
                f"'{kind.partition('.')[0]}'."
            )


def batch(entries: Sequence[Mapping[str, Any]], what: str) -> None:
    """Raise ServiceError for entries that make no batch: none, too many, or with ids that cannot be told apart."""
    if not entries:
        raise refusals.batch("EmptyBatchRequest", f"There should be at least one {what} in the request.")
    if len(entries) > MOST_IN_BATCH:
        text = f"Maximum number of entries per request are {MOST_IN_BATCH}. You have sent {len(entries)}."
        raise refusals.batch("TooManyEntriesInBatchRequest", text)
    seen: set[str] = set()
    for entry in entries:
        id = str(entry["Id"])
        if not (0 < len(id) <= 80 and set(id) <= _NAME):
            raise refusals.batch(
                "InvalidBatchEntryId",
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
                "It can be at most 80 letters long.",
            )
        if id in seen:
            raise refusals.batch("BatchEntryIdsNotDistinct", f"Id {id} repeated.")
        seen.add(id)


def receiving(given: Mapping[str, Any]) -> None:
    """Raise ServiceError for what ReceiveMessage does not take."""
    most, wait = given.get("MaxNumberOfMessages"), given.get("WaitTimeSeconds")
    if most is not None and not 1 <= most <= 10:
        raise refusals.value(most, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
    if wait is not None and not 0 <= wait <= 20:
        raise refusals.value(wait, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
    visibility(given.get("VisibilityTimeout"))


def visibility(seconds: int | None) -> None:
    """Raise ServiceError for a time that nothing can be invisible for."""
    if seconds is not None and not 0 <= seconds <= MOST_VISIBILITY:
        raise refusals.value(seconds, "VisibilityTimeout", "Must be between 0 and 43200, if provided.")
