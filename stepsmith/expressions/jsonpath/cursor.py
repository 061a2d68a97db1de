"""A place in the text of a path, which the parsers of paths and of filters move on."""

from __future__ import annotations

import re
from typing import Final, NoReturn

from stepsmith.expressions.jsonpath.errors import PathSyntaxError

_BLANK: Final = re.compile(r"[ \t\r\n]*")


class Cursor:
    """A place in a path's text, shared by the parsers of paths and of filters."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at
        self.depth = 0
        """How many conditions of filters are around the place."""

    def peek(self, ahead: int = 0) -> str:
        """Give the character ahead, empty at the end."""
        return self.text[self.at + ahead : self.at + ahead + 1]

    def blank(self) -> None:
        """Pass blanks."""
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def take(self, mark: str) -> bool:
        """Pass the mark if it comes next."""
        if self.text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def expect(self, mark: str) -> None:
        """Pass the mark, which must come next; blanks before it don't count."""
        self.blank()
        if not self.take(mark):
            self.fail(f"{self.found()} instead of '{mark}'")

    def found(self) -> str:
        """Name what comes next."""
        return f"'{self.peek()}'" if self.peek() else "The end of the text"

    def fail(self, message: str) -> NoReturn:
        """Refuse the text."""
        raise PathSyntaxError(self.text, message, self.at)


def quoted(cursor: Cursor) -> str:
    """Read a quoted text; a backslash before the quote escapes it and stands for itself anywhere else."""
    quote = cursor.peek()
    if not quote or quote not in "'\"":
        cursor.fail(f"{cursor.found()} where a quote should be")
    cursor.take(quote)
    text: list[str] = []
    while (mark := cursor.peek()) != quote:
        if not mark:
            cursor.fail("The end of the text inside quotes")
        if mark == "\\" and cursor.peek(1) in (quote, "\\"):
            mark = quote if cursor.peek(1) == quote else "\\\\"
            cursor.at += 1
        text.append(mark)
        cursor.at += 1
    cursor.take(quote)
    return "".join(text)
