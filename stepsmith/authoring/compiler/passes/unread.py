"""Variables of the compiler's own that nothing reads any more are not assigned."""

from __future__ import annotations

from collections.abc import Set

from stepsmith.authoring.compiler.passes.ways import States, edges, read_by
from stepsmith.expressions.typed import tree


def forget_unread(states: States, own: Set[str]) -> None:
    """Leave out assignments of variables that no state reads; `own` are those that no name of the workflow stands for.

    before: A (result := ..., x := ...) -> B ($x)
    after:  A (x := ...) -> B ($x)
    """
    while True:
        read = {name for draft in states.drafts for name in read_by(draft)}
        found = False
        for edge in (edge for draft in states.drafts for edge in edges(draft)):
            for name, value in list(edge.assign.items()):
                if name in own and name not in read and not tree.can_fail(value):
                    del edge.assign[name]
                    found = True
        if not found:
            return
