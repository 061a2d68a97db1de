"""Texts of Jayway's JSONPath dialect to steps."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias, TypeVar

from stepsmith.expressions.jsonpath.cursor import Cursor, quoted
from stepsmith.expressions.jsonpath.steps import (
    Filter,
    Function,
    Index,
    Indexes,
    Name,
    Names,
    Predicate,
    Scan,
    Selector,
    Slice,
    Step,
    Wildcard,
)

T = TypeVar("T")
ParseFilter: TypeAlias = Callable[[Cursor], Predicate]
"""Reads the condition of a filter; it reads paths in its turn."""

MOST_STEPS: Final = 1000
"""How many steps a path may have."""
FUNCTIONS: Final = frozenset(
    {"length", "size", "min", "max", "avg", "sum", "stddev", "keys", "first", "last"}
)
"""The functions that may end a path."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,20}")
_IN_FILTER: Final = frozenset(" \t=!<>()&|,~]")
_OUTSIDE: Final = frozenset(" \t\r\n(")


def parse_steps(cursor: Cursor, parse_filter: ParseFilter, *, in_filter: bool = False) -> tuple[Step, ...]:
    """Read steps up to the end of the text, or of the operand when it stands in a filter."""
    steps: list[Step] = []
    while cursor.peek() and cursor.peek() in ".[":
        if steps and isinstance(steps[-1], Function):
            cursor.fail("A step after a function")
        if len(steps) == MOST_STEPS:
            cursor.fail(f"More than {MOST_STEPS} steps")
        steps.append(_step(cursor, parse_filter, in_filter))
    return tuple(steps)


def _step(cursor: Cursor, parse_filter: ParseFilter, in_filter: bool) -> Step:
    if cursor.take("[") or cursor.take(".["):
        return _bracket(cursor, parse_filter)
    if cursor.take(".."):
        step = _bracket(cursor, parse_filter) if cursor.take("[") else _dotted(cursor, in_filter)
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


def _bracket(cursor: Cursor, parse_filter: ParseFilter) -> Selector:
    cursor.blank()
    mark = cursor.peek()
    if mark == "?":
        return _filter(cursor, parse_filter)
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


def _filter(cursor: Cursor, parse_filter: ParseFilter) -> Filter:
    cursor.take("?")
    cursor.expect("(")
    accepts = parse_filter(cursor)
    cursor.expect(")")
    cursor.expect("]")
    return Filter(accepts)
