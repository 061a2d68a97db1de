"""The six fields of a cron expression: minutes, hours, day of the month, month, day of the week, year."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1
    )
}
WEEKDAYS: Final = {
    name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)
}

Days: TypeAlias = Callable[[int, int], frozenset[int]]
"""Gives the days of a year's month that a field means."""


class BadField(ValueError):
    """A field that cannot be understood."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What values a field may have, and what names stand for them."""

    least: int
    most: int
    names: dict[str, int]


MINUTES: Final = Bounds(0, 59, {})
HOURS: Final = Bounds(0, 23, {})
DAYS: Final = Bounds(1, 31, {})
MONTH_NUMBERS: Final = Bounds(1, 12, MONTHS)
WEEKDAY_NUMBERS: Final = Bounds(1, 7, WEEKDAYS)
YEARS: Final = Bounds(1970, 2199, {})


def values(text: str, bounds: Bounds) -> frozenset[int]:
    """Read a list of values, ranges and steps; raises BadField."""
    found: set[int] = set()
    for item in text.split(","):
        found |= _item(item, bounds)
    return frozenset(found)


def _item(text: str, bounds: Bounds) -> set[int]:
    head, slash, tail = text.partition("/")
    step = 1
    if slash:
        step = _plain(tail)
        if not 1 <= step <= bounds.most:
            raise BadField(text)
    if head == "*" or (slash and not head):
        return set(range(bounds.least, bounds.most + 1, step))
    first, dash, last = head.partition("-")
    start = _value(first, bounds)
    if not dash:
        return set(range(start, bounds.most + 1, step)) if slash else {start}
    end = _value(last, bounds)
    if start <= end:
        return set(range(start, end + 1, step))
    # Over the end and on from the beginning: FRI-MON.
    size = bounds.most - bounds.least + 1
    return {(at - bounds.least) % size + bounds.least for at in range(start, end + size + 1, step)}


def _value(text: str, bounds: Bounds) -> int:
    named = bounds.names.get(text.upper())
    number = _plain(text) if named is None else named
    if not bounds.least <= number <= bounds.most:
        raise BadField(text)
    return number


def _plain(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise BadField(text)
    return int(text)


def days_of_month(text: str) -> Days:
    """Read the field of days of the month: values, `L` for the last, `15W` for the nearest weekday."""
    if text == "L":
        return lambda year, month: frozenset({_length(year, month)})
    if text == "LW":
        return lambda year, month: frozenset({_nearest_weekday(year, month, _length(year, month))})
    if text.endswith("W"):
        wanted = _value(text[:-1], DAYS)
        return lambda year, month: frozenset(
            {_nearest_weekday(year, month, min(wanted, _length(year, month)))}
            if wanted <= _length(year, month)
            else ()
        )
    if text.startswith("L-"):
        before = _plain(text[2:])
        if not 1 <= before <= 30:
            raise BadField(text)
        return lambda year, month: frozenset({_length(year, month) - before} - set(range(-31, 1)))
    wanted_days = values(text, DAYS)
    return lambda year, month: frozenset(day for day in wanted_days if day <= _length(year, month))


def days_of_week(text: str) -> Days:
    """Read the field of days of the week: values (Sunday is 1), `6L` for the last Friday, `6#3` for the third."""
    if text == "L":
        return _weekdays(frozenset({7}))
    if text.endswith("L"):
        last = _value(text[:-1], WEEKDAY_NUMBERS)
        return lambda year, month: frozenset({max(_weekdays(frozenset({last}))(year, month))})
    day, hash_, nth = text.partition("#")
    if hash_:
        weekday, place = _value(day, WEEKDAY_NUMBERS), _plain(nth)
        if not 1 <= place <= 5:
            raise BadField(text)
        return lambda year, month: frozenset(
            sorted(_weekdays(frozenset({weekday}))(year, month))[place - 1 : place]
        )
    return _weekdays(values(text, WEEKDAY_NUMBERS))


def _weekdays(wanted: frozenset[int]) -> Days:
    def days(year: int, month: int) -> frozenset[int]:
        first = date(year, month, 1).isoweekday() % 7 + 1
        return frozenset(
            day for day in range(1, _length(year, month) + 1) if (first + day - 2) % 7 + 1 in wanted
        )

    return days


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """Give the weekday nearest to a day within its month."""
    match date(year, month, day).isoweekday():
        case 6:
            return day - 1 if day > 1 else day + 2
        case 7:
            return day + 1 if day < _length(year, month) else day - 2
        case _:
            return day
