"""wait() and wait_until(), as Wait states."""

from __future__ import annotations

import ast
from datetime import timedelta

from stepsmith.authoring.compiler.drafts import Draft, Edge
from stepsmith.authoring.compiler.expressions import options, spans
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler
from stepsmith.authoring.compiler.statements.failing import guard
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.lowered import graph
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.failures import Failure
from stepsmith.expressions.typed.static_types import (
    DATETIME,
    INT,
)
from stepsmith.expressions.typed.tree import Expression


def wait(s: StatementCompiler, node: ast.Call) -> None:
    """Compile wait()."""
    argument = _one_argument(s, node)
    span = s.x.source.span(node)
    try:
        known = _constant_duration(s.x, argument)
    except (OverflowError, ValueError):  # more than a timedelta holds, or no number
        raise s.refusal(
            argument, "W201", f"{ast.unparse(argument)} is not 0 to 99,999,999 whole seconds"
        ) from None
    if known is not None:
        seconds = known.total_seconds()
        if seconds != int(seconds) or not 0 <= seconds <= 99_999_999:
            spoken = f"{seconds:,.3f}".rstrip("0").rstrip(".")
            message = f"{spoken} seconds is not 0 to 99,999,999 whole seconds"
            raise s.refusal(argument, "W201", message, None)
        value: Expression = tree.Constant(value=int(seconds), type=INT, span=span)
        name = f"Wait {_spoken(known)}"
    else:
        span_of_time = spans.duration(s.x, argument)
        value = span_of_time or s.x.typed(argument, INT, "the argument of wait()")
        below = tree.Compare(operator="<", left=value, right=tree.Constant(value=0, type=INT))
        may_fail = not options.at_least(value, 0)
        guard(s, argument, [value], [Failure(below, (ValueError,))] if may_fail else [])
        name = f"Wait {_units(argument)}" if span_of_time else f"Wait {ast.unparse(argument)} seconds"
    _add_wait(s, graph.Wait(name=s.scope.name(name), seconds=value, span=span))


def _units(node: ast.expr) -> str:
    """Name the units of `timedelta(hours=..., minutes=...)`."""
    keywords = node.keywords if isinstance(node, ast.Call) else []
    return " and ".join(str(keyword.arg) for keyword in keywords)


def wait_until(s: StatementCompiler, node: ast.Call) -> None:
    """Compile wait_until()."""
    argument = _one_argument(s, node)
    value = s.x.typed(argument, DATETIME, "the argument of wait_until()")
    guard(s, argument, [value])
    name = s.scope.name(f"Wait until {ast.unparse(argument)}")
    _add_wait(s, graph.Wait(name=name, timestamp=value, span=s.x.source.span(node)))


def _one_argument(s: StatementCompiler, node: ast.Call) -> ast.expr:
    if len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Starred):
        return node.args[0]
    if not node.args and len(node.keywords) == 1 and node.keywords[0].arg in ("duration", "moment"):
        return node.keywords[0].value
    raise s.refusal(node, "W201", f"{ast.unparse(node.func)}() takes one argument", None)


def _add_wait(s: StatementCompiler, state: graph.Wait) -> None:
    edge = Edge()
    s.scope.add(s.ends, Draft(state, edge))
    s.ends = [edge]


def _constant_duration(x: ExpressionCompiler, node: ast.expr) -> timedelta | None:
    """Give a duration that is known before the run, or None."""
    found = x.static(node)
    if isinstance(found, timedelta):
        return found
    if isinstance(found, int | float) and not isinstance(found, bool):
        return timedelta(seconds=found)
    return None


def _spoken(duration: timedelta) -> str:
    """Write a duration in its largest whole unit: `90 seconds`, `3 days`."""
    seconds = int(duration.total_seconds())
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds % size == 0 and (seconds or unit == "second"):
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"
