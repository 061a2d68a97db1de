"""JSON text to values, strictly: what Python's reader lets through and AWS does not is refused, with line and column.

Refused besides bad syntax: NaN and Infinity, numbers outside of a double, lone surrogates, invalid UTF-8, a byte order
mark, repeated keys (unless asked for), and nesting so deep that walking the value would exhaust a stack.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn, cast

from stepsmith.errors import StepsmithError
from stepsmith.expressions.json_scan import JsonSyntaxError, scan
from stepsmith.expressions.types import Json

DEEPEST: Final = 250
"""How many arrays and objects may lie inside each other."""


NO_DOUBLE: Final = "a number that no double holds"
HALF_A_PAIR: Final = "half of a surrogate pair, which is no character"


class InvalidJson(StepsmithError):
    """A text that is not JSON, or not JSON that can be worked with."""

    def __init__(
        self, message: str, location: str, line: int, column: int, *, too_deep: bool = False
    ) -> None:
        super().__init__(f"{message}\n at {location}")
        self.message = message
        """What was found, in the words of the JSON parser that AWS uses where it would say anything."""
        self.location = location
        """The place as that parser prints it."""
        self.line = line
        """Line of the mistake, from 1."""
        self.column = column
        """Column of the mistake, from 1."""
        self.too_deep = too_deep
        """Whether only the nesting is wrong."""


def read(text: str | bytes, *, repeated_keys: bool = False) -> Json:
    """Read one JSON text; raises InvalidJson. With `repeated_keys` the last value of a key counts."""
    source = _decode(text) if isinstance(text, bytes) else text
    if source[:1] == "\ufeff":
        raise _invalid(
            source, 0, "Unexpected character ('\ufeff' (code 65279 / 0xfeff)): expected a valid value"
        )
    _check_depth(source)
    try:
        value = cast(Json, (_LAST_WINS if repeated_keys else _UNIQUE).decode(source))
    except (ValueError, RecursionError) as error:
        raise _explain(source, error) from None
    _refuse_unfit(source, value)
    return value


def read_part(source: str, start: int) -> tuple[Json, int]:
    """Read the JSON value that begins at an offset of a longer text; gives it and where it ends.

    Raises ValueError or RecursionError where there is none, and InvalidJson for one that cannot be worked with.
    """
    value, end = _LAST_WINS.raw_decode(source, start)
    part = source[start:end]
    _check_depth(part)
    _refuse_unfit(part, value)
    return value, end


def unfit(text: str) -> str | None:
    """Say what a JSON text, written without escapes, holds that `read` would refuse; None where it is fit."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return HALF_A_PAIR
    return None if _beyond_a_double(text) is None else NO_DOUBLE


def _decode(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        before = text[: error.start].decode(errors="replace")
        message = f"Invalid UTF-8 byte 0x{text[error.start]:02x}"
        raise _invalid(before, len(before), message) from None


def _check_depth(source: str) -> None:
    if source.count("[") + source.count("{") <= DEEPEST:
        return
    depth = 0
    for found in _BRACKETS.finditer(source):
        mark = found.group()
        if mark in "[{":
            depth += 1
            if depth > DEEPEST:
                message = f"Document nesting depth exceeds the maximum allowed ({DEEPEST})"
                raise _invalid(source, found.start(), message, too_deep=True)
        elif mark in "]}":
            depth -= 1


def _explain(source: str, error: Exception) -> InvalidJson:
    """Find the mistake again with the slow scanner, which speaks the words of AWS's parser."""
    try:
        for _ in scan(source):
            pass
    except JsonSyntaxError as found:
        return _invalid(source, found.start, found.message, end=found.end)
    return _invalid(source, 0, str(error))


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Give the line and the column of an offset, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _invalid(
    source: str, start: int, message: str, *, end: int | None = None, too_deep: bool = False
) -> InvalidJson:
    # AWS's parser reports the column after what it could not read.
    line, column = line_and_column(source, start + 1 if end is None else end)
    shown = f'"{source[:500]}"' + (f"[truncated {len(source) - 500} chars]" if len(source) > 500 else "")
    location = f"[Source: (String){shown}; line: {line}, column: {column}]"
    return InvalidJson(message, location, *line_and_column(source, start), too_deep=too_deep)


def _refuse_unfit(source: str, value: Json) -> None:
    """Refuse lone surrogates, and whole numbers beyond a double; other numbers are looked at when they are read."""
    start = _beyond_a_double(source)
    if start is not None:
        raise _invalid(source, start, "Numeric value out of range")
    if not _SURROGATE.search(source):
        return
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        found = _SURROGATE.search(source)
        raise _invalid(source, found.start() if found else 0, "Lone surrogate in a string") from None


def _beyond_a_double(source: str) -> int | None:
    """Find a whole number that is infinite as a double."""
    if len(source) <= _MOST_DIGITS or not _has_long_number(source) or _in_strings_alone(source):
        return None
    for found in _LONG_NUMBERS.finditer(source):
        if found[1] and math.isinf(float(found[1])):
            return found.start(1)
    return None


def _has_long_number(source: str) -> bool:
    """Tell whether there are 309 digits in a row; a look at every 17th byte rules most texts out."""
    octets = source.encode("utf-8", "surrogatepass")
    return b"0" * 18 in octets[::17].translate(_DIGITS) and b"0" * 309 in octets.translate(_DIGITS)


def _in_strings_alone(source: str) -> bool:
    """Tell, where nothing is escaped and so quotes can be counted, whether long rows of digits are in strings only."""
    if "\\" in source:
        return False
    inside, counted = False, 0
    for row in _ROWS.finditer(source):
        inside ^= source.count('"', counted, row.start()) % 2 == 1
        counted = row.start()
        if not inside:
            return False
    return True


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("repeated key")
    return value


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise ValueError(f"number outside of a double: {text[:40]}")
    return number


def _constant(text: str) -> NoReturn:
    raise ValueError(f"not JSON: {text}")


_BRACKETS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")
_MOST_DIGITS: Final = 308
"""Digits that every whole number within a double may have."""
_DIGITS: Final = bytes(48 if chr(octet) in "0123456789" else 32 for octet in range(256))
"""Makes every digit a 0 and all else a blank."""
_ROWS: Final = re.compile("[0-9]{309,}+")
_LONG_NUMBERS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|(?<![0-9.eE+-])(-?[0-9]{309,}+)(?![.eE])', re.DOTALL)
"""Strings, which are passed by, and the whole numbers that may be beyond a double."""
_UNIQUE: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_constant)
_LAST_WINS: Final = json.JSONDecoder(parse_float=_finite, parse_constant=_constant)
