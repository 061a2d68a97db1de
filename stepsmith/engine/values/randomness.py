"""Random numbers and identifiers that come out the same for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


class Seeded:
    """The default source of an execution's randomness: one seed, one sequence."""

    __slots__ = ("_random", "_seed")

    def __init__(self, *seed: object) -> None:
        self._seed = seed
        self._random: Random | None = None

    def _source(self) -> Random:
        if self._random is None:  # the import and the seeding cost more than a short execution
            from random import Random

            self._random = Random(":".join(map(str, self._seed)))  # noqa: S311 - repeatable on purpose
        return self._random

    def random(self) -> float:
        """Give a number from 0 up to, but not including, 1."""
        return self._source().random()

    def uuid(self) -> str:
        """Give a version 4 UUID in its usual text form."""
        bits = self._source().getrandbits(128)
        bits = bits & ~(0xF << 76) | (4 << 76)
        bits = bits & ~(0x3 << 62) | (2 << 62)
        digits = f"{bits:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def token(identifier: str, other: str) -> str:
    """Make a task token of two UUIDs: 244 random bits."""
    return f"{identifier}{other}".replace("-", "")
