"""The drafts of a scope as a graph: which ways lead where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Final, cast

from stepsmith.authoring.compiler.drafts import Draft, Edge, Label, resolve
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.uses import changed, variables_read
from stepsmith.authoring.lowered.walk import inner_scopes
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.tree import Expression

_NOT_OWN: Final = ("branches", "processor", "rules", "catch", "assign", "raw")


@dataclass(slots=True)
class States:
    """The drafts of one scope, and where it starts."""

    drafts: list[Draft]
    entry: Label

    @property
    def first(self) -> Draft:
        """The state where the scope starts."""
        return resolve(self.entry)

    def ways_to(self, draft: Draft) -> list[tuple[Draft, Edge]]:
        """Give the ways that lead to a state, each with the state that it leaves."""
        return [
            (before, edge)
            for before in self.drafts
            for edge in edges(before)
            if edge.target is not None and resolve(edge.target) is draft
        ]

    def remove(self, draft: Draft) -> None:
        """Take out a state that nothing leads to any more."""
        self.drafts.remove(draft)


def edges(draft: Draft) -> Iterator[Edge]:
    """Give the ways out of a state."""
    if draft.edge is not None:
        yield draft.edge
    for _, edge in draft.rules:
        yield edge
    for _, edge in draft.catches:
        yield edge


def own(state: graph.State, change: Callable[[Expression], Expression]) -> graph.State:
    """Give a state whose own expressions are changed; those of its branches or processor stay."""
    new = {
        field.name: changed(getattr(state, field.name), change, change)
        for field in fields(state)
        if field.name not in _NOT_OWN
    }
    return cast(graph.State, replace(cast(Any, state), **new))


def own_reads(draft: Draft) -> list[str]:
    """Give each reading of a variable in the own fields of a state and in its conditions."""
    found: list[str] = []

    def note(value: Expression) -> Expression:
        found.extend(node.name for node in tree.walk(value) if isinstance(node, tree.Variable))
        return value

    own(draft.state, note)
    for test, _ in draft.rules:
        note(test)
    return found


def read_inside(state: graph.State) -> set[str]:
    """Give the variables that the branches or the processor of a state read."""
    return variables_read(inner_scopes(state))


def read_by(draft: Draft) -> set[str]:
    """Give the variables that a state reads: in its own fields, inside, and on its ways out."""
    assigned = [edge.assign for edge in edges(draft)]
    tests = tuple(test for test, _ in draft.rules)
    return variables_read((draft.state, tuple(assigned), tests))
