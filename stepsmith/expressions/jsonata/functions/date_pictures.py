"""Pictures of dates and times, after XPath's format-dateTime."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final, Literal

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.functions.integers import IntegerPicture, integer_picture, leading_integer
from stepsmith.frozen import frozen

_DEFAULTS: Final = {
    "Y": "1", "M": "1", "D": "1", "d": "1", "F": "n", "W": "1", "w": "1", "X": "1", "x": "1", "H": "1",
    "h": "1", "P": "n", "m": "01", "s": "01", "f": "1", "Z": "01:01", "z": "01:01", "C": "n", "E": "n",
}  # fmt: skip
_WIDEST: Final = 1_000_000
_NUMERIC: Final = frozenset("YMDdFWwXxHhmsf")


@frozen
class Marker:
    """One component of a picture, such as `[M01]`."""

    component: str
    modifier: str
    zulu: bool = False
    """Whether no offset is written as Z."""
    names: Literal["upper", "lower", "title"] | None = None
    width: tuple[float | None, float | None] | None = None
    """The least and the most characters; NaN where something else than a number stands."""
    number: IntegerPicture | None = None
    digits: float | None = None
    """How many digits of a year, month or day are written; -1 for all."""


@lru_cache(maxsize=256)
def date_picture(picture: str) -> tuple[str | Marker, ...]:
    """The literal texts and the components of a picture; raises D3132 or D3135."""
    parts: list[str | Marker] = []
    start = at = 0
    while at < len(picture):
        if picture[at] != "[":
            at += 1
            continue
        if at > start:
            parts.append(picture[start:at].replace("]]", "]"))
        if picture[at + 1 : at + 2] == "[":
            parts.append("[")
            start = at = at + 2
            continue
        end = picture.find("]", at)
        if end == -1:
            raise JsonataError("D3135")
        parts.append(_marker("".join(picture[at + 1 : end].split())))
        start = at = end + 1
    if at > start:
        parts.append(picture[start:at].replace("]]", "]"))
    return tuple(parts)


def _marker(text: str) -> Marker:
    component = text[:1]
    body, comma, width = text.rpartition(",")
    modifier = body[1:] if comma else text[1:]
    ordinal = ""
    if not modifier:
        if component not in _DEFAULTS:
            raise JsonataError("D3132", value=component)
        modifier = _DEFAULTS[component]
    elif len(modifier) > 1 and modifier[-1] in "atco":
        modifier, ordinal = modifier[:-1], modifier[-1]
    marker = Marker(component, modifier, zulu=ordinal == "t", width=_width(width) if comma else None)
    if modifier[0] in "nN":
        case = "lower" if modifier[0] == "n" else "title" if modifier[1:2] == "n" else "upper"
        marker = replace(marker, names=case)
    elif component in _NUMERIC:
        marker = _numbered(marker, modifier + (f";{ordinal}" if ordinal else ""))
    if component in ("Z", "z"):
        marker = replace(marker, number=integer_picture(modifier))
    return marker


def _width(text: str) -> tuple[float | None, float | None]:
    least, dash, most = text.partition("-")
    return _bound(least), _bound(most) if dash else None


def _bound(text: str) -> float | None:
    return None if text == "*" else leading_integer(text)


def _padding(width: float) -> int:
    if width > _WIDEST:
        raise JsonataError("U1006", message="Invalid width in date/time picture string")
    return int(width) if width == width else 0


def _numbered(marker: Marker, pattern: str) -> Marker:
    number = integer_picture(pattern)
    least, most = marker.width or (None, None)
    if least is not None and number.style == "decimal" and least > number.mandatory:
        number = replace(number, mandatory=_padding(least))
    digits = None
    if marker.component in ("Y", "M", "D"):
        digits = -1
        if most is not None:
            digits = most
            number = replace(number, mandatory=_padding(most))
        elif number.mandatory + number.optional >= 2:
            digits = number.mandatory + number.optional
    return replace(marker, number=number, digits=digits)
