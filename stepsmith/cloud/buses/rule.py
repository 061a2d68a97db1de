"""A rule: which events it lets through, or when it strikes, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from stepsmith.cloud.services import ServiceError
from stepsmith.events.patterns import Matcher
from stepsmith.events.patterns.rules import event_pattern
from stepsmith.events.refusals import Refused
from stepsmith.events.schedules.expressions import Cron, Rate
from stepsmith.events.schedules.services import rule_schedule
from stepsmith.events.targets.inputs import TargetInput, target_input
from stepsmith.events.targets.transformers import Rule as Naming

DEFAULT: Final = "default"
MOST_TARGETS: Final = 5
_SHOWN: Final = ("EventPattern", "ScheduleExpression", "State", "Description", "RoleArn", "ManagedBy")


@dataclass(slots=True)
class Target:
    """One target of a rule."""

    given: Mapping[str, Any]
    """As PutTargets has it."""
    input: TargetInput

    @property
    def id(self) -> str:
        """Its name within the rule."""
        return str(self.given["Id"])

    @property
    def arn(self) -> str:
        """What it is."""
        return str(self.given["Arn"])


@dataclass(slots=True)
class Rule:
    """A rule of a bus."""

    name: str
    bus: str
    arn: str
    owner: str
    given: dict[str, Any]
    matches: Matcher | None
    schedule: Rate | Cron | None
    since: float
    """When its schedule began, in seconds since 1970."""
    targets: dict[str, Target] = field(default_factory=dict[str, Target])
    tags: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def is_enabled(self) -> bool:
        """Whether it lets anything through."""
        return self.given["State"] != "DISABLED"

    def shown(self) -> dict[str, Any]:
        """Give the rule as listings have it."""
        found = {name: self.given[name] for name in _SHOWN if self.given.get(name)}
        return {"Name": self.name, "Arn": self.arn, "EventBusName": self.bus, **found}

    def put(self, given: Mapping[str, Any]) -> None:
        """Take a target in; one of the same id is replaced. Raises ServiceError."""
        id = str(given["Id"])
        if not (0 < len(id) <= 64 and id.isascii() and set(id) <= _ID):
            raise _bad_id(id)
        if id not in self.targets and len(self.targets) >= MOST_TARGETS:
            text = "The requested resource exceeds the maximum number allowed."
            raise ServiceError("LimitExceededException", text)
        try:
            self.targets[id] = Target(given, target_input(given, Naming(self.name, self.arn)))
        except Refused as refused:
            raise ServiceError(refused.code, refused.message) from None


def compiled(given: Mapping[str, Any], bus: str) -> tuple[Matcher | None, Rate | Cron | None]:
    """Compile the pattern and the schedule of a rule. Raises ServiceError."""
    pattern, expression = given.get("EventPattern"), given.get("ScheduleExpression")
    if not pattern and not expression:
        text = "Parameter(s) EventPattern or ScheduleExpression must be specified."
        raise ServiceError("ValidationException", text)
    try:
        matches = event_pattern(str(pattern)) if pattern else None
        schedule = rule_schedule(str(expression), bus=bus) if expression else None
    except Refused as refused:
        raise ServiceError(refused.code, refused.message) from None
    return matches, schedule


def _bad_id(id: str) -> ServiceError:
    problems: list[str] = []
    start = f"Value '{id}' at 'targets.1.member.id' failed to satisfy constraint: Member must "
    if len(id) > 64:
        problems.append(start + "have length less than or equal to 64")
    if not (id.isascii() and set(id) <= _ID):
        problems.append(start + r"satisfy regular expression pattern: [\.\-_A-Za-z0-9]+")
    if not id:
        problems.append(start + "have length greater than or equal to 1")
    count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected: "
    return ServiceError("ValidationException", count + "; ".join(problems))


_ID: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
