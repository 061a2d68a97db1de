"""The two services that take schedules, and what each refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from stepsmith.events.refusals import VALIDATION, Refused
from stepsmith.events.schedules.expressions import (
    At,
    BadExpression,
    Cron,
    Rate,
    ScheduleExpression,
    is_singular,
    read_expression,
)

LONGEST_WINDOW: Final = 1440


@dataclass(frozen=True, slots=True)
class FlexibleWindow:
    """For how many minutes after its time a schedule may fire; 0 for at its time."""

    minutes: int = 0


def rule_schedule(expression: str, *, bus: str = "default") -> Rate | Cron:
    """Read the ScheduleExpression of PutRule; raises Refused with ValidationException."""
    if bus != "default":
        raise Refused(VALIDATION, "ScheduleExpression is supported only on the default event bus.")
    try:
        found = read_expression(expression)
        if isinstance(found, At):
            raise BadExpression(expression)
        if isinstance(found, Rate) and is_singular(expression) != expression.startswith("rate(1 "):
            raise BadExpression(expression)
    except BadExpression:
        raise Refused(VALIDATION, "Parameter ScheduleExpression is not valid.") from None
    return found


def scheduler_schedule(expression: str) -> ScheduleExpression:
    """Read the ScheduleExpression of CreateSchedule; raises Refused with ValidationException."""
    try:
        return read_expression(expression)
    except BadExpression:
        raise Refused(VALIDATION, f"Invalid Schedule Expression {expression}.") from None


def flexible_window(given: Mapping[str, object]) -> FlexibleWindow:
    """Read the FlexibleTimeWindow of CreateSchedule; raises Refused with ValidationException."""
    mode, minutes = given.get("Mode"), given.get("MaximumWindowInMinutes")
    if mode == "OFF" and minutes is None:
        return FlexibleWindow()
    if mode == "FLEXIBLE" and isinstance(minutes, int) and 1 <= minutes <= LONGEST_WINDOW:
        return FlexibleWindow(minutes)
    found = f"Mode {mode}" + ("" if minutes is None else f" with MaximumWindowInMinutes {minutes}")
    raise Refused(
        VALIDATION,
        f"Invalid FlexibleTimeWindow: {found}; FLEXIBLE takes MaximumWindowInMinutes from 1 to "
        f"{LONGEST_WINDOW}, OFF takes none.",
    )


def time_zone(name: str) -> tzinfo:
    """Give a time zone by its IANA name; raises Refused with ValidationException."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise Refused(VALIDATION, f"Invalid ScheduleExpressionTimezone {name}.") from None
