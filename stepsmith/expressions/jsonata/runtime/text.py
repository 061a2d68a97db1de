"""Strings as JavaScript sees them: UTF-16 code units where those can be told from characters."""

from __future__ import annotations

import re
import sys
from typing import Final

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_STRETCH: Final = 100_000
_NATIVE: Final = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"


def join_surrogates(text: str) -> str:
    """The text with each pair of surrogates made one character."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return from_units(text)


def whole_characters(text: str) -> str:
    """The text with a question mark for each half of a character, as Java writes it where it writes UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def has_halves(text: str) -> bool:
    """Whether the text has a half of a character, which no JSON may hold."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def has_astral(text: str) -> bool:
    """Whether the text has characters that are two code units in UTF-16."""
    return not text.isascii() and max(text) > "\uffff"


def to_units(text: str) -> str:
    """The text with every character outside the basic plane as its two surrogates."""
    if not has_astral(text):
        return text
    units = memoryview(text.encode(_NATIVE, "surrogatepass")).cast("H")
    # in stretches, between which other threads may run
    return "".join(["".join(map(chr, units[at : at + _STRETCH])) for at in range(0, len(units), _STRETCH)])


def from_units(units: str) -> str:
    """The text that a string of code units stands for; lone surrogates stay what they are."""
    if units.isascii():
        return units
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def less(left: str, right: str) -> bool:
    """Whether one string comes before another, by UTF-16 code units."""
    if left.isascii() or right.isascii():
        return left < right
    return left.encode("utf-16-be", "surrogatepass") < right.encode("utf-16-be", "surrogatepass")


def sort_key(text: str) -> bytes:
    """What to sort strings by, to have them in the order of their UTF-16 code units."""
    return text.encode("utf-16-be", "surrogatepass")
