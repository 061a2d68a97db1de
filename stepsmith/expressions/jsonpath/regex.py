"""Regular expressions in filters, run by our own bounded engine and never by Python's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stepsmith.errors import ExpressionError
from stepsmith.expressions.jsonpath.cursor import Cursor
from stepsmith.expressions.jsonpath.steps import Search

FLAGS: Final = frozenset("im")
_UNITS: Final = 4
"""What the engine of patterns charges for about as much as a step of a path."""


def compile_regex(pattern: str, flags: str, cursor: Cursor) -> Callable[[str, Search], bool]:
    """Compile a pattern that must match a whole text, as Jayway has it; raises PathSyntaxError."""
    # Imported here because only paths with a pattern need that room.
    from stepsmith.expressions.jsonata.regex import compile_java_pattern

    if not set(flags) <= FLAGS:
        cursor.fail(f"A regular expression with flags other than i and m: '{flags}'")
    try:
        compile_java_pattern(pattern, flags)
        whole = compile_java_pattern(rf"\A(?:{pattern})\z", flags)
    except ExpressionError as error:
        cursor.fail(f"The regular expression /{pattern}/, which is none: {error},")

    def matches(text: str, search: Search) -> bool:
        return whole.search(text, 0, lambda work: search.charge(work // _UNITS + 1)) is not None

    return matches
