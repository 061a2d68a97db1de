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
    if not any(own & edge.assign.keys() for draft in states.drafts for edge in edges(draft)):
        return
    reads = {draft: _read_by(draft) for draft in states.drafts}
    found = True
    while found:
        found = False
        read = set[str]().union(*reads.values())
        for draft in states.drafts:
            if _forget(draft, own - read):
                reads[draft] = _read_by(draft)
                found = True


def _forget(draft: Draft, unread: Set[str]) -> bool:
    """Leave out the assignments of variables on the ways out of a state; say whether there were any."""
    found = False
    for edge in edges(draft):
        for name in unread & edge.assign.keys():
            if not tree.can_fail(edge.assign[name]):
                del edge.assign[name]
                found = True
    return found


def _read_by(draft: Draft) -> set[str]:
    """Give the variables that a state reads: in its own fields, inside, and on its ways out."""
    assigned = tuple(edge.assign for edge in edges(draft))
    tests = tuple(test for test, _ in draft.rules)
    return variables_read((draft.state, assigned, tests))
