"""Typed references for explicit states; see `docs/guide/explicit-states.md`."""

from stepsmith.authoring.explicit.context import context
from stepsmith.authoring.explicit.references import (
    build,
    contains,
    expression,
    is_none,
    length,
    message,
    not_,
    optional_variable,
    state_input,
    text,
    variable,
)

__all__ = [
    "build",
    "contains",
    "context",
    "expression",
    "is_none",
    "length",
    "message",
    "not_",
    "optional_variable",
    "state_input",
    "text",
    "variable",
]
