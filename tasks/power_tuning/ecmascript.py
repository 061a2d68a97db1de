"""Readings of loosely typed input as the original tuner, a JavaScript program, makes them."""

import json
import math
import re
from collections.abc import Iterable
from typing import Final

from stepsmith.expressions.types import Json
from tasks.errors import InvalidInput

_LEADING_INTEGER: Final = re.compile(r"[ \t\n\r\v\f\ufeff\xa0]*([+-]?[0-9]{1,300})")


def is_truthy(value: Json) -> bool:
    """Tell whether JavaScript takes the value for true: empty lists and objects are, 0, NaN, "" and null are not."""
    if isinstance(value, list | dict):
        return True
    return bool(value) and value == value


def parse_int(value: Json) -> int | None:
    """Return the integer that `parseInt(value, 10)` reads from the start of the value, None for NaN."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        return int(value) if math.isfinite(value) else None
    if isinstance(value, int):
        return value
    if not isinstance(value, str):
        return None
    match = _LEADING_INTEGER.match(value)
    return int(match[1]) if match else None


def to_number(value: Json) -> float | None:
    """Return the number that `Number(value)` gives for a scalar, None for NaN."""
    match value:
        case None:
            return 0
        case bool():
            return int(value)
        case int() | float():
            return value if math.isfinite(value) else None
        case str():
            return _number_in(value)
        case _:
            return None


def to_json(value: Json) -> str:
    """Return the JSON text of the value without blanks, whole floats written as integers."""
    try:
        return json.dumps(_whole_numbers(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the value cannot be written as JSON: {error}") from None


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
    stripped = text.strip()
    if not stripped:
        return 0
    if "_" in stripped or not stripped.isascii():
        return None
    try:
        number = float(stripped)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


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
