"""Parses regular expressions in JavaScript's syntax, without the u flag."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from typing import Final, TypeAlias

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.regex.charsets import DIGITS, LINE_ENDS, SPACE, WORD, Range, complement
from stepsmith.frozen import frozen


@frozen
class Chars:
    """One code unit out of a set."""

    ranges: tuple[Range, ...]
    negated: bool = False


@frozen
class Sequence:
    """One after the other."""

    parts: tuple[Term, ...]


@frozen
class Choice:
    """The first that leads to a match."""

    options: tuple[Term, ...]


@frozen
class Group:
    """Captured as the group of that number."""

    number: int
    body: Term


@frozen
class Repeat:
    """Several times; the groups in it, from `first` to before `end`, are forgotten each time.

    In JavaScript what has matched nothing is not repeated; in Java it `may_rest` there, and goes on.
    """

    body: Term
    least: int
    most: int | None
    greedy: bool
    first: int
    end: int
    may_rest: bool = False


@frozen
class Edge:
    """A place: `^`, `$`, `b` for a word's edge, `B` for none."""

    kind: str


@frozen
class Look:
    """What must, or must not, come next or before."""

    body: Term
    ahead: bool
    negated: bool


@frozen
class Back:
    """The text of a group again; `strict` where a group that has matched nothing has no text, `fold` for any case."""

    number: int
    strict: bool = False
    fold: bool = False


@frozen
class Class:
    """One character out of a set."""

    members: Container[str]


@frozen
class Place:
    """A place in a text for which something holds."""

    holds: Callable[[str, int], bool]


@frozen
class Atomic:
    """What is not tried another way once it has matched."""

    body: Term


Term: TypeAlias = Chars | Sequence | Choice | Group | Repeat | Edge | Look | Back | Class | Place | Atomic

_CONTROLS: Final = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_CLASSES: Final = {"d": DIGITS, "w": WORD, "s": SPACE}
_HEX: Final = frozenset("0123456789abcdefABCDEF")
DEEPEST: Final = 80
"""How deep groups may nest."""
LONGEST: Final = 50_000
"""How many characters a pattern may have."""
_BRACES: Final = re.compile(r"\{([0-9]++)(,?)([0-9]*+)\}")
_NAMED: Final = re.compile(r"\(\?<([^=!>(][^>(]*+)>")
_LOOKS: Final = {"(?=": (True, False), "(?!": (True, True), "(?<=": (False, False), "(?<!": (False, True)}


def parse(source: str) -> tuple[Term, int]:
    """The syntax of a regular expression and how many groups it has; raises JsonataError."""
    if len(source) > LONGEST:
        raise JsonataError("U1005", message="Regular expression too large")
    return _Parser(source).whole()


def _single(code: int) -> Chars:
    return Chars(((code, code),))


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.groups = 0
        self.depth = 0
        self.total, self.names = _count_groups(source)

    def whole(self) -> tuple[Term, int]:
        term = self.choice()
        if self.at < len(self.source):
            raise self.error("Unmatched ')'")
        return term, self.groups

    def error(self, message: str) -> JsonataError:
        return JsonataError("U1005", message=f"/{self.source}/: {message}", token=self.source)

    def peek(self, text: str) -> bool:
        return self.source.startswith(text, self.at)

    def take(self, text: str) -> bool:
        if not self.peek(text):
            return False
        self.at += len(text)
        return True

    def choice(self) -> Term:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error("Regular expression too large")
        options = [self.sequence()]
        while self.take("|"):
            options.append(self.sequence())
        self.depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self) -> Term:
        parts: list[Term] = []
        while self.at < len(self.source) and not self.peek("|") and not self.peek(")"):
            parts.append(self.quantified())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def quantified(self) -> Term:
        first = self.groups + 1
        term = self.atom()
        bounds = self.quantifier()
        if bounds is None:
            return term
        if isinstance(term, Edge) or (isinstance(term, Look) and not term.ahead):
            raise self.error("Nothing to repeat")
        least, most = bounds
        if most is not None and most < least:
            raise self.error("numbers out of order in {} quantifier")
        greedy = not self.take("?")
        return Repeat(term, least, most, greedy, first, self.groups + 1)

    def quantifier(self) -> tuple[int, int | None] | None:
        for mark, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(mark):
                return bounds
        return self.braces()

    def braces(self) -> tuple[int, int | None] | None:
        found = _BRACES.match(self.source, self.at)
        if found is None:
            return None
        least, comma, most = found.groups()
        self.at = found.end()
        low = min(int(least[:9]), 10**6)
        if not comma:
            return low, low
        return low, min(int(most[:9]), 10**6) if most else None

    def atom(self) -> Term:
        char = self.source[self.at]
        if char == "(":
            return self.group()
        if char in "^$":
            self.at += 1
            return Edge(char)
        if char == "[":
            self.at += 1
            return self.char_class()
        if char == "\\":
            self.at += 1
            return self.escape()
        if char in "*+?" or (char == "{" and self.braces() is not None):
            raise self.error("Nothing to repeat")
        self.at += 1
        return Chars(LINE_ENDS, negated=True) if char == "." else _single(ord(char))

    def group(self) -> Term:
        for opening, (ahead, negated) in _LOOKS.items():
            if self.take(opening):
                return Look(self.closed(), ahead, negated)
        if self.take("(?:"):
            # as a group, what may not be repeated by itself may be
            return Sequence((self.closed(),))
        if self.take("(?<"):
            end = self.source.find(">", self.at)
            if end < 0:
                raise self.error("Invalid capture group name")
            self.at = end + 1
        elif self.peek("(?"):
            raise self.error("Invalid group")
        else:
            self.at += 1
        self.groups += 1
        number = self.groups
        return Group(number, self.closed())

    def closed(self) -> Term:
        body = self.choice()
        if not self.take(")"):
            raise self.error("Unterminated group")
        return body

    def escape(self) -> Term:
        if self.at >= len(self.source):
            raise self.error("\\ at end of pattern")
        char = self.source[self.at]
        if char in "bB":
            self.at += 1
            return Edge(char)
        if char in "123456789":
            number = self.decimal()
            if number <= self.total:
                return Back(number)
            self.at -= len(str(number))
        if char == "k" and self.names:
            end = self.source.find(">", self.at)
            name = self.source[self.at + 2 : end]
            if name not in self.names:
                raise self.error("Invalid named reference")
            self.at = end + 1
            return Back(self.names[name])
        ranges = self.class_escape()
        return Chars(ranges) if ranges is not None else _single(self.char_escape())

    def decimal(self) -> int:
        start = self.at
        while self.at < len(self.source) and "0" <= self.source[self.at] <= "9" and self.at - start < 6:
            self.at += 1
        return int(self.source[start : self.at])

    def class_escape(self) -> tuple[Range, ...] | None:
        char = self.source[self.at : self.at + 1]
        ranges = _CLASSES.get(char.lower())
        if ranges is None:
            return None
        self.at += 1
        return ranges if char.islower() else complement(ranges)

    def char_escape(self) -> int:
        """The code of an escaped character, after the backslash."""
        char = self.source[self.at]
        self.at += 1
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "c":
            letter = self.source[self.at : self.at + 1]
            if letter.isascii() and letter.isalpha():
                self.at += 1
                return ord(letter) % 32
            self.at -= 1
            return ord("\\")
        if char in "xu":
            digits = self.source[self.at : self.at + (2 if char == "x" else 4)]
            if len(digits) == (2 if char == "x" else 4) and _HEX.issuperset(digits):
                self.at += len(digits)
                return int(digits, 16)
        if char in "01234567":
            return self.octal(char)
        return ord(char)

    def octal(self, digits: str) -> int:
        while len(digits) < 3 and self.source[self.at : self.at + 1] in tuple("01234567"):
            if int(digits + self.source[self.at], 8) > 255:
                break
            digits += self.source[self.at]
            self.at += 1
        return int(digits, 8)

    def char_class(self) -> Term:
        negated = self.take("^")
        ranges: list[Range] = []
        while not self.take("]"):
            if self.at >= len(self.source):
                raise self.error("Unterminated character class")
            low = self.class_atom()
            if self.peek("-") and not self.peek("-]"):
                self.at += 1
                if self.at >= len(self.source):
                    raise self.error("Unterminated character class")
                ranges.extend(self.range(low, self.class_atom()))
            else:
                ranges.extend(low)
        return Chars(tuple(ranges), negated)

    def range(self, low: tuple[Range, ...], high: tuple[Range, ...]) -> tuple[Range, ...]:
        if any(len(end) != 1 or end[0][0] != end[0][1] for end in (low, high)):
            return (*low, (0x2D, 0x2D), *high)
        if high[0][0] < low[0][0]:
            raise self.error("Range out of order in character class")
        return ((low[0][0], high[0][0]),)

    def class_atom(self) -> tuple[Range, ...]:
        char = self.source[self.at]
        self.at += 1
        if char != "\\":
            return ((ord(char), ord(char)),)
        if self.at >= len(self.source):
            raise self.error("\\ at end of pattern")
        if self.take("b"):
            return ((8, 8),)
        if self.take("-"):
            return ((0x2D, 0x2D),)
        ranges = self.class_escape()
        if ranges is not None:
            return ranges
        code = self.char_escape()
        return ((code, code),)


def _count_groups(source: str) -> tuple[int, dict[str, int]]:
    """How many groups a source has, and the numbers of those that have names."""
    count, names, at, in_class = 0, dict[str, int](), 0, False
    while at < len(source):
        char = source[at]
        if char == "\\":
            at += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char == "(":
            named = source.startswith("(?<", at) and source[at + 3 : at + 4] not in ("=", "!")
            if named or not source.startswith("(?", at):
                count += 1
            if named and (name := _NAMED.match(source, at)):
                names[name[1]] = count
        at += 1
    return count, names
