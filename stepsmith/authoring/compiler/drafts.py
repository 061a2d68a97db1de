"""States while their transitions are still open, and the fusing of assignments into the transitions before them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from stepsmith.authoring.lowered import graph
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.tree import Expression

_LARGEST_FUSED: Final = 60
"""Most nodes of an expression that fusing may make by putting values in the place of variables."""


@dataclass(eq=False, slots=True)
class Label:
    """A place that states are entered at before the first of them is made, such as the head of a loop."""

    target: Draft | Label | None = None


@dataclass(eq=False, slots=True)
class Edge:
    """A way out of a state, with what is assigned on it."""

    retried: bool = False
    """Whether a failing assignment would be retried or caught by the state, which Python does not do."""
    assign: dict[str, Expression] = field(default_factory=dict[str, Expression])
    target: Draft | Label | None = None

    def takes(self, values: Mapping[str, Expression]) -> dict[str, Expression] | None:
        """Give what the edge would assign with these values as well, or None where that would change the meaning."""
        known = dict(self.assign)
        for name, value in values.items():
            if self.retried and tree.can_fail(value):
                return None
            changed = substituted(value, self.assign)
            lost = self.assign.get(name)
            if changed is None or (lost is not None and tree.can_fail(lost)):
                return None
            known[name] = changed
        return known


Ends: TypeAlias = list["Edge | Label"]
"""Where control is: edges without a target yet. None at all means that nothing gets here."""


@dataclass(eq=False, slots=True)
class Draft:
    """A state with open transitions."""

    state: graph.State
    edge: Edge | None = None
    """Where it goes: Next, or Default of a Choice; None for states that end."""
    rules: list[tuple[Expression, Edge]] = field(default_factory=list[tuple[Expression, Edge]])
    catches: list[tuple[tuple[str, ...], Edge]] = field(default_factory=list[tuple[tuple[str, ...], Edge]])


def substituted(value: Expression, known: Mapping[str, Expression]) -> Expression | None:
    """Give a value with what variables are assigned in their places; None where that would change what it means."""
    read = tree.variables(value) & set(known)
    if not read:
        return value
    if any(isinstance(node, tree.Raw) for node in tree.walk(value)):
        return None
    if any(tree.is_volatile(known[name]) for name in read):
        return None
    changed = _picked(tree.substitute(value, known))
    simple = all(is_path(known[name]) for name in read)
    return changed if simple or tree.size(changed) <= _LARGEST_FUSED else None


def _picked(value: Expression) -> Expression:
    """Read only the field that is wanted of an answer that is read as a model."""
    value = tree.rebuild(value, _picked)
    match value:
        case tree.Field(
            value=tree.Call(function="readers", arguments=(tree.ObjectOf(entries=entries),)), name=name
        ):
            found = [read for key, read in entries if isinstance(key, tree.Constant) and key.value == name]
            return tree.Call(function="readers", arguments=(found[0],), type=value.type) if found else value
        case _:
            return value


def is_path(value: Expression) -> bool:
    """Say whether a value is read as it is: a constant, a variable, or a field of one."""
    match value:
        case tree.Constant() | tree.Variable() | tree.State():
            return True
        case tree.Field(value=inner):
            return is_path(inner)
        case _:
            return False


def leave_by(draft: Draft, values: Mapping[str, Expression]) -> Edge:
    """Give a state its way on, with what is assigned there."""
    retried = isinstance(draft.state, graph.Calling) and bool(draft.state.retry)
    draft.edge = Edge(retried=retried or bool(draft.catches), assign=dict(values))
    return draft.edge


def resolve(target: Draft | Label | None) -> Draft:
    """Follow labels to the state they stand for."""
    while isinstance(target, Label):
        target = target.target
    if target is None:
        raise AssertionError("a transition was left open")
    return target


def finish(draft: Draft) -> graph.State:
    """Give the state with its transitions."""
    state = draft.state
    match state:
        case graph.Succeed() | graph.Fail() | graph.RawState():
            return state
        case graph.Choice():
            return replace(
                state,
                rules=tuple(
                    graph.ChoiceRule(condition=test, next=resolve(edge.target).state.name, assign=edge.assign)
                    for test, edge in draft.rules
                ),
                **_onward(draft),
            )
        case graph.Task() | graph.Parallel() | graph.Map():
            catch = tuple(
                graph.Catcher(errors=errors, next=resolve(edge.target).state.name, assign=edge.assign)
                for errors, edge in draft.catches
            )
            return replace(state, catch=catch, **_onward(draft))
        case _:
            return replace(state, **_onward(draft))


def _onward(draft: Draft) -> dict[str, object]:
    if draft.edge is None:
        return {}
    return {"next": resolve(draft.edge.target).state.name, "assign": draft.edge.assign}


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
