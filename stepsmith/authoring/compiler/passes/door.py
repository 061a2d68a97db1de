"""The first task checks the input, where its parameters are those of the workflow: it gets the input as it came.

A Lambda function reads its payload with the code of its types, which a state machine has none of. So nothing is
checked twice, no state is added, and a field that nobody knows is found, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from stepsmith.asl.model import Retrier
from stepsmith.authoring.calls.boundary import Boundary
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.task_states import OBJECT, in_context, object_of
from stepsmith.authoring.lowered.uses import variables_read
from stepsmith.authoring.lowered.walk import every_state
from stepsmith.authoring.source.names import unique
from stepsmith.authoring.tasks.task import Task
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import ANY, STR
from stepsmith.expressions.typed.to_jsonata import to_jsonata
from stepsmith.expressions.typed.tree import Expression

_REFUSED: Final = "InvalidInput"
_NOT_AN_OBJECT: Final = "States.QueryEvaluationError"
_ALL: Final = ("States.ALL", "States.TaskFailed")
_NAME: Final = "Refuse input"
_HERE: Final = tree.State(part="input", type=OBJECT)
_ANYWHERE: Final = in_context("Execution", "Input", type=OBJECT)


def check_in_first_task(
    scope: graph.Scope,
    boundary: Boundary,
    values: Mapping[str, Expression],
    tasks: Mapping[str, Task[..., Any]],
) -> graph.Scope | None:
    """Hand the whole input to the first task, and end with InvalidInput where it does not take it.

    before: A ({"x": $states.input.x})
    after:  A ($states.input; InvalidInput: Refuse input)

    `values` are the parameters as they are at the start. None where the first task does not take all of them by their
    names, or where a handler of the workflow takes its InvalidInput.
    """
    first, assigned = _first_task(scope)
    if first is None or not isinstance(first.arguments, tree.ObjectOf):
        return None
    members = _members(first.arguments)
    task = tasks.get(_function(members.get("FunctionName")))
    payload = members.get("Payload")
    if task is None or task.kind != "function" or not isinstance(payload, tree.ObjectOf):
        return None
    given = _members(payload)
    initial = {
        name: assigned.get(value.name, value) if isinstance(value, tree.Variable) else value
        for name, value in given.items()
    }
    if not _takes_all(initial, boundary, values, task):
        return None
    if any(_REFUSED in catcher.errors for catcher in first.catch):
        return None
    others = {name: value for name, value in given.items() if name not in values}
    input = _HERE if first.name == _start(scope) else _ANYWHERE
    arguments = object_of({**members, "Payload": _payload(input, others)})
    return _refusing(scope, replace(first, arguments=arguments), named=(_REFUSED, *_failing(others)))


def _start(scope: graph.Scope) -> str:
    return scope.start_at or scope.states[0].name


def _first_task(scope: graph.Scope) -> tuple[graph.Task | None, dict[str, Expression]]:
    """Give the Task state before which nothing is done, and what variables hold there."""
    states = {state.name: state for state in scope.states}
    state = states.get(_start(scope))
    assigned: dict[str, Expression] = {}
    seen: set[str] = set()
    while isinstance(state, graph.Pass) and state.next is not None and state.name not in seen:
        seen.add(state.name)
        assigned.update(state.assign)
        state = states.get(state.next)
    return (state if isinstance(state, graph.Task) else None), assigned


def _members(value: tree.ObjectOf) -> dict[str, Expression]:
    found = ((key.value, each) for key, each in value.entries if isinstance(key, tree.Constant))
    return {name: each for name, each in found if isinstance(name, str)}


def _function(name: Expression | None) -> str:
    text = name.value if isinstance(name, tree.Constant) else None
    return text[2:-1] if isinstance(text, str) else ""


def _takes_all(
    given: Mapping[str, Expression],
    boundary: Boundary,
    values: Mapping[str, Expression],
    task: Task[..., Any],
) -> bool:
    taken = {parameter.name: parameter for parameter in task.boundary.parameters}
    return bool(boundary.parameters) and all(
        parameter.name in given
        and given[parameter.name] == values[parameter.name]
        and taken[parameter.name].default == parameter.default
        for parameter in boundary.parameters
    )


def _payload(input: Expression, others: Mapping[str, Expression]) -> Expression:
    """Give the input, with what the task takes besides it.

    What the merging would hide is there under names that the task does not know: a field of the input that is called
    like what the task takes besides, and a list, whose objects are merged.
    """
    if not others:
        return input
    entries: list[tuple[Expression | None, Expression]] = [(None, tree.Spread(value=input, type=OBJECT))]
    for name, value in others.items():
        entries.append((tree.Constant(value=name, type=STR), value))
    for name in others:
        given = tree.Field(value=input, name=name, type=ANY)
        entries.append((tree.Constant(value=f"input.{name}", type=STR), given))
    listed = tree.Raw(text=f"$type({to_jsonata(input)}) = 'array' ? true", type=ANY)
    entries.append((tree.Constant(value="input as a list", type=STR), listed))
    return tree.ObjectOf(entries=tuple(entries), type=OBJECT)


def _failing(others: Mapping[str, Expression]) -> tuple[str, ...]:
    """Give what an input that is no object fails with besides."""
    return (_NOT_AN_OBJECT,) if others and not any(map(tree.can_fail, others.values())) else ()


def _refusing(scope: graph.Scope, first: graph.Task, named: tuple[str, ...]) -> graph.Scope:
    """End with what the first task says about the input, whatever handlers and retries there are around it."""
    if any(name in _ALL for retrier in first.retry for name in retrier.error_equals):
        never = Retrier(error_equals=(_REFUSED,), max_attempts=0)
        known = any(_REFUSED in retrier.error_equals for retrier in first.retry)
        first = replace(first, retry=first.retry if known else (never, *first.retry))
    states = list(scope.states)
    if first.catch:
        fail = _fail(unique(_NAME, {state.name for state in every_state(scope)}), first)
        refused = graph.Catcher(
            errors=named, next=fail.name, output=tree.State(part="errorOutput", type=OBJECT)
        )
        first = replace(first, catch=(refused, *first.catch))
        states.append(fail)
    states = [first if state.name == first.name else state for state in states]
    return replace(scope, states=tuple(_read_only(state, states) for state in states))


def _read_only(state: graph.State, states: list[graph.State]) -> graph.State:
    """Leave out what a state before the first task assigned for it alone."""
    if not isinstance(state, graph.Pass) or state.name != states[0].name:
        return state
    read = variables_read(tuple(states[1:]))
    return replace(state, assign={n: v for n, v in state.assign.items() if n in read or tree.can_fail(v)})


def _fail(name: str, first: graph.Task) -> graph.Fail:
    said = tree.State(part="input", type=OBJECT)
    return graph.Fail(
        name=name,
        error=tree.Field(value=said, name="Error", type=STR),
        cause=tree.Field(value=said, name="Cause", type=STR),
        span=first.span,
    )
