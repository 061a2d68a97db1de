"""The attributes of a queue: which there are, what they may be, and what they are if nobody says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from stepsmith.cloud.queues.refusals import attribute_name, attribute_value, parameter

_NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1_024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
}
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "FifoQueue": ("true",),
    "ContentBasedDeduplication": ("true", "false"),
    "DeduplicationScope": ("queue", "messageGroup"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
    "SqsManagedSseEnabled": ("true", "false"),
}
_TEXTS: Final = frozenset({"Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId"})
_DEFAULTS: Final[Mapping[str, str]] = {
    "DelaySeconds": "0",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "SqsManagedSseEnabled": "true",
    "VisibilityTimeout": "30",
}
_FIFO_DEFAULTS: Final[Mapping[str, str]] = {
    "FifoQueue": "true",
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "FifoThroughputLimit": "perQueue",
}
COUNTED: Final = frozenset(
    {
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
        "CreatedTimestamp",
        "LastModifiedTimestamp",
        "QueueArn",
    }
)
"""Attributes that nobody sets."""
KNOWN: Final = frozenset({*_NUMBERS, *_CHOICES, *_TEXTS, *COUNTED, "All"})
MOST_RECEIVES: Final = 1000


@dataclass(frozen=True, slots=True)
class Redrive:
    """When a message is given up, and where it goes."""

    arn: str
    most: int


class Settings:
    """The attributes of one queue, as they are now."""

    def __init__(self, is_fifo: bool, given: Mapping[str, str]) -> None:
        self.values: dict[str, str] = {**_DEFAULTS, **(_FIFO_DEFAULTS if is_fifo else {})}
        self.is_fifo = is_fifo
        self.redrive: Redrive | None = None
        self.change(given)

    def change(self, given: Mapping[str, str]) -> None:
        """Set attributes; an empty text takes a policy away. Raises ServiceError, and then nothing is changed."""
        values = {**self.values, **{name: normal(name, value) for name, value in given.items()}}
        for name in _TEXTS:
            if values.get(name) == "":
                del values[name]
        policy = values.get("RedrivePolicy")
        self.redrive = read_redrive(policy) if policy else None
        self.values = values
        self.visibility = int(values["VisibilityTimeout"])
        self.delay = int(values["DelaySeconds"])
        self.retention = int(values["MessageRetentionPeriod"])
        self.wait = int(values["ReceiveMessageWaitTimeSeconds"])
        self.largest = int(values["MaximumMessageSize"])
        self.by_content = values.get("ContentBasedDeduplication") == "true"
        self.scope_is_group = values.get("DeduplicationScope") == "messageGroup"


def check(given: Mapping[str, str], *, is_fifo: bool, is_new: bool) -> None:
    """Raise ServiceError for attributes that a queue cannot be given."""
    for name, value in given.items():
        if name not in KNOWN or name == "All" or name in COUNTED:
            raise attribute_name(f"Unknown Attribute {name}.")
        if not is_fifo and name in {"FifoQueue", "ContentBasedDeduplication"}:
            raise attribute_name(f"Unknown Attribute {name}.")
        if not is_fifo and name in {"DeduplicationScope", "FifoThroughputLimit"}:
            raise attribute_name(f"You can specify the {name} only when FifoQueue is set to true.")
        _check_value(name, value)
        if name == "FifoQueue" and not is_new and value.lower() != "true":
            raise attribute_value(name)
    scope, limit = given.get("DeduplicationScope"), given.get("FifoThroughputLimit")
    if limit == "perMessageGroupId" and scope == "queue":
        raise parameter(
            f"Value {limit} for parameter FifoThroughputLimit is invalid. "
            "Reason: FifoThroughputLimit can be perMessageGroupId only when DeduplicationScope is messageGroup."
        )


def _check_value(name: str, value: str) -> None:
    if name in _NUMBERS:
        least, most = _NUMBERS[name]
        if not (value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most):
            raise attribute_value(name)
    elif name in _CHOICES:
        if normal(name, value) not in _CHOICES[name]:
            raise attribute_value(name)
    elif name == "RedrivePolicy" and value:
        read_redrive(value)
    elif name in {"Policy", "RedriveAllowPolicy"} and value and _object(value) is None:
        raise attribute_value(name)


def normal(name: str, value: str) -> str:
    """Write a truth value as SQS shows it: `True` is taken for `true`."""
    return value.lower() if _CHOICES.get(name, ())[:1] == ("true",) else value


def read_redrive(text: str) -> Redrive:
    """Read a redrive policy; raises ServiceError."""
    policy = _object(text)
    start = f"Value {text} for parameter RedrivePolicy is invalid. Reason: "
    if policy is None:
        raise parameter(start + "Redrive policy is not a valid JSON map.")
    for name in ("deadLetterTargetArn", "maxReceiveCount"):
        if name not in policy:
            raise parameter(start + f"Redrive policy does not contain mandatory attribute: {name}.")
    most = policy["maxReceiveCount"]
    number = str(most)
    if not (number.isascii() and number.isdigit() and len(number) < 6 and 1 <= int(number) <= MOST_RECEIVES):
        raise parameter(
            start
            + f"Invalid value for maxReceiveCount: {most}, valid values are from 1 to 1000 both inclusive."
        )
    return Redrive(str(policy["deadLetterTargetArn"]), int(number))


def _object(text: str) -> dict[str, Any] | None:
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None
