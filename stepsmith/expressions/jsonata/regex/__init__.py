"""Regular expressions, in JavaScript's syntax and in Java's, matched in time linear in the text where possible.

It touches the errors of JSONata and texts as code units, and never Python's `re` for what a user has written.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from stepsmith.expressions.jsonata.regex.java_syntax import parse_java
from stepsmith.expressions.jsonata.regex.machine import CHAR, CHARS, EDGE, Machine, Program, build
from stepsmith.expressions.jsonata.regex.syntax import parse
from stepsmith.expressions.jsonata.runtime.text import to_units
from stepsmith.frozen import frozen

__all__ = ["Match", "Pattern", "compile_java_pattern", "compile_pattern"]

_SKIPPING_WORK: Final = 6


@frozen
class Match:
    """Where a pattern was found, and the texts of its groups; None for one that took no part."""

    span: tuple[int, int]
    groups: tuple[str | None, ...]


@frozen
class Pattern:
    """A compiled regular expression."""

    source: str
    flags: str
    program: Program
    of_units: bool = True
    """Whether it reads UTF-16 code units, as in JavaScript, and not characters."""

    def search(self, text: str, start: int, charge: Callable[[int], None]) -> Match | None:
        """The first match from a place on, in a text of code units or characters; what it does is charged."""
        machine = Machine(self.program, text, charge)
        kind, first, _ = self.program.code[0]
        place = start
        while place <= len(text):
            if kind == CHAR:
                place = text.find(first, place)
                if place < 0:
                    return None
            elif kind == CHARS:
                began = place
                while place < len(text) and text[place] not in first:
                    place += 1
                charge(_SKIPPING_WORK * (place - began))
                if place == len(text):
                    return None
            end = machine.run(place)
            if end >= 0:
                slots = machine.slots
                groups = (
                    (slots[2 * number], slots[2 * number + 1]) for number in range(1, self.program.groups + 1)
                )
                found = tuple(text[low:high] if low >= 0 and high >= 0 else None for low, high in groups)
                return Match((place, end), found)
            if kind == EDGE and first == "^" and not self.program.multiline:
                return None
            place += 1
        return None


@lru_cache(maxsize=512)
def compile_pattern(source: str, flags: str) -> Pattern:
    """Compiles a pattern; flags are `i` and `m`; raises JsonataError where it has no meaning."""
    term, groups = parse(to_units(source))
    program = build(term, groups, ignore_case="i" in flags, multiline="m" in flags)
    return Pattern(source, flags, program)


@lru_cache(maxsize=512)
def compile_java_pattern(source: str, flags: str) -> Pattern:
    """Compiles a pattern of `java.util.regex`; flags are `i` and `m`; raises JsonataError where it has no meaning."""
    term, groups = parse_java(source, flags)
    program = build(term, groups, ignore_case=False, multiline=False)
    return Pattern(source, flags, program, of_units=False)
