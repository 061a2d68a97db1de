"""The context object: `context.execution.id` and the like, as paths into `$states.context`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final

from stepsmith.authoring.calls.context import context
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler
from stepsmith.authoring.lowered.task_states import in_context
from stepsmith.expressions.typed.static_types import ANY, DATETIME, INT, STR, DictType, Type
from stepsmith.expressions.typed.tree import Expression

_PLACES: Final[Mapping[tuple[str, ...], tuple[str, Type]]] = {
    ("execution", "id"): ("Execution.Id", STR),
    ("execution", "name"): ("Execution.Name", STR),
    ("execution", "start_time"): ("Execution.StartTime", DATETIME),
    ("execution", "input"): ("Execution.Input", DictType(ANY)),
    ("execution", "redrive_count"): ("Execution.RedriveCount", INT),
    ("state_machine", "id"): ("StateMachine.Id", STR),
    ("state_machine", "name"): ("StateMachine.Name", STR),
    ("map", "index"): ("Map.Item.Index", INT),
    ("map", "value"): ("Map.Item.Value", ANY),
    ("state", "retry_count"): ("State.RetryCount", INT),
    ("task", "token"): ("Task.Token", STR),
}
_RETRY_COUNT: Final = ("state", "retry_count")
_TOKEN: Final = ("task", "token")


def context_value(x: ExpressionCompiler, node: ast.Attribute) -> Expression | None:
    """Give what a chain of attributes of `context` stands for; None for any other."""
    path = _path(x, node)
    if path is None:
        return None
    found = _PLACES.get(path)
    if found is None:
        known = ", ".join(f"context.{'.'.join(each)}" for each in _PLACES)
        raise x.refusal(node, "W131", f"the context object has no {'.'.join(path)}", f"it has {known}")
    if path[0] == "map" and not x.items:
        message = f"{ast.unparse(node)} is only known inside map_items(), and not in a distributed one"
        raise x.refusal(
            node, "W131", message, "write `map_items(items, function)`, and read it in the function"
        )
    if path == _TOKEN and x.argument is None:
        message = f"{ast.unparse(node)} is only known to the state that waits for its answer"
        raise x.refusal(node, "W131", message, "write it into the arguments of the call")
    if path == _RETRY_COUNT and x.argument is not node:
        message = f"{ast.unparse(node)} is only known to a task that is called again"
        raise x.refusal(node, "W131", message, "make it an argument of the task, by itself")
    place, kind = found
    return in_context(*place.split("."), type=kind)


def _path(x: ExpressionCompiler, node: ast.expr) -> tuple[str, ...] | None:
    if x.static(node) is context:
        return ()
    before = _path(x, node.value) if isinstance(node, ast.Attribute) else None
    return (*before, node.attr) if isinstance(node, ast.Attribute) and before is not None else None
