"""Regular expressions in filters, run by our own bounded engine and never by Python's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stepsmith.errors import ExpressionError
from stepsmith.expressions.jsonpath.cursor import Cursor
from stepsmith.expressions.jsonpath.read import TooManyVisits

FLAGS: Final = frozenset("im")
MOST_WORK: Final = 200_000
"""Steps that the engine may take on one text."""


def compile_regex(pattern: str, flags: str, cursor: Cursor) -> Callable[[str], bool]:
    """Compile a pattern that must match a whole text, as Jayway has it; raises PathSyntaxError."""
    # Imported here because only paths with a pattern need that room.
    from stepsmith.expressions.jsonata.regex import compile_pattern

    if not set(flags) <= FLAGS:
        cursor.fail(f"A regular expression with flags other than i and m: '{flags}'")
    try:
        compile_pattern(pattern, flags)
        whole = compile_pattern(f"^(?:{pattern})$", flags)
    except ExpressionError as error:
        cursor.fail(f"The regular expression /{pattern}/, which is none: {error},")

    def matches(text: str) -> bool:
        left = MOST_WORK

        def charge(work: int) -> None:
            nonlocal left
            left -= work
            if left < 0:
                raise TooManyVisits

        found = whole.search(text, 0, charge)
        return found is not None and found.span == (0, len(text))

    return matches
