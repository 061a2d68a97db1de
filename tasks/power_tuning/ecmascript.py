"""Readings of loosely typed input as the original tuner, a JavaScript program, makes them."""

import json
import re
from collections.abc import Iterable
from typing import Final

from stepsmith.expressions.jsonata.runtime.numbers import number_text, to_double
from stepsmith.expressions.types import Json
from tasks.errors import InvalidInput

_BLANKS: Final = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What JavaScript takes for white space, which is not quite what Python does."""

_LEADING_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,400}")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INFINITY: Final = re.compile(r"[+-]?Infinity")
_OTHER_BASES: Final = (
    (16, re.compile(r"0[xX]([0-9a-fA-F]+)")),
    (8, re.compile(r"0[oO]([0-7]+)")),
    (2, re.compile(r"0[bB]([01]+)")),
)
_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def is_truthy(value: Json) -> bool:
    """Tell whether JavaScript takes the value for true: empty lists and objects are, 0, NaN, "" and null are not."""
    if isinstance(value, list | dict):
        return True
    return bool(value) and value == value


def to_text(value: Json) -> str:
    """Return the text that `String(value)` gives."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(value)
        case str():
            return value
        case list():
            return ",".join("" if item is None else to_text(item) for item in value)
        case dict():
            return "[object Object]"


def parse_int(value: Json) -> int | None:
    """Return the integer that `parseInt(value, 10)` reads from the start of the value's text, None for NaN."""
    match = _LEADING_INTEGER.match(to_text(value).lstrip(_BLANKS))
    return int(match[0]) if match else None


def to_number(value: Json) -> float | None:
    """Return the number that `Number(value)` gives, None for NaN."""
    match value:
        case None:
            return 0
        case bool():
            return int(value)
        case int() | float():
            return value if value == value else None
        case str() | list():
            return _number_in(to_text(value).strip(_BLANKS))
        case dict():
            return None


def to_json(value: Json) -> str:
    """Return the JSON text of the value without blanks, whole floats written as integers.

    Half of a surrogate pair is escaped, since it cannot be sent as UTF-8. Raises InvalidInput for what is no JSON.
    """
    try:
        text = json.dumps(_whole_numbers(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"the value cannot be written as JSON: {error}") from None
    return _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def parse_json(text: str) -> Json:
    """Return the value of a JSON text, strictly as `JSON.parse` reads it.

    Raises ValueError when the text is no JSON or is nested too deeply.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("the JSON text is nested too deeply") from None


def total_of(values: Iterable[float]) -> float:
    """Add from left to right in double precision, as a JavaScript `reduce` does."""
    total = 0.0
    for value in values:
        total += value
    return total


def _number_in(text: str) -> float | None:
    if not text:
        return 0
    if _DECIMAL.fullmatch(text) or _INFINITY.fullmatch(text):
        return float(text)
    for base, form in _OTHER_BASES:
        if match := form.fullmatch(text):
            return to_double(int(match[1], base))
    return None


def _whole_numbers(value: Json) -> Json:
    match value:
        case float() if value.is_integer() and abs(value) < 1e21:
            return int(value)
        case list():
            return [_whole_numbers(item) for item in value]
        case dict():
            return {key: _whole_numbers(item) for key, item in value.items()}
        case _:
            return value


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON")
