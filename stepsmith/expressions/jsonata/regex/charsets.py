"""Sets of UTF-16 code units, and when two of them are the same but for their case."""

from __future__ import annotations

from typing import Final

Range = tuple[int, int]

DIGITS: Final[tuple[Range, ...]] = ((0x30, 0x39),)
WORD: Final[tuple[Range, ...]] = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
SPACE: Final[tuple[Range, ...]] = (
    (0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
    (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
)  # fmt: skip
LINE_ENDS: Final[tuple[Range, ...]] = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))


def complement(ranges: tuple[Range, ...]) -> tuple[Range, ...]:
    """All code units that are in none of the ranges."""
    result: list[Range] = []
    at = 0
    for low, high in sorted(ranges):
        if low > at:
            result.append((at, low - 1))
        at = max(at, high + 1)
    return (*result, (at, 0xFFFF)) if at <= 0xFFFF else tuple(result)


def canonical(char: str) -> str:
    """What stands for a code unit where case does not matter (ECMAScript's Canonicalize)."""
    upper = char.upper()
    if len(upper) != 1 or (ord(char) >= 128 > ord(upper)):
        return char
    return upper


def _variants(char: str) -> set[str]:
    """Code units that are the same as this one but for their case."""
    key = canonical(char)
    candidates = {char, char.lower(), char.upper(), char.upper().lower(), char.lower().upper()}
    return {other for other in candidates if len(other) == 1 and canonical(other) == key}


class CharSet:
    """A set of code units that remembers what it was asked."""

    __slots__ = ("_ignore_case", "_known", "_negated", "ranges")

    def __init__(
        self, ranges: tuple[Range, ...], *, negated: bool = False, ignore_case: bool = False
    ) -> None:
        self.ranges = ranges
        self._negated = negated
        self._ignore_case = ignore_case
        self._known: dict[str, bool] = {}

    def __contains__(self, char: str) -> bool:
        known = self._known.get(char)
        if known is None:
            known = self._known[char] = self._holds(char)
        return known

    def _holds(self, char: str) -> bool:
        chars = _variants(char) if self._ignore_case else {char}
        return self._negated != any(low <= ord(one) <= high for one in chars for low, high in self.ranges)
