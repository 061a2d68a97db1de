"""Random numbers and identifiers that come out the same for the same seed."""

from __future__ import annotations

from base64 import b64encode
from random import Random
from uuid import UUID


class Seeded:
    """The default source of an execution's randomness: one seed, one sequence."""

    __slots__ = ("_random", "_seed")

    def __init__(self, *seed: object) -> None:
        self._seed = seed
        self._random: Random | None = None

    def _source(self) -> Random:
        if self._random is None:  # seeding costs more than a short execution
            self._random = Random(":".join(map(str, self._seed)))  # noqa: S311 - repeatable on purpose, guards nothing
        return self._random

    def random(self) -> float:
        """Give a number from 0 up to, but not including, 1."""
        return self._source().random()

    def uuid(self) -> str:
        """Give a version 4 UUID in its usual text form."""
        return str(UUID(int=self._source().getrandbits(128), version=4))


def token(identifier: str, other: str) -> str:
    """Make a task token of two UUIDs: 244 random bits in a text that is safe in URLs and shells."""
    return b64encode(UUID(identifier).bytes + UUID(other).bytes, b"-_").decode().rstrip("=")
