"""Functions of Python's own, and of the package, that have a form in JSONata."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from stepsmith.authoring.calls import constructs, escape
from stepsmith.authoring.compiler.expressions import (
    comprehensions,
    copies,
    displays,
    escapes,
    operators,
    sequences,
)
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, library_call
from stepsmith.authoring.source.diagnostics import Refusal
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    BOOL,
    DATETIME,
    FLOAT,
    INT,
    NEVER,
    STR,
    DictType,
    ErrorType,
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


def _arguments(x: ExpressionCompiler, node: ast.Call, low: int, high: int | None = None) -> list[ast.expr]:
    high = low if high is None else high
    name = ast.unparse(node.func)
    if node.keywords:
        raise x.refusal(node, "W161", f"{name}() with keywords has no JSONata form", "compute it in a task")
    if not low <= len(node.args) <= high or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise x.refusal(
            node, "W161", f"{name}() with these arguments has no JSONata form", "compute it in a task"
        )
    return node.args


def _bad_argument(x: ExpressionCompiler, node: ast.Call, kind: Type) -> Refusal:
    """Refuse a call for the type of its argument."""
    if isinstance(kind, OptionalType):
        return x.may_be_none(node.args[0] if node.args else node, f"{ast.unparse(node.func)}() fails then")
    message = f"{ast.unparse(node.func)}() of {describe(kind)} has no exact JSONata form"
    return x.refusal(node, "W165", message, "call it in a task")


def _len(x: ExpressionCompiler, node: ast.Call) -> Expression:
    value = x.compile(_arguments(x, node, 1)[0])
    if not (is_text(value.type) or isinstance(value.type, ListType | DictType | TupleType)):
        raise _bad_argument(x, node, value.type)
    return library_call(x, node, "len", INT, value)


def _numbers(x: ExpressionCompiler, node: ast.Call) -> Expression:
    value = x.compile(_arguments(x, node, 1)[0])
    if not (isinstance(value.type, ListType) and (is_number(value.type.item) or value.type.item == NEVER)):
        raise _bad_argument(x, node, value.type)
    return value


def _sum(x: ExpressionCompiler, node: ast.Call) -> Expression:
    value = _numbers(x, node)
    item = value.type.item if isinstance(value.type, ListType) else INT
    return library_call(x, node, "sum", FLOAT if item == FLOAT else INT, value)


def _number(x: ExpressionCompiler, node: ast.Call) -> Expression:
    name = ast.unparse(node.func)
    value = x.compile(_arguments(x, node, 1)[0])
    if not is_number(value.type):
        raise _bad_argument(x, node, value.type)
    kind = {"abs": value.type, "round": INT, "int": INT, "float": FLOAT}[name]
    return library_call(x, node, name, kind, value)


def _str(x: ExpressionCompiler, node: ast.Call) -> Expression:
    argument = _arguments(x, node, 1)[0]
    value = x.compile(argument)
    if isinstance(value.type, ErrorType):
        return library_call(x, node, "message", STR, value)
    displays.as_text(x, argument, value)
    return library_call(x, node, "str", STR, value)


def _quantifier(x: ExpressionCompiler, node: ast.Call) -> Expression:
    name, argument = ast.unparse(node.func), _arguments(x, node, 1)[0]
    if isinstance(argument, ast.ListComp | ast.GeneratorExp):
        value: Expression = comprehensions.comprehension(x, argument)
        assert isinstance(value, tree.Comprehension)
        value = replace(value, element=operators.truth(x, argument.elt, value.element), type=ListType(BOOL))
        if isinstance(argument, ast.ListComp) and tree.can_fail(value):
            raise x.refusal(
                argument,
                "W161",
                f"{name}() of a list evaluates all of it first",
                f"write {name}(... for ...)",
            )
    else:
        value = x.compile(argument)
        if value.type != ListType(BOOL):
            raise _bad_argument(x, node, value.type)
    return library_call(x, node, name, BOOL, value)


def _range(x: ExpressionCompiler, node: ast.Call) -> Expression:
    values = tuple(x.typed(argument, INT, "a bound of range()") for argument in _arguments(x, node, 1, 2))
    return library_call(x, node, "range", ListType(INT), *values)


def _list(x: ExpressionCompiler, node: ast.Call) -> Expression:
    argument = _arguments(x, node, 1)[0]
    if isinstance(argument, ast.GeneratorExp):
        return comprehensions.comprehension(x, argument)
    return comprehensions.iterable(x, argument)


def _now(x: ExpressionCompiler, node: ast.Call) -> Expression:
    _arguments(x, node, 0)
    return library_call(x, node, "now", DATETIME)


def _uuid(x: ExpressionCompiler, node: ast.Call) -> Expression:
    _arguments(x, node, 0)
    return library_call(x, node, "uuid", STR)


def _wait_in_expression(x: ExpressionCompiler, node: ast.Call) -> Expression:
    raise x.refusal(
        node,
        "W200",
        f"{ast.unparse(node.func)}() is called inside an expression",
        "make it a statement of its own",
    )


_BUILTINS: Final[Mapping[object, Compile]] = {
    len: _len,
    sum: _sum,
    min: sequences.extreme,
    max: sequences.extreme,
    abs: _number,
    round: _number,
    int: _number,
    float: _number,
    str: _str,
    sorted: sequences.sorted_,
    reversed: sequences.reversed_,
    zip: sequences.zip_,
    enumerate: sequences.enumerate_,
    dataclasses.replace: copies.replaced,
    escape.jsonata: escapes.jsonata,
    any: _quantifier,
    all: _quantifier,
    range: _range,
    list: _list,
    constructs.now: _now,
    constructs.uuid: _uuid,
    constructs.parallel: _wait_in_expression,
    constructs.map_items: _wait_in_expression,
    constructs.wait: _wait_in_expression,
    constructs.wait_until: _wait_in_expression,
}


def builtin(target: object) -> Compile | None:
    """Give what compiles the calls of a function of Python's own or of the package; None for any other."""
    return next((compile for known, compile in _BUILTINS.items() if known is target), None)
