"""What a path consists of once it is parsed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from stepsmith.expressions.types import Json

Predicate: TypeAlias = Callable[[Json, Json], bool]
"""Decides on an item; the second value is the document that `$` means inside the filter."""


@dataclass(frozen=True, slots=True)
class Name:
    """`.name` or `['name']`."""

    name: str


@dataclass(frozen=True, slots=True)
class Names:
    """`['a', 'b']`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """`[0]` or `[-1]`."""

    index: int


@dataclass(frozen=True, slots=True)
class Indexes:
    """`[0, 1]`."""

    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """`[1:3]`, `[1:]`, `[:3]`, `[-3:]`."""

    start: int | None
    stop: int | None


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`.*` or `[*]`."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(@.a == 1)]`."""

    accepts: Predicate


@dataclass(frozen=True, slots=True)
class Scan:
    """`..` before another step: everywhere below, in document order."""

    step: Name | Names | Index | Indexes | Slice | Wildcard | Filter


@dataclass(frozen=True, slots=True)
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
