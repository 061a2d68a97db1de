"""JSON as a stream of tokens that knows its place, as Jackson's parser gives it to AWS's rule compiler.

Messages and columns are Jackson's: a text is passed lazily, so its column is that after the opening quote until it is
read; the value after a name is looked at with the name (recorded in `patterns`, the `_EXC` cases).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

_VALUES: Final = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]*')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD: Final = re.compile(r"[\w$]+")
_SHOWN: Final = 500
_LONGEST_NUMBER: Final = 1000
_DEEPEST: Final = 200


class Kind(Enum):
    """What a token is."""

    OBJECT = auto()
    END_OBJECT = auto()
    ARRAY = auto()
    END_ARRAY = auto()
    NAME = auto()
    STRING = auto()
    NUMBER = auto()
    TRUE = auto()
    FALSE = auto()
    NULL = auto()
    END = auto()


_LITERALS: Final = {"true": Kind.TRUE, "false": Kind.FALSE, "null": Kind.NULL}
_MARKS: Final = {"{": Kind.OBJECT, "}": Kind.END_OBJECT, "[": Kind.ARRAY, "]": Kind.END_ARRAY}


class PatternError(Exception):
    """What is wrong with a text, and the place that Jackson names; None where AWS names no place."""

    def __init__(self, message: str, place: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place

    def __str__(self) -> str:
        return self.message if self.place is None else f"{self.message}\n at {self.place}"


class Tokens:
    """The tokens of a JSON text, one after another."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.kind = Kind.END
        self.text = ""
        """The text of the token: a string's characters, a number as it is written, a member's name."""
        self.name = ""
        """The name of the member whose value this is."""
        self._open: list[tuple[str, int]] = []
        self._string_at = -1
        self._walk = self._tokens()

    def next(self) -> Kind:
        """Pass to the next token."""
        if self.kind is not Kind.NAME:
            self._finish()
        self.kind = next(self._walk, Kind.END)
        return self.kind

    def read(self) -> str:
        """Give the token's text; from here on the place is behind it."""
        if self.kind is Kind.STRING:
            self._finish()
        return self.text

    def fail(self, message: str) -> PatternError:
        """Give the error to raise for what was found here."""
        return PatternError(message, self.place())

    def place(self, at: int | None = None) -> str:
        """Say where the reader is, in Jackson's form."""
        at = self.at if at is None else at
        shown = self.source[:_SHOWN]
        more = len(self.source) - len(shown)
        ending = f"[truncated {more} chars]" if more else ""
        line = self.source.count("\n", 0, at) + 1
        column = at - (self.source.rfind("\n", 0, at) + 1) + 1
        return f'[Source: (String)"{shown}"{ending}; line: {line}, column: {column}]'

    def _tokens(self) -> Iterator[Kind]:
        self._blank()
        if self.at == len(self.source):
            return
        yield from self._value(None)
        while self._open:
            closer, count = self._open[-1]
            self._blank()
            mark = self._peek()
            if mark in ("}", "]"):
                if mark != closer:
                    raise self._unexpected(f"Unexpected close marker '{mark}': expected '{closer}' ")
                self.at += 1
                self._open.pop()
                yield _MARKS[mark]
                continue
            kind = "Object" if closer == "}" else "Array"
            if count:
                if mark != ",":
                    raise self._off(mark, f"was expecting comma to separate {kind} entries", closed=kind)
                self.at += 1
                self._blank()
            self._open[-1] = (closer, count + 1)
            if closer == "}":
                yield from self._member()
            else:
                yield from self._value(closer)

    def _member(self) -> Iterator[Kind]:
        mark = self._peek()
        if mark and mark != '"':
            # Recorded: the place is before the character here, unlike elsewhere.
            raise self.fail(
                f"Unexpected character ({named(mark)}): was expecting double-quote to start field name"
            )
        if not mark:
            raise self._off(mark, "was expecting double-quote to start field name", closed="Object")
        self.name = self.text = self._string()
        self._blank()
        if self._peek() != ":":
            raise self._off(
                self._peek(), "was expecting a colon to separate field name and value", closed="Object"
            )
        self.at += 1
        self._blank()
        # Jackson looks at the value before it hands out the name.
        name, ahead = self.name, self._value("}")
        kind = next(ahead)
        value, self.text = self.text, name
        yield Kind.NAME
        self.text = value
        yield kind
        yield from ahead

    def _value(self, closer: str | None) -> Iterator[Kind]:
        mark = self._peek()
        if mark == '"':
            self._string_at = self.at
            self.at += 1
            self.text = ""
            yield Kind.STRING
        elif mark in ("{", "["):
            self.at += 1
            self._open.append(("}" if mark == "{" else "]", 0))
            if len(self._open) > _DEEPEST:
                raise self.fail(f"Document nesting depth ({len(self._open)}) exceeds the maximum allowed")
            yield _MARKS[mark]
        elif mark == "-" or (mark.isascii() and mark.isdigit()):
            self.text = self._number()
            yield Kind.NUMBER
        else:
            yield self._literal(mark, closer)

    def _literal(self, mark: str, closer: str | None) -> Kind:
        found = _WORD.match(self.source, self.at)
        if found is None:
            raise self._off(
                mark, f"expected a valid value {_VALUES}", closed="Object" if closer == "}" else "Array"
            )
        self.at = found.end()
        self.text = found[0]
        if self.text not in _LITERALS:
            raise self.fail(f"Unrecognized token '{self.text}': was expecting {_VALUES}")
        return _LITERALS[self.text]

    def _number(self) -> str:
        found = _NUMBER.match(self.source, self.at)
        if found is None:
            self.at += 1
            mark = self._peek()
            raise self._unexpected(
                f"Unexpected character ({named(mark)}) in numeric value: "
                "expected digit (0-9) to follow minus sign, for valid numeric value"
            )
        follower = self.source[found.end() : found.end() + 1]
        if follower.isdigit():
            raise self._unexpected("Invalid numeric value: Leading zeroes not allowed")
        if found.end() - self.at > _LONGEST_NUMBER:
            raise self.fail(f"Number length ({found.end() - self.at}) exceeds the maximum length (1000)")
        self.at = found.end()
        if follower and follower in ".eE":
            self.at += 1
            after = "Decimal point" if follower == "." else "Exponent indicator"
            raise self._unexpected(
                f"Unexpected character ({named(self._peek())}) in numeric value: "
                f"{after} not followed by a digit"
            )
        return found[0]

    def _string(self) -> str:
        """Pass the string that begins here."""
        start = self.at
        at = start + 1
        while True:
            at = _PLAIN.match(self.source, at).end()  # type: ignore[union-attr] - an empty text matches, too
            mark = self.source[at : at + 1]
            if mark == '"':
                break
            if not mark:
                self.at = at
                raise self.fail("Unexpected end-of-input: was expecting closing quote for a string value")
            if mark != "\\":
                self.at = at + 1
                raise self.fail(
                    f"Illegal unquoted character ({named(mark)}): "
                    "has to be escaped using backslash to be included in string value"
                )
            at = self._escape(at)
        self.at = at + 1
        return json.loads(self.source[start : self.at])

    def _escape(self, at: int) -> int:
        follower = self.source[at + 1 : at + 2]
        if follower == "u":
            digits = self.source[at + 2 : at + 6]
            if len(digits) < 4 or not all(d in "0123456789abcdefABCDEF" for d in digits):
                self.at = at + 3
                raise self.fail("Unexpected character in the escape sequence: expected a hex-digit")
            return at + 6
        if not follower or follower not in '"\\/bfnrt':
            self.at = at + 2
            raise self.fail(f"Unrecognized character escape {named(follower)}")
        return at + 2

    def _finish(self) -> None:
        if self._string_at >= 0:
            self.at, self._string_at = self._string_at, -1
            self.text = self._string()

    def _blank(self) -> None:
        self.at = _BLANK.match(self.source, self.at).end()  # type: ignore[union-attr] - an empty text matches, too

    def _peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def _off(self, mark: str, wanted: str, *, closed: str) -> PatternError:
        if not mark:
            start = f"(start marker at {self.place(0)})"
            return self.fail(f"Unexpected end-of-input: expected close marker for {closed} {start}")
        return self._unexpected(f"Unexpected character ({named(mark)}): {wanted}")

    def _unexpected(self, message: str) -> PatternError:
        self.at += 1
        return self.fail(message)


def named(mark: str) -> str:
    """Name a character as Jackson does."""
    if not mark:
        return "end-of-input"
    code = ord(mark)
    if code < 32:
        return f"(CTRL-CHAR, code {code})"
    return f"'{mark}' (code {code})" if code <= 255 else f"'{mark}' (code {code} / 0x{code:x})"
