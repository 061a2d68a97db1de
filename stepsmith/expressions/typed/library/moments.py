"""Points in time, which are RFC 3339 texts in JSON, and the time between them.

What a point in time says of itself stands in its text, with the offset that it was written with, as in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import PATH, PRODUCT, SUM, Operand, Rendered, Renderer, literal
from stepsmith.expressions.typed.tree import Expression

_WITH_OFFSET: Final = "'[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]'"
_LAID_OUT: Final = "YYYY-mm-ddTHH:MM:SS"
_PLACES: Final = {
    "Y": (0, 4),
    "y": (2, 4),
    "m": (5, 7),
    "d": (8, 10),
    "H": (11, 13),
    "M": (14, 16),
    "S": (17, 19),
}
"""Directive -> where its digits begin and end in the text."""
_SHORTHANDS: Final = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y"}
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DIRECTIVES: Final = frozenset("YymdHMSFTRDbBaAjIpfzuw%")
"""What `strftime` takes here: what depends on neither the place nor the machine."""
PARTS: Final = ("year", "month", "day", "hour", "minute", "second")
_DAY: Final = 86_400_000

_DAYS_SO_FAR: Final = "$toMillis($substring($__m, 0, 10) & 'T00:00:00Z') / 86400000"
_WEEKDAY: Final = f"($__w := ({_DAYS_SO_FAR} + 3) % 7; $__w < 0 ? $__w + 7 : $__w)"
"""The first day that is counted was a Thursday; Monday is 0."""
_HOUR: Final = "$number($substring($__m, 11, 2))"
_FRACTION: Final = (
    "($contains($__m, '.') ? $substring($pad($replace($substringAfter($__m, '.'), /[^0-9].*/, ''), 6, '0'), 0, 6) "
    ": '000000')"
)
_OFFSET: Final = "($substring($__m, -1) = 'Z' ? '+00:00' : $substring($__m, -6))"
_COMPUTED: Final = {
    "B": f"{literal([*_MONTHS])}[$number($substring($__m, 5, 2)) - 1]",
    "b": f"{literal([name[:3] for name in _MONTHS])}[$number($substring($__m, 5, 2)) - 1]",
    "A": f"{literal([*_DAYS])}[{_WEEKDAY}]",
    "a": f"{literal([name[:3] for name in _DAYS])}[{_WEEKDAY}]",
    "w": f"$string(({_WEEKDAY} + 1) % 7)",
    "u": f"$string({_WEEKDAY} + 1)",
    "j": (
        f"$pad($string({_DAYS_SO_FAR} - $toMillis($substring($__m, 0, 4) & '-01-01T00:00:00Z') / 86400000 + 1), "
        "-3, '0')"
    ),
    "I": f"$pad($string(({_HOUR} + 11) % 12 + 1), -2, '0')",
    "p": f"({_HOUR} < 12 ? 'AM' : 'PM')",
    "f": _FRACTION,
    "z": f"$replace({_OFFSET}, ':', '')",
}


def directives(pattern: str) -> list[str]:
    """Take a pattern of `strftime` apart: directives as `%Y`, and the texts between them."""
    parts: list[str] = []
    rest = iter(pattern)
    for letter in rest:
        if letter != "%":
            parts.append(letter)
            continue
        name = next(rest, "")
        parts += directives(_SHORTHANDS[name]) if name in _SHORTHANDS else [f"%{name}"]
    return parts


def _pieces(pattern: str, name: str) -> list[str]:
    """Give what the text of a point in time is put together from; what stands side by side in it is cut out at once."""
    pieces: list[str | tuple[int, int]] = []
    for part in directives(pattern):
        last = pieces[-1] if pieces else None
        place = _PLACES.get(part[1:]) if part[0] == "%" else None
        if place is not None and isinstance(last, tuple) and last[1] == place[0]:
            pieces[-1] = (last[0], place[1])
        elif place is not None:
            pieces.append(place)
        elif part[0] == "%" and part != "%%":
            pieces.append(_COMPUTED[part[1:]].replace("$__m", name))
        elif isinstance(last, tuple) and _LAID_OUT[last[1] : last[1] + 1] == part:
            pieces[-1] = (last[0], last[1] + 1)
        else:
            pieces.append(literal("%" if part == "%%" else part))
    return [piece if isinstance(piece, str) else _cut(name, *piece) for piece in _joined(pieces)]


def _joined(pieces: list[str | tuple[int, int]]) -> list[str | tuple[int, int]]:
    """Put texts that follow each other together."""
    found: list[str | tuple[int, int]] = []
    for piece in pieces:
        last = found[-1] if found else None
        if isinstance(piece, str) and isinstance(last, str) and piece[0] == last[0] == "'":
            found[-1] = last[:-1] + piece[1:]
        else:
            found.append(piece)
    return found


def _cut(name: str, start: int, stop: int) -> str:
    return f"$substring({name}, {start}, {stop - start})"


_ZONE_OF: Final = "(Z|[-+]([01][0-9]|2[0-3])(:?[0-5][0-9])?)"
_CLOCK: Final = "([01][0-9]|2[0-3])(:[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?)?"
_CALENDAR: Final = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_WITH_ZONE: Final = f"/^{_CALENDAR}[\\s\\S]{_CLOCK}{_ZONE_OF}$/"
_OTHERWISE: Final = "|".join(
    (
        f"{_CALENDAR}([\\s\\S]{_CLOCK}([-+]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.,][0-9]+)?)?)?",
        f"{_CALENDAR}[\\s\\S]([01][0-9]|2[0-3])[0-5][0-9]([0-5][0-9]([.,][0-9]+)?)?([-+Z].*)?",
        "[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([\\s\\S][0-9].*)?",
        "[0-9]{4}-?W(0[1-9]|[1-4][0-9]|5[0-3])(-?[1-7])?([\\s\\S][0-9].*)?",
    )
)
"""What `fromisoformat` takes besides: without a time zone, without hyphens, weeks."""
_MONTH_ENDS: Final = (
    "($__y := $number($substring($__s, 0, 4)); $__l := $__y % 4 = 0 and ($__y % 100 != 0 or $__y % 400 = 0); "
    "$__y > 0 and $number($substring($__s, 8, 2)) <= "
    "[31, $__l ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][$number($substring($__s, 5, 2)) - 1])"
)


def _fits(node: tree.Call, operand: Operand) -> Rendered:
    """Say whether `fromisoformat` takes a text, also where no state machine does."""
    whole = f"$contains($__s, {_WITH_ZONE}) or $contains($__s, /^({_OTHERWISE})$/)"
    hyphens = "$substring($__s, 4, 1) != '-' or $substring($__s, 5, 1) = 'W'"
    return Rendered(
        f"($__s := {operand(node.arguments[0]).text}; ({whole}) and ({hyphens} or {_MONTH_ENDS}))"
    )


def _read(node: tree.Call, operand: Operand) -> Rendered:
    """Give a point in time as RFC 3339 writes it; one without a time zone is none."""
    steps = [
        f"$__s := {operand(node.arguments[0]).text}",
        "$__z := $match($__s, /[\\s\\S](Z|[-+][0-9:]+)$/).groups[0]",
        "$__c := $substringBefore($substring($__s, 11) & $__z, $__z)",
        "$__f := $substringAfter($replace($__c, ',', '.') & '.', '.')",
        "$__t := $substring($substringBefore($replace($__c, ',', '.') & '.', '.') & ':00:00', 0, 8)",
        "$__o := $replace($__z, /[:Z]/, '') & '0000'",
        "$__o := $__z = 'Z' or $number($substring($__o, 1, 4)) = 0 ? '+00:00' "
        ": $substring($__o, 0, 3) & ':' & $substring($__o, 3, 2)",
        "$__f := $__f = '' ? '' : '.' & $substring($replace($__f, '.', ''), 0, 6)",
    ]
    made = f"({'; '.join(steps[1:])}; $substring($__s, 0, 10) & 'T' & $__t & $__f & $__o)"
    test = f"$contains($__s, {_WITH_ZONE}) and {_MONTH_ENDS}"
    return Rendered(f"({steps[0]}; {test} ? {made} : $error('ValueError'))")


def _text(node: tree.Call, operand: Operand) -> Rendered:
    moment, pattern = node.arguments
    assert isinstance(pattern, tree.Constant)
    value = operand(moment)
    pieces = _pieces(str(pattern.value), value.text if value.path else "$__m") or ["''"]
    whole = " & ".join(pieces)
    if value.path:
        return Rendered(whole, SUM if len(pieces) > 1 else PATH)
    return Rendered(f"($__m := {value.text}; {whole})")


def _iso(node: tree.Call, operand: Operand) -> Rendered:
    """Python writes six digits of a second, or none where they are zeros; here there are as many as there came."""
    moment, separator, precision = node.arguments
    assert isinstance(separator, tree.Constant)
    assert isinstance(precision, tree.Constant)
    length = {"hours": 13, "minutes": 16}.get(str(precision.value), 19)
    whole = (
        f"$substring($__m, 0, {length})"
        if separator.value == "T"
        else f"$substring($__m, 0, 10) & {literal(separator.value)} & $substring($__m, 11, {length - 11})"
    )
    fraction = {
        "auto": "($__f = '000000' ? '' : '.' & $__f) & ",
        "milliseconds": "'.' & $substring($__f, 0, 3) & ",
        "microseconds": "'.' & $__f & ",
    }.get(str(precision.value), "")
    before = f"$__f := {_FRACTION}; " if fraction else ""
    return Rendered(f"($__m := {operand(moment).text}; {before}{whole} & {fraction}{_OFFSET})")


def _part(node: tree.Call, operand: Operand) -> Rendered:
    moment, name = node.arguments
    assert isinstance(name, tree.Constant)
    value = operand(moment)
    if name.value in PARTS:
        start, stop = tuple(_PLACES.values())[(0, 2, 3, 4, 5, 6)[PARTS.index(str(name.value))]]
        return Rendered(f"$number($substring({value.text}, {start}, {stop - start}))")
    found = {
        "weekday": _WEEKDAY,
        "isoweekday": f"{_WEEKDAY} + 1",
        "microsecond": f"$number({_FRACTION})",
    }[str(name.value)]
    return Rendered(f"($__m := {value.text}; {found})")


def _day(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(f"$substring({operand(node.arguments[0]).text}, 0, 10)")


def _shift(node: tree.Call, operand: Operand) -> Rendered:
    """Python keeps the offset that a point in time is written with; $fromMillis writes it in UTC unless it is told."""
    moment, amount = node.arguments
    if _is_utc(moment):
        return Rendered(f"$fromMillis($toMillis({operand(moment).text}) + {operand(amount).at(SUM + 1)})")
    offset = "$substring($__m, -1) = 'Z' ? '+0000' : $replace($substring($__m, -6), ':', '')"
    shifted = f"$fromMillis($toMillis($__m) + {operand(amount).at(SUM + 1)}, {_WITH_OFFSET}, $__z)"
    return Rendered(f"($__m := {operand(moment).text}; $__z := {offset}; {shifted})")


def _is_utc(moment: Expression) -> bool:
    match moment:
        case tree.Call(function="now" | "datetime.utc"):
            return True
        case tree.Call(function="datetime.shift", arguments=(inner, _)):
            return _is_utc(inner)
        case tree.Constant(value=str() as text):
            return text.endswith(("+00:00", "Z"))
        case _:
            return False


def _replaced(node: tree.Call, operand: Operand) -> Rendered:
    """Other digits in the places of hour, minute and second; a fraction of the second that is kept stays as it is."""
    moment, *fields = node.arguments
    digits = [
        f"$substring($__m, {start}, 2)"
        if field.value is None
        else literal(f"{field.value:02d}" if isinstance(field.value, int) else "")
        for start, field in zip((11, 14, 17), fields, strict=False)
        if isinstance(field, tree.Constant)
    ]
    kept = isinstance(fields[3], tree.Constant) and fields[3].value is None
    rest = "$substring($__m, 19)" if kept else "($substring($__m, -1) = 'Z' ? 'Z' : $substring($__m, -6))"
    colon = " & ':' & "
    whole = f"$substring($__m, 0, 11) & {colon.join(digits)} & {rest}"
    return Rendered(f"($__m := {operand(moment).text}; {whole})")


def _utc(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(f"$fromMillis($toMillis({operand(node.arguments[0]).text}))")


def milliseconds(node: Expression, operand: Operand) -> Rendered:
    """Give a point in time as a number of milliseconds."""
    match node:
        case tree.Call(function="datetime.shift", arguments=(start, amount)):
            return Rendered(f"{milliseconds(start, operand).at(SUM)} + {operand(amount).at(SUM + 1)}", SUM)
        case _:
            return Rendered(f"$toMillis({operand(node).text})")


def _seconds(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(f"({_between(node, operand).text}) / 1000", PRODUCT)


def _between(node: tree.Call, operand: Operand) -> Rendered:
    later, sooner = (milliseconds(argument, operand) for argument in node.arguments)
    return Rendered(f"{later.at(SUM)} - {sooner.at(SUM + 1)}", SUM)


def _timestamp(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(f"{milliseconds(node.arguments[0], operand).at(PRODUCT)} / 1000", PRODUCT)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _part_of(text: str, name: str) -> int:
    moment = _moment(text)
    return getattr(moment, name)() if name in ("weekday", "isoweekday") else getattr(moment, name)


def _milliseconds_between(later: str, sooner: str) -> int:
    return (_moment(later) - _moment(sooner)) // timedelta(milliseconds=1)


def _formatted(text: str, pattern: str) -> str:
    return _moment(text).strftime(pattern)


def _isoformat(text: str, separator: str, precision: str) -> str:
    return _moment(text).isoformat(separator, precision)


def _date(text: str) -> str:
    return _moment(text).date().isoformat()


def _shifted(text: str, amount: int) -> str:
    return (_moment(text) + timedelta(milliseconds=amount)).isoformat()


def _with_fields(text: str, *fields: int | None) -> str:
    names = ("hour", "minute", "second", "microsecond")
    given: dict[str, Any] = {
        name: field for name, field in zip(names, fields, strict=True) if field is not None
    }
    return _moment(text).replace(**given).isoformat()


def _in_utc(text: str) -> str:
    return _moment(text).astimezone(UTC).isoformat()


def _seconds_between(later: str, sooner: str) -> float:
    return (_moment(later) - _moment(sooner)).total_seconds()


def _timestamp_of(text: str) -> float:
    return _moment(text).timestamp()


def _taken(text: str) -> bool:
    try:
        _moment(text)
    except ValueError:
        return False
    return True


def _of_text(text: str) -> str:
    found = _moment(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return found.isoformat()


PYTHON: Final[Mapping[str, Callable[..., Any]]] = {
    "datetime.text": _formatted,
    "datetime.iso": _isoformat,
    "datetime.part": _part_of,
    "datetime.day": _date,
    "datetime.of": _of_text,
    "datetime.fits": _taken,
    "datetime.shift": _shifted,
    "datetime.utc": _in_utc,
    "datetime.replace": _with_fields,
    "datetime.seconds": _seconds_between,
    "datetime.between": _milliseconds_between,
    "datetime.timestamp": _timestamp_of,
}

JSONATA: Final[Mapping[str, Renderer]] = {
    "datetime.text": _text,
    "datetime.iso": _iso,
    "datetime.part": _part,
    "datetime.day": _day,
    "datetime.of": _read,
    "datetime.fits": _fits,
    "datetime.shift": _shift,
    "datetime.utc": _utc,
    "datetime.replace": _replaced,
    "datetime.seconds": _seconds,
    "datetime.between": _between,
    "datetime.timestamp": _timestamp,
}
