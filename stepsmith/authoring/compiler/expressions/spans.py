"""Time spans: `timedelta(...)`, differences of points in time, and what is computed with them. In milliseconds.

JSON has no time spans, so one is compared, divided, added to a point in time, or asked for its seconds where it stands.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal

from stepsmith.authoring.calls import constructs
from stepsmith.authoring.compiler.expressions.protocol import MISSING, ExpressionCompiler
from stepsmith.authoring.source.diagnostics import Refusal, Spoiled
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import DATETIME, FLOAT, INT, describe
from stepsmith.expressions.typed.tree import Expression

_UNITS: Final = {
    "milliseconds": 1,
    "seconds": 1000,
    "minutes": 60_000,
    "hours": 3_600_000,
    "days": 86_400_000,
    "weeks": 604_800_000,
}
_DAY: Final = _UNITS["days"]


def span(x: ExpressionCompiler, node: ast.expr) -> Expression | None:
    """Give a time span in milliseconds; None for any other expression, of which nothing is compiled."""
    return _span(x, node) if kind(x, node) == "span" else None


def kind(x: ExpressionCompiler, node: ast.expr) -> Literal["span", "moment"] | None:
    """Say whether an expression that calls nothing of the user's is a time span or a point in time."""
    rights: list[Literal["span", "moment"]] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        other = kind(x, node.right)
        if other is None or (other == "moment" and isinstance(node.op, ast.Add)):
            return None
        rights.append(other)
        node = node.left
    found = _kind_of_part(x, node)
    for other in reversed(rights):
        if other == "moment":
            if found != "moment":
                return None
            found = "span"
        else:
            # what a time span is added to can only be a point in time, or another
            found = found or "moment"
    return found


def _kind_of_part(x: ExpressionCompiler, node: ast.expr) -> Literal["span", "moment"] | None:
    known = x.static(node)
    match node:
        case _ if isinstance(known, timedelta):
            return "span"
        case _ if isinstance(known, datetime):
            return "moment"
        case ast.Call(func=function):
            made = x.static(function)
            return "span" if made is timedelta else "moment" if made is constructs.now else None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return "span" if kind(x, operand) == "span" else None
        case ast.IfExp(body=body, orelse=otherwise):
            both = kind(x, body) == kind(x, otherwise) == "moment"
            return "moment" if both else None
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            one = (kind(x, left) == "span") != (kind(x, right) == "span")
            return "span" if one else None
        case ast.Name() | ast.Attribute() | ast.Subscript() if known is MISSING:
            return "moment" if _is_moment(x, node) else None
        case _:
            return None


def _is_moment(x: ExpressionCompiler, node: ast.expr) -> bool:
    """Say whether what is read is a point in time; what cannot be read is refused where it is compiled."""
    if any(isinstance(each, ast.Call) for each in ast.walk(node)):
        return False
    try:
        return x.compile(node).type == DATETIME
    except (Refusal, Spoiled):
        return False


def _span(x: ExpressionCompiler, node: ast.expr) -> Expression:
    known = x.static(node)
    if isinstance(known, timedelta):
        return _known(x, node, known)
    match node:
        case ast.Call():
            return _made(x, node)
        case ast.UnaryOp(operand=operand):
            return tree.Unary(operator="-", operand=_span(x, operand), type=INT)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            first = kind(x, left) == "span"
            kept, amount = (left, right) if first else (right, left)
            count = x.typed(amount, INT, "what a time span is multiplied with")
            return tree.Binary(operator="*", left=_span(x, kept), right=count, type=INT)
        case ast.BinOp(left=left, right=right) if kind(x, left) == "moment":
            values = x.compile(left), x.compile(right)
            return tree.Call(
                function="datetime.between", arguments=values, type=INT, span=x.source.span(node)
            )
        case ast.BinOp(left=left, op=operator, right=right):
            sign = "+" if isinstance(operator, ast.Add) else "-"
            return tree.Binary(operator=sign, left=_span(x, left), right=_span(x, right), type=INT)
        case _:
            raise AssertionError(ast.dump(node))


def _known(x: ExpressionCompiler, node: ast.expr, known: timedelta) -> Expression:
    milliseconds = known / timedelta(milliseconds=1)
    if not milliseconds.is_integer():
        message = f"a time span of {known} has no exact JSONata form"
        raise x.refusal(node, "W112", message, "write whole milliseconds, or compute it in a task")
    return tree.Constant(value=int(milliseconds), type=INT, span=x.source.span(node))


def duration(x: ExpressionCompiler, node: ast.expr) -> Expression | None:
    """Give `timedelta(minutes=n, ...)` in seconds; None for any other expression."""
    if not isinstance(node, ast.Call) or x.static(node.func) is not timedelta:
        return None
    return None if x.static(node) is not MISSING else _made(x, node, _UNITS["seconds"])


def _made(x: ExpressionCompiler, node: ast.Call, smallest: int = 1) -> Expression:
    """`timedelta(minutes=n, ...)` in a unit, its amounts being ints."""
    total: Expression | None = None
    for keyword in node.keywords:
        unit = _UNITS.get(keyword.arg or "", 0) // smallest
        if node.args or unit == 0:
            break
        amount = x.typed(keyword.value, INT, f"'{keyword.arg}' of timedelta()")
        factor = tree.Constant(value=unit, type=INT)
        part = amount if unit == 1 else tree.Binary(operator="*", left=amount, right=factor, type=INT)
        total = part if total is None else tree.Binary(operator="+", left=total, right=part, type=INT)
    else:
        if total is not None:
            return total
    help = "write whole units by name: timedelta(hours=hours, minutes=minutes)"
    raise x.refusal(node, "W161", f"`{ast.unparse(node)}` has no JSONata form", help)


def divided(x: ExpressionCompiler, node: ast.BinOp) -> Expression | None:
    """Give how often one time span is in another, `a / b` or `a // b`; None for any other expression."""
    if not isinstance(node.op, ast.Div | ast.FloorDiv):
        return None
    left = span(x, node.left)
    right = None if left is None else span(x, node.right)
    if left is None or right is None:
        return None
    whole = isinstance(node.op, ast.FloorDiv)
    return tree.Binary(
        operator="//" if whole else "/",
        left=left,
        right=right,
        type=INT if whole else FLOAT,
        span=x.source.span(node),
    )


def shifted(x: ExpressionCompiler, node: ast.BinOp) -> Expression:
    """Give a point in time that much later or sooner, where it is one."""
    moment, amount = x.compile(node.left), _span(x, node.right)
    if moment.type != DATETIME:
        message = f"a time span is added to {describe(moment.type)}"
        raise x.refusal(node, "W112", message, "add it to a datetime")
    if isinstance(node.op, ast.Sub):
        amount = (
            tree.Constant(value=-amount.value, type=INT)
            if isinstance(amount, tree.Constant) and isinstance(amount.value, int)
            else tree.Unary(operator="-", operand=amount, type=INT)
        )
    return tree.Call(
        function="datetime.shift", arguments=(moment, amount), type=DATETIME, span=x.source.span(node)
    )


def seconds(x: ExpressionCompiler, node: ast.Call, of: ast.expr) -> Expression | None:
    """Give `span.total_seconds()`; None where it is no time span."""
    found = span(x, of)
    if found is None:
        return None
    if isinstance(found, tree.Call):
        return replace(found, function="datetime.seconds", type=FLOAT, span=x.source.span(node))
    return _by(x, node, found, "/", 1000)


def field(x: ExpressionCompiler, node: ast.Attribute) -> Expression | None:
    """Give `span.days` or `span.seconds`; None where it is no time span."""
    if node.attr not in ("days", "seconds") or not isinstance(node.value, ast.BinOp | ast.Call | ast.UnaryOp):
        return None
    found = span(x, node.value)
    if found is None:
        return None
    if node.attr == "days":
        return _by(x, node, found, "//", _DAY)
    return _by(x, node, _by(x, node, found, "%", _DAY), "//", 1000)


def _by(
    x: ExpressionCompiler, node: ast.AST, value: Expression, operator: Literal["/", "//", "%"], amount: int
) -> Expression:
    by = tree.Constant(value=amount, type=INT)
    kind = FLOAT if operator == "/" else INT
    return tree.Binary(operator=operator, left=value, right=by, type=kind, span=x.source.span(node))


def no_span(x: ExpressionCompiler, node: ast.AST) -> Refusal:
    """Refuse a time span that is kept."""
    message = "a difference of datetimes is a timedelta, which has no JSON form"
    help = "compare it, or take its seconds, where it stands: `(later - sooner).total_seconds()`"
    return x.refusal(node, "W112", message, help)
