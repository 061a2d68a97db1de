"""A bus, and the way of an event through its rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stepsmith.cloud.buses.delivery import Delivery
from stepsmith.cloud.buses.rule import Rule
from stepsmith.expressions.types import Json

Archive = Callable[[Json], None]


@dataclass(slots=True)
class Bus:
    """A bus with its rules; archives hear of every event."""

    name: str
    arn: str
    made: datetime
    given: Mapping[str, Any] = field(default_factory=dict[str, Any])
    rules: dict[str, Rule] = field(default_factory=dict[str, Rule])
    archives: dict[str, Archive] = field(default_factory=dict[str, Archive])
    tags: dict[str, str] = field(default_factory=dict[str, str])
    policy: str | None = None

    def put(self, event: dict[str, Json], delivery: Delivery) -> None:
        """Let an event be kept by the archives, and be delivered by each rule that it matches."""
        for keep in list(self.archives.values()):
            keep(event)
        self.let_through(event, delivery, list(self.rules.values()))

    def let_through(self, event: dict[str, Json], delivery: Delivery, rules: list[Rule]) -> None:
        """Let some of the rules deliver an event, if it matches them."""
        for rule in rules:
            if rule.is_enabled and rule.matches is not None and rule.matches(event):
                strike(rule, event, delivery)

    def shown(self) -> dict[str, Any]:
        """Give the bus as EventBridge answers it."""
        found: dict[str, Any] = {
            "Name": self.name,
            "Arn": self.arn,
            "CreationTime": self.made,
            "LastModifiedTime": self.made,
        }
        if self.given.get("Description"):
            found["Description"] = self.given["Description"]
        if self.policy:
            found["Policy"] = self.policy
        return found


def strike(rule: Rule, event: dict[str, Json], delivery: Delivery) -> None:
    """Send every target of a rule its input; one whose input cannot be made gets nothing, as recorded."""
    for target in list(rule.targets.values()):
        text = target.input(event)
        if text is not None:
            delivery.send(target.given, text, event, rule.arn)
