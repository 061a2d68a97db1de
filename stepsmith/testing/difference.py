"""Where two values differ, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from stepsmith.expressions.types import UNDEFINED, Json, Undefined

_MOST: Final = 8
_WIDEST: Final = 70


def difference(python: Json, machine: Json, root: str) -> list[str]:
    """Give a line for each place where Python and the state machine have different values."""
    found = list(_places(python, machine, root))
    lines = [f"{place}: Python {_short(one)}, machine {_short(other)}" for place, one, other in found[:_MOST]]
    return [*lines, f"and {len(found) - _MOST} more places"] if len(found) > _MOST else lines


def _places(
    one: Json | Undefined, other: Json | Undefined, place: str
) -> Iterator[tuple[str, Json | Undefined, Json | Undefined]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys([*one, *other]):
            yield from _places(one.get(key, UNDEFINED), other.get(key, UNDEFINED), f"{place}.{key}")
    elif isinstance(one, list) and isinstance(other, list):
        for at in range(max(len(one), len(other))):
            left = one[at] if at < len(one) else UNDEFINED
            right = other[at] if at < len(other) else UNDEFINED
            yield from _places(left, right, f"{place}[{at}]")
    elif one != other or isinstance(one, bool) != isinstance(other, bool):
        yield place, one, other


def _short(value: Json | Undefined) -> str:
    if isinstance(value, Undefined):
        return "has nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"
