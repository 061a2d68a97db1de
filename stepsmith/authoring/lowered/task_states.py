"""Task states of tasks, as both layers make them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from stepsmith.authoring.calls.callee import Callee
from stepsmith.authoring.calls.retries import whole_seconds
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.values.reach import Reach
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import ANY, INT, STR, ModelType, Type
from stepsmith.expressions.typed.tree import Expression, Span

OBJECT: Final = ModelType("object", "object")
"""The type of an object that is put together for a service."""


def object_of(members: Mapping[str, Expression]) -> tree.ObjectOf:
    """Give an object with these members."""
    entries = tuple((tree.Constant(value=name, type=STR), value) for name, value in members.items())
    return tree.ObjectOf(entries=entries, type=OBJECT)


def in_context(*path: str, type: Type = ANY) -> Expression:
    """Give what is at a place in the context object."""
    value: Expression = tree.State(part="context", type=OBJECT)
    for name in path[:-1]:
        value = tree.Field(value=value, name=name, type=OBJECT)
    return tree.Field(value=value, name=path[-1], type=type)


TASK_TOKEN: Final = in_context("Task", "Token", type=STR)
"""The task token of the state that is running."""


def task_state(
    name: str,
    task: Callee,
    payload: Mapping[str, Expression],
    span: Span | None,
    *,
    reach: Reach | None = None,
) -> graph.Task:
    """Give the state that calls a task with this payload, with the task's own retries and timeouts.

    Retried are the errors that it names, and those below them within reach.
    Its output is the result that Python sees. The payload of a callback task has its token in it.
    """
    result = result_of(task.result.type, span, invoked=task.kind == "function")
    function = tree.Constant(value=f"${{{task.function_name}}}", type=STR)
    invocation = {"FunctionName": function, "Payload": object_of(payload)}
    return graph.Task(
        name=name,
        resource=task.resource,
        arguments=object_of(payload if task.kind == "integration" else invocation),
        timeout_seconds=seconds("timeout", task.timeout),
        heartbeat_seconds=seconds("heartbeat", task.heartbeat),
        output=result if isinstance(result, tree.Field) else None,
        retry=tuple(policy.retrier(reach) for policy in task.retry),
        span=span,
    )


def result_of(kind: Type, span: Span | None, *, invoked: bool) -> Expression:
    """Give the result of a Task state as an expression: of an invoked Lambda function, its payload."""
    if not invoked:
        return tree.State(part="result", type=kind, span=span)
    return tree.Field(value=tree.State(part="result", span=span), name="Payload", type=kind, span=span)


_ANSWER: Final = "($states.result ~> |$|{}, ['SdkHttpMetadata', 'SdkResponseMetadata']|)"


def answer_of(kind: Type, span: Span | None) -> Expression:
    """Give the result of an optimised integration as the service answered: how the request fared is never the same."""
    return tree.Raw(text=_ANSWER, type=kind, span=span)


def is_answer(node: Expression) -> bool:
    """Say whether an expression is what `answer_of` gives."""
    return isinstance(node, tree.Raw) and node.text == _ANSWER


def seconds(what: str, duration: timedelta | int | None, *, low: int = 1) -> Expression | None:
    """Give a duration in seconds as an expression. Raises ValueError where it is not whole or out of bounds."""
    if duration is None:
        return None
    return tree.Constant(value=whole_seconds(what, duration, low=low), type=INT)
