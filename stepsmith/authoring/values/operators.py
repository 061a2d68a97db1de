"""What operators make of types: one rule for the references of explicit states and for workflow functions.

Equality and membership are not here, for there the two are held to different things. A workflow function is also run
as Python, so `==` is accepted only where Python's answer is certain to be the state machine's: not of two lists of
points in time, which are texts in JSON, nor of what is Any inside. An explicit state has no such twin: its `==`
compares two JSON values, and asks that the one type fits the other. A reference looks for a value in a list; `in` of a
workflow function knows tuples and typed dictionaries, too.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    DATETIME,
    FLOAT,
    INT,
    NONE,
    STR,
    DictType,
    EnumType,
    ListType,
    Type,
    is_number,
    is_text,
    join,
)

Arithmetic: TypeAlias = Literal["+", "-", "*", "/", "//", "%", "|"]


def arithmetic_type(operator: Arithmetic, left: Type, right: Type) -> Type | None:
    """Give the type of a computation with numbers, or of texts, lists or dicts put together; None where there is none.

    `//` and `%` of floats have none: they round differently in Python and in JSONata.
    """
    if is_number(left) and is_number(right):
        whole = FLOAT not in (left, right)
        if operator == "|" or (operator in ("//", "%") and not whole):
            return None
        return INT if whole and operator != "/" else FLOAT
    if operator == "+" and is_text(left) and is_text(right):
        return STR
    match operator, left, right:
        case ("+", ListType(item=a), ListType(item=b)):
            item = join(a, b)
            return ListType(ANY if item is None else item)
        case ("|", DictType(value=a), DictType(value=b)):
            value = join(a, b)
            return DictType(ANY if value is None else value)
        case _:
            return None


def have_order(left: Type, right: Type) -> bool:
    """Say whether `<` and its kin compare values of two types: numbers, texts, or points in time."""
    return (
        (is_number(left) and is_number(right))
        or (is_text(left) and is_text(right))
        or (left == DATETIME and right == DATETIME)
    )


def is_simple(kind: Type) -> bool:
    """Say whether a value is a number, a text, a bool, None or a member of an Enum for sure."""
    return is_number(kind) or is_text(kind) or kind in (BOOL, NONE) or isinstance(kind, EnumType)
