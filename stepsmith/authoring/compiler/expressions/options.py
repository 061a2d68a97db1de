"""`task.with_options(...)` inside a workflow: the task that it gives, and time limits that the run decides."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Final, cast

from stepsmith.authoring.calls.retries import Retry
from stepsmith.authoring.compiler.expressions import spans
from stepsmith.authoring.compiler.expressions.protocol import MISSING, ExpressionCompiler, library_call
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import INT
from stepsmith.expressions.typed.tree import Expression

_LIMITS: Final = ("timeout", "heartbeat")
_POLICIES: Final = (Retry.on.__func__, Retry.never.__func__)  # type: ignore[attr-defined] - class methods have it


def with_options(x: ExpressionCompiler, node: ast.expr) -> object:
    """Give what `task.with_options(...)` gives, limits that the run decides left out; MISSING for anything else."""
    target = _holder(x, node)
    if target is None or not isinstance(node, ast.Call):
        return MISSING
    known: dict[str, object] = {}
    for keyword in node.keywords:
        value = _value(x, keyword.value)
        if value is not MISSING:
            known[keyword.arg or "**"] = value
        elif keyword.arg not in _LIMITS:
            text = ast.unparse(keyword.value)
            message = f"option '{keyword.arg}' is `{text}`, which is not known before the run"
            raise x.refusal(keyword.value, "W161", message, "only timeout and heartbeat may be variables")
    try:
        return target.with_options(*map(ast.unparse, node.args), **cast("dict[str, Any]", known))
    except (TypeError, ValueError, AttributeError) as error:
        message = f"with_options() fails: {error}".replace("Task.", "").replace("Workflow.", "")
        raise x.refusal(node, "W201", message, "it has name, retry, timeout and heartbeat") from error


def _holder(x: ExpressionCompiler, node: ast.expr) -> Task[..., Any] | Workflow[..., Any] | None:
    """Give the task or workflow whose options are changed."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr="with_options")):
            target = x.static(value)
            found = isinstance(target, Task | Workflow)
            return cast("Task[..., Any] | Workflow[..., Any]", target) if found else None
        case _:
            return None


def _value(x: ExpressionCompiler, node: ast.expr) -> object:
    """Give an option that is known before the run, retry policies included; MISSING for any other."""
    known = x.static(node)
    if known is not MISSING:
        return known
    match node:
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            values = [_value(x, each) for each in elts]
            return MISSING if MISSING in values else values
        case ast.Call(func=function, args=args, keywords=keywords):
            made = x.static(function)
            if made is not Retry and getattr(made, "__func__", None) not in _POLICIES:
                return MISSING
            values = [_value(x, each) for each in args]
            named = {each.arg or "": _value(x, each.value) for each in keywords}
            if MISSING in (*values, *named.values()) or "" in named:
                return MISSING
            try:
                return cast("Callable[..., object]", made)(*values, **named)
            except (TypeError, ValueError) as error:
                raise x.refusal(node, "W201", f"{ast.unparse(node)} fails: {error}", None) from error
        case _:
            return MISSING


def limits(x: ExpressionCompiler, node: ast.expr) -> dict[str, Expression]:
    """Give the limits of a call `task.with_options(timeout=timedelta(seconds=n))(...)` that the run decides."""
    if _holder(x, node) is None or not isinstance(node, ast.Call):
        return {}
    return {
        keyword.arg: _seconds(x, keyword.arg, keyword.value)
        for keyword in node.keywords
        if keyword.arg in _LIMITS and _value(x, keyword.value) is MISSING
    }


def _seconds(x: ExpressionCompiler, what: str, node: ast.expr) -> Expression:
    found = spans.duration(x, node)
    if found is None:
        help = f"write {what}=timedelta(seconds=n), with an int n"
        raise x.refusal(
            node, "W201", f"option '{what}' is `{ast.unparse(node)}`, which is no time span", help
        )
    return found if at_least(found, 1) else library_call(x, node, "seconds", INT, found)


def at_least(value: Expression, least: int) -> bool:
    """Say whether a number is never less than 0 or 1."""
    match value:
        case tree.Constant(value=int() as number):
            return number >= least
        case tree.Call(function="len" | "abs"):
            return least == 0
        case tree.Call(function="max", arguments=(tree.ListOf(elements=elements),)):
            return any(at_least(each, least) for each in elements)
        case tree.Binary(operator="+", left=left, right=right):
            return (at_least(left, least) and at_least(right, 0)) or (
                at_least(left, 0) and at_least(right, least)
            )
        case tree.Binary(operator="*", left=left, right=right):
            return at_least(left, least) and at_least(right, least)
        case tree.Binary(operator="//" | "%", left=left, right=right):
            return least == 0 and at_least(left, 0) and at_least(right, 0)
        case _:
            return False


def is_option(node: ast.expr) -> bool:
    """Say whether an expression changes the options of what it is called on."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "with_options"
    )


def called_name(node: ast.expr) -> str:
    """Give what a call calls in the source, without the options that it is called with."""
    while is_option(node) and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return ast.unparse(node)
