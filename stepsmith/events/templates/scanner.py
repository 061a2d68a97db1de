"""A place in the text of a template."""

from __future__ import annotations

import string
from typing import Final

from stepsmith.errors import StepsmithError

_FIRST: Final = frozenset(string.ascii_letters + "_")
_REST: Final = frozenset(string.ascii_letters + string.digits + "_-")
LARGEST_TEMPLATE: Final = 300 * 1024
DEEPEST: Final = 50


class TemplateError(StepsmithError):
    """A template that cannot be read: what is wrong, in which line and column."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(f"{problem} at line {line}, column {column} of the template")
        self.line = line
        self.column = column


class Scanner:
    """Reads a template character by character."""

    def __init__(self, text: str, offset: int = 0) -> None:
        self.text = text
        self.at = offset
        self.depth = 0
        if len(text) > LARGEST_TEMPLATE:
            raise TemplateError(f"{len(text)} characters, of at most {LARGEST_TEMPLATE},", 1, 1)

    def peek(self, length: int = 1) -> str:
        """Give the next characters."""
        return self.text[self.at : self.at + length]

    def take(self, wanted: str) -> bool:
        """Pass a text if it stands here."""
        if not self.text.startswith(wanted, self.at):
            return False
        self.at += len(wanted)
        return True

    def expect(self, wanted: str) -> None:
        """Pass a text that must stand here."""
        if not self.take(wanted):
            raise self.fail(f"{self.found()} where '{wanted}' should be")

    def blank(self) -> None:
        """Pass white space."""
        while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
            self.at += 1

    def name(self) -> str:
        """Pass a name; the empty text if there is none."""
        start = self.at
        if self.at < len(self.text) and self.text[self.at] in _FIRST:
            self.at += 1
            while self.at < len(self.text) and self.text[self.at] in _REST:
                self.at += 1
        return self.text[start : self.at]

    def starts_name(self, ahead: int = 0) -> bool:
        """Whether a name begins so many characters on."""
        return self.text[self.at + ahead : self.at + ahead + 1] in _FIRST

    def found(self) -> str:
        """Name what stands here."""
        return f"'{self.peek()}'" if self.peek() else "the end"

    def deeper(self) -> None:
        """Go into something nested."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fail(f"More than {DEEPEST} levels of nesting")

    def fail(self, problem: str, at: int | None = None) -> TemplateError:
        """Give the error to raise."""
        at = min(self.at if at is None else at, len(self.text))
        line = self.text.count("\n", 0, at) + 1
        return TemplateError(problem, line, at - (self.text.rfind("\n", 0, at) + 1) + 1)
