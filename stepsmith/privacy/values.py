"""What personal fields hold, and how it is masked in texts and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
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
                return MASK if written in self.numbers or (name, written) in self.little else value
            case list():
                return [self.masked(each, name) for each in value]
            case dict():
                return self._masked_object(value)

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

    def _in_words(self, text: str) -> str:
        return self._substitute(text)

    @cached_property
    def _substitute(self) -> Callable[[str], str]:
        forms = {form for text in self.texts if len(text) >= SHORTEST_PART for form in _forms(text)}
        literals = {form: _literal(form) for form in forms}
        literals |= {number: rf"(?<![\d.]){re.escape(number)}(?!\d)" for number in self.numbers}
        if not literals:
            return lambda text: text
        # literal texts only, each escaped: nothing in here is a pattern that somebody gave
        longest_first = sorted(literals, key=lambda form: (-len(form), form))
        pattern = re.compile("|".join(literals[form] for form in longest_first))
        return lambda text: pattern.sub(MASK, text)


def _literal(form: str) -> str:
    escaped = re.escape(form)
    return escaped if len(form) >= SHORTEST_ANYWHERE else rf"(?<!\w){escaped}(?!\w)"


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
