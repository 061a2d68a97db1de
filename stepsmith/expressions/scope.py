"""What an expression sees while it is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from stepsmith.expressions.types import Json


class Randomness(Protocol):
    """A source of random numbers and identifiers; seeded, so that a run can be repeated."""

    def random(self) -> float:
        """Give a number from 0 up to, but not including, 1."""
        ...

    def uuid(self) -> str:
        """Give a version 4 UUID in its usual text form."""
        ...


class Scope:
    """The values that paths, templates and intrinsic functions read; one object reused over many evaluations."""

    __slots__ = ("context", "input", "random", "variables")

    def __init__(
        self,
        input: Json,
        context: Callable[[], dict[str, Json]],
        variables: Mapping[str, Json],
        random: Randomness,
    ) -> None:
        self.input = input
        """The document that `$` stands for."""
        self.context = context
        """Gives the context object that `$$` stands for; called only when a path reads it."""
        self.variables = variables
        """The workflow variables in scope, by name without `$`."""
        self.random = random
        """Where States.MathRandom and States.UUID take their values from."""
