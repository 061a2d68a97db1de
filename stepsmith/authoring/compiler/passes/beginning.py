"""The first state reads the input itself, instead of a state before it that only names what is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from stepsmith.authoring.compiler.drafts import Draft, is_path, resolve
from stepsmith.authoring.compiler.passes.ways import States, edges, own, own_reads, read_by, read_inside
from stepsmith.authoring.lowered import graph
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.tree import Expression

_AT_ONCE: Final = graph.Pass | graph.Choice
_LARGEST: Final = 40
"""Most nodes of an expression, other than a path, that may stand in more than one place."""


def begin_with_the_input(states: States) -> None:
    """Take out a first state that only names the input, where the state after it can read it and hand it on.

    before: Start (x := $states.input.x) -> A ($x)
    after:  A ($states.input.x; x := $states.input.x on every way, where it is read later)
    """
    first = states.first
    if not isinstance(first.state, graph.Pass) or first.edge is None or first.state.output is not None:
        return
    first.edge.assign = _read_somewhere(states, first.edge.assign)
    second, values = resolve(first.edge.target), first.edge.assign
    if second is first or len(states.ways_to(second)) != 1 or states.ways_to(first):
        return
    others = [draft for draft in states.drafts if draft is not first and draft is not second]
    later = {name for draft in others for name in read_by(draft)}
    kept = {name: value for name, value in values.items() if name in later or tree.can_fail(value)}
    if not _can_read(second, values, kept):
        return
    for edge in edges(second):
        named = {name: tree.substitute(value, values) for name, value in edge.assign.items()}
        edge.assign = {**kept, **named}
    second.state = own(second.state, lambda value: tree.substitute(value, values))
    second.rules = [(tree.substitute(test, values), edge) for test, edge in second.rules]
    states.remove(first)
    states.entry.target = second


def _evaluated_first(state: graph.State, values: Mapping[str, Expression]) -> list[Expression]:
    """Give what a state certainly evaluates before anything else happens in it."""
    names = (
        ("output",) if isinstance(state, graph.Succeed) else ("arguments", "items", "seconds", "timestamp")
    )
    found = (getattr(state, name, None) for name in names)
    return [node for each in found if each is not None for node in tree.always(tree.substitute(each, values))]


def _read_somewhere(states: States, values: Mapping[str, Expression]) -> dict[str, Expression]:
    read = {name for draft in states.drafts for name in read_by(draft)}
    return {name: value for name, value in values.items() if name in read or tree.can_fail(value)}


def _can_read(second: Draft, values: Mapping[str, Expression], kept: Mapping[str, Expression]) -> bool:
    if isinstance(second.state, graph.RawState) or read_inside(second.state) & set(values):
        return False
    ways = list(edges(second))
    guarded = bool(second.catches) or any(edge.retried for edge in ways)
    reads = Counter(own_reads(second))
    evaluated = _evaluated_first(second.state, values)
    for name, value in values.items():
        copies = reads[name] + (len(ways) if name in kept else 0)
        if tree.is_volatile(value) or (guarded and tree.can_fail(value)):
            return False
        if tree.can_fail(value) and value not in evaluated and not isinstance(second.state, _AT_ONCE):
            return False  # it would fail only after the call, or after the time
        if copies > 1 and not is_path(value) and sum(1 for _ in tree.walk(value)) > _LARGEST:
            return False
    return True
