"""Whole numbers by picture: digits, letters, Roman numerals and English words."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Final, Literal

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.runtime.limits import Run, finite
from stepsmith.expressions.jsonata.runtime.numbers import number_text, shrink, to_double
from stepsmith.expressions.jsonata.runtime.values import Value
from stepsmith.expressions.types import UNDEFINED
from stepsmith.frozen import frozen

Style = Literal["decimal", "letters", "roman", "words", "sequence"]
Case = Literal["upper", "lower", "title"]

_SMALL: Final = [
    "Zero",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
]
_ORDINALS: Final = [
    "Zeroth",
    "First",
    "Second",
    "Third",
    "Fourth",
    "Fifth",
    "Sixth",
    "Seventh",
    "Eighth",
    "Ninth",
    "Tenth",
    "Eleventh",
    "Twelfth",
    "Thirteenth",
    "Fourteenth",
    "Fifteenth",
    "Sixteenth",
    "Seventeenth",
    "Eighteenth",
    "Nineteenth",
]
_TENS: Final = ["Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety", "Hundred"]
_MAGNITUDES: Final = ["Thousand", "Million", "Billion", "Trillion"]
_ROMAN: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
    (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_ROMAN_DIGITS: Final = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}
_ZEROS: Final = (
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6,
    0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
)  # fmt: skip
_CHARACTER_WORK: Final = 16
_LARGEST_ROMAN: Final = 10_000_000


@frozen
class IntegerPicture:
    """How a whole number is written."""

    style: Style
    case: Case = "lower"
    ordinal: bool = False
    zero: int = 0x30
    mandatory: int = 0
    optional: int = 0
    separators: tuple[tuple[int, str], ...] = ()
    """Separators with the number of digits to their right."""
    interval: int = 0
    """Digits between separators where those are regular."""
    token: str = ""


_STYLES: Final[dict[str, tuple[Style, Case]]] = {
    "A": ("letters", "upper"), "a": ("letters", "lower"), "I": ("roman", "upper"),
    "i": ("roman", "lower"), "W": ("words", "upper"), "Ww": ("words", "title"), "w": ("words", "lower"),
}  # fmt: skip


@lru_cache(maxsize=512)
def integer_picture(picture: str) -> IntegerPicture:
    """Parses a picture; raises D3131 where it mixes digits of several scripts."""
    primary, semicolon, modifier = picture.rpartition(";")
    if not semicolon:
        primary, modifier = picture, ""
    ordinal = modifier.startswith("o")
    if primary in _STYLES:
        style, case = _STYLES[primary]
        return IntegerPicture(style, case, ordinal)
    return _decimal_picture(primary, ordinal)


def _decimal_picture(primary: str, ordinal: bool) -> IntegerPicture:
    zero: int | None = None
    mandatory = optional = position = 0
    separators: list[tuple[int, str]] = []
    for char in reversed(primary):
        group = next((start for start in _ZEROS if start <= ord(char) <= start + 9), None)
        if group is not None:
            mandatory, position = mandatory + 1, position + 1
            if zero is not None and group != zero:
                raise JsonataError("D3131")
            zero = group
        elif char == "#":
            optional, position = optional + 1, position + 1
        else:
            separators.append((position, char))
    if zero is None:
        return IntegerPicture("sequence", ordinal=ordinal, token=primary)
    return IntegerPicture(
        "decimal", "lower", ordinal, zero, mandatory, optional, tuple(separators), _regular(separators)
    )


def _regular(separators: list[tuple[int, str]]) -> int:
    if not separators or len({char for _, char in separators}) > 1:
        return 0
    positions = [position for position, _ in separators]
    factor = math.gcd(*positions)
    expected = {factor * number for number in range(1, len(positions) + 1)}
    return factor if expected <= set(positions) else 0


def format_integer(run: Run, value: Value, picture: Value) -> Value:
    """`$formatInteger`."""
    if value is UNDEFINED:
        return UNDEFINED
    if picture is UNDEFINED:
        raise JsonataError("U1006", message="A picture is needed to format an integer")
    run.picture(picture)
    text = written(math.floor(value) if math.isfinite(value) else value, integer_picture(picture))
    run.string(len(text))
    return text


def written(value: float, picture: IntegerPicture) -> str:
    """A whole number written as a picture says; raises D3130 for a numbering sequence."""
    size = abs(value)
    if picture.style == "words" and not math.isfinite(value):
        # the reference implementation runs out of stack
        raise JsonataError("U1006", message="Maximum call stack size exceeded")
    match picture.style:
        case "letters":
            text = _letters(size, "A" if picture.case == "upper" else "a")
        case "roman":
            text = _roman(size)
            text = text.upper() if picture.case == "upper" else text
        case "words":
            text = _words(size, ordinal=picture.ordinal)
            text = {"upper": text.upper(), "lower": text.lower(), "title": text}[picture.case]
        case "decimal":
            text = _decimal(size, picture)
        case "sequence":
            raise JsonataError("D3130", value=picture.token)
    return "-" + text if value < 0 else text


def _decimal(value: float, picture: IntegerPicture) -> str:
    text = number_text(value).rjust(picture.mandatory, "0")
    if picture.zero != 0x30:
        text = "".join(chr(ord(digit) + picture.zero - 0x30) for digit in text)
    if picture.interval:
        mark = picture.separators[0][1]
        for count in range((len(text) - 1) // picture.interval, 0, -1):
            place = len(text) - count * picture.interval
            text = text[:place] + mark + text[place:]
    else:
        for position, mark in reversed(picture.separators):
            place = len(text) - position  # where digits are too few, `substr` counts from the end
            text = text[: max(0, place)] + mark + text[place:]
    return text + _suffix(text) if picture.ordinal else text


def _suffix(text: str) -> str:
    suffix = {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th")
    return "th" if text[-2:-1] == "1" else suffix


def _letters(value: float, first: str) -> str:
    letters = ""
    rest = to_double(value) if math.isfinite(value) else 0.0
    while rest > 0:
        letters = chr(int(math.fmod(rest - 1, 26)) + ord(first)) + letters
        rest = float(math.floor((rest - 1) / 26))
    return letters


def _roman(value: float) -> str:
    if value > _LARGEST_ROMAN:
        # the reference implementation runs out of stack
        raise JsonataError("U1006", message="Maximum call stack size exceeded")
    text, rest = "", int(value) if value == value else 0
    for size, numeral in _ROMAN:
        count, rest = divmod(rest, size)
        text += numeral * count
    return text


def _words(value: float, *, after: bool = False, ordinal: bool = False) -> str:
    if value <= 19:
        return (" and " if after else "") + (_ORDINALS if ordinal else _SMALL)[int(value)]
    if value < 100:
        return (" and " if after else "") + _tens(int(value), ordinal=ordinal)
    if value < 1000:
        size, unit = 100, "Hundred"
    else:
        magnitude = min(math.floor(math.log10(value) / 3), len(_MAGNITUDES))
        size, unit = 10 ** (magnitude * 3), _MAGNITUDES[magnitude - 1]
    # in doubles, whose quotient is rounded before its fraction is cut off
    count = float(math.floor(value / size))
    rest = value - count * size
    words = (", " if after else "") + _words(count) + " " + unit
    if rest > 0:
        return words + _words(rest, after=True, ordinal=ordinal)
    return words + "th" if ordinal else words


def _tens(value: int, *, ordinal: bool) -> str:
    tens, rest = divmod(value, 10)
    words = _TENS[tens - 2]
    if rest:
        return words + "-" + _words(rest, ordinal=ordinal)
    return words[:-1] + "ieth" if ordinal else words


WORD_VALUES: Final[dict[str, int]] = {
    **{word.lower(): value for value, word in enumerate(_SMALL)},
    **{word.lower(): value for value, word in enumerate(_ORDINALS)},
    **{word.lower(): (value + 2) * 10 for value, word in enumerate(_TENS)},
    **{word.lower()[:-1] + "ieth": (value + 2) * 10 for value, word in enumerate(_TENS)},
    "hundredth": 100,
    **{word.lower(): 1000 ** (value + 1) for value, word in enumerate(_MAGNITUDES)},
    **{word.lower() + "th": 1000 ** (value + 1) for value, word in enumerate(_MAGNITUDES)},
}
"""What each word of a number in English is worth."""

_BETWEEN_WORDS: Final = re.compile(r",\s|\sand\s|[\s\\-]")


def parse_integer(run: Run, text: Value, picture: Value) -> Value:
    """`$parseInteger`."""
    if text is UNDEFINED:
        return UNDEFINED
    run.charge(_CHARACTER_WORK * len(text))
    if picture is UNDEFINED:
        raise JsonataError("U1006", message="A picture is needed to parse an integer")
    run.picture(picture)
    return finite(run, read(text, integer_picture(picture)))


def read(text: str, picture: IntegerPicture) -> Value:
    """The number that a text stands for; NaN where it is none; raises D3130 for a numbering sequence."""
    match picture.style:
        case "letters":
            first = ord("A" if picture.case == "upper" else "a")
            value = 0.0
            for place, letter in enumerate(reversed(text[-250:])):
                value += (ord(letter) - first + 1) * 26.0**place
            return shrink(value) if math.isfinite(value) else value
        case "roman":
            return _from_roman(text if picture.case == "upper" else text.upper())
        case "words":
            return _from_words(text.lower())
        case "decimal":
            return _from_decimal(text, picture)
        case "sequence":
            raise JsonataError("D3130", value=picture.token)


def _from_decimal(text: str, picture: IntegerPicture) -> float:
    digits = text[:-2] if picture.ordinal else text
    for _, mark in ((0, ","),) if picture.interval else picture.separators:
        digits = digits.replace(mark, "")
    if picture.zero != 0x30:
        shift = 0x30 - picture.zero
        digits = "".join(chr(ord(char) + shift) if ord(char) + shift >= 0 else "?" for char in digits)
    return leading_integer(digits)


def leading_integer(text: str) -> float:
    """JavaScript's parseInt: the number a text begins with; NaN without one."""
    text = text.lstrip()
    sign, rest = (text[:1], text[1:]) if text[:1] in ("+", "-") else ("", text)
    if rest[:2] in ("0x", "0X"):
        found = re.match("[0-9a-fA-F]+", rest[2:])
        value: float = float(int(found.group()[:200], 16)) if found else math.nan
    else:
        found = re.match("[0-9]+", rest)
        value = to_double(float(found.group())) if found else math.nan
    value = -value if sign == "-" else value
    return shrink(value) if math.isfinite(value) else value


def _from_roman(text: str) -> Value:
    total, largest = 0, 1
    for digit in reversed(text):
        value = _ROMAN_DIGITS.get(digit)
        if value is None:
            return math.nan
        if value < largest:
            total -= value
        else:
            largest = value
            total += value
    return total


def _from_words(text: str) -> float:
    segments: list[float] = [0]
    for word in _BETWEEN_WORDS.split(text):
        value = WORD_VALUES.get(word, math.nan)
        if value < 100:
            top = segments.pop()
            if top >= 1000:
                segments.append(top)
                top = 0
            segments.append(top + value)
        else:
            segments.append(segments.pop() * value)
    total = math.fsum(segments) if all(map(math.isfinite, segments)) else math.nan
    return shrink(total) if math.isfinite(total) else total
