"""Ways that control takes: to the except clauses around it, and together again."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from stepsmith.authoring.compiler.drafts import Draft, Edge, Ends
from stepsmith.authoring.compiler.expressions.environment import Environment
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.scopes import (
    Handler,
    Inlined,
    Surrounding,
    Try,
)
from stepsmith.authoring.source.diagnostics import Refusal
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ErrorType,
)


def error_variable(s: StatementCompiler) -> str:
    """Give a workflow variable for an error without a name; the same again where none is in use."""
    if s.errors or "error" in s.x.own or any(isinstance(around, Inlined) for around in s.around):
        return s.scope.fresh("error")
    return s.scope.variable("error")


def handlers_around(s: StatementCompiler) -> list[Handler]:
    """Give the except clauses that an error raised here may reach, innermost first."""
    return [
        handler for around in reversed(s.around) if isinstance(around, Try) for handler in around.handlers
    ]


def add_catches(s: StatementCompiler, node: ast.AST, draft: Draft) -> None:
    """Give a state a catcher for each except clause around it; refuse it where one names a class of Python's own."""
    seen = {name for names, _ in draft.catches for name in names}
    for handler in handlers_around(s):
        names = tuple(name for name in handler.errors if name not in seen)
        if not names:
            continue
        if handler.builtin is not None:
            raise _not_by_name(s, node, handler.builtin)
        edge = Edge()
        if handler.variable:
            edge.assign[handler.variable] = tree.State(part="errorOutput", type=ErrorType())
        draft.catches.append((names, edge))
        reach(s, handler, [edge])
        seen.update(names)
        if handler.catches_all():
            return


def _not_by_name(s: StatementCompiler, node: ast.AST, error: type[BaseException]) -> Refusal:
    message = f"{error.__name__} has subclasses that only Python knows, so that a state cannot catch it by name here"
    help = (
        "put this before or after the try statement; or catch the error in the task and raise a WorkflowError; "
        "or write `except Exception:`"
    )
    return s.refusal(node, "W213", message, help)


def reach(s: StatementCompiler, handler: Handler, ends: Ends) -> None:
    """Lead control to an except clause, which knows what its own function knows."""
    own = next(depth for depth, around in enumerate(s.around) if _holds(around, handler))
    called = [around for around in s.around[own:] if isinstance(around, Inlined)]
    environment = called[0].environment if called else s.environment
    handler.ways.append((ends, environment.copy()))


def _holds(around: Surrounding, handler: Handler) -> bool:
    return isinstance(around, Try) and any(known is handler for known in around.handlers)


def join_ways(s: StatementCompiler, ways: Sequence[tuple[Ends, Environment]]) -> None:
    """Go on where several ways meet; those that ended do not count."""
    open_ways = [way for way in ways if way[0]]
    s.ends = [end for ends, _ in open_ways for end in ends]
    if open_ways:
        s.environment = joined([environment for _, environment in open_ways])


def joined(environments: Sequence[Environment]) -> Environment:
    """Give what is known where ways meet."""
    return environments[0].join(environments[1:])
