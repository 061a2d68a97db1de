"""Chains to scopes: who leads to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from stepsmith.authoring.explicit.chain import Flow, Goto
from stepsmith.authoring.explicit.items import place_item
from stepsmith.authoring.explicit.kinds import CallingState, Handler, State
from stepsmith.authoring.explicit.states import Choice, Fail, Map, Parallel, Succeed
from stepsmith.authoring.explicit.task_states import Task as TaskState
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.diagnostics import mistake
from stepsmith.authoring.tasks.task import Task
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import ErrorType


def link(flow: Flow[Any]) -> graph.Scope:
    """Give the states of a chain, each with the states it leads to, in the order in which they are first met.

    What follows a state follows its handlers and branches too, unless they end. Raises DefinitionError where two states
    have one name, a state would lead to two, or something follows a state that ends.
    """
    links = _Links()
    links.place(flow, None)
    states = tuple(_linked(state, links.followers[state.name]) for state in links.states.values())
    return graph.Scope(states=states, start_at=flow.name)


class _Links:
    def __init__(self) -> None:
        self.states: dict[str, State[Any]] = {}
        self.followers: dict[str, str | None] = {}
        self._placed: set[tuple[int, str | None]] = set()

    def place(self, flow: Flow[Any], after: str | None) -> None:
        """Put the states of a flow into the scope, with `after` as the state that follows it."""
        if (id(flow), after) in self._placed:
            return
        self._placed.add((id(flow), after))
        parts = flow.parts
        if isinstance(parts[-1], Goto):
            after = parts[-1].name
        states = [part for part in parts if isinstance(part, State)]
        for index, state in enumerate(states):
            follower = states[index + 1].name if index + 1 < len(states) else after
            self._add(state, follower, inside=index + 1 < len(states))
            for inner in _flows(state):
                self.place(inner, follower)

    def _add(self, state: State[Any], follower: str | None, *, inside: bool) -> None:
        name = state.name
        if self.states.setdefault(name, state) is not state:
            raise mistake(
                "W301",
                f"two states have the name {name!r}",
                "give one of them another name, or use one value in both places",
                state.data,
            )
        if isinstance(state, Succeed | Fail):
            if inside:
                raise mistake(
                    "W306",
                    f"{type(state).__name__} {name!r} ends, and {follower!r} cannot follow it",
                    "put what follows before it",
                    state.data,
                )
            follower = None
        if self.followers.setdefault(name, follower) != follower:
            first = self.followers[name]
            raise mistake(
                "W305",
                f"state {name!r} leads to {_shown(first)} in one place and to {_shown(follower)} in another",
                "a state has one successor: end it with Succeed, Fail or goto(), or make two states",
                state.data,
            )


def _shown(name: str | None) -> str:
    return "the end" if name is None else repr(name)


def _flows(state: State[Any]) -> Iterator[Flow[Any]]:
    if isinstance(state, Choice):
        yield from (rule.then for rule in state.rules)
        if state.fallback is not None:
            yield state.fallback
    if isinstance(state, CallingState):
        yield from (handler.then for handler in state.handlers)


def tasks_of(flow: Flow[Any]) -> dict[str, Task[..., Any]]:
    """Give the tasks that the states of a chain call, by function name; branches and bodies included."""
    found: dict[str, Task[..., Any]] = {}
    waiting: list[Flow[Any]] = [flow]
    seen: set[int] = set()
    while waiting:
        for state in waiting.pop().parts:
            if not isinstance(state, State) or id(state) in seen:
                continue
            seen.add(id(state))
            waiting.extend(_flows(state))
            called: object = state.task if isinstance(state, TaskState) else None
            if isinstance(called, Task):
                found[called.function_name] = cast("Task[..., Any]", called)
            if isinstance(state, Parallel):
                waiting.extend(state.branches)
            if isinstance(state, Map):
                waiting.append(state.body)
    return dict(sorted(found.items()))


def _linked(state: State[Any], follower: str | None) -> graph.State:
    data = state.data
    match data:
        case graph.Choice():
            return _choice(cast(Choice, state), data, follower)
        case graph.Task():
            return replace(data, catch=_catchers(state), next=follower)
        case graph.Parallel():
            branches = tuple(link(branch) for branch in cast("Parallel[Any]", state).branches)
            return replace(data, branches=branches, catch=_catchers(state), next=follower)
        case graph.Map():
            linked = replace(data, processor=link(cast("Map[Any]", state).body))
            return replace(place_item(linked), catch=_catchers(state), next=follower)
        case graph.Succeed() | graph.Fail():
            return data
        case _:
            return replace(data, next=follower)


def _choice(state: Choice, data: graph.Choice, follower: str | None) -> graph.Choice:
    if not state.rules:
        raise mistake(
            "W302", f"Choice {data.name!r} has no conditions", "add one with .when(condition, then)", data
        )
    rules = tuple(graph.ChoiceRule(condition=rule.condition, next=rule.then.name) for rule in state.rules)
    return replace(data, rules=rules, next=state.fallback.name if state.fallback is not None else follower)


def _catchers(state: State[Any]) -> tuple[graph.Catcher, ...]:
    return tuple(map(_catcher, cast("CallingState[Any]", state).handlers))


def _catcher(handler: Handler) -> graph.Catcher:
    output = tree.State(part="errorOutput", type=ErrorType())
    assign = {} if handler.error is None else {handler.error: output}
    return graph.Catcher(errors=handler.errors, next=handler.then.name, assign=assign)
