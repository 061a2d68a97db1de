"""StringMatches: `*` stands for any run of characters, a backslash takes the next `*` or backslash as it is."""

from __future__ import annotations

from collections.abc import Callable

from stepsmith.engine.values.failures import runtime


def pieces_of(pattern: str) -> list[str] | None:
    """Split a pattern at its wildcards; None if it ends in a lone backslash or escapes another character."""
    pieces = [""]
    marks = iter(pattern)
    for mark in marks:
        if mark == "*":
            pieces.append("")
            continue
        if mark == "\\":
            mark = next(marks, "")
            if mark not in ("*", "\\"):
                return None
        pieces[-1] += mark
    return pieces


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """Compile a pattern to a test that takes time linear in the text for each piece."""
    pieces = pieces_of(pattern)
    if pieces is None:
        return _refuse(pattern)
    first, *rest = pieces
    if not rest:
        return lambda text: text == first
    *middle, last = rest

    def test(text: str) -> bool:
        if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
            return False
        at, end = len(first), len(text) - len(last)
        for piece in middle:
            at = text.find(piece, at, end)
            if at < 0:
                return False
            at += len(piece)
        return True

    return test


def _refuse(pattern: str) -> Callable[[str], bool]:
    def test(text: str) -> bool:
        raise runtime(f"The pattern '{pattern}' of StringMatches has a backslash that escapes nothing")

    return test
