"""Two paths through states, shown so that one sees where they part."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

_MOST_LINES: Final = 8
"""How many lines of an assertion message pytest shows unless it is asked for more."""

_MARKS: Final = {
    "=": ("  ", ""),
    "-": ("- ", "   (entered, not expected)"),
    "+": ("+ ", "   (expected, not entered)"),
}


def path_difference(entered: list[str], expected: list[str], *, brief: bool = False) -> list[str]:
    """Give the lines of an assertion message: the states of both paths one under the other, and where they part.

    `brief` puts states that stand together on one line where pytest would cut the message off.
    """
    head = "the states entered are others than expected"
    parts = list(_parts(entered, expected))
    lines = [head, *(_line(mark, name) for mark, names in parts for name in names)]
    if not brief or len(lines) <= _MOST_LINES:
        return lines
    return [head, *(_line(mark, _short(mark, names)) for mark, names in parts)]


def _parts(entered: list[str], expected: list[str]) -> Iterator[tuple[str, list[str]]]:
    for tag, a, b, c, d in SequenceMatcher(None, entered, expected, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "=", entered[a:b]
            continue
        if a < b:
            yield "-", entered[a:b]
        if c < d:
            yield "+", expected[c:d]


def _short(mark: str, names: list[str]) -> str:
    """Give states on one line; of those in which the paths agree the first and the last."""
    if mark == "=" and len(names) > 2:
        return f"{names[0]} → {len(names) - 2} more → {names[-1]}"
    return " → ".join(names)


def _line(mark: str, text: str) -> str:
    before, after = _MARKS[mark]
    return f"  {before}{text}{after}"
