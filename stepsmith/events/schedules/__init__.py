"""Schedules of rules and of EventBridge Scheduler: which expressions are taken, and when they fire.

`rule_schedule` and `scheduler_schedule` are the two doors; `firings` gives the next time after an instant.
"""

from stepsmith.events.schedules.expressions import At, Cron, Rate, ScheduleExpression
from stepsmith.events.schedules.firings import Firing, flexed, next_firing
from stepsmith.events.schedules.services import (
    FlexibleWindow,
    flexible_window,
    rule_schedule,
    scheduler_schedule,
    time_zone,
)

__all__ = [
    "At",
    "Cron",
    "Firing",
    "FlexibleWindow",
    "Rate",
    "ScheduleExpression",
    "flexed",
    "flexible_window",
    "next_firing",
    "rule_schedule",
    "scheduler_schedule",
    "time_zone",
]
