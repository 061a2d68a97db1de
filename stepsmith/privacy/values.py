"""What personal fields hold, and how it is masked in texts and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias, cast

from stepsmith.expressions.types import Json

MASK: Final = "•••"
"""Stands for what is not shown."""
SHORTEST_PART: Final = 3
"""A shorter text is masked where it is a whole value, and not inside other texts: `IE` is part of too many words."""
SHORTEST_ANYWHERE: Final = 4
"""A shorter text is masked inside others where it stands as a word."""
FEWEST_DIGITS: Final = 4
"""A number with fewer is masked only in members of the same name: there are too many other 5s."""

_Number: TypeAlias = int | float


@dataclass(frozen=True)
class PersonalValues:
    """What the personal fields of an execution hold. A masked copy has the structure of what it was made from."""

    texts: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    """Numbers with four digits or more, as they are written."""
    little: frozenset[tuple[str, str]] = frozenset()
    """Member and value: other numbers, and truth values."""

    @staticmethod
    def of(found: Iterable[tuple[str, Json]]) -> PersonalValues:
        """Collect values with the names of the members that hold them."""
        texts: set[str] = set()
        numbers: set[str] = set()
        little: set[tuple[str, str]] = set()
        for name, value in found:
            if isinstance(value, str):
                texts.add(value)
            elif isinstance(value, int | float):
                written = _written(value)
                if isinstance(value, bool) or sum(c.isdigit() for c in written) < FEWEST_DIGITS:
                    little.add((name, written))
                else:
                    numbers.add(written)
        return PersonalValues(frozenset(texts - {"", MASK}), frozenset(numbers), frozenset(little))

    def __bool__(self) -> bool:
        return bool(self.texts or self.numbers or self.little)

    def masked(self, value: Json, name: str = "") -> Json:
        """Give JSON with every personal value masked; `name` is the member that holds it."""
        match value:
            case str():
                return MASK if value in self.texts else self.masked_text(value)
            case None:
                return None
            case bool() | int() | float():
                written = _written(value)
                return MASK if self._hides(written, name) else value
            case list():
                return [self.masked(each, name) for each in value]
            case dict():
                return self._masked_object(value)

    def _hides(self, written: str, name: str) -> bool:
        """Whether a number or truth value is masked: it may be a text where it is marked, as identifiers are."""
        as_text = written in self.texts and sum(map(str.isdigit, written)) >= FEWEST_DIGITS
        return as_text or written in self.numbers or (name, written) in self.little

    def _masked_object(self, value: dict[str, Json]) -> dict[str, Json]:
        masked: dict[str, Json] = {}
        for key, each in value.items():
            shown = MASK if key in self.texts else self._in_words(key)
            if shown != key and shown in masked:
                shown = f"{shown}{len(masked)}"
            masked[shown] = self.masked(each, key)
        return masked

    def masked_text(self, text: str) -> str:
        """Give a text with every personal value masked, also inside JSON that it is or holds."""
        return self.masked_json(text) if text[:1] in ("{", "[", '"') else self._in_words(text)

    def masked_json(self, text: str, name: str = "") -> str:
        """Give JSON text with every personal value masked; text that is no JSON is masked as words."""
        try:
            value = cast("Json", json.loads(text, object_pairs_hook=_members))
            masked = self.masked(value, name)
            if masked == value:
                return text
            return json.dumps(masked, ensure_ascii=False, separators=(",", ":"))
        except (ValueError, RecursionError):
            return self._in_words(text)

    @cached_property
    def _literals(self) -> frozenset[str]:
        """What is masked inside other texts."""
        forms = {form for text in self.texts if len(text) >= SHORTEST_PART for form in _forms(text)}
        return frozenset(forms | self.numbers)

    @cached_property
    def _lengths(self) -> dict[str, list[int]]:
        """The first characters of a literal -> how long those are that begin so, longest first."""
        found: dict[str, set[int]] = {}
        for literal in self._literals:
            found.setdefault(literal[:SHORTEST_PART], set()).add(len(literal))
        return {beginning: sorted(lengths, reverse=True) for beginning, lengths in found.items()}

    def _in_words(self, text: str) -> str:
        lengths = self._lengths
        shown: list[str] = []
        done = at = 0
        while lengths and at <= len(text) - SHORTEST_PART:
            possible = lengths.get(text[at : at + SHORTEST_PART], ())
            end = next((at + length for length in possible if self._stands(text, at, at + length)), None)
            if end is None:
                at += 1
                continue
            shown += text[done:at], MASK
            done = at = end
        return "".join(shown) + text[done:]

    def _stands(self, text: str, start: int, end: int) -> bool:
        """Whether a literal stands there, and not as part of a longer number or, where it is short, of a word."""
        literal = text[start:end]
        if literal not in self._literals:
            return False
        before, after = text[max(start - 1, 0) : start], text[end : end + 1]
        if literal in self.numbers:
            return not (before.isdigit() or before == "." or after.isdigit())
        return len(literal) >= SHORTEST_ANYWHERE or not (_in_word(before) or _in_word(after))


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _forms(text: str) -> set[str]:
    """Give the ways in which messages write a text: as it is, inside JSON, as Python shows it."""
    return {
        text,
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        repr(text)[1:-1],
    }


def _written(value: _Number) -> str:
    """Write a number so that 48.0 is 48, as it is once it has passed through JSONata."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else json.dumps(value)


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Make an object; refuse one that has a member twice, of which only the last would be looked at."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is there twice")
    return members
