"""What a path consists of once it is parsed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

MOST_WORK: Final = 1_000_000
"""Steps that one path may take on its data, with all its filters: half a second, far more than honest ones take."""


class TooMuchWork(Exception):
    """A path that takes too many steps on its data."""


class Search:
    """One evaluation of a path: the document that `$` means in its filters, and the account of its work."""

    __slots__ = ("document", "left")

    def __init__(self, document: Json) -> None:
        self.document = document
        self.left = MOST_WORK

    def charge(self, work: int) -> None:
        """Account for so many steps; raises TooMuchWork when they are used up."""
        self.left -= work
        if self.left < 0:
            raise TooMuchWork


Predicate: TypeAlias = Callable[[Json, Search], bool]
"""Decides on an item."""


@frozen
class Name:
    """`.name` or `['name']`."""

    name: str


@frozen
class Names:
    """`['a', 'b']`."""

    names: tuple[str, ...]


@frozen
class Index:
    """`[0]` or `[-1]`."""

    index: int


@frozen
class Indexes:
    """`[0, 1]`."""

    indexes: tuple[int, ...]


@frozen
class Slice:
    """`[1:3]`, `[1:]`, `[:3]`, `[-3:]`."""

    start: int | None
    stop: int | None


@frozen
class Wildcard:
    """`.*` or `[*]`."""


@frozen
class Filter:
    """`[?(@.a == 1)]`."""

    accepts: Predicate


@frozen
class Scan:
    """`..` before another step: everywhere below, in document order."""

    step: Name | Names | Index | Indexes | Slice | Wildcard | Filter


@frozen
class Function:
    """`.length()` and its like, at the end of a path."""

    name: str


Selector: TypeAlias = Name | Names | Index | Indexes | Slice | Wildcard | Filter
Step: TypeAlias = Selector | Scan | Function


def is_definite(steps: tuple[Step, ...]) -> bool:
    """True when the path leads to one value, so that finding nothing is an error."""
    last = len(steps) - 1
    return all(
        isinstance(step, Name | Index | Function) or (isinstance(step, Names) and place == last)
        for place, step in enumerate(steps)
    )


def normalised(steps: Iterable[Step]) -> str:
    """Write definite steps as Jayway prints a path: `$['a'][0]`."""
    return "$" + "".join(map(_written, steps))


def _written(step: Step) -> str:
    match step:
        case Name(name):
            return f"['{name}']"
        case Names(names):
            return "[" + ",".join(f"'{name}'" for name in names) + "]"
        case Index(index):
            return f"[{index}]"
        case Function(name):
            return f".{name}()"
        case _:
            raise TypeError("an indefinite step among definite ones")
