"""Built-in functions on dates and times."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.functions.calendar import DAY, Moment, moment, utc
from stepsmith.expressions.jsonata.functions.date_pictures import Marker, date_picture
from stepsmith.expressions.jsonata.functions.integers import (
    WORD_VALUES,
    IntegerPicture,
    integer_picture,
    leading_integer,
    read,
    written,
)
from stepsmith.expressions.jsonata.regex import Pattern, compile_pattern
from stepsmith.expressions.jsonata.runtime.limits import Run, finite
from stepsmith.expressions.jsonata.runtime.numbers import shrink
from stepsmith.expressions.jsonata.runtime.values import Value
from stepsmith.expressions.types import UNDEFINED
from stepsmith.frozen import frozen

_DAYS: Final = ("", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_ISO_PICTURE: Final = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"
_WEEK: Final = 7 * DAY
_OFFSET: Final = re.compile(r"[+-]?[0-9]{1,9}")


def now(run: Run, picture: Value = UNDEFINED, timezone: Value = UNDEFINED) -> Value:
    """`$now`: the time of the evaluation."""
    return from_millis(run, run.timestamp, picture, timezone)


def now_of_reference(run: Run, picture: Value = UNDEFINED, timezone: Value = UNDEFINED) -> Value:
    """`$now` with the reference's time zones."""
    return from_millis_of_reference(run, run.timestamp, picture, timezone)


@frozen
class FromMillisArguments:
    """The arguments of `$fromMillis` on the service: what is no number is nothing (measured by iwamot/sfnx)."""

    parameters: tuple[str, ...] = ("millis", "picture", "timezone")

    def validate(self, arguments: list[Any], context: Any) -> list[Any]:
        """The arguments, the first from the context where there is none; raises T0410 where others do not fit."""
        if len(arguments) > len(self.parameters):
            raise JsonataError("T0410", index=len(self.parameters) + 1)
        millis = arguments[0] if arguments else context
        for number, text in enumerate(arguments[1:], 2):
            if text is not UNDEFINED and type(text) is not str:
                raise JsonataError("T0410", index=number)
        return [millis if type(millis) is int or type(millis) is float else UNDEFINED, *arguments[1:]]

    def fast_types(self, count: int) -> list[frozenset[type]] | None:
        """Types with which so many arguments fit as they are."""
        return [frozenset({int, float}), frozenset({str}), frozenset({str})][:count] if count else None


def from_millis(run: Run, millis: Value, picture: Value = UNDEFINED, timezone: Value = UNDEFINED) -> Value:
    """`$fromMillis`; a timezone that is no offset is UTC."""
    offset = 0 if timezone is UNDEFINED or not _OFFSET.fullmatch(timezone) else int(timezone)
    return _written(run, millis, picture, offset)


def from_millis_of_reference(
    run: Run, millis: Value, picture: Value = UNDEFINED, timezone: Value = UNDEFINED
) -> Value:
    """`$fromMillis`."""
    return _written(run, millis, picture, 0 if timezone is UNDEFINED else leading_integer(timezone))


def _written(run: Run, millis: Value, picture: Value, offset: float) -> Value:
    if millis is UNDEFINED:
        return UNDEFINED
    picture = _ISO_PICTURE if picture is UNDEFINED else picture
    run.picture(picture)
    parts = date_picture(picture)
    zone = (offset // 100, int(math.fmod(offset, 100))) if math.isfinite(offset) else (math.nan, math.nan)
    date = moment(millis + (60 * zone[0] + zone[1]) * 60_000)
    text = "".join(part if isinstance(part, str) else _component(part, date, zone) for part in parts)
    run.string(len(text))
    return text


def _component(marker: Marker, date: Moment | None, zone: tuple[float, float]) -> str:
    component = marker.component
    if component in ("Z", "z"):
        return _offset(marker, *zone)
    if component == "P":
        half = "pm" if date is not None and date.hour >= 12 else "am"
        return half.upper() if marker.names == "upper" else half
    if component in ("C", "E"):
        return "ISO"
    fragment = FRAGMENTS.get(component)
    if fragment is None:
        return "undefined"
    # what JavaScript has no date for is not a number in every component
    value = math.nan if date is None else fragment(date)
    if component == "Y" and marker.digits not in (None, -1):
        value = shrink(math.fmod(value, _power_of_ten(marker.digits or 0)))
    if marker.names is not None:
        return _named(marker, value)
    assert marker.number is not None
    return written(value, marker.number)


def _named(marker: Marker, value: float) -> str:
    if marker.component not in ("M", "x", "F"):
        raise JsonataError("D3133", value=marker.component)
    if value != value:
        if marker.names != "title" or marker.width:
            raise JsonataError("U1006", message="Invalid time value")
        return "undefined"
    name = _DAYS[int(value)] if marker.component == "F" else _MONTHS[int(value) - 1]
    name = {"upper": name.upper(), "lower": name.lower()}.get(marker.names or "", name)
    return name[: _longest(marker)]


def _longest(marker: Marker) -> int | None:
    """How many characters of a name are written; None for all."""
    most = marker.width[1] if marker.width else None
    return int(most) if most is not None and math.isfinite(most) else None


def _power_of_ten(exponent: float) -> float:
    return 10**exponent if exponent < 300 else math.inf if exponent == exponent else math.nan


def _offset(marker: Marker, hours: float, minutes: float) -> str:
    offset = hours * 100 + minutes
    number = marker.number
    assert number is not None
    if number.style == "decimal" and (number.interval or number.mandatory in (3, 4)):
        text = written(offset, number)
    elif number.style == "decimal" and number.mandatory in (1, 2):
        text = written(hours, number)
        if minutes != 0:
            text += ":" + written(minutes, integer_picture("00"))
    else:
        raise JsonataError("D3134", value=number.mandatory or UNDEFINED)
    if offset >= 0:
        text = "+" + text
    if marker.component == "z":
        text = "GMT" + text
    return "Z" if offset == 0 and marker.zulu else text


# components of a date


def _first_week(year: int, month: int) -> int:
    """When the first week of a year or month begins: the one with its first Thursday."""
    first = int(utc(year, month))
    weekday = (first // DAY + 4) % 7 or 7
    return first + (8 - weekday) * DAY if weekday > 4 else first - (weekday - 1) * DAY


def _today(date: Moment) -> int:
    return int(utc(date.year, date.month, date.day))


def _week(start: int, today: int) -> int:
    return (today - start) // _WEEK + 1


def _week_of_year(date: Moment) -> int:
    today = _today(date)
    week = _week(_first_week(date.year, 0), today)
    if week > 52:
        return 1 if today >= _first_week(date.year + 1, 0) else week
    return week if week >= 1 else _week(_first_week(date.year - 1, 0), today)


def _week_of_month(date: Moment) -> int:
    today = _today(date)
    week = _week(_first_week(date.year, date.month), today)
    if week > 4:
        return 1 if today >= _first_week(*_next_month(date)) else week
    return week if week >= 1 else _week(_first_week(*_previous_month(date)), today)


def _next_month(date: Moment) -> tuple[int, int]:
    return (date.year + 1, 0) if date.month == 11 else (date.year, date.month + 1)


def _previous_month(date: Moment) -> tuple[int, int]:
    return (date.year - 1, 11) if date.month == 0 else (date.year, date.month - 1)


def _year_of_week(date: Moment) -> int:
    if date.millis < _first_week(date.year, 0):
        return date.year - 1
    return date.year + (date.millis >= _first_week(date.year + 1, 0))


def _month_of_week(date: Moment) -> int:
    if date.millis < _first_week(date.year, date.month):
        return _previous_month(date)[1] + 1
    if date.millis >= _first_week(*_next_month(date)):
        return _next_month(date)[1] + 1
    return date.month + 1


FRAGMENTS: Final[dict[str, Callable[[Moment], int]]] = {
    "Y": lambda date: date.year,
    "M": lambda date: date.month + 1,
    "D": lambda date: date.day,
    "d": lambda date: (_today(date) - int(utc(date.year, 0))) // DAY + 1,
    "F": lambda date: date.weekday or 7,
    "W": _week_of_year,
    "w": _week_of_month,
    "X": _year_of_week,
    "x": _month_of_week,
    "H": lambda date: date.hour,
    "h": lambda date: date.hour % 12 or 12,
    "m": lambda date: date.minute,
    "s": lambda date: date.second,
    "f": lambda date: date.millisecond,
}
"""The value of each numeric component."""


# parsing

_ISO: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?"
    r"(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_ACCEPTED: Final = r"^\d{4}(-[01]\d)*(-[0-3]\d)*(T[0-2]\d:[0-5]\d:[0-5]\d)*(\.\d+)?([+-][0-2]\d:?[0-5]\d|Z)?$"
_LONGEST_TIMESTAMP: Final = 60


def to_millis(run: Run, timestamp: Value, picture: Value = UNDEFINED) -> Value:
    """`$toMillis`; raises D3110 for a date that does not exist."""
    found = to_millis_of_reference(run, timestamp, picture)
    if picture is UNDEFINED and timestamp is not UNDEFINED and (found != found or not _exists(timestamp)):
        raise JsonataError("D3110", value=timestamp)
    return found


def _exists(timestamp: str) -> bool:
    """Whether the day of a timestamp is one of its month."""
    found = _ISO.fullmatch(timestamp)
    if found is None or found[3] is None:
        return True
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    date = moment(utc(year, month - 1, day))
    return date is not None and date.day == day


def to_millis_of_reference(run: Run, timestamp: Value, picture: Value = UNDEFINED) -> Value:
    """`$toMillis`."""
    if timestamp is UNDEFINED:
        return UNDEFINED
    if picture is not UNDEFINED:
        return finite(run, _by_picture(run, timestamp, picture))
    run.string(len(timestamp))
    if compile_pattern(_ACCEPTED, "").search(timestamp, 0, run.charge) is None:
        raise JsonataError("D3110", value=timestamp)
    return finite(run, _parsed(timestamp))


def _parsed(timestamp: str) -> float:
    """JavaScript's Date.parse of ISO 8601; NaN for what only its other, undocumented format takes."""
    found = _ISO.fullmatch(timestamp) if len(timestamp) <= _LONGEST_TIMESTAMP else None
    if found is None:
        return math.nan
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    if zone not in (None, "Z") and hour is None:
        return math.nan
    date = int(year), int(month or 1) - 1, int(day or 1)
    time = int(hour or 0), int(minute or 0), int(second or 0), int(((fraction or "") + "000")[:3])
    if not 0 <= date[1] <= 11 or not 1 <= date[2] <= 31 or time > (24, 0, 0, 0):
        return math.nan
    days = (
        utc(2000 + date[0] % 400, date[1], date[2]) + (date[0] - date[0] % 400 - 2000) // 400 * 146_097 * DAY
    )
    millis = days + time[0] * 3_600_000 + time[1] * 60_000 + time[2] * 1000 + time[3]
    if zone not in (None, "Z"):
        offset = int(zone[1:3]) * 60 + int(zone[-2:])
        if offset > 23 * 60 + 59:
            return math.nan
        millis += offset * 60_000 * (-1 if zone[0] == "+" else 1)
    return shrink(millis) if math.isfinite(millis) else math.nan


def _by_picture(run: Run, timestamp: str, picture: str) -> Value:
    run.string(len(timestamp))
    run.picture(picture)
    pattern, markers = _picture_pattern(picture)
    match = pattern.search(timestamp, 0, run.charge)
    if match is None:
        return UNDEFINED
    components: dict[str, Value] = {}
    groups = match.groups
    for group, marker in markers:
        if marker is not None:
            components[marker.component] = _component_value(marker, groups[group] or "")
    if not components:
        return UNDEFINED
    return _assembled(run, components)


@lru_cache(maxsize=256)
def _picture_pattern(picture: str) -> tuple[Pattern, tuple[tuple[int, Marker | None], ...]]:
    """The regular expression of a picture, and which of its groups hold which components."""
    source, markers = "^", list[tuple[int, Marker | None]]()
    for group, part in enumerate(date_picture(picture)):
        if isinstance(part, str):
            source += "(" + re.sub(r"([.*+?^${}()|\[\]\\])", r"\\\1", part) + ")"
            markers.append((group, None))
        else:
            source += "(" + _component_pattern(part) + ")"
            markers.append((group, part))
    return compile_pattern(source + "$", "i"), tuple(markers)


def _component_pattern(marker: Marker) -> str:
    if marker.component in ("Z", "z"):
        assert marker.number is not None
        pattern = ("GMT" if marker.component == "z" else "") + "[-+][0-9]+"
        if marker.number.interval:
            pattern += marker.number.separators[0][1] + "[0-9]+"
        return pattern
    if marker.number is not None:
        return _number_pattern(marker.number, marker.digits)
    if marker.component not in ("M", "x", "F", "P"):
        raise JsonataError("D3133", value=marker.component)
    return "[a-zA-Z]+"


def _number_pattern(number: IntegerPicture, digits: float | None) -> str:
    upper = number.case == "upper"
    match number.style:
        case "letters":
            return "[A-Z]+" if upper else "[a-z]+"
        case "roman":
            return "[MDCLXVI]+" if upper else "[mdclxvi]+"
        case "words":
            return "(?:" + "|".join([*WORD_VALUES, "and", r"[\-, ]"]) + ")+"
        case "decimal":
            count = "+"
            if digits is not None and digits > 0:
                least, most = int(digits) - number.optional, int(digits)
                count = f"{{{most}}}" if number.optional == 0 else f"{{{least},{most}}}"
            return f"[0-9]{count}" + ("(?:th|st|nd|rd)" if number.ordinal else "")
        case "sequence":
            raise JsonataError("D3130", value=number.token)


def _component_value(marker: Marker, text: str) -> Value:
    if marker.component in ("Z", "z"):
        return _offset_value(marker, text)
    if marker.number is not None:
        return read(text, marker.number)
    if marker.component == "P":
        return {"am": 0, "AM": 0, "pm": 1, "PM": 1}.get(text, UNDEFINED)
    names = _MONTHS if marker.component in ("M", "x") else _DAYS[1:]
    most = _longest(marker) or None
    return {name[:most]: number for number, name in enumerate(names, 1)}.get(text, UNDEFINED)


def _offset_value(marker: Marker, text: str) -> float:
    assert marker.number is not None
    text = text[3:] if marker.component == "z" else text
    if marker.number.interval:
        hours, _, minutes = text.partition(marker.number.separators[0][1])
    elif len(text) <= 3:
        hours, minutes = text, "0"
    else:
        hours, minutes = text[:3], text[3:]
    return leading_integer(hours) * 60 + leading_integer(minutes)


def _present(components: dict[str, Value], names: str) -> list[bool]:
    return [
        (value := components.get(name, 0)) is not UNDEFINED and value == value and value != 0
        for name in names
    ]


def _fits(present: list[bool], wanted: str) -> bool:
    """Whether only wanted components are there, and at least one of them."""
    allowed = [mark == "1" for mark in wanted]
    excess = any(has and not may for has, may in zip(present, allowed, strict=True))
    return not excess and any(has and may for has, may in zip(present, allowed, strict=True))


def _assembled(run: Run, components: dict[str, Value]) -> Value:
    """The time that components mean; raises D3136 where they leave a gap."""
    date = _present(components, "YXMxWwdD")
    time = _present(components, "PHhmsf")
    by_day_of_year = not _fits(date, "10100001") and _fits(date, "10000010")
    by_month_week = _fits(date, "01010100")
    by_year_week = not by_month_week and _fits(date, "01001000")
    half_days = not _fits(time, "010111") and _fits(time, "101111")
    names = "YD" if by_day_of_year else "XxwF" if by_month_week else "XWF" if by_year_week else "YMD"
    _fill(run, components, names + ("Phmsf" if half_days else "Hmsf"))
    if by_month_week or by_year_week:
        raise JsonataError("D3136")
    month = components.get("M", UNDEFINED)
    components["M"] = month - 1 if month is not UNDEFINED and month > 0 else 0
    if by_day_of_year:
        derived = moment(utc(components["Y"], 0) + (components["d"] - 1) * DAY)
        components["M"], components["D"] = (derived.month, derived.day) if derived else (math.nan, math.nan)
    if half_days:
        hour = 0 if components["h"] == 12 else components["h"]
        components["H"] = hour + 12 if components["P"] == 1 else hour
    millis = utc(*(components[name] for name in "YMDHmsf"))
    offset = components.get("Z", 0) or components.get("z", 0)
    millis -= offset * 60_000
    return shrink(float(millis)) if math.isfinite(millis) else math.nan


def _fill(run: Run, components: dict[str, Value], names: str) -> None:
    started = ended = False
    for name in names:
        if components.get(name, UNDEFINED) is not UNDEFINED:
            started = True
            if ended:
                raise JsonataError("D3136")
        elif started:
            components[name] = 1 if name in "MDd" else 0
            ended = True
        else:
            date = moment(run.timestamp)
            assert date is not None
            components[name] = FRAGMENTS[name](date) if name in FRAGMENTS else UNDEFINED
