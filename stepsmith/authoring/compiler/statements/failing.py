"""Expressions that fail inside try: a Choice asks first, and leads to the except clause that Python would run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from stepsmith.authoring.compiler.drafts import Draft, Edge
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.scopes import Handler
from stepsmith.authoring.compiler.statements.ways import handlers_around, reach
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.names import condition_words
from stepsmith.authoring.values.types import error_name
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.failures import FAILED, Failure, Unforeseen, either, failures
from stepsmith.expressions.typed.static_types import STR, ErrorType
from stepsmith.expressions.typed.tree import Expression

_LONGEST: Final = 40
"""Letters of an expression that names a state."""
_BEFORE: Final = "compute it before the try statement, or inside a task"


def guard(
    s: StatementCompiler, node: ast.AST, values: Iterable[Expression], more: Iterable[Failure] = ()
) -> None:
    """Lead to the except clauses around here where values that are evaluated next would fail.

    `more` are other ways to fail than those of the values.
    """
    rules = rules_of(s, node, values, more)
    if rules:
        name = s.scope.name(f"Does {_words(node)} fail?")
        onward = Edge()
        s.scope.add(
            s.ends, Draft(graph.Choice(name=name, rules=(), span=s.x.source.span(node)), onward, rules)
        )
        s.ends = [onward]


def _words(node: ast.AST) -> str:
    text = ast.unparse(node)
    return condition_words(node) if len(text) > _LONGEST and isinstance(node, ast.expr) else text


def rules_of(
    s: StatementCompiler, node: ast.AST, values: Iterable[Expression], more: Iterable[Failure] = ()
) -> list[tuple[Expression, Edge]]:
    """Give the rules of a Choice by which values that fail lead to the except clauses around here.

    What no clause catches fails by itself. What cannot be told beforehand is refused.
    """
    if not s.in_try():
        return []
    try:
        found = [*(each for value in values for each in failures(value)), *more]
        if any(tree.is_volatile(each.test) for each in found):
            raise Unforeseen(found[0].test)
    except Unforeseen:
        message = "this expression can fail, and no state can tell before whether it does"
        s.refusals.append(s.x.source.diagnostic(node, "W216", message, _BEFORE))
        return []
    caught = [(_handler(s, node, failure), failure) for failure in found]
    return [rule for group in _by_handler(caught) for rule in _lead(s, node, *group)]


def _handler(s: StatementCompiler, node: ast.AST, failure: Failure) -> Handler | None:
    """Give the except clause that catches a failure; None where none does."""
    found = {_handler_of(s, node, error) for error in failure.errors}
    handler = found.pop()
    if found or (handler is not None and handler.variable and len(failure.errors) > 1):
        names = " or ".join(error.__name__ for error in failure.errors)
        message = f"this can fail with {names}, and no state can tell which of them is first"
        help = "catch all of them in one clause that does not raise again, or write a for statement"
        s.refusals.append(s.x.source.diagnostic(node, "W216", message, help))
    return handler


def _handler_of(s: StatementCompiler, node: ast.AST, error: type[Exception]) -> Handler | None:
    for handler in handlers_around(s):
        if handler.catches_all() or issubclass(error, handler.classes):
            if handler.keeps_text:
                message = f"this expression can fail with {error.__name__}, whose text only Python knows"
                help = "compute it before the `with` statement, in a try statement of its own, or in a task"
                s.refusals.append(s.x.source.diagnostic(node, "W216", message, help))
            return handler
    if s.inside_try:
        message = "this expression can fail, and the try statement is outside of what runs side by side"
        help = "catch it in the function that fails, or compute it before the try statement, or inside a task"
        s.refusals.append(s.x.source.diagnostic(node, "W216", message, help))
    return None


def _by_handler(
    caught: list[tuple[Handler | None, Failure]],
) -> Iterator[tuple[Handler, str, list[Expression]]]:
    """Give neighbours that lead to one clause together, unless it asks which error it is."""

    def key(each: tuple[Handler | None, Failure]) -> tuple[Handler | None, str]:
        handler, failure = each
        return handler, error_name(failure.errors[0]) if handler is not None and handler.variable else ""

    for (handler, name), group in groupby(caught, key):
        if handler is not None:
            yield handler, name, [failure.test for _, failure in group]


def _lead(
    s: StatementCompiler, node: ast.AST, handler: Handler, name: str, tests: list[Expression]
) -> Iterator[tuple[Expression, Edge]]:
    edge = Edge()
    if handler.variable:
        said = FAILED + ast.unparse(node).split("\n")[0]
        edge.assign[handler.variable] = tree.ObjectOf(
            entries=tuple(
                (tree.Constant(value=key, type=STR), tree.Constant(value=value, type=STR))
                for key, value in (("Error", name), ("Cause", said))
            ),
            type=ErrorType(),
        )
        s.scope.untold.add(handler.variable)
    handler.untold = True
    reach(s, handler, [edge])
    yield either(tests), edge
