"""Variables of the compiler's own that nothing reads any more are not assigned."""

from __future__ import annotations

from collections.abc import Set

from stepsmith.authoring.compiler.drafts import Draft, States, edges
from stepsmith.authoring.lowered.uses import variables_read
from stepsmith.expressions.typed import tree


def forget_unread(states: States, own: Set[str]) -> None:
    """Leave out assignments of variables that no state reads; `own` are those that no name of the workflow stands for.

    before: A (result := ..., x := ...) -> B ($x)
    after:  A (x := ...) -> B ($x)
    """
    while True:
        read = {name for draft in states.drafts for name in _read_by(draft)}
        found = False
        for edge in (edge for draft in states.drafts for edge in edges(draft)):
            for name, value in list(edge.assign.items()):
                if name in own and name not in read and not tree.can_fail(value):
                    del edge.assign[name]
                    found = True
        if not found:
            return


def _read_by(draft: Draft) -> set[str]:
    """Give the variables that a state reads: in its own fields, inside, and on its ways out."""
    assigned = tuple(edge.assign for edge in edges(draft))
    tests = tuple(test for test, _ in draft.rules)
    return variables_read((draft.state, assigned, tests))
