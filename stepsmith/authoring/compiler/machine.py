"""A whole workflow function to a state machine."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepsmith.asl.model import StateMachine
from stepsmith.authoring.calls.boundary import EMPTY, namespace
from stepsmith.authoring.compiler.expressions.dispatch import Expressions
from stepsmith.authoring.compiler.expressions.environment import Environment
from stepsmith.authoring.compiler.statements.assigned import assigned_names
from stepsmith.authoring.compiler.statements.dispatch import Statements
from stepsmith.authoring.compiler.statements.drafts import Draft, Edge
from stepsmith.authoring.compiler.statements.scopes import Machine, ScopeBuilder
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.build import build
from stepsmith.authoring.source.diagnostics import DefinitionError, Diagnostic, Refusal
from stepsmith.authoring.source.functions import Source, read_source
from stepsmith.authoring.values.defaults import parameter_value
from stepsmith.expressions.typed.static_types import Type
from stepsmith.expressions.typed.tree import Span

if TYPE_CHECKING:
    from stepsmith.authoring.tasks.task import Task
    from stepsmith.authoring.workflows.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a workflow function compiles to."""

    machine: StateMachine
    spans: Mapping[str, Span]
    tasks: Mapping[str, Task[..., Any]]
    children: Mapping[str, Workflow[..., Any]]


def compile_workflow(workflow: Workflow[..., Any], *, fuse: bool) -> Compiled:
    """Compile a workflow function. Raises DefinitionError with every refusal, in the order of the source."""
    source = read_source(workflow.function)
    refusals: list[Diagnostic] = []
    machine = Machine(fuse)
    try:
        scope = _compile(workflow, source, machine, refusals)
    except Refusal as refusal:
        refusals.append(refusal.diagnostic)
        scope = None
    except RecursionError:
        refusals.append(
            source.diagnostic(
                source.function,
                "W100",
                "expressions or statements nested this deeply are not supported in a workflow",
                "assign parts of a long expression to variables first",
            )
        )
        scope = None
    if refusals or scope is None:
        raise DefinitionError(sorted(refusals, key=lambda found: (found.span.line, found.span.column)))
    summary = (workflow.function.__doc__ or "").strip().split("\n")[0]
    built = build(scope, comment=summary or None)
    return Compiled(built.machine, built.spans, machine.tasks, machine.children)


def _compile(
    workflow: Workflow[..., Any], source: Source, machine: Machine, refusals: list[Diagnostic]
) -> graph.Scope | None:
    names = namespace(workflow.function)
    node = source.function
    parameters = [parameter.name for parameter in workflow.boundary.parameters]
    own = [*parameters, *assigned_names(node.body)]
    scope = ScopeBuilder(machine, None, dict.fromkeys(name for name in own if not name.startswith("_")))
    expressions = Expressions(source, names, Environment(), set(own))
    statements = Statements(scope, expressions, result=_result(workflow, source), refusals=refusals)
    _start(statements, workflow, node)
    statements.body(node.body)
    if refusals:
        return None
    statements.fall_off(node)
    return scope.build()


def _result(workflow: Workflow[..., Any], source: Source) -> Type | None:
    node = source.function.returns
    if workflow.boundary.signature.return_annotation is EMPTY:
        return None
    try:
        return workflow.boundary.result.type
    except (NameError, TypeError) as error:
        raise source.refusal(
            node or source.function, "W104", f"the return annotation cannot be read: {error}", None
        ) from error


def _start(s: Statements, workflow: Workflow[..., Any], node: ast.FunctionDef) -> None:
    arguments = {argument.arg: argument for argument in [*node.args.args, *node.args.kwonlyargs]}
    edge = Edge()
    for parameter in workflow.boundary.parameters:
        place = arguments[parameter.name]
        s.check_name(place, parameter.name)
        if place.annotation is None:
            raise s.refusal(
                place, "W104", f"parameter '{parameter.name}' has no annotation", "give it a type"
            )
        try:
            kind = parameter.type
        except (NameError, TypeError) as error:
            raise s.refusal(
                place, "W104", f"annotation of '{parameter.name}' cannot be read: {error}", None
            ) from error
        local = s.declare(parameter.name, kind)
        s.environment.assigned.add(parameter.name)
        edge.assign[local.variable] = parameter_value(parameter)
    if edge.assign:
        state = graph.Pass(name=s.scope.name("Start"), span=s.x.source.span(node))
        s.scope.add(s.ends, Draft(state, edge))
        s.ends = [edge]
