"""Assignments where several ways meet, made on each of the ways instead of in a state of their own."""

from __future__ import annotations

from typing import Final

from stepsmith.authoring.compiler.drafts import Draft, States, resolve
from stepsmith.authoring.lowered import graph
from stepsmith.expressions.typed import tree

_MOST_COPIES: Final = 120
"""Most nodes of expressions that all the ways together may take."""


def assign_on_every_way(states: States) -> None:
    """Take out each state that only assigns, where every way to it can assign the same.

    before: A -> Set x -> C, B -> Set x -> C
    after:  A (x := ...) -> C, B (x := ...) -> C
    """
    while any(_taken_out(states, draft) for draft in list(states.drafts)):
        pass


def _taken_out(states: States, draft: Draft) -> bool:
    if not isinstance(draft.state, graph.Pass) or draft.edge is None or draft is states.first:
        return False
    onward = resolve(draft.edge.target)
    values = draft.edge.assign
    ways = [edge for _, edge in states.ways_to(draft)]
    size = sum(map(tree.size, values.values()))
    if onward is draft or draft.edge in ways or size * (len(ways) - 1) > _MOST_COPIES:
        return False
    together = [edge.takes(values) for edge in ways]
    if any(found is None for found in together):
        return False
    for edge, found in zip(ways, together, strict=True):
        edge.assign = found or {}
        edge.target = draft.edge.target
    states.remove(draft)
    return True
