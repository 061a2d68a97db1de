"""Dates as JavaScript computes them: milliseconds since 1970, in the Gregorian calendar for ever."""

from __future__ import annotations

import math
from typing import Final

from stepsmith.frozen import frozen

DAY: Final = 86_400_000
_LARGEST: Final = 8.64e15


@frozen
class Moment:
    """A point of time in UTC, taken apart."""

    year: int
    month: int
    """From 0."""
    day: int
    hour: int
    minute: int
    second: int
    millisecond: int
    weekday: int
    """From 0, Sunday."""
    millis: int


def moment(millis: float) -> Moment | None:
    """The parts of a point of time; None where JavaScript has no such date."""
    if not math.isfinite(millis) or abs(millis) > _LARGEST:
        return None
    whole = int(millis)
    days, rest = divmod(whole, DAY)
    year, month, day = _civil(days)
    seconds, millisecond = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return Moment(year, month, day, hour, minute, second, millisecond, (days + 4) % 7, whole)


def _civil(days: int) -> tuple[int, int, int]:
    """Year, month from 0 and day of a number of days since 1970."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 2 if shifted < 10 else shifted - 10
    return year_of_era + era * 400 + (month <= 1), month, day_of_year - (153 * shifted + 2) // 5 + 1


def days_from_civil(year: int, month: int) -> int:
    """Days from 1970 to the first of a month, counted from 0."""
    year, month = year + month // 12, month % 12
    if month <= 1:
        year -= 1
    era, year_of_era = divmod(year, 400)
    shifted = month - 2 if month > 1 else month + 10
    day_of_year = (153 * shifted + 2) // 5
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def utc(
    year: float,
    month: float,
    day: float = 1,
    hour: float = 0,
    minute: float = 0,
    second: float = 0,
    millisecond: float = 0,
) -> float:
    """JavaScript's Date.UTC, which takes years below 100 for those of the 1900s; NaN if out of range."""
    parts = (year, month, day, hour, minute, second, millisecond)
    if not all(map(math.isfinite, parts)) or any(abs(part) > _LARGEST for part in parts):
        return math.nan
    whole = [int(part) for part in parts]
    if 0 <= whole[0] <= 99:
        whole[0] += 1900
    if abs(whole[0]) > 400_000:
        return math.nan
    days = days_from_civil(whole[0], whole[1]) + whole[2] - 1
    millis = days * DAY + whole[3] * 3_600_000 + whole[4] * 60_000 + whole[5] * 1000 + whole[6]
    return millis if abs(millis) <= _LARGEST else math.nan
