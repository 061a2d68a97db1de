"""The order of the passes."""

from __future__ import annotations

from collections.abc import Set

from stepsmith.authoring.compiler.passes.answers import read_in_place
from stepsmith.authoring.compiler.passes.beginning import begin_with_the_input
from stepsmith.authoring.compiler.passes.ends import end_with_the_output
from stepsmith.authoring.compiler.passes.joins import assign_on_every_way
from stepsmith.authoring.compiler.passes.outputs import write_once
from stepsmith.authoring.compiler.passes.unread import forget_unread
from stepsmith.authoring.compiler.passes.ways import States


def save(states: States, own: Set[str]) -> None:
    """Leave out what the states beside it could do; `own` are variables that no name of the workflow stands for."""
    forget_unread(states, own)
    assign_on_every_way(states)
    begin_with_the_input(states)
    end_with_the_output(states)
    forget_unread(states, own)
    read_in_place(states)
    write_once(states)
