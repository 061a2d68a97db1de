"""Regular expressions in filters, refused: the engine that runs them in bounded time belongs to another room."""

from __future__ import annotations

from collections.abc import Callable

from stepsmith.expressions.jsonpath.parse import Cursor


def compile_regex(pattern: str, flags: str, cursor: Cursor) -> Callable[[str], bool]:
    """Refuse the pattern, saying so."""
    cursor.fail(f"The regular expression /{pattern}/{flags}, which paths may not contain,")
