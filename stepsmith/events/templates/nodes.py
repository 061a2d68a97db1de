"""What a template is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the template."""

    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Interpolated:
    """A text in double quotes: a template itself."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Property:
    """`.name`"""

    name: str


@dataclass(frozen=True, slots=True)
class Method:
    """`.name(arguments)`"""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """`[index]`"""

    index: Expression


Step: TypeAlias = Property | Method | Element


@dataclass(frozen=True, slots=True)
class Reference:
    """`$name.step...`"""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b]`"""

    elements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class MapOf:
    """`{"a": b}`"""

    members: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True)
class Range:
    """`[1..3]`"""

    first: Expression
    last: Expression


@dataclass(frozen=True, slots=True)
class Unary:
    """`!a` or `-a`"""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """`a == b`, `a + b`, `a && b`"""

    operator: str
    left: Expression
    right: Expression


Expression: TypeAlias = Literal | Interpolated | Reference | ListOf | MapOf | Range | Unary | Binary


@dataclass(frozen=True, slots=True)
class Set:
    """`#set($a.b = value)`"""

    target: Reference
    value: Expression


@dataclass(frozen=True, slots=True)
class If:
    """`#if(a) ... #elseif(b) ... #else ... #end`"""

    branches: tuple[tuple[Expression, tuple[Node, ...]], ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ForEach:
    """`#foreach($a in b) ... #end`"""

    name: str
    values: Expression
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """`#break` leaves the loop, `#stop` the template."""

    kind: str


Node: TypeAlias = "str | Reference | Set | If | ForEach | Leave"
