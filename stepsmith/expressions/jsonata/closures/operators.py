"""The operators on numbers, strings and booleans."""

from __future__ import annotations

import math
import operator as python
from collections.abc import Callable
from typing import Final, TypeAlias

from stepsmith.expressions.jsonata.closures.comparisons import (
    ORDERS,
    comparison,
    comparison_with_constant,
    equality,
    inequality,
)
from stepsmith.expressions.jsonata.closures.compiling import Compiler
from stepsmith.expressions.jsonata.closures.scopes import Scope
from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.numbers import LARGEST_EXACT, is_number, shrink, to_double
from stepsmith.expressions.jsonata.runtime.stringify import TEXT_OF, TextOf
from stepsmith.expressions.jsonata.runtime.text import join_surrogates
from stepsmith.expressions.jsonata.runtime.values import (
    ARRAY_TYPES,
    Evaluate,
    Frame,
    Sequence,
    Value,
    equal,
    truth,
)
from stepsmith.expressions.types import UNDEFINED

_SMALLEST: Final = -LARGEST_EXACT
_LONG: Final = 64
_MOST_JOINED: Final = 8
"""How many strings are joined before the size of the whole is looked at."""
_NUMBER_CELLS: Final = 3
"""What a new number takes in memory, besides its place in an array."""
_MINUS: Final = "-"
_TO: Final = ".."
_LONGEST_RANGE: Final = 10_000_000


def negation(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles `-operand`."""
    assert isinstance(node.of, tree.Negation)
    operand = compiler.compile(node.of.operand, scope, depth + 1)

    def evaluate(context: Value, frame: Frame) -> Value:
        value = operand(context, frame)
        if value is UNDEFINED:
            return UNDEFINED
        if is_number(value):
            return -value
        raise JsonataError("D1002", position=node.position, token=_MINUS, value=value)

    return evaluate


def binary(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles two operands and the operator between them."""
    of = node.of
    assert isinstance(of, tree.Binary)
    if of.operator == "&":
        return _concatenation(compiler, node, scope, depth)
    if of.operator in _ARITHMETIC or of.operator in ORDERS:
        constant = _small_constant(of.right)
        if constant is not None:
            scope.unit.height = max(scope.unit.height, depth + 1)
            slot = compiler.slot_of(of.left, scope)
            left = compiler.compile(of.left, scope, depth + 1)
            if of.operator in ORDERS:
                return comparison_with_constant(
                    compiler.dialect, of.operator, left, slot, constant, node.position
                )
            return _arithmetic_with_constant(of.operator, left, slot, constant, node.position)
    left = compiler.compile(of.left, scope, depth + 1)
    right = compiler.compile(of.right, scope, depth + 1)
    if of.operator in ORDERS:
        return comparison(compiler.dialect, of.operator, left, right, node.position)
    return _OPERATORS[of.operator](left, right, node.position)


def _small_constant(node: tree.Node) -> int | None:
    value = tree.constant(node)
    return value if type(value) is int else None


def _arithmetic_with_constant(
    operator: str, left: Evaluate, slot: int | None, constant: int, position: int
) -> Evaluate:
    operate = _ARITHMETIC[operator]

    def evaluate(context: Value, frame: Frame) -> Value:
        first = left(context, frame)
        if type(first) is int:
            result = operate(first, constant)
            if _SMALLEST <= result <= LARGEST_EXACT:
                return result
        return _arithmetic(first, constant, operator, position, frame)

    if slot is None:
        return evaluate
    place = slot

    def evaluate_slot(context: Value, frame: Frame) -> Value:
        first = frame[place]
        if type(first) is int:
            result = operate(first, constant)
            if _SMALLEST <= result <= LARGEST_EXACT:
                return result
        return _arithmetic(first, constant, operator, position, frame)

    return evaluate_slot


def _calculation(operator: str) -> Callable[[Evaluate, Evaluate, int], Evaluate]:
    operate = _ARITHMETIC[operator]

    def compile_(left: Evaluate, right: Evaluate, position: int) -> Evaluate:
        def evaluate(context: Value, frame: Frame) -> Value:
            first, second = left(context, frame), right(context, frame)
            if type(first) is int and type(second) is int:
                result = operate(first, second)
                if _SMALLEST <= result <= LARGEST_EXACT:
                    return result
            return _arithmetic(first, second, operator, position, frame)

        return evaluate

    return compile_


def _slow(operator: str) -> Callable[[Evaluate, Evaluate, int], Evaluate]:
    def compile_(left: Evaluate, right: Evaluate, position: int) -> Evaluate:
        def evaluate(context: Value, frame: Frame) -> Value:
            return _arithmetic(left(context, frame), right(context, frame), operator, position, frame)

        return evaluate

    return compile_


def _arithmetic(left: Value, right: Value, operator: str, position: int, frame: Frame) -> Value:
    """The result of an operator on any two values; raises D1001, T2001 or T2002."""
    try:
        if left is not UNDEFINED and not is_number(left):
            raise JsonataError("T2001", value=left)
        if right is not UNDEFINED and not is_number(right):
            raise JsonataError("T2002", value=right)
    except JsonataError as error:
        raise error.at(position, operator) from None
    if left is UNDEFINED or right is UNDEFINED:
        return UNDEFINED
    result = _CALCULATIONS[operator](to_double(left), to_double(right))
    if not math.isfinite(result):
        frame[0].unclean = True
        return result
    return shrink(result)


def _divide(left: float, right: float) -> float:
    if right == 0:
        if left == 0:
            return math.nan
        return math.inf if (left > 0) == (math.copysign(1, right) > 0) else -math.inf
    return left / right


def _remainder(left: float, right: float) -> float:
    return math.fmod(left, right) if right != 0 and math.isfinite(left) else math.nan


_CALCULATIONS: Final[dict[str, Callable[[float, float], float]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divide,
    "%": _remainder,
}


_ARITHMETIC: Final[dict[str, Callable[[int, int], int]]] = {
    "+": python.add,
    "-": python.sub,
    "*": python.mul,
}
"""Operators that keep whole numbers whole."""


_Part: TypeAlias = tuple[str, int, Evaluate, int]
"""What comes before an operand, its slot or 0, the operand, and the position of its operator."""


def _concatenation(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """A closure for a chain of `&`, or for the last part of a long one."""
    parts: list[_Part] = []
    constant = ""

    def gather(node: tree.Node, depth: int) -> None:
        # a chain nests to the left
        assert isinstance(node.of, tree.Binary)
        of, left = node.of, node.of.left
        inner = isinstance(left.of, tree.Binary) and left.of.operator == "&"
        few = depth - outermost < _MOST_JOINED
        if few and inner and not left.filters and not left.group and not left.keep:
            gather(left, depth + 1)
        else:
            add(left, depth + 1, node.position)
        add(of.right, depth + 1, node.position)

    def add(node: tree.Node, depth: int, position: int) -> None:
        nonlocal constant
        part = compiler.compile(node, scope, depth)
        value = tree.constant(node)
        if type(value) is str:
            constant += value
        else:
            parts.append((constant, compiler.slot_of(node, scope) or 0, part, position))
            constant = ""

    outermost = depth
    gather(node, depth)
    end = constant
    text_of = _text_of(TEXT_OF[compiler.dialect])

    if len(parts) == 2:
        return _two_joined(parts, end, text_of)

    def evaluate(context: Value, frame: Frame) -> Value:
        text = ""
        for before, slot, part, position in parts:
            # no variable has the first slots, so 0 means that it is another expression
            value = frame[slot] if slot else part(context, frame)
            text += before
            text += value if type(value) is str else text_of(value, frame, position)
        text += end
        return text if len(text) <= _LONG and text.isascii() else _checked(text, frame)

    return evaluate


def _two_joined(parts: list[_Part], end: str, text_of: Callable[[Value, Frame, int], str]) -> Evaluate:
    """The same for two parts, with less to do."""
    (before, first_slot, first, first_position), (between, second_slot, second, second_position) = parts

    def evaluate(context: Value, frame: Frame) -> Value:
        one = frame[first_slot] if first_slot else first(context, frame)
        two = frame[second_slot] if second_slot else second(context, frame)
        if type(one) is not str:
            one = text_of(one, frame, first_position)
        if type(two) is not str:
            two = text_of(two, frame, second_position)
        text = f"{before}{one}{between}{two}{end}"
        return text if len(text) <= _LONG and text.isascii() else _checked(text, frame)

    def evaluate_slots(context: Value, frame: Frame) -> Value:
        one, two = frame[first_slot], frame[second_slot]
        if type(one) is not str or type(two) is not str:
            return evaluate(context, frame)
        text = f"{one}{between}{two}"
        return text if len(text) <= _LONG and text.isascii() else _checked(text, frame)

    return evaluate_slots if first_slot and second_slot and not before and not end else evaluate


def _checked(text: str, frame: Frame) -> str:
    """A text that was joined, where it is long, or may have halves of characters that meet."""
    frame[0].string(len(text))
    return join_surrogates(text)


def _text_of(string: TextOf) -> Callable[[Value, Frame, int], str]:
    def text_of(value: Value, frame: Frame, position: int) -> str:
        try:
            return "" if value is UNDEFINED else string(frame[0], value)
        except JsonataError as error:
            raise error.at(position, "&") from None

    return text_of


def _conjunction(left: Evaluate, right: Evaluate, position: int) -> Evaluate:
    def evaluate(context: Value, frame: Frame) -> Value:
        first = left(context, frame)
        try:
            if first is not True and (first is False or not truth(first, frame[0])):
                return False
            second = right(context, frame)
            return second if second is True or second is False else truth(second, frame[0])
        except JsonataError as error:
            raise error.at(position, "and") from error.__cause__

    return evaluate


def _disjunction(left: Evaluate, right: Evaluate, position: int) -> Evaluate:
    def evaluate(context: Value, frame: Frame) -> Value:
        first = left(context, frame)
        try:
            if first is True or (first is not False and truth(first, frame[0])):
                return True
            second = right(context, frame)
            return second if second is True or second is False else truth(second, frame[0])
        except JsonataError as error:
            raise error.at(position, "or") from error.__cause__

    return evaluate


def _membership(left: Evaluate, right: Evaluate, position: int) -> Evaluate:
    del position

    def evaluate(context: Value, frame: Frame) -> Value:
        first, second = left(context, frame), right(context, frame)
        if first is UNDEFINED or second is UNDEFINED:
            return False
        if type(second) not in ARRAY_TYPES:
            return _identical(first, second, frame[0])
        if len(second) > _LONG:
            frame[0].charge(len(second))
        if type(first) is str:
            return first in second
        return any(_identical(first, member, frame[0]) for member in second)

    return evaluate


def _identical(left: Value, right: Value, run: Run) -> bool:
    """JavaScript's `===`: equal scalars, or the very same array or object."""
    if type(left) in (str, int, float, bool):
        return equal(left, right, run)
    return left is right


def _range(left: Evaluate, right: Evaluate, position: int) -> Evaluate:
    def evaluate(context: Value, frame: Frame) -> Value:
        first, last = left(context, frame), right(context, frame)
        for code, bound in (("T2003", first), ("T2004", last)):
            if bound is not UNDEFINED and not _is_whole(bound):
                raise JsonataError(code, position=position, token=_TO, value=bound)
        if first is UNDEFINED or last is UNDEFINED or first > last:
            return UNDEFINED
        size = int(last) - int(first) + 1
        if size > _LONGEST_RANGE:
            raise JsonataError("D2014", position=position, token=_TO, value=size)
        frame[0].array(size)
        frame[0].charge(size * _NUMBER_CELLS)
        if size == 1:
            return first
        return Sequence(range(int(first), int(last) + 1))

    return evaluate


def _is_whole(value: Value) -> bool:
    return type(value) is int or (type(value) is float and value.is_integer())


_OPERATORS: Final[dict[str, Callable[[Evaluate, Evaluate, int], Evaluate]]] = {
    **{operator: _calculation(operator) for operator in _ARITHMETIC},
    "/": _slow("/"),
    "%": _slow("%"),
    "=": equality,
    "!=": inequality,
    "and": _conjunction,
    "or": _disjunction,
    "in": _membership,
    "..": _range,
}
