"""if, elif and else, as one Choice state."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final, assert_never

from stepsmith.authoring.calls import constructs
from stepsmith.authoring.compiler.drafts import Draft, Edge, Ends
from stepsmith.authoring.compiler.expressions import operators
from stepsmith.authoring.compiler.expressions.environment import Condition, Environment
from stepsmith.authoring.compiler.statements.failing import rules_of
from stepsmith.authoring.compiler.statements.inlining import helper_of, makes_states
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.scopes import Inlined
from stepsmith.authoring.compiler.statements.ways import join_ways
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.diagnostics import Refusal, Spoiled
from stepsmith.authoring.source.names import condition_words, sentence
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import NEVER
from stepsmith.expressions.typed.tree import Expression

UNKNOWN: Final = tree.Compare(operator="==", left=tree.State(part="input"), right=tree.State(part="result"))
"""Stands for a refused condition."""


def if_(s: StatementCompiler, node: ast.If) -> None:
    """Compile if, elif and else: one Choice with one rule for each condition."""
    said = condition(s, node.test)
    known = _known(said.test) if any(isinstance(around, Inlined) for around in s.around) else None
    if known is not None:
        s.environment = s.environment.with_narrowing(said.when_true if known else said.when_false)
        s.body(node.body if known else node.orelse)
        s.decided = True
        return
    following = s.following
    draft = Draft(choice(s, node, node.test), Edge(), rules_of(s, node.test, [said.test]))
    s.scope.add(s.ends, draft)
    environment = s.environment
    ways: list[tuple[Ends, Environment]] = []
    rest: Sequence[ast.stmt] = [node]
    while len(rest) == 1 and isinstance(clause := rest[0], ast.If):
        if clause is not node:
            if _needs_states(s, clause.test):
                break
            s.environment = environment
            said = condition(s, clause.test)
            draft.rules += rules_of(s, clause.test, [said.test])
        edge = Edge()
        rest = clause.orelse
        after = rest or following
        last = NEVER in said.when_false.values() and (is_never(s, after) or not after)
        if last and draft.rules and not tree.can_fail(said.test):
            draft.edge = edge  # there is no other value
        else:
            draft.rules.append((said.test, edge))
            draft.edge = None if last else draft.edge
        way(s, [edge], environment.with_narrowing(said.when_true), clause.body, ways)
        environment = environment.with_narrowing(said.when_false)
        if last:
            join_ways(s, ways)
            s.decided = s.decided or not s.ends
            return
    assert draft.edge is not None
    way(s, [draft.edge], environment, rest, ways)
    join_ways(s, ways)


def is_never(s: StatementCompiler, body: Sequence[ast.stmt]) -> bool:
    """Say whether statements are `assert_never(value)`."""
    match body:
        case [ast.Expr(value=ast.Call(func=function)), *_]:
            return s.x.static(function) is assert_never
        case _:
            return False


def _known(test: Expression) -> bool | None:
    """Give what a condition over the constant arguments of a helper function is; None where the run decides it."""
    match test:
        case tree.Constant(value=bool() as value):
            return value
        case tree.Unary(operator="not", operand=operand):
            inner = _known(operand)
            return None if inner is None else not inner
        case tree.Compare(
            operator="==" | "!=" as operator, left=tree.Constant(value=left), right=tree.Constant(value=right)
        ):
            return (type(left) is type(right) and left == right) == (operator == "==")
        case _:
            return None


def choice(s: StatementCompiler, node: ast.stmt, test: ast.expr) -> graph.Choice:
    """Give a Choice state named after what decides it."""
    return graph.Choice(
        name=s.scope.name(sentence(f"{condition_words(test)}?")), rules=(), span=s.x.source.span(test)
    )


def condition(s: StatementCompiler, node: ast.expr) -> Condition:
    """Compile the condition of a Choice; what a refused one leads to is compiled all the same."""
    s.x.fallible = False
    try:
        said = operators.condition(s.x, node)
    except (Refusal, Spoiled) as problem:
        s.note(problem)
        return Condition(UNKNOWN)
    return said


def way(
    s: StatementCompiler,
    ends: Ends,
    environment: Environment,
    body: Sequence[ast.stmt],
    ways: list[tuple[Ends, Environment]],
) -> None:
    """Compile the statements on one way, and keep where it leads."""
    s.ends, s.environment = ends, environment.copy()
    s.body(body)
    ways.append((s.ends, s.environment))


def _needs_states(s: StatementCompiler, node: ast.expr) -> bool:
    """Say whether states have to be made for an expression, before the Choice that it decides."""
    for call in (inner for inner in ast.walk(node) if isinstance(inner, ast.Call)):
        helper = helper_of(s, call)
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if helper is not None and (makes_states(s, helper) or not all(map(_is_plain, given))):
            return True
        target = s.callee(call)
        if isinstance(target, Task | Workflow) or target in (constructs.parallel, constructs.map_items):
            return True
    return False


def _is_plain(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant | ast.Name) or (
        isinstance(node, ast.Attribute) and _is_plain(node.value)
    )
