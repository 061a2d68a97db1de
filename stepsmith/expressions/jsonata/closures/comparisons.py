"""The operators that compare: equality, order, and the place of NaN in it."""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from typing import Final

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.runtime.dialect import Dialect
from stepsmith.expressions.jsonata.runtime.text import less
from stepsmith.expressions.jsonata.runtime.values import Evaluate, Frame, Value, equal, kind_of
from stepsmith.expressions.types import UNDEFINED

_LONG: Final = 64

_COMPARABLE: Final = frozenset({str, int, float, type(UNDEFINED)})
_OF_STRINGS: Final[dict[str, Callable[[str, str], bool]]] = {
    "<": less,
    ">": lambda left, right: less(right, left),
    "<=": lambda left, right: not less(right, left),
    ">=": lambda left, right: not less(left, right),
}
_OF_NUMBERS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": python.lt,
    ">": python.gt,
    "<=": python.le,
    ">=": python.ge,
}
ORDERS: Final = frozenset(_OF_NUMBERS)
"""The operators that ask for an order."""


def _of_floats(dialect: Dialect, operator: str) -> Callable[[Value, Value], bool]:
    """How numbers compare that may be NaN: with nothing in JavaScript, above all others where Java compares them.

    Measured on AWS: `0 / 0 > 5` is true.
    """
    compare = _OF_NUMBERS[operator]
    if dialect is Dialect.REFERENCE:
        return compare

    def compare_to(left: Value, right: Value) -> bool:
        if left == left and right == right:
            return compare(left, right)
        return compare(left != left, right != right)

    return compare_to


def equality(left: Evaluate, right: Evaluate, position: int) -> Evaluate:
    """A closure that tells whether two values are there and equal."""
    del position

    def evaluate(context: Value, frame: Frame) -> Value:
        first, second = left(context, frame), right(context, frame)
        if type(first) is str and type(second) is str and len(first) <= _LONG:
            return first == second
        return first is not UNDEFINED and second is not UNDEFINED and equal(first, second, frame[0])

    return evaluate


def inequality(left: Evaluate, right: Evaluate, position: int) -> Evaluate:
    """A closure that tells whether two values are there and differ."""
    del position

    def evaluate(context: Value, frame: Frame) -> Value:
        first, second = left(context, frame), right(context, frame)
        return first is not UNDEFINED and second is not UNDEFINED and not equal(first, second, frame[0])

    return evaluate


def comparison(dialect: Dialect, operator: str, left: Evaluate, right: Evaluate, position: int) -> Evaluate:
    """A closure that compares two numbers or two strings."""
    of_numbers, of_strings, of_floats = (
        _OF_NUMBERS[operator],
        _OF_STRINGS[operator],
        _of_floats(dialect, operator),
    )

    def evaluate(context: Value, frame: Frame) -> Value:
        first, second = left(context, frame), right(context, frame)
        if type(first) is int and type(second) is int:
            return of_numbers(first, second)
        if type(first) is str and type(second) is str:
            frame[0].read(len(first) + len(second))
            return of_strings(first, second)
        comparable: Value = _comparable(first, second, operator, position)
        if comparable is UNDEFINED:
            return UNDEFINED
        return of_floats(first, second)

    return evaluate


def comparison_with_constant(
    dialect: Dialect, operator: str, left: Evaluate, slot: int | None, constant: int, position: int
) -> Evaluate:
    """A closure that compares with a whole number, which needs less looking at."""
    compare, of_floats = _OF_NUMBERS[operator], _of_floats(dialect, operator)

    def evaluate(context: Value, frame: Frame) -> Value:
        first = left(context, frame)
        if type(first) is int:
            return compare(first, constant)
        if type(first) is float:
            return of_floats(first, constant)
        return UNDEFINED if _comparable(first, constant, operator, position) is UNDEFINED else False

    if slot is None:
        return evaluate
    place = slot

    def evaluate_slot(context: Value, frame: Frame) -> Value:
        first = frame[place]
        if type(first) is int:
            return compare(first, constant)
        if type(first) is float:
            return of_floats(first, constant)
        return UNDEFINED if _comparable(first, constant, operator, position) is UNDEFINED else False

    return evaluate_slot


def _comparable(left: Value, right: Value, operator: str, position: int) -> Value:
    """Whether both are strings, UNDEFINED where one is missing; raises T2009 or T2010."""
    kinds = kind_of(left), kind_of(right)
    for kind, value in zip(kinds, (left, right), strict=True):
        if kind not in _COMPARABLE:
            # the reference names the left one whenever it is not a string or number
            named = left if kinds[0] not in (str, int, float) else value
            raise JsonataError("T2010", position=position, token=operator, value=named)
    if left is UNDEFINED or right is UNDEFINED:
        return UNDEFINED
    if (kinds[0] is str) is not (kinds[1] is str):
        raise JsonataError("T2009", position=position, token=operator, value=left, value2=right)
    return kinds[0] is str
