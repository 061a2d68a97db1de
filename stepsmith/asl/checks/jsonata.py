"""What the checks ask of the JSONata room, which is imported by the first definition that needs it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepsmith.expressions.jsonata import Look


@lru_cache(maxsize=32_768)
def look(text: str) -> Look:
    """Look through an expression, once: what AWS refuses about it, and what it reads."""
    from stepsmith.expressions import jsonata

    return jsonata.look(text)
