"""What a bucket was told to tell: the notification configuration, with S3's checks and words."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stepsmith.cloud.services import ServiceError

KINDS: Final = {
    "TopicConfigurations": ("TopicArn", "Topic", "sns"),
    "QueueConfigurations": ("QueueArn", "Queue", "sqs"),
    "LambdaFunctionConfigurations": ("LambdaFunctionArn", "CloudFunction", "lambda"),
}
"""Member of the configuration -> member with the ARN, name in refusals, service."""
_FAMILIES: Final = {
    "ObjectCreated": ("Put", "Post", "Copy", "CompleteMultipartUpload"),
    "ObjectRemoved": ("Delete", "DeleteMarkerCreated"),
    "ObjectRestore": ("Post", "Completed", "Delete"),
    "ObjectTagging": ("Put", "Delete"),
    "ObjectAcl": ("Put",),
    "Replication": (
        "OperationFailedReplication",
        "OperationNotTracked",
        "OperationMissedThreshold",
        "OperationReplicatedAfterThreshold",
    ),
    "LifecycleExpiration": ("Delete", "DeleteMarkerCreated"),
}
_SINGLE: Final = ("ReducedRedundancyLostObject", "LifecycleTransition", "IntelligentTiering", "TestEvent")

Exists = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Notification:
    """One entry: which events of which keys go where."""

    id: str
    kind: str
    arn: str
    events: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    """`("Prefix", "uploads/")`, by name."""

    def wants(self, event: str, key: str) -> bool:
        """Whether an event, named without `s3:`, of a key is told."""
        if not any(_covers(pattern.removeprefix("s3:"), event) for pattern in self.events):
            return False
        return all(
            key.startswith(value) if name == "Prefix" else key.endswith(value) for name, value in self.rules
        )

    def shown(self) -> dict[str, Any]:
        """Give the entry as GetBucketNotificationConfiguration does."""
        found: dict[str, Any] = {"Id": self.id, KINDS[self.kind][0]: self.arn, "Events": list(self.events)}
        if self.rules:
            rules = [{"Name": name, "Value": value} for name, value in self.rules]
            found["Filter"] = {"Key": {"FilterRules": rules}}
        return found


@dataclass(frozen=True, slots=True)
class Configuration:
    """All entries of a bucket, and whether the event bus hears of everything."""

    notifications: tuple[Notification, ...] = ()
    has_bus: bool = False

    def shown(self) -> dict[str, Any]:
        """Give the configuration as GetBucketNotificationConfiguration does."""
        found: dict[str, Any] = {}
        for kind in KINDS:
            entries = [one.shown() for one in self.notifications if one.kind == kind]
            if entries:
                found[kind] = entries
        if self.has_bus:
            found["EventBridgeConfiguration"] = {}
        return found


def read_configuration(given: Mapping[str, Any], exists: Exists, *, checks_targets: bool) -> Configuration:
    """Read a configuration: the form of all ARNs first, then whether their targets exist. Raises ServiceError."""
    entries = [_read(kind, entry) for kind in KINDS for entry in given.get(kind) or ()]
    if checks_targets:
        _check_targets(entries, exists)
    return Configuration(tuple(entries), given.get("EventBridgeConfiguration") is not None)


def _read(kind: str, entry: Mapping[str, Any]) -> Notification:
    member, name, service = KINDS[kind]
    arn = str(entry.get(member, ""))
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != service:
        raise _invalid("The ARN could not be parsed", {"ArgumentName": name, "ArgumentValue": arn})
    events = tuple(str(event) for event in entry.get("Events") or ())
    for event in events:
        if not _is_known(event):
            raise _invalid(
                "A specified event is not supported for notifications.",
                {"ArgumentName": "Event", "ArgumentValue": event},
            )
    rules = _filter_rules(entry.get("Filter"))
    return Notification(
        str(entry.get("Id") or uuid.uuid4()), kind, arn, events, tuple(sorted(_rule(rule) for rule in rules))
    )


def _filter_rules(given: Any) -> list[Mapping[str, Any]]:
    key: Any = given.get("Key") if given else None
    rules: Any = key.get("FilterRules") if key else None
    return list(rules or ())


def _rule(rule: Mapping[str, Any]) -> tuple[str, str]:
    # Recorded: whatever its case, a name comes back with a capital.
    name = str(rule.get("Name", ""))
    if name.lower() not in ("prefix", "suffix"):
        raise _invalid(
            "filter rule name must be either prefix or suffix",
            {"ArgumentName": "FilterRule.Name", "ArgumentValue": name},
        )
    return name.capitalize(), str(rule.get("Value") or "")


def _check_targets(entries: list[Notification], exists: Exists) -> None:
    missing: dict[str, str] = {}
    for entry in entries:
        if exists(entry.arn):
            continue
        number = len(missing) // 2 + 1
        missing[f"ArgumentName{number}"], missing[f"ArgumentValue{number}"] = _missing(entry)
    if missing:
        raise _invalid("Unable to validate the following destination configurations", missing)


def _missing(entry: Notification) -> tuple[str, str]:
    match KINDS[entry.kind][2]:
        case "lambda":
            return f"{entry.arn}, null", f"Not authorized to invoke function [{entry.arn}]"
        case "sns":
            return entry.arn, "The destination topic does not exist"
        case _:
            return entry.arn, "The destination queue does not exist"


def _invalid(message: str, details: dict[str, str]) -> ServiceError:
    return ServiceError("InvalidArgument", message, details=details)


def _is_known(event: str) -> bool:
    family, _, kind = event.removeprefix("s3:").partition(":")
    if not event.startswith("s3:"):
        return False
    return (
        family in _SINGLE
        if not kind
        else (kind == "*" and family in _FAMILIES) or kind in _FAMILIES.get(family, ())
    )


def _covers(pattern: str, event: str) -> bool:
    return event.startswith(pattern[:-1]) if pattern.endswith("*") else event == pattern
