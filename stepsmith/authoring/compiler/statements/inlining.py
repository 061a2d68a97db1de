"""Calls of helper functions, written out where they stand."""

from __future__ import annotations

import ast
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from types import FunctionType
from typing import Final, cast

from stepsmith.authoring.calls import constructs
from stepsmith.authoring.compiler.drafts import is_path
from stepsmith.authoring.compiler.expressions.environment import assigned_names
from stepsmith.authoring.compiler.expressions.fitting import fits, type_help
from stepsmith.authoring.compiler.expressions.protocol import MISSING, Together
from stepsmith.authoring.compiler.functions import Helper, check_helper, is_helper, read_helper
from stepsmith.authoring.compiler.statements.failing import guard
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.scopes import Finally, Inlined
from stepsmith.authoring.source.diagnostics import Ended, Spoiled
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.constants import constant_expression
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import NONE, Type, describe
from stepsmith.expressions.typed.tree import Expression

_LARGEST: Final = 40
"""Most nodes of an argument that is written in more than one place."""


def helper_of(s: StatementCompiler, node: ast.Call) -> Helper | None:
    """Give the helper function that a call calls; None where it calls anything else."""
    name = node.func.id if isinstance(node.func, ast.Name) else None
    if name is not None and name in s.environment.spoiled:
        raise Spoiled
    if name is not None and name in s.functions:
        if name not in s.environment.assigned:
            message = f"{name}() is not defined on every path to here"
            raise s.refusal(node.func, "W103", message, "define it before")
        return s.functions[name]
    target = s.callee(node)
    if not is_helper(target):
        return None
    known = s.scope.machine.helpers
    if target not in known:
        if cast(FunctionType, target).__name__ == "<lambda>":
            message = f"{ast.unparse(node.func)} is a lambda, whose source is not known by itself"
            raise s.refusal(node.func, "W230", message, "write it with `def`")
        known[target] = read_helper(cast(FunctionType, target))
    return known[target]


def call_helper(s: StatementCompiler, node: ast.Call, helper: Helper) -> Expression:
    """Give the result of a helper function, its statements written out before."""
    _check_recursion(s, node, helper)
    check_helper(helper)
    value = helper.only_value
    if value is None or _is_side_by_side(s, helper, value):
        return _as_statements(s, node, helper)
    return _as_expression(s, node, helper, value)


def call_last(s: StatementCompiler, node: ast.Call, helper: Helper) -> Type:
    """End the scope as a helper function ends; gives the type of what it returns."""
    _check_recursion(s, node, helper)
    check_helper(helper)
    return _statements(s, node, helper, Inlined(s.environment, "", tail=True))


@contextmanager
def _inside(s: StatementCompiler, node: ast.Call, helper: Helper) -> Generator[None]:
    """Compile inside a helper function."""
    machine = s.scope.machine
    machine.compiling.append(helper)
    machine.calls.append(s.x.source.span(node))
    try:
        yield
    finally:
        machine.compiling.pop()
        machine.calls.pop()


def is_last(s: StatementCompiler) -> bool:
    """Say whether what is returned here is what the scope gives, with nothing to run before."""
    for around in reversed(s.around):
        if isinstance(around, Finally) or (isinstance(around, Inlined) and not around.tail):
            return False
    return True


def probe(s: StatementCompiler) -> Inlined:
    """Give the frame of a helper function that is only looked at, or has no statement."""
    return Inlined(s.environment, "", tail=False)


def makes_states(s: StatementCompiler, helper: Helper) -> bool:
    """Say whether a helper function needs states: one that is more than an expression without tasks."""
    value = helper.only_value
    if value is None:
        return True
    inner = s.called(helper, probe(s))
    names = {parameter.arg for parameter in helper.parameters}
    for call in (each for each in ast.walk(value) if isinstance(each, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id in names:
            return True
        called = helper_of(inner, call)
        if called is not None and called.node is not helper.node and makes_states(inner, called):
            return True
        target = inner.callee(call)
        if isinstance(target, Task | Workflow) or target in (constructs.parallel, constructs.map_items):
            return True
    return False


def _is_side_by_side(s: StatementCompiler, helper: Helper, value: ast.expr) -> bool:
    """Say whether all that a helper function returns is the result of a Map or Parallel state."""
    if isinstance(value, ast.ListComp):
        return makes_states(s, helper)
    inner = s.called(helper, probe(s))
    return isinstance(value, ast.Call) and inner.callee(value) in (constructs.parallel, constructs.map_items)


def _check_recursion(s: StatementCompiler, node: ast.Call, helper: Helper) -> None:
    running = s.scope.machine.compiling
    at = next((index for index, each in enumerate(running) if each.node is helper.node), None)
    if at is None:
        return
    between = [f"{each.name}()" for each in running[at + 1 :]]
    way = f" by way of {', '.join(between)}" if between else ""
    help = "write a loop, or a child workflow that calls itself with a smaller task"
    raise s.refusal(node, "W231", f"{helper.name}() calls itself{way}", help)


def _as_statements(s: StatementCompiler, node: ast.Call, helper: Helper) -> Expression:
    variable = s.scope.fresh(f"{helper.name.strip('_')}_result")
    frame = Inlined(s.environment, variable, tail=False)
    kind = _statements(s, node, helper, frame)
    s.ends = frame.ends
    if not s.ends:
        raise Ended
    if kind == NONE:
        return tree.Constant(value=None, type=NONE, span=s.x.source.span(node))
    return tree.Variable(name=variable, type=kind, span=s.x.source.span(node))


def _statements(s: StatementCompiler, node: ast.Call, helper: Helper, frame: Inlined) -> Type:
    """Compile the body of a helper function; gives the type of what it returns."""
    found = len(s.refusals)
    inner = s.called(helper, frame)
    declared = inner.result
    _bind_parameters(s, inner, node, helper, set(assigned_names(helper.node.body)))
    inner.ends = s.ends
    with _inside(s, node, helper):
        inner.body(helper.node.body)
        if len(s.refusals) > found:
            raise Spoiled
        inner.end(helper.node)
    s.ends = []
    return declared or inner.returned or NONE


def _as_expression(s: StatementCompiler, node: ast.Call, helper: Helper, value: ast.expr) -> Expression:
    inner = s.called(helper, probe(s))
    inner.x.call_task = None if s.x.call_task is None else inner.x.call_task
    inner.x.why_no_task = s.x.why_no_task
    _bind_values(s, inner, node, helper, value)
    inner.ends = s.ends
    inner.x.fallible, inner.x.timed = s.x.fallible, s.x.timed
    with _inside(s, node, helper):
        found = inner.x.value(value, inner.result)
    s.x.fallible, s.x.timed = inner.x.fallible, inner.x.timed
    s.ends = inner.ends
    if inner.result is None:
        return replace(found, span=s.x.source.span(node))
    if not fits(found, inner.result):
        message = f"the function returns {describe(inner.result)}, got {describe(found.type)}"
        raise inner.refusal(value, "W205", message, type_help(found.type, inner.result, ast.unparse(value)))
    return replace(found, type=inner.result, span=s.x.source.span(node))


# arguments


def _bind_parameters(
    s: StatementCompiler, inner: StatementCompiler, node: ast.Call, helper: Helper, assigned: set[str]
) -> None:
    """Let each parameter stand for its argument, or keep it in a variable where it changes or is more than a path."""
    kept: dict[str, Expression] = {}
    for name, value in _arguments(s, inner, node, helper).items():
        if is_path(value) and name not in assigned:
            inner.environment.bound[name] = value
        else:
            local = inner.declare(name, value.type)
            inner.environment.assigned.add(name)
            kept[local.variable] = value
    guard(s, node, kept.values())
    s.assign(kept, node)


def _bind_values(
    s: StatementCompiler, inner: StatementCompiler, node: ast.Call, helper: Helper, result: ast.expr
) -> None:
    """Let each parameter of a one-line function stand for its argument."""
    for name, value in _arguments(s, inner, node, helper).items():
        uses = sum(isinstance(each, ast.Name) and each.id == name for each in ast.walk(result))
        large = tree.size(value) > _LARGEST
        fragile = tree.can_fail(value) or tree.is_volatile(value)
        if is_path(value) or not (fragile or (large and uses > 1)):
            inner.environment.bound[name] = value
        elif s.x.call_task is not None:
            if s.x.fallible and s.in_try() and tree.can_fail(value):
                message = f"argument '{name}' of {helper.name}() can fail, and would be evaluated too early"
                raise s.refusal(node, "W216", message, "assign it to a variable first")
            guard(s, node, [value])
            inner.environment.bound[name] = s.fresh(name, value, node)
        else:
            message = (
                f"argument '{name}' of {helper.name}() can fail or change, and would be evaluated elsewhere"
            )
            help = "assign it to a variable first, or write the expression of the function here"
            raise s.refusal(node, "W230", message, help)


def _arguments(
    s: StatementCompiler, inner: StatementCompiler, node: ast.Call, helper: Helper
) -> dict[str, Expression]:
    """Give the value of each parameter, in the order in which Python evaluates them; functions are bound at once."""
    given = _given(s, node, helper)
    known = {parameter.arg: parameter for parameter in helper.parameters}
    found: dict[str, Expression] = {}
    statics: dict[str, object] = {}
    before = s.x.fallible, s.x.timed
    together = Together(s.x)
    for name, argument in given.items():
        static = _function(s, argument)
        if isinstance(static, Helper):
            inner.functions[name] = static
            inner.environment.assigned.add(name)
            continue
        if static is not MISSING:
            statics[name] = static
            continue
        with together.part():
            kind = _annotation(inner, known[name])
            what = f"argument '{name}' of {helper.name}()"
            value = s.x.value(argument) if kind is None else s.x.typed(argument, kind, what)
            found[name] = value if kind is None else replace(value, type=kind)
    together.check()
    s.x.fallible, s.x.timed = before
    for parameter in helper.parameters:
        if parameter.arg not in given:
            default = _default(s, inner, node, helper, parameter)
            if isinstance(default, Expression):
                found[parameter.arg] = default
            else:
                statics[parameter.arg] = default
    if statics:
        inner.x.names = {**inner.x.names, **statics}
        inner.x.own -= set(statics)
    return found


def _function(s: StatementCompiler, argument: ast.expr) -> object:
    """Give the task, workflow, function or class that an argument names; MISSING for data."""
    if isinstance(argument, ast.Name) and argument.id in s.functions:
        return s.functions[argument.id]
    static = s.x.static(argument)
    return static if _is_function(static) else MISSING


def _is_function(value: object) -> bool:
    return isinstance(value, Task | Workflow | FunctionType | type)


def _annotation(inner: StatementCompiler, parameter: ast.arg) -> Type | None:
    return None if parameter.annotation is None else inner.annotated_type(parameter.annotation)


def _default(
    s: StatementCompiler, inner: StatementCompiler, node: ast.Call, helper: Helper, parameter: ast.arg
) -> object:
    """Give the default of a parameter: a tree, or the task or function that it is."""
    name, kind = parameter.arg, _annotation(inner, parameter)
    if helper.defaults is None:
        written = _written_defaults(helper.node.args).get(name)
        if written is None:
            raise _missing(s, node, helper, name)
        static = inner.x.static(written)
        if _is_function(static):
            return static
        value = inner.x.value(written, kind)
        if tree.variables(value) or tree.can_fail(value) or tree.is_volatile(value):
            message = (
                f"the default of '{name}' is evaluated where {helper.name}() is defined, which no state is"
            )
            raise inner.refusal(written, "W230", message, f"pass {name}=... in each call")
    elif name not in helper.defaults:
        raise _missing(s, node, helper, name)
    else:
        default = helper.defaults[name]
        if _is_function(default):
            return default
        constant = constant_expression(default, None, kind)
        if constant is None:
            message = f"the default of '{name}' of {helper.name}() has no JSON form"
            raise s.refusal(node, "W107", message, f"pass {name}=...")
        value = constant
    if kind is not None and not fits(value, kind):
        message = f"the default of '{name}' is {describe(kind)}, got {describe(value.type)}"
        raise inner.refusal(parameter, "W201", message, type_help(value.type, kind, name))
    return value if kind is None else replace(value, type=kind)


def _missing(s: StatementCompiler, node: ast.Call, helper: Helper, name: str) -> Exception:
    return s.refusal(node, "W201", f"argument '{name}' of {helper.name}() is missing", f"add {name}=...")


def _written_defaults(arguments: ast.arguments) -> dict[str, ast.expr]:
    positional = [*arguments.posonlyargs, *arguments.args]
    last = positional[len(positional) - len(arguments.defaults) :]
    found = {parameter.arg: value for parameter, value in zip(last, arguments.defaults, strict=True)}
    keyword = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return {**found, **{parameter.arg: value for parameter, value in keyword if value is not None}}


def _given(s: StatementCompiler, node: ast.Call, helper: Helper) -> dict[str, ast.expr]:
    name, arguments = helper.name, helper.node.args
    positional = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
    by_name = [parameter.arg for parameter in (*arguments.args, *arguments.kwonlyargs)]
    given: dict[str, ast.expr] = {}
    for index, argument in enumerate(node.args):
        if isinstance(argument, ast.Starred):
            message = f"* is not supported in a call of {name}()"
            raise s.refusal(argument, "W201", message, "write the arguments out")
        if index >= len(positional):
            message = f"{name}() takes {len(positional)} arguments, got {len(node.args)}"
            raise s.refusal(argument, "W201", message, None)
        given[positional[index]] = argument
    for keyword in node.keywords:
        if keyword.arg is None:
            message = f"** is not supported in a call of {name}()"
            raise s.refusal(keyword.value, "W201", message, "write the arguments out")
        if keyword.arg not in by_name:
            message = f"{name}() has no parameter '{keyword.arg}'"
            help = f"it has {', '.join(by_name)}" if by_name else None
            raise s.refusal(keyword.value, "W201", message, help)
        if keyword.arg in given:
            raise s.refusal(
                keyword.value, "W201", f"argument '{keyword.arg}' of {name}() is given twice", None
            )
        given[keyword.arg] = keyword.value
    return given
