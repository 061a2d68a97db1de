"""Texts of Jayway's JSONPath dialect to steps."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

from stepsmith.expressions.jsonpath.errors import PathSyntaxError
from stepsmith.expressions.jsonpath.steps import (
    Filter,
    Function,
    Index,
    Indexes,
    Name,
    Names,
    Scan,
    Selector,
    Slice,
    Step,
    Wildcard,
)

T = TypeVar("T")

MOST_STEPS: Final = 1000
"""How many steps a path may have."""
FUNCTIONS: Final = frozenset(
    {"length", "size", "min", "max", "avg", "sum", "stddev", "keys", "first", "last"}
)
"""The functions that may end a path."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,20}")
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_IN_FILTER: Final = frozenset(" \t=!<>()&|,~]")
_OUTSIDE: Final = frozenset(" \t\r\n(")


class Cursor:
    """A place in a path's text, shared by the parsers of paths and of filters."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at

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


def parse_steps(cursor: Cursor, *, in_filter: bool = False) -> tuple[Step, ...]:
    """Read steps up to the end of the text, or of the operand when it stands in a filter."""
    steps: list[Step] = []
    while cursor.peek() and cursor.peek() in ".[":
        if steps and isinstance(steps[-1], Function):
            cursor.fail("A step after a function")
        if len(steps) == MOST_STEPS:
            cursor.fail(f"More than {MOST_STEPS} steps")
        steps.append(_step(cursor, in_filter))
    return tuple(steps)


def _step(cursor: Cursor, in_filter: bool) -> Step:
    if cursor.take("[") or cursor.take(".["):
        return _bracket(cursor)
    if cursor.take(".."):
        step = _bracket(cursor) if cursor.take("[") else _dotted(cursor, in_filter)
        if isinstance(step, Function):
            cursor.fail("A function after '..'")
        return Scan(step)
    cursor.take(".")
    return _dotted(cursor, in_filter)


def _dotted(cursor: Cursor, in_filter: bool) -> Selector | Function:
    if cursor.take("*"):
        return Wildcard()
    stops = _IN_FILTER if in_filter else _OUTSIDE
    name: list[str] = []
    while (mark := cursor.peek()) and mark not in ".[" and mark not in stops:
        if mark == "\\" and cursor.peek(1):
            cursor.at += 1
            mark = cursor.peek()
        name.append(mark)
        cursor.at += 1
    if not name:
        cursor.fail(f"{cursor.found()} where a name should be")
    text = "".join(name)
    if cursor.peek() == "(":
        if text not in FUNCTIONS:
            cursor.fail(f"The unknown function '{text}'")
        cursor.take("(")
        cursor.expect(")")
        return Function(text)
    if mark and not in_filter and mark not in ".[" and cursor.text[cursor.at :].strip():
        cursor.fail("A blank in a name; write ['a name']")
    return Name(text)


def _bracket(cursor: Cursor) -> Selector:
    cursor.blank()
    mark = cursor.peek()
    if mark == "?":
        return _filter(cursor)
    if mark == "*":
        cursor.take("*")
        step: Selector = Wildcard()
    elif mark and mark in "'\"":
        names = _separated(cursor, quoted)
        step = Name(names[0]) if len(names) == 1 else Names(names)
    elif mark == "(":
        cursor.fail("A script, which paths may not contain,")
    else:
        step = _numbers(cursor)
    cursor.expect("]")
    return step


def _numbers(cursor: Cursor) -> Index | Indexes | Slice:
    start = None if cursor.peek() == ":" else _integer(cursor)
    cursor.blank()
    if cursor.take(":"):
        cursor.blank()
        stop = None if cursor.peek() == "]" else _integer(cursor)
        if start is None and stop is None:
            cursor.fail("A slice without bounds")
        return Slice(start, stop)
    if start is None or cursor.peek() != ",":
        return Index(start or 0)
    cursor.take(",")
    return Indexes((start, *_separated(cursor, _integer)))


def _integer(cursor: Cursor) -> int:
    cursor.blank()
    found = _NUMBER.match(cursor.text, cursor.at)
    if found is None:
        cursor.fail(f"{cursor.found()} where a name or an index should be")
    cursor.at = found.end()
    return int(found[0])


def _separated(cursor: Cursor, read: Callable[[Cursor], T]) -> tuple[T, ...]:
    values = [read(cursor)]
    cursor.blank()
    while cursor.take(","):
        cursor.blank()
        values.append(read(cursor))
        cursor.blank()
    return tuple(values)


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


def _filter(cursor: Cursor) -> Filter:
    from stepsmith.expressions.jsonpath.filters import parse_filter

    cursor.take("?")
    cursor.expect("(")
    accepts = parse_filter(cursor)
    cursor.expect(")")
    cursor.expect("]")
    return Filter(accepts)
