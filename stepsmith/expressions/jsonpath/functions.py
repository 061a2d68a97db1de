"""The functions that may end a path."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from stepsmith.expressions.java_text import java_double
from stepsmith.expressions.types import Json


class FunctionFailure(Exception):
    """A function that can do nothing with its value; the message is Jayway's."""


def _length(value: Json) -> Json:
    return len(value) if isinstance(value, list | dict) else None


def _keys(value: Json) -> Json:
    return list(value) if isinstance(value, dict) else None


def _numbers(value: Json) -> list[float]:
    items = value if isinstance(value, list) else []
    numbers = [
        _double(item) for item in items if isinstance(item, int | float) and not isinstance(item, bool)
    ]
    if not numbers:
        raise FunctionFailure("Aggregation function attempted to calculate value using empty array")
    return numbers


def _double(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _json(value: float) -> Json:
    """A number, or the text that Java's JSON has where it is none."""
    return value if math.isfinite(value) else java_double(value)


def _deviation(value: Json) -> Json:
    numbers = _numbers(value)
    mean = sum(numbers) / len(numbers)
    return _json(math.sqrt(sum((number - mean) * (number - mean) for number in numbers) / len(numbers)))


def _average(value: Json) -> Json:
    numbers = _numbers(value)
    return _json(sum(numbers) / len(numbers))


def _item(index: int) -> Callable[[Json], Json]:
    def item(value: Json) -> Json:
        if not isinstance(value, list) or not value:
            raise FunctionFailure("Aggregation function attempted to calculate value using empty array")
        return value[index]

    return item


FUNCTIONS: Final[Mapping[str, Callable[[Json], Json]]] = {
    "length": _length,
    "size": _length,
    "keys": _keys,
    "min": lambda value: _json(min(_numbers(value))),
    "max": lambda value: _json(max(_numbers(value))),
    "sum": lambda value: _json(sum(_numbers(value))),
    "avg": _average,
    "stddev": _deviation,
    "first": _item(0),
    "last": _item(-1),
}
"""Name -> what it makes of the value before it."""
