"""Walks JSON text slowly: where every value stands, and what is wrong with a text in the words of AWS's JSON parser."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NoReturn, TypeAlias

Place: TypeAlias = tuple[str | int, ...]
"""The keys and indexes that lead to a value."""

_VALUES: Final = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_STRING: Final = re.compile(r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD: Final = re.compile(r"[\w$]+")
_LONGEST_NUMBER: Final = 4300


class JsonSyntaxError(Exception):
    """A text that is not JSON: what was found, and the offsets where it begins and ends."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


def scan(text: str) -> Iterator[tuple[Place, int]]:
    """Give each value's place and offset, an object member's at its key; raises JsonSyntaxError."""
    return _Scanner(text).walk()


@dataclass(slots=True)
class _Open:
    """An array or object whose end has not been reached."""

    place: Place
    start: int
    closer: str
    count: int = 0
    keys: set[str] = field(default_factory=set[str])


class _Scanner:
    """One pass over one text; iterative, so that no nesting exhausts the stack."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.open: list[_Open] = []

    def walk(self) -> Iterator[tuple[Place, int]]:
        self.blank()
        place: Place | None = ()
        offset = self.at
        while place is not None:
            yield place, offset
            opened = self.value(place)
            place, offset = self.following(opened)
        self.blank()
        if self.peek():
            self.fail(f"Unexpected character ({_named(self.peek())}): expected the end of the text")

    def value(self, place: Place) -> bool:
        """Pass a scalar, or the opening bracket of an array or object; True for a bracket."""
        mark = self.peek()
        if mark and mark in "[{":
            self.open.append(_Open(place, self.at, "]" if mark == "[" else "}"))
            self.at += 1
            return True
        if mark == '"':
            self.string("string value")
        elif mark == "-" or "0" <= mark <= "9":
            self.number()
        else:
            self.word()
        return False

    def following(self, opened: bool) -> tuple[Place | None, int]:
        """Pass closing brackets, a comma and a key, up to the next value; None after the last one."""
        while self.open:
            inner = self.open[-1]
            self.blank()
            mark = self.peek()
            if mark == inner.closer:
                self.at += 1
                self.open.pop()
                opened = False
                continue
            if not opened:
                self.comma(inner, mark)
            inner.count += 1
            return self.member(inner) if inner.closer == "}" else ((*inner.place, inner.count - 1), self.at)
        return None, self.at

    def comma(self, inner: _Open, mark: str) -> None:
        kind = "Array" if inner.closer == "]" else "Object"
        if not mark:
            where = f"[line: {self.text.count(chr(10), 0, inner.start) + 1}]"
            self.fail(f"Unexpected end-of-input: expected close marker for {kind} (start marker at {where})")
        if mark in "]}":
            self.fail(f"Unexpected close marker '{mark}': expected '{inner.closer}'")
        if mark != ",":
            self.fail(
                f"Unexpected character ({_named(mark)}): was expecting comma to separate {kind} entries"
            )
        self.at += 1
        self.blank()

    def member(self, inner: _Open) -> tuple[Place, int]:
        offset = self.at
        if self.peek() != '"':
            found = f"character ({_named(self.peek())})" if self.peek() else "end-of-input"
            self.fail(f"Unexpected {found}: was expecting double-quote to start field name")
        key = self.string("name")
        if key in inner.keys:
            raise JsonSyntaxError(f"Duplicate field '{key}'", offset, self.at)
        inner.keys.add(key)
        self.blank()
        if self.peek() != ":":
            found = f"character ({_named(self.peek())})" if self.peek() else "end-of-input"
            self.fail(f"Unexpected {found}: was expecting a colon to separate field name and value")
        self.at += 1
        self.blank()
        return (*inner.place, key), offset

    def string(self, kind: str) -> str:
        found = _STRING.match(self.text, self.at)
        end = found.end() if found else self.at
        start, self.at = self.at, end
        mark = self.peek()
        if not mark:
            self.fail(f"Unexpected end-of-input: was expecting closing quote for a {kind}")
        if mark == "\\":
            self.fail(f"Unrecognized character escape ({_named(self.text[end + 1 : end + 2])})")
        if mark != '"':
            self.fail(
                f"Illegal unquoted character ((CTRL-CHAR, code {ord(mark)})): "
                f"has to be escaped using backslash to be included in {kind}"
            )
        self.at += 1
        return json.loads(self.text[start : self.at])

    def number(self) -> None:
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            self.fail(
                "Unexpected character ('-' (code 45)) in numeric value: expected digit (0-9) to follow minus sign"
            )
        end = found.end()
        follower = self.text[end : end + 1]
        if follower.isdigit():
            self.fail("Invalid numeric value: Leading zeroes not allowed")
        if follower and follower in ".eE":
            self.at = end
            self.fail(
                f"Unexpected character ({_named(follower)}) in numeric value: expected digits around it"
            )
        if end - self.at > _LONGEST_NUMBER or not math.isfinite(float(found[0])):
            self.fail("Numeric value out of range", length=end - self.at)
        self.at = end

    def word(self) -> None:
        mark, found = self.peek(), _WORD.match(self.text, self.at)
        if not mark:
            self.fail(
                "No content to map due to end-of-input"
                if not self.open
                else f"Unexpected end-of-input: {_VALUES}"
            )
        if found is None:
            self.fail(f"Unexpected character ({_named(mark)}): expected a valid value {_VALUES}")
        token = found[0]
        if token not in ("true", "false", "null"):
            self.fail(f"Unrecognized token '{token}': was expecting {_VALUES}", length=len(token))
        self.at = found.end()

    def blank(self) -> None:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def fail(self, message: str, *, length: int = 1) -> NoReturn:
        raise JsonSyntaxError(message, self.at, self.at + length)


def _named(mark: str) -> str:
    if not mark:
        return "end-of-input"
    code = ord(mark)
    shown = f"'{mark}'" if code >= 32 else "CTRL-CHAR,"
    return f"{shown} (code {code})" if code < 128 else f"{shown} (code {code} / 0x{code:x})"
