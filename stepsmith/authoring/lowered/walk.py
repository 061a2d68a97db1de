"""The way through plain states: into branches and processors, and to where a state leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from stepsmith.authoring.lowered import graph
from stepsmith.expressions.types import Json


def every_state(scope: graph.Scope) -> Iterator[graph.State]:
    """Give the states of a scope and of all scopes inside it, each state before those inside it."""
    for state in scope.states:
        yield state
        for inner in inner_scopes(state):
            yield from every_state(inner)


def inner_scopes(state: graph.State) -> tuple[graph.Scope, ...]:
    """Give the branches of a Parallel state, or the processor of a Map state."""
    match state:
        case graph.Parallel(branches=branches):
            return branches
        case graph.Map(processor=processor):
            return (processor,)
        case _:
            return ()


def without_inner(state: graph.State) -> graph.State:
    """Give the state without its branches or its processor."""
    match state:
        case graph.Parallel():
            return replace(state, branches=())
        case graph.Map():
            return replace(state, processor=graph.Scope(states=()))
        case _:
            return state


def targets(state: graph.State) -> Iterator[str]:
    """Give the names of the states that a state leads to."""
    match state:
        case graph.Choice(rules=rules):
            yield from (rule.next for rule in rules)
        case graph.Task(catch=catch) | graph.Parallel(catch=catch) | graph.Map(catch=catch):
            yield from (catcher.next for catcher in catch)
        case graph.RawState():
            yield from _raw_targets(state.definition)
        case _:
            pass
    if not isinstance(state, graph.Succeed | graph.Fail):
        if state.next is not None:
            yield state.next
        if not isinstance(state, graph.RawState):
            yield from _raw_targets(state.raw)


def _raw_targets(fields: Mapping[str, Json]) -> Iterator[str]:
    for name in ("Next", "Default"):
        target = fields.get(name)
        if isinstance(target, str):
            yield target
    for name in ("Choices", "Catch"):
        rules = fields.get(name)
        for rule in rules if isinstance(rules, list) else []:
            target = rule.get("Next") if isinstance(rule, dict) else None
            if isinstance(target, str):
                yield target
