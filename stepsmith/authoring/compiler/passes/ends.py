"""A state ends its scope with the output itself, instead of a Succeed state after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from stepsmith.authoring.compiler.drafts import Draft, Edge, States, substituted
from stepsmith.authoring.lowered import graph
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.tree import Expression

_MOST_COPIES: Final = 120
"""Most nodes of expressions that the outputs of all the states together may take."""
_CAN_END: Final = graph.Task | graph.Parallel | graph.Map | graph.Pass | graph.Wait


def end_with_the_output(states: States) -> None:
    """Let each state that leads to a Succeed state end itself; a Choice and a catcher still need the Succeed.

    before: A (x := result) -> Succeed ({"x": $x})
    after:  A, Output {"x": result}, End
    """
    for end in list(states.drafts):
        if isinstance(end.state, graph.Succeed) and end is not states.first:
            _end_before(states, end, end.state.output or tree.State(part="input"))


def _end_before(states: States, end: Draft, output: Expression) -> None:
    ways = states.ways_to(end)
    enders = [(before, edge) for before, edge in ways if _can_end(states, before, edge)]
    size = tree.size(output)
    if size * len(enders) > _MOST_COPIES and len(enders) > 1:
        return
    for before, edge in enders:
        given = substituted(output, edge.assign)
        if given is None or (
            edge.retried and tree.can_fail(given) and given not in list(edge.assign.values())
        ):
            continue
        before.state = _ended(before.state, given, _only_failing(edge, given))
        before.edge = None
        ways.remove((before, edge))
    if not ways:
        states.remove(end)


def _only_failing(edge: Edge, given: Expression) -> Mapping[str, Expression]:
    """Give the assignments that nothing reads any more and that may fail all the same, as they do in Python."""
    evaluated = list(tree.always(given))
    return {
        name: value for name, value in edge.assign.items() if tree.can_fail(value) and value not in evaluated
    }


def _can_end(states: States, before: Draft, edge: Edge) -> bool:
    names_the_input = before is states.first and isinstance(before.state, graph.Pass)
    return before.edge is edge and isinstance(before.state, _CAN_END) and not names_the_input


def _ended(state: graph.State, output: Expression, assign: Mapping[str, Expression]) -> graph.State:
    assert isinstance(state, _CAN_END)
    shapes = isinstance(state, graph.Pass | graph.Wait)
    whole = isinstance(output, tree.State) and output.part == "result"
    return replace(state, output=None if whole and not shapes else output, assign=assign)
