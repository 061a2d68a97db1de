"""When a schedule fires: from an instant, the next one.

A cron expression is read off the wall clock of its time zone. Where clocks go forward, a time that the wall never shows
is skipped; where they go back, a time that it shows twice fires once, the first time (EventBridge Scheduler's guide,
"Daylight savings time"). A rate counts seconds and does not look at the wall.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from stepsmith.events.schedules.expressions import At, Cron, Rate, ScheduleExpression


@dataclass(frozen=True, slots=True)
class Firing:
    """A schedule as it was put: from when it counts, and the bounds it has."""

    expression: ScheduleExpression
    anchor: float
    """Of a rate: its first firing. A rule's comes one rate after its target was put, the Scheduler's at once."""
    zone: tzinfo = UTC
    start: float | None = None
    end: float | None = None

    def next(self, after: float) -> float | None:
        """Give the first firing after an instant; None if there is none any more."""
        return next_firing(
            self.expression, after, anchor=self.anchor, zone=self.zone, start=self.start, end=self.end
        )


def next_firing(
    expression: ScheduleExpression,
    after: float,
    *,
    anchor: float = 0.0,
    zone: tzinfo = UTC,
    start: float | None = None,
    end: float | None = None,
) -> float | None:
    """Give the first firing after an instant, not before `start` and not after `end`."""
    if start is not None:
        # A firing at the start itself counts.
        after = max(after, start - 0.001)
        anchor = max(anchor, start)
    match expression:
        case Rate(seconds):
            found: float | None = _next_of_rate(seconds, anchor, after)
        case At(wall):
            at = _instant(wall, zone, skipped=False)
            found = at if at is not None and at > after else None
        case Cron():
            found = _next_of_cron(expression, zone, after)
    return None if found is None or (end is not None and found > end) else found


def flexed(at: float, minutes: int, share: float) -> float:
    """Give the time within a flexible window; `share`, from 0 to 1, says where in it."""
    return at + 60.0 * minutes * share


def _next_of_rate(seconds: int, anchor: float, after: float) -> float:
    if after < anchor:
        return anchor
    times = math.floor((after - anchor) / seconds) + 1
    found = anchor + times * seconds
    return found if found > after else found + seconds


def _next_of_cron(cron: Cron, zone: tzinfo, after: float) -> float | None:
    wall = cron.next_wall(datetime.fromtimestamp(after, zone).replace(tzinfo=None))
    while wall is not None:
        at = _instant(wall, zone, skipped=True)
        if at is not None and at > after:
            return at
        wall = cron.next_wall(wall)
    return None


def _instant(wall: datetime, zone: tzinfo, *, skipped: bool) -> float | None:
    """Give the first instant at which the wall shows a time; with `skipped`, None if it never does."""
    at = wall.replace(tzinfo=zone, fold=0).timestamp()
    if skipped and datetime.fromtimestamp(at, zone).replace(tzinfo=None) != wall:
        return None
    return at
