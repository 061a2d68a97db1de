"""The functions that may end a path."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from stepsmith.expressions.types import Json


class FunctionFailure(Exception):
    """A function that can do nothing with its value; the message is Jayway's."""


def _length(value: Json) -> Json:
    return len(value) if isinstance(value, list | dict) else None


def _keys(value: Json) -> Json:
    return list(value) if isinstance(value, dict) else None


def _numbers(value: Json) -> list[float]:
    items = value if isinstance(value, list) else []
    numbers = [float(item) for item in items if isinstance(item, int | float) and not isinstance(item, bool)]
    if not numbers:
        raise FunctionFailure("Aggregation function attempted to calculate value using empty array")
    return numbers


def _deviation(value: Json) -> Json:
    numbers = _numbers(value)
    mean = sum(numbers) / len(numbers)
    return math.sqrt(sum((number - mean) ** 2 for number in numbers) / len(numbers))


def _average(value: Json) -> Json:
    numbers = _numbers(value)
    return sum(numbers) / len(numbers)


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
    "min": lambda value: min(_numbers(value)),
    "max": lambda value: max(_numbers(value)),
    "sum": lambda value: sum(_numbers(value)),
    "avg": _average,
    "stddev": _deviation,
    "first": _item(0),
    "last": _item(-1),
}
"""Name -> what it makes of the value before it."""
