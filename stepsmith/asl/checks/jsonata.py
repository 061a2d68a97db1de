"""What the checks ask of the JSONata room."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=4096)
def faults(text: str) -> Sequence[tuple[str, str]]:
    """Give code and message of everything AWS refuses about an expression."""
    try:
        room: Any = importlib.import_module("stepsmith.expressions.jsonata")
        return [(finding.code, finding.message) for finding in room.check_for_states(text)]
    except (ImportError, AttributeError):
        return []


@lru_cache(maxsize=4096)
def names(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Give the fields of `$states` and the free variables that an expression reads; none if it does not parse."""
    try:
        room: Any = importlib.import_module("stepsmith.expressions.jsonata")
        expression = room.compile(text)
        return frozenset(expression.states_fields), frozenset(expression.references)
    except Exception:  # to be narrowed once the room is there
        return frozenset(), frozenset()
