"""What can go wrong, in words that a test can be written with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json

AFTER: Final = " after its effect"
WORKS: Final = "works"
IS_ANSWERED: Final = "is answered"
PASSES: Final = "passes"
STARTS: Final = "starts"
ABORTED: Final = "is aborted"


@dataclass(frozen=True, slots=True, repr=False)
class Mishap:
    """One thing that goes wrong, and where: at which state of which execution, when it is come to for which time."""

    at: str
    does: str
    execution: int = 1
    time: int = 1

    def __post_init__(self) -> None:
        if self.execution < 1 or self.time < 1:
            raise InvalidInput(f"{self!r}: executions and times are counted from 1")

    def __repr__(self) -> str:
        where = "" if self.execution == 1 else f", execution={self.execution}"
        when = "" if self.time == 1 else f", time={self.time}"
        return f"Mishap(at={self.at!r}, does={self.does!r}{where}{when})"

    def __str__(self) -> str:
        again = "" if self.time == 1 else f" (time {self.time})"
        return f"execution {self.execution}, {self.at}{again}: {self.does}"


@dataclass(frozen=True, slots=True)
class Work:
    """What has touched the world: a call of a task that was carried out, heard or not, or an answer."""

    at: str
    payload: Json
    """What the task was called with; never to be changed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the ways in which a play can go on."""

    does: str
    act: Callable[[], None]
    alike: str = ""
    """What it has in common with others that lead to the same but for a name; empty where it is like no other."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A moment in which something can go wrong: what comes next, and what may come in its place."""

    execution: int
    at: str
    usual: Choice
    """What happens where nothing goes wrong."""
    others: Callable[[], list[Choice]]
    """Gives what may happen instead."""

    def choice(self, does: str) -> Choice:
        """Give the choice of that name. Raises InvalidInput with those there are."""
        others = self.others()
        for each in (self.usual, *others):
            if each.does == does:
                return each
        known = "; ".join(each.does for each in others) or "nothing"
        raise InvalidInput(
            f"execution {self.execution} cannot be made to do {does!r} at {self.at!r}; what can happen: {known}"
        )
