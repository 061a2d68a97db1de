"""JSON text to values, strictly: what Python's reader lets through and AWS does not is refused, with line and column.

Refused besides bad syntax: NaN and Infinity, numbers outside of a double, lone surrogates, invalid UTF-8, a byte order
mark, repeated keys (unless asked for), and nesting so deep that walking the value would exhaust a stack.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn, cast

from stepsmith.errors import StepsmithError
from stepsmith.expressions.json_scan import JsonSyntaxError, scan
from stepsmith.expressions.types import Json

DEEPEST: Final = 250
"""How many arrays and objects may lie inside each other."""


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
    if _SURROGATE.search(source):
        _refuse_surrogates(source, value)
    return value


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


def _refuse_surrogates(source: str, value: Json) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        found = _SURROGATE.search(source)
        raise _invalid(source, found.start() if found else 0, "Lone surrogate in a string") from None


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
_UNIQUE: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_constant)
_LAST_WINS: Final = json.JSONDecoder(parse_float=_finite, parse_constant=_constant)
