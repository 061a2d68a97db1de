"""The order of the passes."""

from __future__ import annotations

from stepsmith.authoring.compiler.passes.beginning import begin_with_the_input
from stepsmith.authoring.compiler.passes.ends import end_with_the_output
from stepsmith.authoring.compiler.passes.joins import assign_on_every_way
from stepsmith.authoring.compiler.passes.outputs import write_once
from stepsmith.authoring.compiler.passes.ways import States


def save(states: States) -> None:
    """Leave out the states that only name, assign or return what the states beside them could."""
    assign_on_every_way(states)
    begin_with_the_input(states)
    end_with_the_output(states)
    write_once(states)
