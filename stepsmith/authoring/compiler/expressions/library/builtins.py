"""Functions of Python's own, and of the package, that have a form in JSONata."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from stepsmith.authoring.calls import constructs, escape
from stepsmith.authoring.compiler.expressions import comprehensions, operators
from stepsmith.authoring.compiler.expressions.library import (
    copies,
    escapes,
    formats,
    json_calls,
    numbers,
    sequences,
    sets,
)
from stepsmith.authoring.compiler.expressions.library.numbers import Compile, arguments, bad_argument
from stepsmith.authoring.compiler.expressions.narrowing import classes
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, consumed, library_call
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    BOOL,
    DATETIME,
    INT,
    STR,
    DictType,
    ListType,
    TupleType,
    is_text,
)
from stepsmith.expressions.typed.tree import Expression


def _len(x: ExpressionCompiler, node: ast.Call) -> Expression:
    argument = arguments(x, node, 1)[0]
    counted = isinstance(argument, ast.Call) and x.static(argument.func) is range
    value = sets.distinct(x, argument) or (consumed(x, argument) if counted else x.compile(argument))
    if not (is_text(value.type) or isinstance(value.type, ListType | DictType | TupleType)):
        raise bad_argument(x, node, value.type)
    return library_call(x, node, "len", INT, value)


def _of_truth(
    x: ExpressionCompiler, name: str, node: ast.ListComp | ast.GeneratorExp, value: tree.Comprehension
) -> tree.Comprehension:
    """Give a comprehension whose elements count as true or not; of several `for`, each asks the next."""
    if isinstance(value.element, tree.Spread) and isinstance(value.element.value, tree.Comprehension):
        inner = _of_truth(x, name, node, value.element.value)
        element: Expression = library_call(x, node, name, BOOL, inner)
    else:
        element = operators.truth(x, node.elt, value.element)
    return replace(value, element=element, type=ListType(BOOL))


def _quantifier(x: ExpressionCompiler, node: ast.Call) -> Expression:
    name, argument = ast.unparse(node.func), arguments(x, node, 1)[0]
    if isinstance(argument, ast.ListComp | ast.GeneratorExp):
        found = comprehensions.comprehension(x, argument)
        value: Expression = _of_truth(x, name, argument, found)
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
            raise bad_argument(x, node, value.type)
    return library_call(x, node, name, BOOL, value)


def _list(x: ExpressionCompiler, node: ast.Call) -> Expression:
    argument = arguments(x, node, 1)[0]
    if isinstance(argument, ast.GeneratorExp):
        return comprehensions.comprehension(x, argument)
    return comprehensions.iterable(x, argument)


def _dict(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """`dict(pairs)`, `dict(table)` and `dict(name=value)`."""
    if not node.args:
        keys: list[ast.expr | None] = [
            None if keyword.arg is None else ast.copy_location(ast.Constant(keyword.arg), keyword.value)
            for keyword in node.keywords
        ]
        return x.compile(ast.copy_location(ast.Dict(keys, [each.value for each in node.keywords]), node))
    argument = arguments(x, node, 1)[0]
    if isinstance(argument, ast.GeneratorExp | ast.ListComp):
        return comprehensions.dict_of_pairs(x, node, comprehensions.comprehension(x, argument))
    value = consumed(x, argument)
    if isinstance(value.type, DictType):
        return value
    return comprehensions.dict_of_pairs(x, node, value)


def _now(x: ExpressionCompiler, node: ast.Call) -> Expression:
    arguments(x, node, 0)
    return library_call(x, node, "now", DATETIME)


def _uuid(x: ExpressionCompiler, node: ast.Call) -> Expression:
    arguments(x, node, 0)
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
    **numbers.BUILTINS,
    **json_calls.BUILTINS,
    min: sequences.extreme,
    max: sequences.extreme,
    str: formats.said,
    dict: _dict,
    next: sequences.next_,
    sorted: sequences.sorted_,
    reversed: sequences.reversed_,
    zip: sequences.zip_,
    enumerate: sequences.enumerate_,
    dataclasses.replace: copies.replaced,
    escape.jsonata: escapes.jsonata,
    isinstance: classes.value_of_test,
    any: _quantifier,
    all: _quantifier,
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
