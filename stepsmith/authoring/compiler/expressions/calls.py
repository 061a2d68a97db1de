"""Calls in expressions: what is called decides; tasks are handed to whoever compiles the statement."""

from __future__ import annotations

import ast
import types
from datetime import datetime
from typing import cast

from stepsmith.authoring.calls import constructs
from stepsmith.authoring.compiler.expressions.library import copies, digests, methods, moments
from stepsmith.authoring.compiler.expressions.library.builtins import builtin
from stepsmith.authoring.compiler.expressions.models import build_model, model_arguments
from stepsmith.authoring.compiler.expressions.options import called_name
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler
from stepsmith.authoring.compiler.expressions.unsupported import clock_or_chance, defined_below, function_help
from stepsmith.authoring.source.diagnostics import Spoiled
from stepsmith.authoring.tasks.service_call import ServiceCall
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.types import from_annotation
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed.static_types import (
    ModelType,
)
from stepsmith.expressions.typed.tree import Expression


def call(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """Give the tree of a call."""
    helped = x.call_helper(node)
    if helped is not None:
        return helped
    target = x.static(node.func)
    if isinstance(target, Task | Workflow):
        return call_task(x, node, cast(object, target))
    if x.call_task is not None and (target is constructs.parallel or target is constructs.map_items):
        return call_task(x, node, target)
    if isinstance(target, type) and isinstance(kind := from_annotation(target), ModelType):
        return build_model(x, node, kind, model_arguments(x, node, kind))
    if isinstance(target, type) and hasattr(target, "__pydantic_fields__"):
        message = f"{target.__name__} is not an object of fields in JSON"
        raise x.refusal(node, "W220", message, "make it in a task, or write the value itself")
    if target == datetime.fromisoformat:
        return moments.from_text(x, node)
    instead = clock_or_chance(target, node)
    if instead is not None:
        message = f"{ast.unparse(node.func)}() would be called once, when the definition is made"
        raise x.refusal(node, "W180", message, instead)
    compile = builtin(target)
    if compile is not None:
        return compile(x, node)
    special = digests.digest(x, node) if isinstance(node.func, ast.Attribute) else None
    if special is not None:
        return special
    if isinstance(node.func, ast.Attribute) and node.func.attr == "model_copy":
        return copies.model_copy(x, node, node.func.value)
    if isinstance(waiting := _waiting(x, node), ast.Call):
        text = ast.unparse(waiting)
        message = f"`{text}` makes a task, which has to have a name"
        raise x.refusal(node, "W160", message, f"write `ask = {text}` in the module, and call `ask(...)`")
    if isinstance(node.func, ast.Attribute) and isinstance(x.static(node), Task | Workflow):
        message = f"{ast.unparse(node.func)}() gives a task, and a variable cannot hold one"
        raise x.refusal(node, "W160", message, "call what it gives at once, or name it in the module")
    if isinstance(node.func, ast.Attribute) and _is_value(x.static(node.func.value)):
        return methods.method(x, node, node.func)
    name = ast.unparse(node.func)
    if isinstance(node.func, ast.Name) and x.is_local(node.func.id):
        if node.func.id in x.environment.spoiled:
            raise Spoiled
        help = "call the task or the function by its own name"
        raise x.refusal(node, "W160", f"'{name}' is a variable, and no function", help)
    if isinstance(node.func, ast.Name) and node.func.id not in x.names:
        help = defined_below(x.source.file, name)
        raise x.refusal(node.func, "W102", f"name '{name}' is not defined", help)
    message = f"'{name}' is neither a task nor a supported function"
    raise x.refusal(node, "W160", message, function_help(target, name, node))


def _waiting(x: ExpressionCompiler, node: ast.Call) -> ast.expr | None:
    """Give `call.wait_for_task_token(Answer)`, called or calling; None for anything else."""
    for each in (node, node.func):
        match each:
            case ast.Call(func=ast.Attribute(value=holder, attr="wait_for_task_token")):
                return each if isinstance(x.static(holder), ServiceCall) else None
            case _:
                pass
    return None


def _is_value(holder: object) -> bool:
    """Say whether a method is called on data: something of the run, or a constant."""
    return not isinstance(holder, types.ModuleType | type) and not isinstance(holder, Task | Workflow)


def call_task(x: ExpressionCompiler, node: ast.Call, target: object) -> Expression:
    """Give the result of a task called inside an expression, where its state can be put before the expression."""
    check_place(x, node, called_name(node.func))
    assert x.call_task is not None
    return x.call_task(node, target)


def _place_help(name: str, why: str) -> str:
    if why == "in a comprehension":
        return (
            f"write a local function that calls {name}() and returns the element, "
            "and call that for each item: `parts = [part(item) for item in items]`"
        )
    return "call it in a statement of its own, or use an if statement"


def check_place(x: ExpressionCompiler, node: ast.expr, name: str) -> None:
    """Refuse a call that needs states of its own where there can be none before the expression."""
    if x.call_task is None:
        raise x.refusal(
            node,
            "W200",
            f"{name}() is called {x.why_no_task}, where it is not always needed once",
            _place_help(name, x.why_no_task),
        )
    if x.fallible:
        raise x.refusal(
            node,
            "W200",
            f"{name}() is called after something that can fail in the same expression",
            "call it in a statement of its own, before",
        )
    if x.timed:
        raise x.refusal(
            node,
            "W200",
            f"{name}() is called after now() in the same expression, and time may pass in it",
            "assign now() to a variable before",
        )
