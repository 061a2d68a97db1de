"""Calls of tasks and workflows as Task states."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

from stepsmith.authoring.calls.boundary import Boundary, Parameter
from stepsmith.authoring.calls.callee import TOKEN
from stepsmith.authoring.compiler.drafts import Draft, Edge
from stepsmith.authoring.compiler.expressions.options import limits as limits_of
from stepsmith.authoring.compiler.expressions.protocol import Together
from stepsmith.authoring.compiler.statements.failing import guard
from stepsmith.authoring.compiler.statements.incoming import check_written, received
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.raising import route
from stepsmith.authoring.compiler.statements.ways import add_catches, error_variable
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.task_states import (
    OBJECT,
    TASK_TOKEN,
    answer_of,
    object_of,
    result_of,
    seconds,
    task_state,
)
from stepsmith.authoring.source.diagnostics import Diagnostic, Refusal, Spoiled
from stepsmith.authoring.source.places import source_line
from stepsmith.authoring.tasks.service_call import ServiceCall
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.constants import constant_expression
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    STR,
    ErrorType,
    Type,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import UNDEFINED

START_EXECUTION: Final = "arn:aws:states:::states:startExecution.sync:2"


def call(
    s: StatementCompiler, node: ast.Call, target: Task[..., Any] | Workflow[..., Any]
) -> tuple[Draft, Expression]:
    """Make the Task state of a call; gives its draft, without onward transition, and the result on that transition."""
    try:
        return _task(s, node, target) if isinstance(target, Task) else _child(s, node, target)
    except (Refusal, Spoiled) as problem:
        s.x.look_further(node, problem)
        raise


def _task(s: StatementCompiler, node: ast.Call, task: Task[..., Any]) -> tuple[Draft, Expression]:
    limits = _limits(s, node, retried=bool(task.retry))
    arguments = _arguments(s, node, task.function_name, task.boundary, hoist=bool(task.retry))
    _check_limits(s, node, task, arguments)
    _check_token(s, node, task, arguments)
    _register(s, node, {task.function_name: task})
    s.scope.machine.tasks[task.function_name] = task
    span = s.x.source.span(node)
    result = result_of(_result_type(s, node, task), span, invoked=task.kind == "function")
    if isinstance(task, ServiceCall):  # says itself what its service answers; nobody has to read it otherwise
        value = answer_of(result.type, span) if task.has_metadata else result
    else:
        value = received(s, node, task, result)
    payload = {TOKEN: TASK_TOKEN, **arguments} if task.kind == "callback" else arguments
    state = replace(
        task_state(s.scope.name(task.name), task, payload, span, reach=s.scope.machine.reach), **limits
    )
    draft = s.scope.add(s.ends, Draft(state))
    add_catches(s, node, draft)
    return draft, value


def _check_limits(
    s: StatementCompiler, node: ast.Call, task: Task[..., Any], arguments: Mapping[str, Expression]
) -> None:
    """Refuse constants that a service does not take, each by itself."""
    for misfit in () if task.limits is None else task.limits.misfits(arguments):
        message = f"{task.function_name}(): {misfit.message}"
        span = misfit.value.span or s.x.source.span(node)
        s.refusals.append(Diagnostic("W201", message, misfit.help, span, source_line(span)))


def _check_token(
    s: StatementCompiler, node: ast.Call, task: Task[..., Any], arguments: Mapping[str, Expression]
) -> None:
    """Refuse a call whose token nobody gets to know."""
    if not task.waits or task.kind == "callback" or any(map(_sends_token, arguments.values())):
        return
    name = ast.unparse(node.func)
    message = f"{name}() waits for an answer to its token, and sends no token"
    help = "write `context.task.token` into an argument, as in `MessageBody={'token': context.task.token}`"
    raise s.refusal(node, "W241", message, help)


def _sends_token(value: Expression) -> bool:
    for node in tree.walk(value):
        match node:
            case tree.Field(name="Token", value=tree.Field(name="Task", value=tree.State(part="context"))):
                return True
            case tree.Call(function="jsonata", arguments=(tree.Constant(value=str() as text), *_)):
                if "Task.Token" in text:
                    return True
            case _:
                pass
    return False


def _limits(s: StatementCompiler, node: ast.Call, *, retried: bool) -> dict[str, Expression]:
    """Give the time limits of a call that the run decides, as fields of its state; Python knows them first."""
    found = {f"{name}_seconds": value for name, value in limits_of(s.x, node.func).items()}
    for name, value in found.items():
        if not tree.can_fail(value):
            continue
        if s.in_try():
            message = "a time limit that may be less than a second fails, and a state machine cannot catch that here"
            raise s.refusal(node.func, "W216", message, "write `timedelta(seconds=max(1, n))`")
        if retried:
            found[name] = s.fresh(name, value, node)
    return found


def _all_tasks(workflow: Workflow[..., Any]) -> dict[str, Task[..., Any]]:
    found = dict(workflow.tasks)
    for child in workflow.children.values():
        found.update(_all_tasks(child))
    return found


def _register(s: StatementCompiler, node: ast.Call, tasks: Mapping[str, Task[..., Any]]) -> None:
    """Refuse two tasks of one name: the name is all that a definition says of a function."""
    known = s.scope.machine.functions
    for name, task in tasks.items():
        if known.setdefault(name, task.function) is not task.function:
            raise s.refusal(
                node, "W221", f"two tasks are called {name}", "give one of the functions another name"
            )


def _result_type(s: StatementCompiler, node: ast.Call, target: Task[..., Any] | Workflow[..., Any]) -> Type:
    converter = target.result if isinstance(target, Task) else target.boundary.result
    try:
        return converter.type
    except (NameError, TypeError) as error:
        raise s.refusal(
            node, "W104", f"the result annotation of {ast.unparse(node.func)}() cannot be read: {error}", None
        ) from error


def _child(s: StatementCompiler, node: ast.Call, workflow: Workflow[..., Any]) -> tuple[Draft, Expression]:
    """Start a child workflow and wait for it.

    AWS reports every failure of a child as States.TaskFailed with a description in Cause; the error of the child is
    read from that, and led to the except clause that Python would run.
    """
    options = workflow.as_child
    limits = _limits(s, node, retried=bool(options.retry))
    arguments = _arguments(s, node, workflow.name, workflow.boundary, hoist=bool(options.retry))
    known = s.scope.machine.children.get(workflow.name)
    if workflow.express:
        message = f"{workflow.name} is an Express workflow, whose executions cannot be waited for"
        raise s.refusal(node, "W234", message, "take express=True away from it, or make it a task")
    if known is not None and known.function is not workflow.function:
        raise s.refusal(
            node, "W221", f"two workflows are called {workflow.name}", "give one of them another name"
        )
    s.scope.machine.children.setdefault(workflow.name, workflow)
    _register(s, node, _all_tasks(workflow))
    span = s.x.source.span(node)
    kind = _result_type(s, node, workflow)
    check_written(s, node, kind)
    result = tree.State(part="result", type=OBJECT, span=span)
    value = tree.Field(value=result, name="Output", type=kind, span=span)
    machine = tree.Constant(value=f"${{{workflow.name}}}", type=STR)
    state = graph.Task(
        name=s.scope.name(options.name),
        resource=START_EXECUTION,
        timeout_seconds=limits.get("timeout_seconds") or seconds("timeout", options.timeout),
        retry=tuple(policy.retrier(s.scope.machine.reach) for policy in options.retry),
        arguments=object_of({"StateMachineArn": machine, "Input": object_of(arguments)}),
        output=value,
        span=span,
    )
    draft = s.scope.add(s.ends, Draft(state))
    _translate_failure(s, node, draft)
    add_catches(s, node, draft)
    return draft, value


def _translate_failure(s: StatementCompiler, node: ast.Call, draft: Draft) -> None:
    told = "$parse($states.errorOutput.Cause)"
    error = tree.Raw(
        text=f"($__c := {told}; $exists($__c.Error) ? $__c.Error : 'States.TaskFailed')", type=STR
    )
    cause = tree.Raw(text=f"($__c := {told}; $exists($__c.Cause) ? $__c.Cause : '')", type=STR)
    variable = error_variable(s)
    failure = replace(object_of({"Error": error, "Cause": cause}), type=ErrorType())
    edge = Edge(assign={variable: failure})
    draft.catches.append((("States.TaskFailed",), edge))
    before = s.ends
    s.ends = [edge]
    route(s, variable, node)
    s.ends = before


def _arguments(
    s: StatementCompiler, node: ast.Call, name: str, boundary: Boundary, *, hoist: bool
) -> dict[str, Expression]:
    before = s.x.fallible, s.x.timed
    given = _given(s, node, name, boundary)
    kinds = {parameter.name: _parameter_type(s, node, name, parameter) for parameter in boundary.parameters}
    # evaluated as they are written, and handed over in the order of the parameters
    compiled: dict[str, Expression] = {}
    together = Together(s.x)
    for parameter, argument in given.items():
        outer, s.x.argument = s.x.argument, argument
        with together.part():
            compiled[parameter] = s.x.typed(argument, kinds[parameter], f"argument '{parameter}' of {name}()")
        s.x.argument = outer
    with together.part():
        _check_missing(s, node, name, boundary, given)
    together.check()
    found: dict[str, Expression] = {}
    for parameter in boundary.parameters:
        if parameter.name in compiled:
            found[parameter.name] = compiled[parameter.name]
        elif parameter.default is not UNDEFINED:
            found[parameter.name] = _default(s, node, parameter)
    guard(s, node, compiled.values())
    s.x.fallible, s.x.timed = before
    if hoist:
        for key, value in found.items():
            if tree.can_fail(value):
                found[key] = s.fresh(f"{name}_{key}", value, node)
    return found


def _check_missing(
    s: StatementCompiler, node: ast.Call, name: str, boundary: Boundary, given: Mapping[str, ast.expr]
) -> None:
    missing = [each.name for each in boundary.parameters if each.required and each.name not in given]
    if missing:
        one = len(missing) == 1
        what = f"argument '{missing[0]}'" if one else f"arguments {', '.join(map(repr, missing))}"
        message = f"{what} of {name}() {'is' if one else 'are'} missing"
        raise s.refusal(node, "W201", message, f"add {', '.join(f'{each}=...' for each in missing)}")


def _parameter_type(s: StatementCompiler, node: ast.Call, name: str, parameter: Parameter) -> Type:
    try:
        return parameter.type
    except (NameError, TypeError) as error:
        raise s.refusal(
            node, "W104", f"annotation of '{parameter.name}' of {name}() cannot be read: {error}", None
        ) from error


def _default(s: StatementCompiler, node: ast.Call, parameter: Parameter) -> Expression:
    constant = constant_expression(parameter.default, None, parameter.type)
    if constant is not None:
        return constant
    try:
        return tree.Constant(value=parameter.converter.to_json(parameter.default), type=parameter.type)
    except ValueError as error:
        message = f"the default of '{parameter.name}' of {ast.unparse(node.func)}() has no JSON form: {error}"
        raise s.refusal(node, "W107", message.split("\n")[0], f"pass {parameter.name}=...") from error


def _given(s: StatementCompiler, node: ast.Call, name: str, boundary: Boundary) -> dict[str, ast.expr]:
    names = [parameter.name for parameter in boundary.parameters if not parameter.keyword_only]
    given: dict[str, ast.expr] = {}
    for index, argument in enumerate(node.args):
        if isinstance(argument, ast.Starred):
            raise s.refusal(
                argument, "W201", f"* is not supported in a call of {name}()", "write the arguments out"
            )
        if index >= len(names):
            raise s.refusal(
                argument,
                "W201",
                f"{name}() takes {len(names)} arguments, got {len(node.args)}",
                "give the others by name" if len(names) < len(boundary.parameters) else None,
            )
        given[names[index]] = argument
    for keyword in node.keywords:
        if keyword.arg is None:
            raise s.refusal(
                keyword.value, "W201", f"** is not supported in a call of {name}()", "write the arguments out"
            )
        if keyword.arg in boundary.clients:
            raise s.refusal(
                keyword.value,
                "W201",
                f"'{keyword.arg}' of {name}() is a client, which cannot travel as JSON",
                "leave it out: the function gets its own",
            )
        known = [parameter.name for parameter in boundary.parameters]
        if keyword.arg not in known:
            close = [each for each in known if each.lower() == keyword.arg.lower()]
            close = close or get_close_matches(keyword.arg, known, n=1)
            help = f"did you mean '{close[0]}'?" if close else f"it has {', '.join(known)}"
            raise s.refusal(keyword.value, "W201", f"{name}() has no parameter '{keyword.arg}'", help)
        if keyword.arg in given:
            raise s.refusal(
                keyword.value, "W201", f"argument '{keyword.arg}' of {name}() is given twice", None
            )
        given[keyword.arg] = keyword.value
    return given
