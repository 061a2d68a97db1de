"""What a branch or an item runs: one call, or the body of a helper function, as a scope of its own."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import cast

from stepsmith.authoring.compiler.drafts import Draft, Edge
from stepsmith.authoring.compiler.functions import Helper
from stepsmith.authoring.compiler.statements.inlining import call_last, helper_of
from stepsmith.authoring.compiler.statements.leaving import end_with
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed.static_types import Type
from stepsmith.expressions.typed.tree import Expression


def called(s: StatementCompiler, node: ast.expr) -> tuple[ast.Call, object, Helper | None] | None:
    """Give the call that an expression is, what it calls, and the helper function it calls; None for any other."""
    if not isinstance(node, ast.Call):
        return None
    helper = helper_of(s, node)
    if helper is not None:
        return node, None, helper
    target = s.callee(node)
    return (node, cast(object, target), None) if isinstance(target, Task | Workflow) else None


def _built(inner: StatementCompiler) -> graph.Scope:
    """Give the scope; an empty one where a refused statement may have left transitions open."""
    return graph.Scope(states=()) if inner.refusals else inner.scope.build()


def only_call(inner: StatementCompiler, call: ast.expr) -> tuple[graph.Scope, Type]:
    """Give the scope of one call, or of a comprehension of calls, and the type of its result."""
    made = inner.state_of(call)
    assert made is not None
    end_with(inner, call, *made)
    return _built(inner), made[1].type


def helper_body(inner: StatementCompiler, call: ast.Call, helper: Helper) -> tuple[graph.Scope, Type]:
    """Give the scope of a call of a helper function, and the type of what it returns."""
    kind = call_last(inner, call, helper)
    return _built(inner), kind


def begin(inner: StatementCompiler, values: Mapping[str, Expression], node: ast.AST, name: str) -> None:
    """Name the input of an iteration."""
    if not values:
        return
    edge = Edge()
    for local, value in values.items():
        declared = inner.declare(local, value.type)
        inner.environment.assigned.add(local)
        edge.assign[declared.variable] = value
    state_name = inner.scope.name(f"Begin {name}")
    inner.scope.add(inner.ends, Draft(graph.Pass(name=state_name, span=inner.x.source.span(node)), edge))
    inner.ends = [edge]
