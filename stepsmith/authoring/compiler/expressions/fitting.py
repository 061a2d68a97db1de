"""Which expressions may stand where a type is expected."""

from __future__ import annotations

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    FLOAT,
    INT,
    DictType,
    EnumType,
    ListType,
    OptionalType,
    TupleType,
    Type,
    UnionType,
    assignable,
    describe,
)
from stepsmith.expressions.typed.tree import Expression


def fits(value: Expression, kind: Type) -> bool:
    """Say whether an expression may stand where a type is expected, constants and displays looked into."""
    if assignable(value.type, kind):
        return True
    if isinstance(kind, OptionalType):
        return fits(value, kind.inner)
    if isinstance(kind, UnionType) and not isinstance(value, tree.Conditional):
        return any(fits(value, member) for member in kind.members if (value.type, member) != (INT, FLOAT))
    match value, kind:
        case tree.Constant(value=constant, type=found), EnumType(python=python, values=values):
            same = python is None or (isinstance(found, EnumType) and found.python is python)
            return same and any(type(constant) is type(item) and constant == item for item in values)
        case tree.Conditional(then=then, otherwise=otherwise), _:
            return fits(then, kind) and fits(otherwise, kind)
        case tree.ListOf(elements=elements), ListType(item=item):
            return all(fits_element(element, item) for element in elements)
        case tree.ListOf(elements=elements), TupleType(items=items):
            return len(elements) == len(items) and all(map(fits, elements, items))
        case tree.ObjectOf(entries=entries, type=DictType()), DictType(value=item):
            return all(key is not None and fits(element, item) for key, element in entries)
        case _:
            return False


def fits_element(element: Expression, kind: Type) -> bool:
    """Say whether an element of a display may stand in a list of a type."""
    if isinstance(element, tree.Spread):
        return assignable(element.type, ListType(kind))
    return fits(element, kind)


def type_help(found: Type, expected: Type, text: str) -> str | None:
    """Say how to get from one type to another."""
    if isinstance(found, OptionalType) and assignable(found.inner, expected):
        return f"test it first: `if {text} is not None:`"
    if found == ANY:
        return f"give it a type first: `value: {describe(expected)} = {text}`"
    return None
