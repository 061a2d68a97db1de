"""Operations on typed references, checked against the static types and written down as expressions.

What Python and the two query languages do not agree on is a TypeError here, at definition time.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Literal, TypeAlias

from stepsmith.authoring.values.operators import (
    TEXT_METHODS,
    arithmetic_type,
    equal_as_json,
    have_order,
    holds_as_json,
    negative_type,
)
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    BOOL,
    INT,
    STR,
    DictType,
    ErrorType,
    ListType,
    ModelType,
    OptionalType,
    TupleType,
    describe,
    is_number,
    is_text,
)
from stepsmith.expressions.typed.tree import Expression

Arithmetic: TypeAlias = Literal["+", "-", "*", "/", "//", "%"]
Equality: TypeAlias = Literal["==", "!="]
Order: TypeAlias = Literal["<", "<=", ">", ">="]


def describe_expression(expression: Expression) -> str:
    """Write an expression briefly, for messages."""
    match expression:
        case tree.Variable(name=name):
            return f"${name}"
        case tree.State(part=part):
            return f"$states.{part}"
        case tree.Field(value=value, name=name):
            return f"{describe_expression(value)}.{name}"
        case tree.Constant(value=value):
            return repr(value)
        case _:
            return f"this {type(expression).__name__.lower()}"


def arithmetic(operator: Arithmetic, left: Expression, right: Expression) -> Expression:
    """Compute with numbers, or join two texts or two lists with `+`."""
    kind = arithmetic_type(operator, left.type, right.type)
    if kind is None:
        for operand in (left, right):
            if not is_number(operand.type):
                raise _no_number(operator, operand)
        raise TypeError(f"{operator} of float is not the same in Python and in a state machine: use a task")
    return tree.Binary(operator=operator, left=left, right=right, type=kind)


def negative(operand: Expression) -> Expression:
    """Give `-operand`."""
    kind = negative_type(operand.type)
    if kind is None:
        raise _no_number("-", operand)
    return tree.Unary(operator="-", operand=operand, type=kind)


def _no_number(operator: str, operand: Expression) -> TypeError:
    shown = describe_expression(operand)
    return TypeError(f"{operator} needs numbers, and {shown} is {describe(operand.type)}")


def equality(operator: Equality, left: Expression, right: Expression) -> Expression:
    """Compare two values of one kind, or anything with None."""
    if not equal_as_json(left.type, right.type):
        raise TypeError(
            f"{describe(left.type)} {operator} {describe(right.type)} "
            "is not the same in Python and in a state machine"
        )
    return tree.Compare(operator=operator, left=left, right=right)


def order(operator: Order, left: Expression, right: Expression) -> Expression:
    """Compare two numbers, two texts or two points in time."""
    if not have_order(left.type, right.type):
        raise TypeError(
            f"{operator} compares numbers, texts or datetimes, not {describe(left.type)} and {describe(right.type)}"
        )
    return tree.Compare(operator=operator, left=left, right=right)


def contained(item: Expression, collection: Expression) -> Expression:
    """Give `item in collection` for a text in a text, or a number, text, bool or None in a list of such."""
    if not holds_as_json(collection.type, item.type):
        kinds = f"{describe(item.type)} cannot be looked for in {describe(collection.type)}"
        raise TypeError(f"{kinds} without a task")
    return tree.Compare(operator="in", left=item, right=collection)


def joined(operator: Literal["and", "or"], left: Expression, right: Expression) -> Expression:
    """Join conditions; a chain of the same operator becomes one node."""
    parts = tuple(
        inner
        for part in (left, right)
        for inner in (part.values if isinstance(part, tree.Bool) and part.operator == operator else (part,))
    )
    return tree.Bool(operator=operator, values=parts)


def negated(condition: Expression) -> Expression:
    """Give `not condition`."""
    return tree.Unary(operator="not", operand=condition, type=BOOL)


def attribute(expression: Expression, name: str) -> Expression:
    """Give the field of a model. Raises AttributeError naming the model when it has no such field."""
    kind = expression.type
    match kind:
        case ModelType(kind="TypedDict"):
            raise AttributeError(f"{kind.name} is a TypedDict: write reference[{name!r}]")
        case ModelType():
            field = kind.fields.get(name)
            if field is None:
                raise AttributeError(f"{kind.name} has no field {name!r}{_similar(name, kind.fields)}")
            return tree.Field(value=expression, name=field.key, type=field.type)
        case OptionalType():
            raise AttributeError(
                f"{describe_expression(expression)} may be None and then has no {name!r}: "
                "use expression(..., type) where a Choice has ruled None out"
            )
        case _:
            raise AttributeError(
                f"{describe(kind)} has no {name!r} in a state machine: use a task, or expression(...)"
            )


def _similar(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def element(expression: Expression, index: Expression) -> Expression:
    """Give an element of a list, tuple or dict, or the value of a TypedDict's key."""
    kind, constant = expression.type, index.value if isinstance(index, tree.Constant) else None
    match kind, constant:
        case ErrorType(), "Error" | "Cause":
            return tree.Field(value=expression, name=str(constant), type=STR)
        case ModelType(kind="TypedDict"), str():
            field = kind.fields.get(constant)
            if field is None:
                raise KeyError(f"{kind.name} has no key {constant!r}{_similar(constant, kind.fields)}")
            return tree.Field(value=expression, name=field.key, type=field.type)
        case ListType(item=inner), _ if index.type == INT:
            return tree.Item(value=expression, index=index, type=inner)
        case TupleType(items=items), int() if -len(items) <= constant < len(items):
            return tree.Item(value=expression, index=index, type=items[constant])
        case DictType(value=inner), _ if is_text(index.type):
            return tree.Item(value=expression, index=index, type=inner)
        case _:
            shown = describe_expression(expression)
            raise TypeError(f"{shown} is {describe(kind)}, which has no item {describe_expression(index)}")


def sliced(expression: Expression, start: object, stop: object, stride: object) -> Expression:
    """Give a part of a list or text between constant bounds."""
    if stride is not None or not isinstance(start, int | None) or not isinstance(stop, int | None):
        raise TypeError("a slice of a reference has constant bounds and no step")
    if not (isinstance(expression.type, ListType) or is_text(expression.type)):
        raise TypeError(f"{describe(expression.type)} has no slices")
    kind = expression.type if isinstance(expression.type, ListType) else STR
    return tree.Slice(value=expression, start=start, stop=stop, type=kind)


def text_method(expression: Expression, name: str, arguments: tuple[Expression, ...]) -> Expression:
    """Give the call of a method of str with texts as arguments."""
    count, kind = TEXT_METHODS[name]
    if len(arguments) != count or not all(is_text(argument.type) for argument in arguments):
        raise TypeError(f"str.{name}() of a reference takes {count} str, and nothing else")
    return tree.Call(function=f"str.{name}", arguments=(expression, *arguments), type=kind)
