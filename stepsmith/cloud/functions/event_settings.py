"""The settings of calls that nobody waits for: how often, for how long, and who hears of the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.functions.function import LATEST, Function
from stepsmith.cloud.services import ServiceError

DEFAULT_RETRIES: Final = 2
DEFAULT_AGE: Final = 21_600.0
_SERVICES: Final = frozenset({"sqs", "sns", "lambda", "events", "s3"})
_ARN: Final = (
    "$|kafka://([^.]([a-zA-Z0-9\\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:"
    "((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)"
)


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds for the calls of one version or alias."""

    retries: int = DEFAULT_RETRIES
    age: float = DEFAULT_AGE
    on_success: str | None = None
    on_failure: str | None = None


class EventSettings:
    """The settings of all functions, by function and qualifier."""

    def __init__(self, agenda: Agenda, find: Callable[[str], Function | None]) -> None:
        self._agenda = agenda
        self._find = find
        self._settings: dict[tuple[str, str], dict[str, Any]] = {}

    def of(self, function: Function, qualifier: str) -> Effective:
        """Give what holds for a version or alias."""
        found = self._settings.get((function.arn, qualifier), {})
        targets: Mapping[str, Any] = found.get("DestinationConfig") or {}
        return Effective(
            found.get("MaximumRetryAttempts", DEFAULT_RETRIES),
            found.get("MaximumEventAgeInSeconds", DEFAULT_AGE),
            destination(targets, "OnSuccess"),
            destination(targets, "OnFailure"),
        )

    def put(
        self, function: Function, qualifier: str, given: Mapping[str, Any], *, merged: bool
    ) -> dict[str, Any]:
        """Set what is given; the rest stays if it is `merged`, and else is forgotten. Raises ServiceError."""
        key = (function.arn, qualifier)
        before = self._settings.get(key)
        if merged and before is None:
            raise missing(f"{function.arn}:{qualifier}")
        names = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
        chosen = {name: given[name] for name in names if given.get(name) is not None}
        if "DestinationConfig" in chosen:
            self._check(function, chosen["DestinationConfig"])
        made: dict[str, Any] = {
            **(before if merged and before else {}),
            **chosen,
            "FunctionArn": f"{function.arn}:{qualifier}",
            "LastModified": self._agenda.today(),
        }
        targets: Mapping[str, Any] = made.get("DestinationConfig") or {}
        made["DestinationConfig"] = {"OnSuccess": {}, "OnFailure": {}, **targets}
        self._settings[key] = made
        return made

    def get(self, arn: str, qualifier: str) -> dict[str, Any]:
        """Give the settings of a version or alias. Raises ServiceError where it has none."""
        found = self._settings.get((arn, qualifier))
        if found is None:
            raise missing(f"{arn}:{qualifier}")
        return found

    def listed(self, arn: str) -> list[dict[str, Any]]:
        """Give all settings of a function."""
        return [each for (of, _), each in self._settings.items() if of == arn]

    def delete(self, arn: str, qualifier: str) -> None:
        """Forget the settings of a version or alias. Raises ServiceError where it has none."""
        self.get(arn, qualifier)
        del self._settings[arn, qualifier]

    def forget(self, arn: str) -> None:
        """Forget a function."""
        for key in [key for key in self._settings if key[0] == arn]:
            del self._settings[key]

    def _check(self, function: Function, targets: Mapping[str, Any]) -> None:
        for name, member in (("OnFailure", "onFailure"), ("OnSuccess", "onSuccess")):
            arn = destination(targets, name)
            if not arn:
                continue
            parts = arn.split(":", 6)
            if not _is_arn(parts):
                raise ServiceError(
                    "ValidationException",
                    f"1 validation error detected: Value '{arn}' at 'destinationConfig.{member}.destination' failed to "
                    f"satisfy constraint: Member must satisfy regular expression pattern: {_ARN}",
                )
            if parts[2] not in _SERVICES:
                raise _refused(
                    f"The provided destination config DestinationConfig({_shown(targets)}) is invalid."
                )
            if parts[2] != "lambda":
                continue
            bare = ":".join(arn.split(":")[:7])
            if bare == function.arn:
                raise _refused("You can't specify the function as a destination for itself.")
            if self._find(bare) is None:
                raise _refused(f"The destination ARN {arn} is invalid.")


def destination(targets: Mapping[str, Any], name: str) -> str | None:
    """Give the ARN of a destination; None where none is named."""
    chosen: Mapping[str, str] = targets.get(name) or {}
    return chosen.get("Destination")


def check_given(given: Mapping[str, Any]) -> None:
    """Raise ServiceError where nothing is set."""
    names = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
    if all(given.get(name) is None for name in names):
        raise _refused("You must specify at least one of error handling or destination setting.")


def missing(arn: str) -> ServiceError:
    """Say that there are no settings."""
    text = f"The function {arn} doesn't have an EventInvokeConfig"
    return ServiceError("ResourceNotFoundException", text, status=404)


def qualified(qualifier: str | None) -> str:
    """Give the qualifier that settings stand under."""
    return qualifier or LATEST


def _refused(text: str) -> ServiceError:
    return ServiceError("InvalidParameterValueException", text)


def _is_arn(parts: list[str]) -> bool:
    """Say whether a text has the form of an ARN: partition, service, region and account."""
    if len(parts) < 6 or parts[0] != "arn" or not parts[1].startswith("aws"):
        return False
    partition, service, region, account = parts[1:5]
    return (
        _is_plain(partition)
        and bool(service)
        and _is_plain(service)
        and (not region or (region.count("-") >= 2 and region[-1].isdigit() and _is_plain(region)))
        and (not account or (len(account) == 12 and account.isascii() and account.isdigit()))
    )


def _is_plain(text: str) -> bool:
    return text.isascii() and text.replace("-", "").isalnum()


def _shown(targets: Mapping[str, Any]) -> str:
    """Write destinations as Lambda does in its refusals."""
    found: list[str] = []
    for name in ("OnSuccess", "OnFailure"):
        arn = destination(targets, name)
        member = name[0].lower() + name[1:]
        found.append(f"{member}=" + (f"{name}(destination={arn})" if arn else "null"))
    return ", ".join(found)
