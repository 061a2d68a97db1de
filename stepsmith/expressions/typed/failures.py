"""What makes an expression fail, as conditions that do not fail themselves: what a state asks before it evaluates it.

The conditions stand in the order in which Python evaluates, and each is asked only where those before it do not hold:
that of `d[k]` is asked once `d` and `k` are known to have values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    INT,
    STR,
    DictType,
    ListType,
    TupleType,
    Type,
    is_text,
    without_none,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.frozen import frozen

FAILED: Final = "this fails: "
"""How the cause begins of what was caught as the failure of an expression, and raised again."""

ERRORS: Final = (IndexError, KeyError, TypeError, ValueError, ZeroDivisionError, json.JSONDecodeError)
"""What expressions fail with."""


@frozen
class Failure:
    """A way to fail."""

    test: Expression
    """When it does."""
    errors: tuple[type[Exception], ...]
    """What Python raises then; of several, one of them."""


class Unforeseen(Exception):
    """Says that nothing tells beforehand whether an expression fails."""

    def __init__(self, node: Expression) -> None:
        super().__init__(type(node).__name__)
        self.node = node


def failures(node: Expression) -> list[Failure]:
    """Give the ways in which an expression fails, in order. Raises Unforeseen where one cannot be told."""
    if not tree.can_fail(node):
        return []
    match node:
        case tree.Conditional(test=test, then=then, otherwise=otherwise):
            return [
                *failures(test),
                *_where(test, failures(then)),
                *_where(tree.negation(test), failures(otherwise)),
            ]
        case tree.Bool(operator=operator, values=values):
            found = failures(values[0])
            for index, value in enumerate(values[1:], start=1):
                reached = [each if operator == "and" else tree.negation(each) for each in values[:index]]
                found += _where(_all(reached), failures(value))
            return found
        case tree.Comprehension(items=items, condition=condition, element=element):
            return [*failures(items), *_in_rounds(node, condition, [element])]
        case tree.DictComprehension(items=items, condition=condition, key=key, value=value):
            return [*failures(items), *_in_rounds(node, condition, [key, value])]
        case tree.Call(function="any" | "all" | "next", arguments=(tree.Comprehension(items=items), *_)):
            # where Python stops before what fails, nobody asks for it
            raise Unforeseen(node)
        case _:
            parts = [each for child in tree.children(node) for each in failures(child)]
            return [*parts, *_own(node)]


def _where(test: Expression, found: list[Failure]) -> list[Failure]:
    return [replace(each, test=_all([test, each.test])) for each in found]


def _all(tests: list[Expression]) -> Expression:
    return tests[0] if len(tests) == 1 else tree.Bool(operator="and", values=tuple(tests))


def either(tests: list[Expression]) -> Expression:
    """Give the condition that one of several holds."""
    return tests[0] if len(tests) == 1 else tree.Bool(operator="or", values=tuple(tests))


def _in_rounds(
    node: tree.Comprehension | tree.DictComprehension, condition: Expression | None, parts: list[Expression]
) -> list[Failure]:
    """Give the failure of some round; which round is the first to fail, and how, is not asked."""
    found = [each for part in parts for each in failures(part)]
    if condition is not None:
        found = [*failures(condition), *_where(condition, found)]
    if not found:
        return []
    errors = tuple(dict.fromkeys(error for each in found for error in each.errors))
    rounds = tree.Comprehension(
        element=either([each.test for each in found]),
        name=node.name,
        items=node.items,
        condition=None,
        type=ListType(BOOL),
    )
    return [Failure(_call("any", BOOL, rounds), errors)]


def _call(function: str, kind: Type, *arguments: Expression) -> Expression:
    return tree.Call(function=function, arguments=arguments, type=kind)


def _number(value: int) -> Expression:
    return tree.Constant(value=value, type=INT)


def _own(node: Expression) -> list[Failure]:
    """Give the ways in which a node fails although all its parts have values."""
    match node:
        case tree.Item(certain=True):
            return []
        case tree.Item(value=value, index=index):
            return _missing(value, index)
        case tree.Binary(operator="/" | "//" | "%", right=right):
            if isinstance(right, tree.Constant) and right.value:
                return []
            return [Failure(tree.Compare(operator="==", left=right, right=_number(0)), (ZeroDivisionError,))]
        case tree.Call(function=function):
            if function not in tree.FALLIBLE and function not in _EMPTY:
                return []
            own = _CALLS.get(function)
            if own is None:
                raise Unforeseen(node)
            return own(node)
        case _:
            return []


def _missing(value: Expression, index: Expression) -> list[Failure]:
    kind = without_none(value.type)
    if isinstance(kind, TupleType):
        return []
    if isinstance(kind, ListType) or is_text(kind):
        return [Failure(_outside(value, index), (IndexError,))]
    return [Failure(tree.Compare(operator="not in", left=index, right=value), (KeyError,))]


def _outside(value: Expression, index: Expression) -> Expression:
    """Say that a list or text has no such place."""
    length = _call("len", INT, value)
    match index:
        case tree.Constant(value=int() as place) if place >= 0:
            return tree.Compare(operator="<=", left=length, right=index)
        case tree.Constant(value=int() as place):
            return tree.Compare(operator="<", left=length, right=_number(-place))
        case _:
            below = tree.Compare(
                operator="<", left=index, right=tree.Unary(operator="-", operand=length, type=INT)
            )
            return either([tree.Compare(operator=">=", left=index, right=length), below])


def _text_at(node: tree.Call) -> list[Failure]:
    value, index = node.arguments
    return [Failure(_outside(value, index), (IndexError,))]


def _absent(node: tree.Call) -> list[Failure]:
    value, part = node.arguments
    return [Failure(tree.Compare(operator="not in", left=part, right=value), (ValueError,))]


def _of_another_length(node: tree.Call) -> list[Failure]:
    items, count = node.arguments
    return [Failure(tree.Compare(operator="!=", left=_call("len", INT, items), right=count), (ValueError,))]


def _below_zero(node: tree.Call) -> list[Failure]:
    return [Failure(tree.Compare(operator="<", left=node.arguments[0], right=_number(0)), (ValueError,))]


def _not_fitting(function: str, error: type[Exception]) -> Callable[[tree.Call], list[Failure]]:
    def own(node: tree.Call) -> list[Failure]:
        return [Failure(tree.negation(_call(function, BOOL, *node.arguments)), (error,))]

    return own


def _of_nothing(node: tree.Call) -> list[Failure]:
    items, *default = node.arguments
    if default or tree.is_filled(items):
        return []
    if node.function.endswith(".by") and isinstance(items, tree.Comprehension):
        items = items.items  # the elements themselves are the keys
    length = _call("len", INT, items)
    return [Failure(tree.Compare(operator="==", left=length, right=_number(0)), (ValueError,))]


def _of_any(node: tree.Call) -> list[Failure]:
    """What has no type has items as Python says, by what it is."""
    value, index = node.arguments
    kind = _call("json.type", STR, value)

    def is_kind(name: str) -> Expression:
        return tree.Compare(operator="==", left=kind, right=tree.Constant(value=name, type=STR))

    if is_text(index.type):
        members = replace(value, type=DictType(ANY))
        absent = tree.Compare(operator="not in", left=index, right=members)
        return [
            Failure(tree.negation(is_kind("object")), (TypeError,)),
            Failure(absent, (KeyError,)),
        ]
    listed = _all([is_kind("array"), _outside(replace(value, type=ListType(ANY)), index)])
    letters = _all([is_kind("string"), _outside(replace(value, type=STR), index)])
    known = either([is_kind("array"), is_kind("string")])
    return [
        Failure(is_kind("object"), (KeyError,)),
        Failure(tree.negation(known), (TypeError,)),
        Failure(either([listed, letters]), (IndexError,)),
    ]


_EMPTY: Final = ("min", "max", "min.text", "max.text", "min.by", "max.by")
_CALLS: Final[Mapping[str, Callable[[tree.Call], list[Failure]]]] = {
    **dict.fromkeys(_EMPTY, _of_nothing),
    "int.of": _not_fitting("int.fits", ValueError),
    "float.of": _not_fitting("float.fits", ValueError),
    "json.loads": _not_fitting("json.fits", json.JSONDecodeError),
    "datetime.of": _not_fitting("datetime.fits", ValueError),
    "width": _below_zero,
    "unpacked": _of_another_length,
    "sqrt": _below_zero,
    "str.at": _text_at,
    "str.index": _absent,
    "list.index": _absent,
    "any.item": _of_any,
}
"""Functions of the library that fail for some values -> when they do."""
