"""Splits the text of an expression into tokens, one at a time as the parser asks for them."""

from __future__ import annotations

import re
from typing import Final, Literal

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.regex import Pattern, compile_java_pattern, compile_pattern
from stepsmith.expressions.jsonata.runtime.dialect import Dialect
from stepsmith.expressions.jsonata.runtime.numbers import number_from_text
from stepsmith.expressions.jsonata.runtime.text import join_surrogates
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

TokenKind = Literal["operator", "name", "variable", "string", "number", "value", "regex", "end"]

BINDING_POWERS: Final = {
    ".": 75, "[": 80, "]": 0, "{": 70, "}": 0, "(": 80, ")": 0, ",": 0, "@": 80, "#": 80, ";": 80,
    ":": 80, "?": 20, "+": 50, "-": 50, "*": 60, "/": 60, "%": 60, "|": 20, "=": 40, "<": 40,
    ">": 40, "^": 40, "**": 60, "..": 20, ":=": 10, "!=": 40, "<=": 40, ">=": 40, "~>": 40,
    "and": 30, "or": 25, "in": 40, "&": 50, "!": 0, "~": 0,
}  # fmt: skip
"""How tightly each operator binds; its one-character keys also end a name."""

MOST_TOKENS: Final = 30_000
"""More than any expression has; reading and compiling so many takes about half a second."""
_PAIRS: Final = frozenset({"..", ":=", "!=", ">=", "<=", "**", "~>"})
_SPACES: Final = frozenset(" \t\n\r\v")
_BLANKS: Final = re.compile(r"[ \t\n\r\v]*+")
_NAME: Final = re.compile(r"[^ \t\n\r\v.\[\]{}(),@#;:?+\-*/%|=<>^&!~]++")
"""What is neither a blank nor an operator of one character."""
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_ESCAPES: Final = {
    '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
}  # fmt: skip
_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[Ee][-+]?[0-9]+)?")
_HEX: Final = frozenset("0123456789abcdefABCDEF")


@frozen
class Token:
    """One token; `position` is where it ends, which is what the reference implementation reports."""

    kind: TokenKind
    value: Json | Pattern
    position: int


class Lexer:
    """Reads tokens from a text; `infix` tells a division from the start of a regular expression."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect = dialect
        self.at = 0
        self.tokens = 0

    def next(self, *, infix: bool = False) -> Token:
        """The next token; raises JsonataError where the text holds none."""
        text = self.text
        at = self.at = _BLANKS.match(text, self.at).end()  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]  # always matches
        if text.startswith("/*", at):
            self._skip_comments()
            at = self.at
        self.tokens += 1
        if self.tokens > MOST_TOKENS:
            raise JsonataError(
                "U1006", position=at, message=f"An expression has at most {MOST_TOKENS} tokens"
            )
        if at >= len(text):
            return Token("end", "(end)", len(text))
        char = text[at]
        if char == "/" and not infix:
            self.at += 1
            return self._token("regex", self._regex())
        if text[at : at + 2] in _PAIRS:
            self.at += 2
            return self._token("operator", text[at : at + 2])
        if char in BINDING_POWERS:
            self.at += 1
            return self._token("operator", char)
        if char in "\"'":
            return self._token("string", self._string(char))
        if number := _NUMBER.match(text, at):
            return self._number(number.group())
        if char == "`":
            return self._token("name", self._quoted_name())
        return self._word()

    def _token(self, kind: TokenKind, value: Json | Pattern) -> Token:
        return Token(kind, value, self.at)

    def _skip_comments(self) -> None:
        text = self.text
        while text.startswith("/*", self.at):
            end = text.find("*/", self.at + 2)
            if end < 0:
                raise JsonataError("S0106", position=self.at)
            self.at = end + 2
            while text[self.at : self.at + 1] in _SPACES:
                self.at += 1

    def _number(self, digits: str) -> Token:
        value = number_from_text(digits)
        if value in (float("inf"), float("-inf")):
            raise JsonataError("S0102", position=self.at, token=digits)
        self.at += len(digits)
        return self._token("number", value)

    def _string(self, quote: str) -> str:
        text = self.text
        parts: list[str] = []
        self.at += 1
        while self.at < len(text):
            char = text[self.at]
            if char == quote:
                self.at += 1
                return join_surrogates("".join(parts))
            parts.append(self._escape() if char == "\\" else char)
            self.at += 1
        raise JsonataError("S0101", position=self.at)

    def _escape(self) -> str:
        self.at += 1
        char = self.text[self.at : self.at + 1]
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char != "u":
            raise JsonataError("S0103", position=self.at, token=char)
        digits = self.text[self.at + 1 : self.at + 5]
        if not digits or not _HEX.issuperset(digits):
            raise JsonataError("S0104", position=self.at)
        self.at += 4
        return chr(int(digits, 16))

    def _quoted_name(self) -> str:
        start = self.at + 1
        end = self.text.find("`", start)
        if end < 0:
            self.at = len(self.text)
            raise JsonataError("S0105", position=self.at)
        self.at = end + 1
        return self.text[start:end]

    def _word(self) -> Token:
        found = _NAME.match(self.text, self.at)
        word = found.group() if found else ""
        self.at += len(word)
        if word.startswith("$"):
            return self._token("variable", word[1:])
        if word in ("or", "in", "and"):
            return self._token("operator", word)
        if word in _WORDS:
            return self._token("value", _WORDS[word])
        return self._token("name", word)

    def _regex(self) -> Pattern:
        text, start, nesting = self.text, self.at, 0
        while self.at < len(text):
            char = text[self.at]
            if char == "/" and nesting == 0 and not self._escaped():
                return self._pattern(text[start : self.at])
            if char in "([{" and text[self.at - 1] != "\\":
                nesting += 1
            elif char in ")]}" and text[self.at - 1] != "\\":
                nesting -= 1
            self.at += 1
        raise JsonataError("S0302", position=self.at)

    def _escaped(self) -> bool:
        first = self.at
        while self.text[first - 1] == "\\":
            first -= 1
        return (self.at - first) % 2 == 1

    def _pattern(self, source: str) -> Pattern:
        if not source:
            raise JsonataError("S0301", position=self.at)
        self.at += 1
        start = self.at
        while self.text[self.at : self.at + 1] in ("i", "m"):
            self.at += 1
        compile_ = compile_java_pattern if self.dialect is Dialect.SERVICE else compile_pattern
        return compile_(source, self.text[start : self.at])
