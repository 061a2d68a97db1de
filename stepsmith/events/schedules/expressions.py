"""Schedule expressions: `rate(5 minutes)`, `cron(0 8 ? * MON-FRI *)`, `at(2024-01-01T08:00:00)`."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from stepsmith.events.schedules.fields import (
    HOURS,
    MINUTES,
    MONTH_NUMBERS,
    YEARS,
    BadField,
    Days,
    days_of_month,
    days_of_week,
    values,
)

_UNITS: Final = {"minute": 60, "hour": 3600, "day": 86_400}
LONGEST: Final = 256


class BadExpression(ValueError):
    """An expression that is no schedule."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Every so many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class At:
    """Once, at a time on the wall."""

    wall: datetime
    """Without a zone."""


@dataclass(frozen=True, slots=True, eq=False)
class Cron:
    """Whenever the wall clock shows what its fields say."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: Days
    months: tuple[int, ...]
    years: tuple[int, ...]

    def next_wall(self, after: datetime) -> datetime | None:
        """Give the first time on the wall after another one; None if there is none until 2199."""
        start = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for year in self.years[bisect_left(self.years, start.year) :]:
            for month in self.months:
                if (year, month) < (start.year, start.month):
                    continue
                for day in sorted(self.days(year, month)):
                    found = self._on(year, month, day, start)
                    if found is not None:
                        return found
        return None

    def _on(self, year: int, month: int, day: int, start: datetime) -> datetime | None:
        """Give the first time on a day that is not before another time."""
        if (year, month, day) < (start.year, start.month, start.day):
            return None
        if (year, month, day) > (start.year, start.month, start.day):
            return datetime(year, month, day, self.hours[0], self.minutes[0])  # noqa: DTZ001 - on the wall
        for hour in self.hours[bisect_left(self.hours, start.hour) :]:
            place = bisect_left(self.minutes, start.minute) if hour == start.hour else 0
            if place < len(self.minutes):
                return datetime(year, month, day, hour, self.minutes[place])  # noqa: DTZ001 - on the wall
        return None


ScheduleExpression: TypeAlias = Rate | Cron | At


def read_expression(text: str) -> ScheduleExpression:
    """Read an expression; raises BadExpression. Nothing may stand around it, no blank either."""
    kind, bracket, rest = text.partition("(")
    if len(text) > LONGEST or not bracket or not rest.endswith(")"):
        raise BadExpression(text)
    inner = rest[:-1]
    match kind:
        case "rate":
            return _rate(inner)
        case "cron":
            return _cron(inner)
        case "at":
            return _at(inner)
        case _:
            raise BadExpression(text)


def is_singular(text: str) -> bool:
    """Whether a rate's unit stands in the singular."""
    return not text.endswith("s)")


def _rate(text: str) -> Rate:
    number, blank, unit = text.partition(" ")
    seconds = _UNITS.get(unit.removesuffix("s"))
    if not blank or not number.isascii() or not number.isdigit() or len(number) > 9 or unit.endswith("ss"):
        raise BadExpression(text)
    if seconds is None or int(number) == 0:
        raise BadExpression(text)
    return Rate(int(number) * seconds)


def _cron(text: str) -> Cron:
    fields = text.split(" ")
    if len(fields) != 6:
        raise BadExpression(text)
    minutes, hours, days, months, weekdays, years = fields
    # One of the two fields of days must be open, and the other one not.
    if (days == "?") == (weekdays == "?"):
        raise BadExpression(text)
    try:
        return Cron(
            tuple(sorted(values(minutes, MINUTES))),
            tuple(sorted(values(hours, HOURS))),
            days_of_month(days) if weekdays == "?" else days_of_week(weekdays),
            tuple(sorted(values(months, MONTH_NUMBERS))),
            tuple(sorted(values(years, YEARS))),
        )
    except BadField:
        raise BadExpression(text) from None


def _at(text: str) -> At:
    shape = "".join("0" if mark.isascii() and mark.isdigit() else mark for mark in text)
    if shape != "0000-00-00T00:00:00":
        raise BadExpression(text)
    try:
        return At(datetime.fromisoformat(text))
    except ValueError:
        raise BadExpression(text) from None
