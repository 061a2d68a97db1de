"""parallel(), as a Parallel state."""

from __future__ import annotations

import ast
from typing import cast

from stepsmith.authoring.compiler.drafts import Draft
from stepsmith.authoring.compiler.statements import bodies
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.ways import add_catches
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.names import sentence
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    TupleType,
    Type,
)
from stepsmith.expressions.typed.tree import Expression


def parallel(s: StatementCompiler, node: ast.Call) -> tuple[Draft, Expression]:
    """Make a Parallel state of parallel(...); its result is a tuple."""
    if node.keywords or not node.args:
        raise s.refusal(
            node, "W210", "parallel() takes calls, one for each branch", "write parallel(first(x), second(y))"
        )
    name = s.scope.name(" and ".join(_branch_name(s, argument) for argument in node.args))
    branches: list[graph.Scope] = []
    kinds: list[Type] = []
    for argument in node.args:
        scope, kind = _branch(s, argument)
        branches.append(scope)
        kinds.append(kind)
    span = s.x.source.span(node)
    draft = Draft(graph.Parallel(name=name, branches=tuple(branches), span=span))
    s.scope.add(s.ends, draft)
    add_catches(s, node, draft)
    return draft, tree.State(part="result", type=TupleType(tuple(kinds)), span=span)


def _branch_name(s: StatementCompiler, node: ast.expr) -> str:
    called = bodies.called(s, node)
    if called is None:
        help = "call a task, a workflow, or a function"
        if isinstance(node, ast.Starred):
            help = "write one call for each branch, or a list of calls: `[task(item) for item in items]`"
        raise s.refusal(node, "W210", f"`{ast.unparse(node)}` is not a call that can be a branch", help)
    _, target, function = called
    if function is not None:
        return sentence(function.name)
    return target.name if isinstance(target, Task) else cast("Workflow[..., object]", target).as_child.name


def _branch(s: StatementCompiler, node: ast.expr) -> tuple[graph.Scope, Type]:
    called = bodies.called(s, node)
    assert called is not None
    call, _, function = called
    inner = s.inner((), None, s.environment)
    return bodies.only_call(inner, call) if function is None else bodies.helper_body(inner, call, function)
