"""Copies of JSON: for functions that may change what they are given, and of what they return."""

from __future__ import annotations

import json
from typing import Any, Final, cast

from stepsmith.expressions.types import Json

UNCHANGEABLE: Final = frozenset({str, int, float, bool, type(None)})
_MOST: Final = 2**1000
"""A whole number that a double holds."""
_LEAST: Final = -_MOST


def copied(value: Json) -> Json:
    """Return a value that a function may change: with arrays and objects of its own, of the same texts and numbers."""
    if type(value) in UNCHANGEABLE:
        return value
    try:
        return _copied(value)
    except RecursionError:
        result: Json = json.loads(json.dumps(value))
        return result


def _copied(value: Any) -> Any:
    # loops and not comprehensions, which would go twice as deep
    if type(value) is dict:
        copy: dict[str, Any] = {}
        for name, part in cast("dict[str, Any]", value).items():
            copy[name] = part if type(part) in UNCHANGEABLE else _copied(part)
        return copy
    parts: list[Any] = []
    for part in value:
        parts.append(part if type(part) in UNCHANGEABLE else _copied(part))
    return parts


class Doubtful(Exception):
    """A value may be no JSON, or another than its text says."""


def taken(value: Any) -> Any:
    """Return a copy of what is surely JSON, and the same as its text read again; raises Doubtful for all else."""
    kind: type[Any] = type(value)  # pyright: ignore[reportUnknownVariableType] - `cast` would be called for each part
    if kind is str:
        if value.isascii():
            return value
    elif kind is dict:
        copy: dict[str, Any] = {}
        for name, part in value.items():
            if type(name) is not str or not name.isascii():
                raise Doubtful
            if type(part) is not int or not _LEAST <= part <= _MOST:  # the commonest has its own way
                part = taken(part)
            copy[name] = part
        return copy
    elif kind is list:
        parts: list[Any] = []
        for part in value:
            parts.append(taken(part))
        return parts
    elif kind is int:
        if _LEAST <= value <= _MOST:
            return value
    elif kind is float:
        if value - value == 0.0:  # neither NaN nor infinite
            return value
    elif value is None or kind is bool:
        return value
    raise Doubtful
