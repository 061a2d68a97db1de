"""Arithmetic, conditions and truth, each accepted only where JSONata gives what Python gives."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Final, cast

from stepsmith.authoring.compiler.expressions import comparisons, spans
from stepsmith.authoring.compiler.expressions.environment import Condition
from stepsmith.authoring.compiler.expressions.fitting import fits
from stepsmith.authoring.compiler.expressions.narrowing import classes
from stepsmith.authoring.compiler.expressions.narrowing.constants import known
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, once
from stepsmith.authoring.source.diagnostics import Refusal, Spoiled
from stepsmith.authoring.values.operators import Arithmetic, arithmetic_type, has_truth, negative_type
from stepsmith.authoring.values.unions import members, of_members
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    BOOL,
    DATETIME,
    FLOAT,
    INT,
    NONE,
    STR,
    DictType,
    ListType,
    OptionalType,
    TupleType,
    Type,
    describe,
    is_number,
    is_text,
    join,
    without_none,
)
from stepsmith.expressions.typed.tree import Expression

_ARITHMETIC: Final[dict[type, Arithmetic]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.BitOr: "|",
}


def binary(x: ExpressionCompiler, node: ast.BinOp) -> Expression:
    """Give the tree of `left operator right`."""
    if isinstance(node.op, ast.Pow):
        return _power(x, node, node.left, node.right)
    operator = _ARITHMETIC.get(type(node.op))
    if operator is None:
        raise x.refusal(node, "W112", "this operator has no JSONata form", "compute it in a task")
    found = _with_time(x, node)
    if found is not None:
        return found
    left, right = x.compile(node.left), x.compile(node.right)
    return arithmetic(x, node, operator, left, right)


def _with_time(x: ExpressionCompiler, node: ast.BinOp) -> Expression | None:
    """Give a point in time that is moved, or how often a time span is in another; None for any other expression."""
    kind = spans.kind(x, node)
    if kind == "moment":
        return spans.shifted(x, node)
    if kind == "span":
        raise spans.no_span(x, node)
    return spans.divided(x, node)


def _power(x: ExpressionCompiler, node: ast.AST, base: ast.expr, exponent: ast.expr) -> Expression:
    """Whole numbers to a constant power; those of floats differ in their last digit."""
    value, count = x.compile(base), x.static(exponent)
    if isinstance(value.type, OptionalType):
        raise x.may_be_none(base, "** fails then")
    known = value.value if isinstance(value, tree.Constant) else 0
    whole = isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= 64
    large = whole and isinstance(known, int) and abs(known) ** int(cast(int, count)) > 2**53
    if value.type != INT or not whole or large:
        message = f"`{ast.unparse(base)} ** {ast.unparse(exponent)}` has no exact JSONata form"
        help = "raise an int to a small constant power, multiply, or compute it in a task"
        raise x.refusal(node, "W112", message, help)
    power = tree.Constant(value=cast(int, count), type=INT)
    return tree.Call(function="power", arguments=(value, power), type=INT, span=x.source.span(node))


def arithmetic(
    x: ExpressionCompiler, node: ast.AST, operator: Arithmetic, left: Expression, right: Expression
) -> Expression:
    """Check the types of two operands and join them."""
    if operator == "*" and {is_text(left.type), is_text(right.type)} == {True, False}:
        text, count = (left, right) if is_text(left.type) else (right, left)
        if count.type == INT:
            span = x.source.span(node)
            return tree.Call(function="str.repeat", arguments=(text, count), type=STR, span=span)
    lists = {isinstance(side.type, ListType) for side in (left, right)}
    if operator == "*" and lists == {True, False}:
        items, count = (left, right) if isinstance(left.type, ListType) else (right, left)
        if count.type == INT:
            span = x.source.span(node)
            return tree.Call(function="list.repeat", arguments=(items, count), type=items.type, span=span)
    kind = arithmetic_type(operator, left.type, right.type)
    if kind is None:
        raise _refuse_operands(x, node, operator, left, right)
    return tree.Binary(operator=operator, left=left, right=right, type=kind, span=x.source.span(node))


def _refuse_operands(
    x: ExpressionCompiler, node: ast.AST, operator: str, left: Expression, right: Expression
) -> Refusal:
    for side in (left, right):
        if isinstance(side.type, OptionalType) and isinstance(node, ast.BinOp):
            return x.may_be_none(node.left if side is left else node.right, f"{operator} fails then")
    if operator in ("//", "%") and is_number(left.type) and is_number(right.type):
        return x.refusal(
            node, "W113", f"{operator} of floats rounds differently in JSONata", "use ints, or a task"
        )
    if left.type == right.type == DATETIME and operator == "-":
        return spans.no_span(x, node)
    message = f"{describe(left.type)} {operator} {describe(right.type)} has no exact JSONata form"
    joined = operator == "+" and is_text(left.type) != is_text(right.type)
    help = (
        "write an f-string" if joined or (operator == "%" and is_text(left.type)) else "compute it in a task"
    )
    return x.refusal(node, "W112", message, help)


def unary(x: ExpressionCompiler, node: ast.UnaryOp) -> Expression:
    """Give the tree of `-value` or `not value`."""
    if isinstance(node.op, ast.Not):
        return condition(x, node).test
    value = x.compile(node.operand)
    if isinstance(node.op, ast.UAdd) and value.type in (INT, FLOAT):
        return value
    kind = negative_type(value.type)
    if not isinstance(node.op, ast.USub) or kind is None:
        message = f"{ast.unparse(node)} has no exact JSONata form for {describe(value.type)}"
        raise x.refusal(node, "W112", message, "compute it in a task")
    return tree.Unary(operator="-", operand=value, type=kind, span=x.source.span(node))


def bool_value(x: ExpressionCompiler, node: ast.BoolOp, expected: Type | None) -> Expression:
    """Give the tree of `a or b` and `a and b` as values: the deciding operand itself, as in Python."""
    is_or = isinstance(node.op, ast.Or)
    found = x.compile(node.values[0], expected)
    environment, only_bools, last = x.environment, found.type == BOOL, found
    for index, value in enumerate(node.values[1:], start=1):
        before = node.values[index - 1]
        with x.at(environment):
            said = condition(x, before) if last.type == BOOL else _truthiness(x, before, last)
        environment = environment.with_narrowing(said.when_false if is_or else said.when_true)
        with x.at(environment), x.without_tasks("in `and` or `or`"):
            last = x.compile(value, expected)
        only_bools = only_bools and last.type == BOOL
        found = _decided(x, node, before, found, last, expected)
    return condition(x, node).test if only_bools else found


def _both(left: Expression, right: Expression, expected: Type | None) -> Type | None:
    """Give the type that is expected, where two values of different types fit it."""
    return expected if expected is not None and fits(left, expected) and fits(right, expected) else None


def _decided(
    x: ExpressionCompiler,
    node: ast.BoolOp,
    place: ast.expr,
    first: Expression,
    other: Expression,
    expected: Type | None,
) -> Expression:
    if tree.is_volatile(first):
        return once(x, first, lambda first: _decided(x, node, place, first, other, expected))
    is_or = isinstance(node.op, ast.Or)
    test = truth(x, place, first)
    kept = replace(first, type=without_none(first.type)) if is_or else first
    kind = join(kept.type, other.type) or _both(kept, other, expected)
    if kind is None:
        message = f"{ast.unparse(node)} is {describe(kept.type)} or {describe(other.type)}"
        raise x.refusal(node, "W115", message, "use one type on both sides, or an if statement")
    then, otherwise = (kept, other) if is_or else (other, kept)
    return tree.Conditional(test=test, then=then, otherwise=otherwise, type=kind, span=x.source.span(node))


def conditional(x: ExpressionCompiler, node: ast.IfExp, expected: Type | None) -> Expression:
    """Give the tree of `then if test else otherwise`."""
    said = condition(x, node.test)
    with x.without_tasks("in a conditional expression"):
        with x.at(x.environment.with_narrowing(said.when_true)):
            then = x.compile(node.body, expected)
        with x.at(x.environment.with_narrowing(said.when_false)):
            otherwise = x.compile(node.orelse, expected)
    kind = join(then.type, otherwise.type) or _both(then, otherwise, expected)
    if kind is None:
        message = f"this is {describe(then.type)} or {describe(otherwise.type)}"
        raise x.refusal(node, "W115", message, "use one type on both sides, or an if statement")
    return tree.Conditional(
        test=said.test, then=then, otherwise=otherwise, type=kind, span=x.source.span(node)
    )


def condition(x: ExpressionCompiler, node: ast.expr) -> Condition:
    """Give an expression as a condition: a bool, and what it says about names."""
    try:
        return _condition(x, node)
    except (Refusal, Spoiled) as problem:
        x.look_further(node, problem)
        raise


def _condition(x: ExpressionCompiler, node: ast.expr) -> Condition:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return _all(x, values)
        case ast.BoolOp(op=ast.Or(), values=values):
            return _any(x, values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            said = condition(x, operand)
            return Condition(tree.negation(said.test), said.when_false, said.when_true)
        case ast.Compare():
            return comparisons.comparison(x, node)
        case ast.Call() if x.static(node.func) is isinstance:
            return classes.isinstance_(x, node)
        case _:
            return _truthiness(x, node, x.compile(node))


def _all(x: ExpressionCompiler, values: list[ast.expr]) -> Condition:
    first = condition(x, values[0])
    tests, known = [first.test], dict(first.when_true)
    with x.without_tasks("in `and`"):
        for value in values[1:]:
            with x.at(x.environment.with_narrowing(known)):
                said = condition(x, value)
            tests.append(said.test)
            known.update(said.when_true)
    return Condition(tree.Bool(operator="and", values=tuple(tests)), known)


def _any(x: ExpressionCompiler, values: list[ast.expr]) -> Condition:
    first = condition(x, values[0])
    tests, known = [first.test], dict(first.when_false)
    with x.without_tasks("in `or`"):
        for value in values[1:]:
            with x.at(x.environment.with_narrowing(known)):
                said = condition(x, value)
            tests.append(said.test)
            known.update(said.when_false)
    return Condition(tree.Bool(operator="or", values=tuple(tests)), {}, known)


def _truthiness(x: ExpressionCompiler, node: ast.expr, value: Expression) -> Condition:
    path, kind = x.path(node), value.type
    test = truth(x, node, value)
    if path is None or not isinstance(kind, OptionalType):
        return Condition(test)
    only_none = not (is_number(kind.inner) or is_text(kind.inner) or kind.inner == BOOL) and not isinstance(
        kind.inner, ListType | DictType | TupleType
    )
    whole = known(x, node, kind)
    rest = of_members((member for member in members(whole) if member != NONE), whole)
    return Condition(test, {path: rest}, {path: NONE} if only_none else {})


def truth(x: ExpressionCompiler, node: ast.expr, value: Expression) -> Expression:
    """Give whether a value counts as true, where its type says what that means."""
    kind = value.type
    if kind == BOOL:
        return value
    if has_truth(kind):
        return tree.Truth(value=value, span=x.source.span(node))
    text = ast.unparse(node)
    raise x.refusal(
        node,
        "W120",
        f"the truth of {text}, of type {describe(kind)}, is not the same in Python and in JSONata",
        f"compare explicitly, for example `{text} is not None`",
    )
