"""A result is written once: to the variable that keeps it, or to the output."""

from __future__ import annotations

from dataclasses import replace

from stepsmith.authoring.compiler.drafts import States
from stepsmith.authoring.lowered import graph


def write_once(states: States) -> None:
    """Leave the output of a task out where a variable keeps it, since nothing reads the input of the state after it.

    before: A, Assign {"x": result.Payload}, Output result.Payload -> B
    after:  A, Assign {"x": result.Payload} -> B
    """
    for draft in states.drafts:
        state, edge = draft.state, draft.edge
        if isinstance(state, graph.Task) and edge is not None and state.output in list(edge.assign.values()):
            draft.state = replace(state, output=None)
