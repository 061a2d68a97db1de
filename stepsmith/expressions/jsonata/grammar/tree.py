"""The syntax tree of an expression: frozen, with paths and parents resolved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Final, TypeAlias

from stepsmith.expressions.jsonata.regex import Pattern
from stepsmith.expressions.jsonata.runtime.signature import Signature
from stepsmith.expressions.types import UNDEFINED, Json, Undefined
from stepsmith.frozen import frozen


@frozen
class Literal:
    """A string, number, boolean or null."""

    value: Json


@frozen
class Name:
    """A field of the context value."""

    name: str


@frozen
class Variable:
    """`$name`; `$` alone, the context, has the empty name and `$$`, the root, the name `$`."""

    name: str


@frozen
class Wildcard:
    """`*`: all fields of the context value."""


@frozen
class Descendants:
    """`**`: the context value and all that is in it."""


@frozen
class Parent:
    """`%`: the value that the step with this label came from."""

    label: str


@frozen
class Regex:
    """A regular expression, which is a function."""

    pattern: Pattern


@frozen
class Negation:
    """`-operand`."""

    operand: Node


@frozen
class Binary:
    """Two operands and an operator other than `.`, `~>` and `:=`."""

    operator: str
    left: Node
    right: Node


@frozen
class ArrayConstructor:
    """`[a, b]`; a `cons` one stays an array where sequences are flattened."""

    items: tuple[Node, ...]
    cons: bool


@frozen
class Group:
    """Keys and values of an object; of one for each key where it groups."""

    pairs: tuple[tuple[Node, Node], ...]
    position: int


@frozen
class ObjectConstructor:
    """`{"a": b}`."""

    group: Group


@frozen
class Block:
    """`(a; b)`."""

    items: tuple[Node, ...]
    cons: bool


@frozen
class Bind:
    """`$name := value`."""

    name: str
    value: Node


@frozen
class Condition:
    """`test ? then : otherwise`."""

    test: Node
    then: Node
    otherwise: Node | None


@frozen
class Call:
    """`function(arguments)`; in tail position it is left to the caller of the function around it."""

    function: Node
    arguments: tuple[Node, ...]
    tail: bool = False


@frozen
class Partial:
    """`function(argument, ?)`; None is a question mark."""

    function: Node
    arguments: tuple[Node | None, ...]


@frozen
class Function:
    """`function($a) {...}`."""

    parameters: tuple[str, ...]
    body: Node
    signature: Signature | None


@frozen
class Apply:
    """`left ~> right`."""

    left: Node
    right: Node


@frozen
class Transform:
    """`| pattern | update, delete |`."""

    pattern: Node
    update: Node
    delete: Node | None


@frozen
class Term:
    """One key of an order-by."""

    value: Node
    descending: bool


@frozen
class Sort:
    """`^(terms)`."""

    terms: tuple[Term, ...]


@frozen
class Index:
    """`#$name` after a predicate."""

    name: str


@frozen
class Step:
    """One step of a path, with what follows it."""

    node: Node
    stages: tuple[Node | Index, ...]
    focus: str | None
    index: str | None
    ancestor: str | None
    tuples: bool
    cons: bool


@frozen
class Path:
    """`a.b[c]@$d`; one that hands `tuples` on is itself a step."""

    steps: tuple[Step, ...]
    keep_singleton: bool
    tuples: bool


Kind: TypeAlias = (
    Literal
    | Name
    | Variable
    | Wildcard
    | Descendants
    | Parent
    | Regex
    | Negation
    | Binary
    | ArrayConstructor
    | ObjectConstructor
    | Block
    | Bind
    | Condition
    | Call
    | Partial
    | Function
    | Apply
    | Transform
    | Sort
    | Path
)


@frozen
class Node:
    """An expression, and what is applied to its result: predicates, then a group-by, then `[]`.

    `position` is the number of characters up to the end of its first token (of its operator).
    """

    of: Kind
    position: int
    filters: tuple[Node | Index, ...] = ()
    group: Group | None = None
    keep: bool = False


def children(node: Node) -> Iterator[Node]:
    """The expressions directly inside an expression."""
    if type(node.of) in _LEAVES and not node.filters and node.group is None:
        return iter(())
    return _nodes_in(node)


def parts(node: Node) -> Iterator[Node]:
    """The expressions directly inside an expression, without those that follow it."""
    return iter(()) if type(node.of) in _LEAVES else _nodes_in(node.of)


def constant(node: Node) -> Json | Undefined:
    """The value of a literal with nothing after it; UNDEFINED for any other expression."""
    if not isinstance(node.of, Literal) or node.filters or node.group is not None:
        return UNDEFINED
    return node.of.value


def following(node: Node) -> Iterator[Node]:
    """The expressions of the predicates and the group that follow an expression."""
    yield from _nodes_in((node.filters, node.group))


def _nodes_in(value: Any) -> Iterator[Node]:
    kind = value.__class__
    parts: Iterable[Any] = value if kind is tuple else [getattr(value, name) for name in _fields_of(kind)]
    for part in parts:
        if type(part) is Node:
            yield part
        elif part and type(part) not in _WITHOUT_NODES:
            yield from _nodes_in(part)


_LEAVES: Final = frozenset({Literal, Name, Variable, Wildcard, Descendants, Parent, Regex})
_WITHOUT_NODES: Final = frozenset({str, int, float, bool, Pattern, Signature, Literal, Name, Variable, Index})


@cache
def _fields_of(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def walk(node: Node) -> Iterator[Node]:
    """An expression and every expression inside it, outermost first."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(children(current))
