"""Comments of a function: what stands above a statement or behind it."""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass, field
from typing import Final

_FOR_TOOLS: Final = (
    "noqa",
    "type:",
    "pyright:",
    "mypy:",
    "ruff:",
    "pylint:",
    "pragma",
    "fmt:",
    "isort:",
    "!",
)
_NAME: Final = "state:"


@dataclass(slots=True)
class Comments:
    """The comments of a text, by line."""

    above: dict[int, tuple[int, str]] = field(default_factory=dict[int, tuple[int, str]])
    """Those on lines of their own: column and text."""
    behind: dict[int, str] = field(default_factory=dict[int, str])
    """Those that follow code."""

    def named(self, statement: ast.stmt) -> str | None:
        """Give the name that `# state: Name` gives the state of a statement."""
        texts = [*self._lines(statement), self.behind.get(statement.lineno, "")]
        found = [text[len(_NAME) :].strip() for text in texts if text.lower().startswith(_NAME)]
        return found[-1] if found else None

    def said(self, statement: ast.stmt) -> str | None:
        """Give what is said above a statement in words; None where nothing is."""
        return " ".join(filter(_is_words, self._lines(statement))) or None

    def _lines(self, statement: ast.stmt) -> list[str]:
        found: list[str] = []
        line = statement.lineno - 1
        while (comment := self.above.get(line)) is not None and comment[0] == statement.col_offset:
            found.insert(0, comment[1])
            line -= 1
        return found


def comments_of(text: str) -> Comments:
    """Read the comments of a text that parses; columns are in bytes, as those of the tree."""
    found = Comments()
    if "#" not in text:
        return found
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, column = token.start
        before, said = token.line[:column], token.string.lstrip("#").strip()
        if before.strip():
            found.behind[line] = said
        else:
            found.above[line] = (len(before.encode()), said)
    return found


def _is_words(text: str) -> bool:
    lowered = text.lower()
    return any(map(str.isalnum, text)) and not lowered.startswith((*_FOR_TOOLS, _NAME))
