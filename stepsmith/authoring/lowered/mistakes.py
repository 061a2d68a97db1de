"""Mistakes in explicit states, as definition errors with a code, a place and a help.

W300 name · W301 taken name · W302 empty scope · W303 target that is not there · W304 state that nothing leads to ·
W305 two successors · W306 successor of an end · W310 type of a value · W320 what JSONPath cannot say ·
W321 a value that is out of sight · W322 a variable that no state assigns
"""

from __future__ import annotations

from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.diagnostics import DefinitionError, Diagnostic
from stepsmith.authoring.source.places import source_line
from stepsmith.expressions.typed.tree import Span

_NOWHERE = Span("<definition>", 1, 1, 1, 1)


def mistake(code: str, message: str, help: str, state: graph.State | Span | None = None) -> DefinitionError:
    """Give the error for a mistake at a state or place."""
    span = state if isinstance(state, Span) or state is None else state.span
    if span is None:
        return DefinitionError([Diagnostic(code, message, help, _NOWHERE)])
    return DefinitionError([Diagnostic(code, message, help, span, source_line(span))])
