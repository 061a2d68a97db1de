"""Terraform's language, as far as definitions need it: blocks, attributes and literals; what is computed has no value.

A reference such as `aws_lambda_function.check.arn` is the text `${aws_lambda_function.check.arn}`, and so is what has
no value here, with its line. Reads in one pass, and no deeper than DEEPEST.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from stepsmith.service.definitions.nodes import DEEPEST, List, Node, Object, Scalar, refused

_NAME: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_ENDS: Final = frozenset("\n,}])")


@dataclass(slots=True)
class Block:
    """A block such as `resource "aws_lambda_function" "check" { … }`, or the whole file."""

    kind: str
    labels: tuple[str, ...]
    line: int
    attributes: dict[str, Node] = field(default_factory=dict[str, Node])
    blocks: list[Block] = field(default_factory=list["Block"])

    def text(self, name: str) -> str | None:
        """Return an attribute that is a text."""
        found = self.attributes.get(name)
        return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else None


def read_hcl(text: str) -> Block:
    """Read a file. Raises InvalidDefinition with line and column for what is not Terraform's language."""
    reader = _Reader(text)
    return reader.body("", (), end="")


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self._depth = 0
        self._counted, self._line, self._start = 0, 1, 0
        """Up to where lines are counted, the line there, and where it begins."""

    # -- places -------------------------------------------------------------------------

    def here(self) -> tuple[int, int]:
        """Return line and column of the next character."""
        while (end := self.text.find("\n", self._counted, self.place)) >= 0:
            self._line, self._start, self._counted = self._line + 1, end + 1, end + 1
        return self._line, self.place - self._start + 1

    def refused(self, words: str) -> Exception:
        return refused(f"This is no Terraform: {words}", *self.here(), rule="terraform-syntax")

    def at(self, text: str) -> bool:
        return self.text.startswith(text, self.place)

    def space(self, *, lines: bool) -> None:
        """Go past blanks and comments, and past ends of lines where these mean nothing."""
        while self.place < len(self.text):
            if self.at("#") or self.at("//"):
                end = self.text.find("\n", self.place)
                self.place = len(self.text) if end < 0 else end
            elif self.at("/*"):
                end = self.text.find("*/", self.place + 2)
                if end < 0:
                    raise self.refused("a comment does not end")
                self.place = end + 2
            elif self.text[self.place] in " \t\r\ufeff" or (lines and self.text[self.place] == "\n"):
                self.place += 1
            else:
                return

    def name(self) -> str:
        begin = self.place
        while self.place < len(self.text) and self.text[self.place] in _NAME:
            self.place += 1
        return self.text[begin : self.place]

    def deeper(self, by: int) -> None:
        self._depth += by
        if self._depth > DEEPEST:
            raise self.refused(f"it is nested more than {DEEPEST} levels deep")

    # -- blocks -------------------------------------------------------------------------

    def body(self, kind: str, labels: tuple[str, ...], *, end: str) -> Block:
        """Read attributes and blocks up to the end of what holds them."""
        self.deeper(1)
        found = Block(kind, labels, self.here()[0])
        while True:
            self.space(lines=True)
            if self.place >= len(self.text) or (end and self.at(end)):
                break
            name = self.name()
            if not name:
                raise self.refused(f"{self.text[self.place]!r} where an attribute or a block begins")
            self.space(lines=False)
            if self.at("=") and not self.at("=="):
                self.place += 1
                self.space(lines=False)
                found.attributes[name] = self.expression()
            else:
                found.blocks.append(self._block(name))
        self.deeper(-1)
        return found

    def _block(self, kind: str) -> Block:
        labels: list[str] = []
        while not self.at("{"):
            if self.at('"'):
                labels.append(str(self._quoted().value))
            elif not (label := self.name()):
                raise self.refused(f"the block {kind!r} has no {{")
            else:
                labels.append(label)
            self.space(lines=False)
        self.place += 1
        found = self.body(kind, tuple(labels), end="}")
        self._close("}")
        return found

    def _close(self, end: str) -> None:
        if not self.at(end):
            raise self.refused(f"a {end!r} is missing")
        self.place += 1

    # -- expressions --------------------------------------------------------------------

    def expression(self) -> Node:
        """Read an expression; one that computes something is a placeholder."""
        line, column = self.here()
        self.deeper(1)
        found = self._primary()
        self.space(lines=False)
        if self.place < len(self.text) and self.text[self.place] not in _ENDS and not self.at("..."):
            self._skip()
            found = _placeholder(f"expression.{line}", line, column)
        self.deeper(-1)
        return found

    def _primary(self) -> Node:
        line, column = self.here()
        if self.at('"'):
            return self._quoted()
        if self.at("<<"):
            return self._heredoc()
        if self.at("["):
            return self._list()
        if self.at("{"):
            return self._object()
        word = self._word()
        if word and self.at("("):
            return self._call(word, line, column)
        if word in ("true", "false", "null"):
            return Scalar(word, {"true": True, "false": False, "null": None}[word], line, column)
        number = _number(word)
        if number is not None:
            return Scalar(word, number, line, column)
        if not word:
            self._skip()
            return _placeholder(f"expression.{line}", line, column)
        return _placeholder(word, line, column)

    def _word(self) -> str:
        """Read a number, or a reference with its attributes and indices."""
        begin = self.place
        while self.place < len(self.text) and (
            self.text[self.place] in _NAME or self.text[self.place] == "."
        ):
            self.place += 1
        word = self.text[begin : self.place].rstrip(".")  # what the dots of `f(a...)` follow
        self.place = begin + len(word)
        while self.place > begin and self.at("["):  # an index: it has no place in a placeholder
            end = self.text.find("]", self.place)
            if end < 0 or "\n" in self.text[self.place : end]:
                break
            self.place = end + 1
            more = self.place
            while self.place < len(self.text) and (self.text[self.place] in _NAME or self.at(".")):
                self.place += 1
            word += self.text[more : self.place]
        return word

    def _call(self, name: str, line: int, column: int) -> Node:
        """Read a call; its arguments are kept for the functions that matter here."""
        self.place += 1
        found = List(line, column, f"!{name}")
        while True:
            self.space(lines=True)
            if self.at(")"):
                break
            found.items.append(self.expression())
            self.space(lines=True)
            if self.at(","):
                self.place += 1
            elif self.at("..."):
                self.place += 3
            elif not self.at(")"):
                raise self.refused(f"the call of {name!r} does not end")
        self.place += 1
        return found

    def _list(self) -> Node:
        line, column = self.here()
        self.place += 1
        self.space(lines=True)
        if self.at("for "):
            self._skip()
            self._close("]")
            return _placeholder(f"for.{line}", line, column)
        found = List(line, column)
        while not self.at("]"):
            found.items.append(self.expression())
            self.space(lines=True)
            if self.at(","):
                self.place += 1
                self.space(lines=True)
            elif not self.at("]"):
                raise self.refused("a list does not end")
        self.place += 1
        return found

    def _object(self) -> Node:
        line, column = self.here()
        self.place += 1
        self.space(lines=True)
        if self.at("for "):
            self._skip()
            self._close("}")
            return _placeholder(f"for.{line}", line, column)
        found = Object(line, column)
        while not self.at("}"):
            place = self.here()
            key = self._key()
            self.space(lines=False)
            if not (self.at("=") or self.at(":")):
                raise self.refused("an object has NAME = VALUE")
            self.place += 1
            self.space(lines=True)
            if key in found.items:
                raise refused(
                    f"The field {key[:80]!r} stands twice in one object", *place, rule="terraform-syntax"
                )
            found.items[key], found.keys[key] = self.expression(), place
            self.space(lines=True)
            if self.at(","):
                self.place += 1
                self.space(lines=True)
        self.place += 1
        return found

    def _key(self) -> str:
        if self.at('"'):
            return str(self._quoted().value)
        if self.at("("):
            line, _ = self.here()
            self.place += 1
            self.expression()
            self._close(")")
            return f"${{key.{line}}}"
        key = self._word()
        if not key:
            raise self.refused("an object has NAME = VALUE")
        return key

    def _skip(self) -> None:
        """Go past the rest of an expression, brackets in it included."""
        depth = 0
        while self.place < len(self.text):
            letter = self.text[self.place]
            if letter == '"':
                self._quoted()
                continue
            if letter in "([{":
                depth += 1
            elif letter in ")]}":
                if not depth:
                    return
                depth -= 1
            elif letter in "\n," and not depth:
                return
            self.place += 1

    # -- texts --------------------------------------------------------------------------

    def _quoted(self) -> Scalar:
        line, column = self.here()
        self.place += 1
        parts: list[str] = []
        while not self.at('"'):
            if self.place >= len(self.text) or self.at("\n"):
                raise self.refused("a text does not end")
            if self.at("\\"):
                parts.append(self._escape())
            elif self.at("$${") or self.at("%%{"):
                parts.append(self.text[self.place + 1 : self.place + 3])
                self.place += 3
            elif self.at("${"):
                parts.append(self._interpolation())
            else:
                parts.append(self.text[self.place])
                self.place += 1
        self.place += 1
        text = "".join(parts)
        return Scalar(text, text, line, column)

    def _escape(self) -> str:
        letter = self.text[self.place + 1 : self.place + 2]
        size = {"u": 4, "U": 8}.get(letter, 0)
        if size:
            digits = self.text[self.place + 2 : self.place + 2 + size]
            self.place += 2 + size
            try:
                return chr(int(digits, 16))
            except (ValueError, OverflowError):
                raise self.refused(f"\\{letter}{digits} is no character") from None
        if letter not in _ESCAPES:
            raise self.refused(f"\\{letter} is no character")
        self.place += 2
        return _ESCAPES[letter]

    def _interpolation(self) -> str:
        """Read `${…}`: a reference stays one, all else is a placeholder of its own."""
        line, _ = self.here()
        self.place += 2
        begin, depth = self.place, 0
        while self.place < len(self.text):
            if self.at('"'):
                self._quoted()
                continue
            if self.at("}") and not depth:
                break
            depth += self.at("{") - self.at("}")
            self.place += 1
        else:
            raise self.refused("a ${ does not end")
        inside = self.text[begin : self.place].strip()
        self.place += 1
        is_reference = inside and all(letter in _NAME or letter == "." for letter in inside)
        return f"${{{inside}}}" if is_reference else f"${{expression.{line}}}"

    def _heredoc(self) -> Scalar:
        line, column = self.here()
        self.place += 2
        flush = self.at("-")
        self.place += flush
        word = self.name()
        end = self.text.find("\n", self.place)
        if not word or end < 0 or self.text[self.place : end].strip():
            raise self.refused("<< is followed by a word and the end of the line")
        self.place = end + 1
        lines: list[str] = []
        while True:
            end = self.text.find("\n", self.place)
            each = self.text[self.place : len(self.text) if end < 0 else end]
            if each.strip() == word:
                self.place += len(each)
                break
            if end < 0:
                raise self.refused(f"no line {word} ends the text")
            lines.append(each.rstrip("\r"))
            self.place = end + 1
        text = "\n".join(lines).replace("$${", "${") + "\n"
        return Scalar(text, text, line, column, block=True)


def _placeholder(name: str, line: int, column: int) -> Scalar:
    text = f"${{{name}}}"
    return Scalar(text, text, line, column)


def _number(word: str) -> int | float | None:
    digits = word.removeprefix("-")
    if not digits[:1].isdecimal() or len(digits) > 40 or not digits.isascii():
        return None
    try:
        return float(word) if set(digits) & set(".eE") else int(word)
    except ValueError:
        return None
