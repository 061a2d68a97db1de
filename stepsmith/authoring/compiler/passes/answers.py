"""A part of a service's answer is read where it is."""

from __future__ import annotations

from dataclasses import replace

from stepsmith.authoring.compiler.drafts import States, edges
from stepsmith.authoring.lowered.task_states import is_answer
from stepsmith.authoring.lowered.uses import own
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.tree import Expression


def read_in_place(states: States) -> None:
    """Leave the metadata of a request in the result, where only a part of the answer is read.

    before: A, Output (result without metadata).Item
    after:  A, Output result.Item
    """
    for draft in states.drafts:
        draft.state = own(draft.state, _in_place)
        for edge in edges(draft):
            edge.assign = {name: _in_place(value) for name, value in edge.assign.items()}


def _in_place(node: Expression) -> Expression:
    changed = tree.rebuild(node, _in_place)
    if isinstance(changed, tree.Field | tree.Item) and is_answer(changed.value):
        answer = changed.value
        return replace(changed, value=tree.State(part="result", type=answer.type, span=answer.span))
    return changed
