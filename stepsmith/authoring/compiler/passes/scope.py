"""The order of the passes."""

from __future__ import annotations

from collections.abc import Set

from stepsmith.authoring.compiler.drafts import Draft, Label, States, finish, resolve
from stepsmith.authoring.compiler.passes.answers import read_in_place
from stepsmith.authoring.compiler.passes.beginning import begin_with_the_input
from stepsmith.authoring.compiler.passes.ends import end_with_the_output
from stepsmith.authoring.compiler.passes.joins import assign_on_every_way
from stepsmith.authoring.compiler.passes.outputs import write_once
from stepsmith.authoring.compiler.passes.unread import forget_unread
from stepsmith.authoring.lowered import graph


def build_scope(drafts: list[Draft], entry: Label, own: Set[str], *, save: bool) -> graph.Scope:
    """Give the states of a scope with their transitions; `own` are variables that no name of the workflow stands for.

    Where `save` says so, states that only name, assign or return what the states beside them could are left out.
    """
    if save:
        states = States(drafts, entry)
        forget_unread(states, own)
        assign_on_every_way(states)
        end_with_the_output(states)
        forget_unread(states, own)
        read_in_place(states)
        write_once(states)
    scope = graph.Scope(states=tuple(finish(draft) for draft in drafts), start_at=resolve(entry).state.name)
    return begin_with_the_input(scope) if save else scope
