"""Parses regular expressions in the syntax of `java.util.regex`, with the meaning that they have in Java 17.

Differences from JavaScript that show: classes are ASCII, `.` stops at more line ends, `$` also stands before the last
one, a class may hold and cut classes, quantifiers may be possessive, flags may stand inside, and case means that of
ASCII letters.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.regex.java_sets import (
    CLASSES,
    LINE_ENDS,
    CharClass,
    Holds,
    complement,
    of_range,
    property_of,
)
from stepsmith.expressions.jsonata.regex.syntax import (
    DEEPEST,
    LONGEST,
    Atomic,
    Back,
    Chars,
    Choice,
    Class,
    Group,
    Look,
    Place,
    Repeat,
    Sequence,
    Term,
)

_CONTROLS: Final = {"t": "\t", "n": "\n", "f": "\f", "r": "\r", "a": "\x07", "e": "\x1b"}
_BRACES: Final = re.compile(r"\{([0-9]{1,9})(?:(,)([0-9]{0,9}))?\}")
_NAME: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9]*)>")
_PROPERTY: Final = re.compile(r"\{\s*\^?([^{}]+)\}|([A-Za-z])")
_FLAGS: Final = re.compile(r"([imsdu]*)(?:-([imsdu]+))?([:)])")
_HEX: Final = re.compile(r"u+([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,6})\}")
_OCTAL: Final = re.compile(r"0([0-3]?[0-7]{1,2})")
_LOOKS: Final = {"(?=": (True, False), "(?!": (True, True), "(?<=": (False, False), "(?<!": (False, True)}
_MOST: Final = 10**6


def parse_java(source: str, flags: str) -> tuple[Term, int]:
    """The syntax of a regular expression and how many groups it has; raises JsonataError."""
    if len(source) > LONGEST:
        raise JsonataError("U1005", message="Regular expression too large")
    return _Parser(source, frozenset(flags)).whole()


class _Parser:
    def __init__(self, source: str, flags: frozenset[str]) -> None:
        self.source = source
        self.flags = flags
        self.at = 0
        self.depth = 0
        self.groups = 0
        self.names: dict[str, int] = {}

    def whole(self) -> tuple[Term, int]:
        term = self.choice()
        if self.at < len(self.source):
            raise self.error("Unmatched closing ')'")
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

    def next(self) -> str:
        if self.at >= len(self.source):
            raise self.error("Unexpected end of the pattern")
        self.at += 1
        return self.source[self.at - 1]

    # terms

    def choice(self) -> Term:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error("Regular expression too large")
        before = self.flags
        options = [self.sequence()]
        while self.take("|"):
            options.append(self.sequence())
        self.flags = before
        self.depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self) -> Term:
        parts: list[Term] = []
        while self.at < len(self.source) and not self.peek("|") and not self.peek(")"):
            if self.take("\\Q"):
                *before, last = [Sequence(()), *map(self.literal, self.quoted())]
                parts.extend([*before, self.repeated(last)])
            elif (flags := _FLAGS.match(self.source, self.at + 2)) and self.peek("(?") and flags[3] == ")":
                self.switch(flags)
            else:
                parts.append(self.repeated(self.atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def quoted(self) -> str:
        end = self.source.find("\\E", self.at)
        text = self.source[self.at :] if end < 0 else self.source[self.at : end]
        self.at = len(self.source) if end < 0 else end + 2
        return text

    def repeated(self, term: Term) -> Term:
        while (bounds := self.quantifier()) is not None:
            least, most = bounds
            if most is not None and most < least:
                raise self.error("Illegal repetition range")
            lazy = self.take("?")
            possessive = not lazy and self.take("+")
            # the groups inside keep what they last matched
            repeat = Repeat(term, least, most, not lazy, 0, 0, may_rest=True)
            term = Atomic(repeat) if possessive else repeat
        return term

    def quantifier(self) -> tuple[int, int | None] | None:
        for mark, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(mark):
                return bounds
        if not self.peek("{"):
            return None
        found = _BRACES.match(self.source, self.at)
        if found is None:
            raise self.error("Illegal repetition")
        self.at = found.end()
        least = min(int(found[1]), _MOST)
        if found[2] is None:
            return least, least
        return least, min(int(found[3]), _MOST) if found[3] else None

    def atom(self) -> Term:
        if self.peek("("):
            return self.group()
        if self.peek("{"):
            # nothing, which the braces repeat
            return Sequence(())
        char = self.next()
        match char:
            case "^":
                return Place(_after_line_end if "m" in self.flags else _at_start)
            case "$":
                return Place(_before_line_end if "m" in self.flags else _before_last_line_end)
            case ".":
                return self.dot()
            case "[":
                return Class(CharClass(self.char_class()))
            case "\\":
                return self.escape()
            case "*" | "+" | "?":
                raise self.error(f"Dangling meta character '{char}'")
            case _:
                return self.literal(char)

    def dot(self) -> Term:
        if "s" in self.flags:
            return Class(CharClass(lambda char: True))
        if "d" in self.flags:
            return Class(CharClass(lambda char: char != "\n"))
        return Class(CharClass(lambda char: char not in LINE_ENDS))

    def literal(self, char: str) -> Term:
        if "i" not in self.flags:
            return Chars(((ord(char), ord(char)),))
        return Class(CharClass(self.range(char, char)))

    def range(self, low: str, high: str) -> Holds:
        if "i" in self.flags and "u" in self.flags:
            return lambda char: any(low <= one <= high for one in (char, char.lower(), char.upper()))
        return of_range(low, high, ignore_case="i" in self.flags)

    def group(self) -> Term:
        for opening, (ahead, negated) in _LOOKS.items():
            if self.take(opening):
                return Look(self.closed(), ahead, negated)
        if self.take("(?>"):
            return Atomic(self.closed())
        if self.take("(?<"):
            name = _NAME.match(self.source, self.at)
            if name is None or name[1] in self.names:
                raise self.error("Unusable name of a group")
            self.at = name.end()
            self.names[name[1]] = self.groups + 1
        elif self.take("(?"):
            return self.flagged()
        else:
            self.at += 1
        self.groups += 1
        number = self.groups
        return Group(number, self.closed())

    def flagged(self) -> Term:
        found = _FLAGS.match(self.source, self.at)
        if found is None:
            raise self.error("Unknown inline modifier")
        before = self.flags
        self.switch(found)
        inner = Sequence((self.closed(),))
        self.flags = before
        return inner

    def switch(self, found: re.Match[str]) -> None:
        self.at = found.end()
        self.flags = (self.flags | set(found[1])) - set(found[2] or "")

    def closed(self) -> Term:
        body = self.choice()
        if not self.take(")"):
            raise self.error("Unclosed group")
        return body

    # escapes

    def escape(self) -> Term:
        char = self.source[self.at : self.at + 1]
        place = _PLACES.get(char)
        if place is not None:
            self.at += 1
            return Place(place)
        if char == "R":
            self.at += 1
            return _LINE_BREAK
        if char == "k":
            return self.named_back()
        if char and char in "123456789":
            return self.back()
        members = self.class_escape()
        return Class(CharClass(members)) if members is not None else self.literal(self.char_escape())

    def named_back(self) -> Term:
        found = _NAME.match(self.source, self.at + 2) if self.peek("k<") else None
        if found is None or found[1] not in self.names:
            raise self.error("Named group that does not exist")
        self.at = found.end()
        return Back(self.names[found[1]], strict=True, fold="i" in self.flags)

    def back(self) -> Term:
        number = int(self.next())
        while (digit := self.source[self.at : self.at + 1]) and digit in "0123456789":
            longer = number * 10 + int(digit)
            if longer > self.groups:
                break
            number = longer
            self.at += 1
        return Back(number, strict=True, fold="i" in self.flags)

    def class_escape(self) -> Holds | None:
        char = self.source[self.at : self.at + 1]
        known = CLASSES.get(char.lower())
        if known is not None:
            self.at += 1
            return known if char.islower() else complement(known)
        if char not in ("p", "P"):
            return None
        found = _PROPERTY.match(self.source, self.at + 1)
        named = None if found is None else property_of(found[1] or found[2])
        if found is None or named is None:
            raise self.error("Unknown character property")
        self.at = found.end()
        if "i" in self.flags and (found[1] or found[2]) in ("Lower", "Upper", "Ll", "Lu", "IsLl", "IsLu"):
            named = property_of("Alpha" if found[1] in ("Lower", "Upper") else "LC") or named
        return named if char == "p" else complement(named)

    def char_escape(self) -> str:
        """The character that an escape stands for, after its backslash."""
        found = _HEX.match(self.source, self.at) or _OCTAL.match(self.source, self.at)
        if found is not None:
            self.at = found.end()
            digits = next(part for part in found.groups() if part is not None)
            code = int(digits, 8 if found.re is _OCTAL else 16)
            return self.paired(code) if found[0][0] == "u" else self.chr(code)
        char = self.next()
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "c":
            return self.chr(ord(self.next()) ^ 64)
        if char == "N" and self.take("{"):
            end = self.source.find("}", self.at)
            try:
                named = unicodedata.lookup(self.source[self.at : end])
            except KeyError:
                raise self.error("Unknown character name") from None
            self.at = end + 1
            return named
        if char.isascii() and char.isalnum():
            raise self.error("Illegal/unsupported escape sequence")
        return char

    def chr(self, code: int) -> str:
        if code > 0x10FFFF:
            raise self.error("Hexadecimal codepoint is too big")
        return chr(code)

    def paired(self, code: int) -> str:
        """The character of a code unit, and of the one after it where both make one."""
        low = re.compile(r"\\u+([dD][c-fC-F][0-9a-fA-F]{2})").match(self.source, self.at)
        if 0xD800 <= code < 0xDC00 and low is not None:
            self.at = low.end()
            return chr(0x10000 + ((code - 0xD800) << 10) + int(low[1], 16) - 0xDC00)
        return chr(code)

    # classes of characters

    def char_class(self) -> Holds:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error("Regular expression too large")
        negated = self.take("^")
        cuts: list[Holds] = [self.members(first=True)]
        while self.take("&&"):
            if not self.peek("]"):
                cuts.append(self.members(first=False))
        if not self.take("]"):
            raise self.error("Unclosed character class")
        self.depth -= 1
        holds = cuts[0] if len(cuts) == 1 else _all_of(tuple(cuts))
        return complement(holds) if negated else holds

    def members(self, *, first: bool) -> Holds:
        found: list[Holds] = []
        while self.at < len(self.source) and not self.peek("&&") and (first or not self.peek("]")):
            first = False
            if self.take("["):
                found.append(self.char_class())
            elif self.take("\\Q"):
                found.extend(self.range(char, char) for char in self.quoted())
            else:
                found.append(self.member())
        return found[0] if len(found) == 1 else _any_of(tuple(found))

    def member(self) -> Holds:
        low = self.member_start()
        if not isinstance(low, str):
            return low
        if not self.peek("-") or self.peek("-]") or self.peek("-["):
            return self.range(low, low)
        self.at += 1
        high = self.member_start()
        if not isinstance(high, str) or high < low:
            raise self.error("Illegal character range")
        return self.range(low, high)

    def member_start(self) -> str | Holds:
        char = self.next()
        if char != "\\":
            return char
        return self.class_escape() or self.char_escape()


def _any_of(parts: tuple[Holds, ...]) -> Holds:
    return lambda char: any(holds(char) for holds in parts)


def _all_of(parts: tuple[Holds, ...]) -> Holds:
    return lambda char: all(holds(char) for holds in parts)


def _at_start(text: str, place: int) -> bool:
    return place == 0


def _at_end(text: str, place: int) -> bool:
    return place == len(text)


def _ends_line(text: str, place: int) -> bool:
    """Whether a line end begins at a place, which the second half of a pair does not."""
    return text[place] in LINE_ENDS and not (text[place] == "\n" and place > 0 and text[place - 1] == "\r")


def _before_last_line_end(text: str, place: int) -> bool:
    if place == len(text):
        return True
    rest = len(text) - place
    return _ends_line(text, place) and (rest == 1 or (rest == 2 and text.endswith("\r\n")))


def _before_line_end(text: str, place: int) -> bool:
    return place == len(text) or _ends_line(text, place)


def _after_line_end(text: str, place: int) -> bool:
    if place == len(text):
        return False
    return place == 0 or (
        text[place - 1] in LINE_ENDS and not (text[place - 1] == "\r" and text[place] == "\n")
    )


def _is_word(text: str, place: int) -> bool:
    if not 0 <= place < len(text):
        return False
    char = text[place]
    return char == "_" or char.isalpha() or unicodedata.category(char) == "Nd"


def _at_word_edge(text: str, place: int) -> bool:
    return _is_word(text, place - 1) is not _is_word(text, place)


def _inside_word(text: str, place: int) -> bool:
    return not _at_word_edge(text, place)


_PLACES: Final = {
    "A": _at_start,
    "G": _at_start,
    "z": _at_end,
    "Z": _before_last_line_end,
    "b": _at_word_edge,
    "B": _inside_word,
}
_LINE_BREAK: Final = Choice(
    (Sequence((Chars(((13, 13),)), Chars(((10, 10),)))), Class(CharClass(CLASSES["v"])))
)
