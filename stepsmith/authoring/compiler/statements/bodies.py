"""What a branch or an item runs: one call, or the body of a local function, as a scope of its own."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import cast

from stepsmith.authoring.compiler.drafts import Draft, Edge
from stepsmith.authoring.compiler.expressions.environment import assigned_names
from stepsmith.authoring.compiler.statements.leaving import end_with, fall_off
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.types import from_annotation
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed.static_types import (
    NONE,
    Type,
)
from stepsmith.expressions.typed.tree import Expression


def called(s: StatementCompiler, node: ast.expr) -> tuple[ast.Call, object, ast.FunctionDef | None] | None:
    """Give the call that an expression is, what it calls, and the local function it calls; None for any other."""
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Name) and node.func.id in s.functions:
        if node.func.id not in s.environment.assigned:
            raise s.refusal(
                node.func,
                "W103",
                f"{node.func.id}() is not defined on every path to here",
                "define it before",
            )
        return node, None, s.functions[node.func.id]
    target = s.callee(node)
    return (node, cast(object, target), None) if isinstance(target, Task | Workflow) else None


def parameters(function: ast.FunctionDef) -> list[ast.arg]:
    """Give the parameters of a local function."""
    arguments = function.args
    extra = [part for part in (arguments.vararg, arguments.kwarg) if part]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]


def only_call(inner: StatementCompiler, call: ast.Call) -> tuple[graph.Scope, Type]:
    """Give the scope of one call, and the type of its result."""
    made = inner.state_of(call)
    assert made is not None
    end_with(inner, call, *made)
    return inner.scope.build(), made[1].type


def function_body(
    s: StatementCompiler, function: ast.FunctionDef, values: Mapping[str, Expression], call: ast.AST
) -> tuple[graph.Scope, Type]:
    """Give the scope of the body of a local function, and the type of what it returns; `values` are its own names."""
    names = [*values, *assigned_names(function.body)]
    if function in s.scope.machine.compiling:
        raise s.refusal(call, "W210", f"{function.name}() calls itself", "write a loop, or a child workflow")
    result = None if function.returns is None else from_annotation(s.annotation(function.returns))
    inner = s.inner(names, result, s.environment)
    for around in s.functions:
        inner.functions.setdefault(around, s.functions[around])
    begin(inner, values, call, function.name)
    s.scope.machine.compiling.append(function)
    inner.body(function.body)
    s.scope.machine.compiling.pop()
    if s.refusals:
        inner.ends = inner.ends or []
    else:
        fall_off(inner, function)
    kind = result or inner.returned or NONE
    if s.refusals:
        return graph.Scope(states=()), kind
    return inner.scope.build(), kind


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
