"""The rules of events as functions that the check of the recorded triggers calls, one for each area."""

from __future__ import annotations

from typing import Any

from stepsmith.events.filters import policy_filter, record_filter
from stepsmith.events.patterns import check_event, event_pattern
from stepsmith.events.schedules import flexible_window, rule_schedule, scheduler_schedule
from stepsmith.events.targets import Rule, target_input
from stepsmith.events.templates import Request, compile_template
from stepsmith.expressions.types import Json
from tests.triggers.stateful import stateful

__all__ = ["inputs", "mapping_filters", "patterns", "schedules", "sns_filters", "stateful", "templates"]


def patterns(pattern: str, event: str) -> bool:
    """Say whether an event matches a pattern; both are texts as they were sent."""
    matches = event_pattern(pattern)
    return matches(check_event(event))


def sns_filters(
    policy: str, scope: str, message: str | None, attributes: dict[str, dict[str, object]] | None
) -> bool:
    """Say whether a message passes a policy; without a message the policy alone is checked."""
    filter_ = policy_filter(policy, scope)
    return message is None or filter_.passes(message, attributes or {})


def mapping_filters(source: str, filters: list[str], record: dict[str, Json] | None) -> bool:
    """Say whether a record passes a mapping's filters; without a record the filters alone are checked."""
    filter_ = record_filter(source, filters)
    return record is None or filter_.passes(record)


def inputs(target: dict[str, object], event: dict[str, Json] | None, rule: dict[str, str]) -> str | None:
    """Give what a target receives of an event; without an event the target alone is checked."""
    give = target_input(target, Rule(rule["name"], rule["arn"]))
    return None if event is None else give(event)


def schedules(service: str, expression: str, options: dict[str, Any]) -> None:
    """Check a schedule at the door of its service."""
    if service == "events":
        rule_schedule(expression, bus=options.get("event_bus") or "default")
    else:
        scheduler_schedule(expression)
        flexible_window(options["flexible_time_window"])


def templates(texts: list[str], body: str) -> str:
    """Fill templates in, each on what the one before it made."""
    for text in texts:
        body = compile_template(text).render(Request(body=body)).text
    return body
