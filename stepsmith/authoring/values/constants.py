"""Python constants that a workflow function names, as nodes of the tree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import cast

from stepsmith.authoring.values.types import constant, of_constant
from stepsmith.expressions.typed.static_types import (
    ANY,
    NEVER,
    DictType,
    ListType,
    Type,
    join,
)
from stepsmith.expressions.typed.tree import Constant, Expression, Span
from stepsmith.expressions.types import Undefined

_LARGEST_EXACT = 2**53


def constant_expression(value: object, span: Span | None, expected: Type | None = None) -> Expression | None:
    """Give the node of a constant, or None where it has no exact JSON form."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST_EXACT:
        return None
    if isinstance(value, float) and not -1.8e308 < value < 1.8e308:
        return None
    if isinstance(value, datetime):
        return Constant(value=value.isoformat(), type=of_constant(value), span=span)
    kind = type_of(value)
    found = constant(value, kind)
    return None if isinstance(found, Undefined) else Constant(value=found, type=kind, span=span)


def type_of(value: object) -> Type:
    """Give the static type of a constant, lists and dicts looked into."""
    match value:
        case Enum():
            return of_constant(value)
        case list() | tuple():
            return ListType(_joined([type_of(item) for item in cast("Sequence[object]", value)]))
        case dict():
            return DictType(_joined([type_of(item) for item in cast("dict[object, object]", value).values()]))
        case _:
            return of_constant(value)


def _joined(kinds: Sequence[Type]) -> Type:
    found: Type = NEVER
    for kind in kinds:
        joined = join(found, kind)
        if joined is None:
            return ANY
        found = joined
    return found
