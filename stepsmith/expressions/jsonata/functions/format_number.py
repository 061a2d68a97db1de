"""`$formatNumber`: decimal numbers by picture, after XPath's format-number."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeAlias

from stepsmith.expressions.jsonata.errors import JsonataError, timed_out
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.numbers import fixed, number_text, rounded, to_double
from stepsmith.expressions.jsonata.runtime.values import Value
from stepsmith.expressions.types import UNDEFINED
from stepsmith.frozen import frozen

Decimals: TypeAlias = Callable[[float, int], str]
"""Gives the digits of a number that is not negative, with so many decimals."""

_LARGE: Final = 1e15
_DEFAULTS: Final = {
    "decimal-separator": ".", "grouping-separator": ",", "exponent-separator": "e",
    "infinity": "Infinity", "minus-sign": "-", "NaN": "NaN", "percent": "%", "per-mille": "‰",
    "zero-digit": "0", "digit": "#", "pattern-separator": ";",
}  # fmt: skip


@frozen
class Symbols:
    """The characters that mean something in a picture."""

    point: str
    grouping: str
    exponent: str
    minus: str
    percent: str
    per_mille: str
    zero: str
    digit: str
    separator: str

    @property
    def family(self) -> str:
        """The ten decimal digits."""
        return "".join(chr(ord(self.zero[:1] or "\0") + number) for number in range(10))

    @property
    def active(self) -> tuple[str, ...]:
        """What makes up the part of a picture that the digits take."""
        return (*self.family, self.point, self.exponent, self.grouping, self.digit, self.separator)


@frozen
class _Parts:
    picture: str
    prefix: str
    suffix: str
    active: str
    mantissa: str
    exponent: str | None
    integer: str
    fraction: str


@frozen
class _Picture:
    picture: str
    prefix: str
    suffix: str
    interval: int
    integer_groups: tuple[int, ...]
    fraction_groups: tuple[int, ...]
    least_integer: int
    scaling: int
    least_fraction: int
    most_fraction: int
    least_exponent: int


def format_number(run: Run, value: Value, picture: Value, options: Value = UNDEFINED) -> Value:
    """`$formatNumber`; raises T0410 without a picture, D3080 to D3093 for one that has no meaning."""
    return _format(run, value, picture, options, _decimals)


def format_number_of_reference(run: Run, value: Value, picture: Value, options: Value = UNDEFINED) -> Value:
    """`$formatNumber`, with large numbers as JavaScript's toFixed writes them."""
    return _format(run, value, picture, options, lambda value, places: fixed(rounded(value, places), places))


def _format(run: Run, value: Value, picture: Value, options: Value, decimals: Decimals) -> Value:
    if value is UNDEFINED:
        return UNDEFINED
    if picture is UNDEFINED:
        raise JsonataError("T0410", index=2)
    run.picture(picture)
    chosen = dict(_DEFAULTS)
    if options is not UNDEFINED:
        chosen.update({key: text for key, text in options.items() if type(text) is str})
    symbols = _symbols(tuple(sorted(chosen.items())))
    positive, negative = _pictures(picture, symbols)
    return _formatted(value, positive if value >= 0 else negative, symbols, decimals)


@lru_cache(maxsize=64)
def _symbols(options: tuple[tuple[str, str], ...]) -> Symbols:
    chosen = dict(options)
    return Symbols(
        point=chosen["decimal-separator"],
        grouping=chosen["grouping-separator"],
        exponent=chosen["exponent-separator"],
        minus=chosen["minus-sign"],
        percent=chosen["percent"],
        per_mille=chosen["per-mille"],
        zero=chosen["zero-digit"],
        digit=chosen["digit"],
        separator=chosen["pattern-separator"],
    )


@lru_cache(maxsize=256)
def _pictures(picture: str, symbols: Symbols) -> tuple[_Picture, _Picture]:
    texts = picture.split(symbols.separator) if symbols.separator else list(picture)
    if len(texts) > 2:
        raise JsonataError("D3080")
    parts = [_split(text, symbols) for text in texts]
    for part in parts:
        _validate(part, symbols)
    first, *rest = [_analyse(part, symbols) for part in parts]
    if rest:
        return first, rest[0]
    return first, _analyse(parts[0], symbols, prefix=symbols.minus + first.prefix)


def _split(picture: str, symbols: Symbols) -> _Parts:
    active = set(symbols.active) - {symbols.exponent}
    places = [place for place, char in enumerate(picture) if char in active]
    # without an active character all of them are passive; the reference ends with an exception of JavaScript
    prefix, suffix = (picture[: places[0]], picture[places[-1] + 1 :]) if places else ("", "")
    body = picture[len(prefix) : len(picture) - len(suffix)]
    exponent: str | None = None
    mantissa = body
    place = picture.find(symbols.exponent, len(prefix))
    if place != -1 and place <= len(picture) - len(suffix):
        # counted from the start of the picture, not of the body, as the reference does
        mantissa, exponent = body[:place], body[place + 1 :]
    point = mantissa.find(symbols.point)
    integer, fraction = (mantissa, suffix) if point == -1 else (mantissa[:point], mantissa[point + 1 :])
    return _Parts(picture, prefix, suffix, body, mantissa, exponent, integer, fraction)


def _validate(parts: _Parts, symbols: Symbols) -> None:
    """Raises the last of the errors that a picture has, as the reference implementation does."""
    picture, family = parts.picture, symbols.family
    percents = symbols.percent in picture, symbols.per_mille in picture
    point = picture.find(symbols.point)
    beside = (picture[point - 1 : point] if point > 0 else "", picture[point + 1 : point + 2])
    optional = parts.integer.find(symbols.digit)
    last_optional = parts.fraction.rfind(symbols.digit)
    exponent = parts.exponent
    checks = {
        "D3081": point != picture.rfind(symbols.point),
        "D3082": picture.find(symbols.percent) != picture.rfind(symbols.percent),
        "D3083": picture.find(symbols.per_mille) != picture.rfind(symbols.per_mille),
        "D3084": all(percents),
        "D3085": not any(char in family or char == symbols.digit for char in parts.mantissa),
        "D3086": any(char not in symbols.active for char in parts.active),
        "D3087": point != -1 and symbols.grouping in beside,
        "D3088": point == -1 and parts.integer[-1:] == symbols.grouping,
        "D3089": symbols.grouping * 2 in picture,
        "D3090": optional != -1 and any(char in family for char in parts.integer[:optional]),
        "D3091": last_optional != -1 and any(char in family for char in parts.fraction[last_optional:]),
        "D3092": bool(exponent) and any(percents),
        "D3093": exponent is not None and (not exponent or any(char not in family for char in exponent)),
    }
    failed = [code for code, is_so in checks.items() if is_so]
    if failed:
        raise JsonataError(failed[-1])


def _analyse(parts: _Parts, symbols: Symbols, *, prefix: str | None = None) -> _Picture:
    family = symbols.family
    integer_groups = _group_places(parts, parts.integer, symbols, to_left=False)
    least_integer = scaling = sum(char in family for char in parts.integer)
    least_fraction = sum(char in family for char in parts.fraction)
    most_fraction = sum(char in family or char == symbols.digit for char in parts.fraction)
    has_exponent = parts.exponent is not None
    if least_integer == 0 and most_fraction == 0:
        if has_exponent:
            least_fraction = most_fraction = 1
        else:
            least_integer = 1
    if has_exponent and least_integer == 0 and symbols.digit in parts.integer:
        least_integer = 1
    if least_integer == 0 and least_fraction == 0:
        least_fraction = 1
    return _Picture(
        picture=parts.picture,
        prefix=parts.prefix if prefix is None else prefix,
        suffix=parts.suffix,
        interval=_regular(integer_groups),
        integer_groups=tuple(integer_groups),
        fraction_groups=tuple(_group_places(parts, parts.fraction, symbols, to_left=True)),
        least_integer=least_integer,
        scaling=scaling,
        least_fraction=least_fraction,
        most_fraction=most_fraction,
        least_exponent=sum(char in family for char in parts.exponent or ""),
    )


def _group_places(parts: _Parts, part: str, symbols: Symbols, *, to_left: bool) -> list[int]:
    places: list[int] = []
    place = part.find(symbols.grouping)
    while place != -1:
        beside = part[:place] if to_left else part[place:]
        places.append(sum(char in symbols.family or char == symbols.digit for char in beside))
        # the integer part, whatever the part at hand: so does the reference
        place = parts.integer.find(symbols.grouping, place + 1)
    return places


def _regular(places: list[int]) -> int:
    if not places:
        return 0
    factor = math.gcd(*places)
    if factor and all(number * factor in places for number in range(1, len(places) + 1)):
        return factor
    return 0


def _formatted(value: float, picture: _Picture, symbols: Symbols, decimals: Decimals) -> str:
    if symbols.percent in picture.picture:
        value = value * 100
    elif symbols.per_mille in picture.picture:
        value = value * 1000
    mantissa, exponent = (value, None) if picture.least_exponent == 0 else _scaled(value, picture)
    text = _digits(decimals(abs(mantissa), picture.most_fraction), symbols)
    text = text.replace(".", symbols.point, 1) if "." in text else text + symbols.point
    text = text.lstrip(symbols.zero).rstrip(symbols.zero)
    point = text.find(symbols.point)
    text = symbols.zero * (picture.least_integer - point) + text
    point = text.find(symbols.point)
    text += symbols.zero * (picture.least_fraction - (len(text) - point - 1))
    text = _grouped(text, picture, symbols)
    point = text.find(symbols.point)
    if symbols.point not in picture.picture or point == len(text) - 1:
        text = text[:-1]
    if exponent is not None:
        digits = _digits(str(abs(exponent)), symbols).rjust(picture.least_exponent, symbols.zero)
        text += symbols.exponent + (symbols.minus if exponent < 0 else "") + digits
    return picture.prefix + text + picture.suffix


def _scaled(value: float, picture: _Picture) -> tuple[float, int]:
    if not 0 < value < math.inf:
        # what is not above zero never reaches the least mantissa: the reference does not end there
        raise timed_out()
    least, most = 10.0 ** (picture.scaling - 1), 10.0**picture.scaling
    exponent = 0
    while value < least:
        value *= 10
        exponent -= 1
    while value > most:
        value /= 10
        exponent += 1
    return value, exponent


def _digits(text: str, symbols: Symbols) -> str:
    if symbols.zero == "0":
        return text
    family = symbols.family
    return "".join(family[int(char)] if "0" <= char <= "9" else char for char in text)


def _decimals(value: float, places: int) -> str:
    """A number with so many decimals: that of its shortest digits, which a large one has followed by zeros."""
    if not math.isfinite(value):
        return number_text(value)
    if value < _LARGE:
        return fixed(rounded(value, places), places)
    return f"{Decimal(repr(to_double(value))):.{places}f}"


def _grouped(text: str, picture: _Picture, symbols: Symbols) -> str:
    point = text.find(symbols.point)
    if picture.interval > 0:
        for count in range(1, (point - 1) // picture.interval + 1):
            place = point - count * picture.interval
            text = text[:place] + symbols.grouping + text[place:]
    else:
        for position in picture.integer_groups:
            place = point - position  # negative where digits are few: counts from the end, as in JavaScript
            text = text[:place] + symbols.grouping + text[place:]
            point += 1
    point = text.find(symbols.point)
    for position in picture.fraction_groups:
        place = position + point + 1
        text = text[:place] + symbols.grouping + text[place:]
    return text
