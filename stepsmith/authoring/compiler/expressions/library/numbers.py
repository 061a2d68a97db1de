"""Numbers: from texts, rounded, divided with a rest, to a power."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from stepsmith.authoring.compiler.expressions import comprehensions, operators
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, library_call, once
from stepsmith.authoring.source.diagnostics import Refusal
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.library.numbers import MOST_PLACES
from stepsmith.expressions.typed.static_types import (
    BOOL,
    FLOAT,
    INT,
    NEVER,
    ListType,
    OptionalType,
    TupleType,
    Type,
    describe,
    is_number,
    is_text,
)
from stepsmith.expressions.typed.tree import Expression

Compile: TypeAlias = Callable[[ExpressionCompiler, ast.Call], Expression]


def arguments(x: ExpressionCompiler, node: ast.Call, low: int, high: int | None = None) -> list[ast.expr]:
    """Give the arguments of a function that takes so many, by position."""
    high = low if high is None else high
    name = ast.unparse(node.func)
    if node.keywords:
        raise x.refusal(node, "W161", f"{name}() with keywords has no JSONata form", "compute it in a task")
    if not low <= len(node.args) <= high or any(isinstance(argument, ast.Starred) for argument in node.args):
        message = f"{name}() with these arguments has no JSONata form"
        raise x.refusal(node, "W161", message, "compute it in a task")
    return node.args


def bad_argument(x: ExpressionCompiler, node: ast.Call, kind: Type) -> Refusal:
    """Refuse a call for the type of its argument."""
    if isinstance(kind, OptionalType):
        return x.may_be_none(node.args[0] if node.args else node, f"{ast.unparse(node.func)}() fails then")
    message = f"{ast.unparse(node.func)}() of {describe(kind)} has no exact JSONata form"
    return x.refusal(node, "W165", message, "call it in a task")


def _number(name: str, kind: Type | None) -> Compile:
    def compile(x: ExpressionCompiler, node: ast.Call) -> Expression:
        value = x.compile(arguments(x, node, 1)[0])
        if not is_number(value.type):
            raise bad_argument(x, node, value.type)
        return library_call(x, node, name, kind or value.type, value)

    return compile


def _converted(name: str, kind: Type) -> Compile:
    """`int` and `float`, of a number, a text or a bool."""

    def compile(x: ExpressionCompiler, node: ast.Call) -> Expression:
        if name == "int" and len(node.args) == 2:
            message = f"`{ast.unparse(node)}` has no exact JSONata form"
            raise x.refusal(node, "W161", message, "read it to the base of ten, or in a task")
        value = x.compile(arguments(x, node, 1)[0])
        if is_text(value.type):
            return library_call(x, node, f"{name}.of", kind, value)
        if value.type == BOOL:
            one, zero = (tree.Constant(value=number, type=INT) for number in (1, 0))
            span = x.source.span(node)
            return tree.Conditional(test=value, then=one, otherwise=zero, type=kind, span=span)
        if not is_number(value.type):
            raise bad_argument(x, node, value.type)
        return library_call(x, node, name, kind, value)

    return compile


def _round(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """`round(value)`, and `round(value, places)` with constant places."""
    given = node.args
    if len(given) == 1 and len(node.keywords) == 1 and node.keywords[0].arg == "ndigits":
        node = ast.copy_location(ast.Call(node.func, [given[0], node.keywords[0].value], []), node)
    given = arguments(x, node, 1, 2)
    value = x.compile(given[0])
    if not is_number(value.type):
        raise bad_argument(x, node, value.type)
    places = x.static(given[1]) if len(given) == 2 else None
    if len(given) == 1 or (isinstance(given[1], ast.Constant) and places is None):
        return library_call(x, node, "round", INT, value)
    if not isinstance(places, int) or isinstance(places, bool) or not 0 <= places <= MOST_PLACES:
        message = f"round() to {ast.unparse(given[1])} places has no exact JSONata form"
        raise x.refusal(given[1], "W161", message, f"write a constant from 0 to {MOST_PLACES}")
    if value.type != FLOAT:
        return value
    return library_call(x, node, "round.to", FLOAT, value, tree.Constant(value=places, type=INT))


def _divmod(x: ExpressionCompiler, node: ast.Call) -> Expression:
    left, right = (x.compile(argument) for argument in arguments(x, node, 2))
    if any(map(tree.is_volatile, (left, right))):
        message = f"`{ast.unparse(node)}` would be evaluated twice"
        raise x.refusal(node, "W161", message, "assign its arguments before")
    parts = tuple(operators.arithmetic(x, node, sign, left, right) for sign in ("//", "%"))
    return tree.ListOf(elements=parts, type=TupleType((INT, INT)), span=x.source.span(node))


def _power(x: ExpressionCompiler, node: ast.Call) -> Expression:
    base, exponent = arguments(x, node, 2)
    return x.compile(ast.copy_location(ast.BinOp(base, ast.Pow(), exponent), node))


def _sum(x: ExpressionCompiler, node: ast.Call) -> Expression:
    start: ast.expr | None = None
    if len(node.args) == 1 and len(node.keywords) == 1 and node.keywords[0].arg == "start":
        start = node.keywords[0].value
        node = ast.copy_location(ast.Call(node.func, node.args, []), node)
    given = arguments(x, node, 1, 2)
    value = comprehensions.iterable(x, given[0])
    if not (isinstance(value.type, ListType) and (is_number(value.type.item) or value.type.item == NEVER)):
        raise bad_argument(x, node, value.type)
    found = library_call(x, node, "sum", FLOAT if value.type.item == FLOAT else INT, value)
    start = start if len(given) == 1 else given[1]
    return found if start is None else operators.arithmetic(x, node, "+", x.compile(start), found)


def _range(x: ExpressionCompiler, node: ast.Call) -> Expression:
    if x.consumed is not node:
        text = ast.unparse(node)
        raise x.refusal(node, "W161", f"{text} is no list in Python", f"write `list({text})`")
    values = tuple(x.typed(argument, INT, "a bound of range()") for argument in arguments(x, node, 1, 3))
    if len(values) < 3:
        return library_call(x, node, "range", ListType(INT), *values)
    step = x.static(node.args[2])
    if not isinstance(step, int) or isinstance(step, bool) or not step:
        message = f"a range() by {ast.unparse(node.args[2])} has no exact JSONata form"
        raise x.refusal(node.args[2], "W161", message, "write the step as a constant that is not 0")
    by = tree.Constant(value=step, type=INT)
    first, last = values[:2]

    def made(first: Expression) -> Expression:
        return once(x, last, lambda last: library_call(x, node, "range.by", ListType(INT), first, last, by))

    return once(x, first, made)


def _bool(x: ExpressionCompiler, node: ast.Call) -> Expression:
    argument = arguments(x, node, 1)[0]
    return operators.truth(x, argument, x.compile(argument))


BUILTINS: Final[Mapping[object, Compile]] = {
    sum: _sum,
    abs: _number("abs", None),
    round: _round,
    int: _converted("int", INT),
    float: _converted("float", FLOAT),
    bool: _bool,
    divmod: _divmod,
    pow: _power,
    range: _range,
    math.floor: _number("floor", INT),
    math.ceil: _number("ceil", INT),
    math.trunc: _number("int", INT),
    math.sqrt: _number("sqrt", FLOAT),
}
"""Functions of numbers -> what compiles a call."""
