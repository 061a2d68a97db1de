"""The expression tree: one form for expressions of workflow functions and of explicit states.

Nodes are plain data. Every node carries the static type of its value, and the place it was written where there is
one. What a node means is what the same Python expression means; `evaluate` computes it, `to_jsonata` and `to_jsonpath`
write it in the query languages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Final, Literal, TypeAlias, cast, get_args

from stepsmith.expressions.typed.static_types import ANY, BOOL, STR, OptionalType, TupleType, Type, UnionType
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen


@frozen
class Span:
    """A place in a source file; lines and columns count from 1, columns in characters, the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@frozen(kw_only=True)
class Constant:
    """A constant, of any JSON."""

    value: Json
    type: Type
    span: Span | None = None


@frozen(kw_only=True)
class Variable:
    """A workflow variable, or the name that a comprehension binds."""

    name: str
    """Without `$`. Names that comprehensions bind start with an underscore, which workflow variables cannot."""
    type: Type
    span: Span | None = None


@frozen(kw_only=True)
class State:
    """A part of what a state sees: `$states.input` and the like."""

    part: Literal["input", "result", "errorOutput", "context"]
    type: Type = ANY
    span: Span | None = None


@frozen(kw_only=True)
class Field:
    """A field of an object that has it."""

    value: Expression
    name: str
    """As JSON says it."""
    type: Type
    span: Span | None = None


@frozen(kw_only=True)
class Item:
    """An element of a list by its index, or of a dict by its key; fails where there is none."""

    value: Expression
    index: Expression
    type: Type
    certain: bool = False
    """Whether it is known to be there, as within a loop over the list."""
    span: Span | None = None


@frozen(kw_only=True)
class Slice:
    """A part of a list or text, with constant bounds."""

    value: Expression
    start: int | None
    stop: int | None
    type: Type
    span: Span | None = None


@frozen(kw_only=True)
class Unary:
    """`-x`, or `not x` of a bool."""

    operator: Literal["-", "not"]
    operand: Expression
    type: Type
    span: Span | None = None


@frozen(kw_only=True)
class Binary:
    """Arithmetic; `+` also joins texts and lists, `|` merges dicts."""

    operator: Literal["+", "-", "*", "/", "//", "%", "|"]
    left: Expression
    right: Expression
    type: Type
    span: Span | None = None


@frozen(kw_only=True)
class Compare:
    """A comparison of two values."""

    operator: Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in"]
    left: Expression
    right: Expression
    type: Type = BOOL
    span: Span | None = None


@frozen(kw_only=True)
class Truth:
    """Whether a value counts as true in Python."""

    value: Expression
    type: Type = BOOL
    span: Span | None = None


@frozen(kw_only=True)
class Bool:
    """Bools joined by `and` or `or`; what need not be known is not evaluated."""

    operator: Literal["and", "or"]
    values: tuple[Expression, ...]
    type: Type = BOOL
    span: Span | None = None


@frozen(kw_only=True)
class Conditional:
    """`then if test else otherwise`."""

    test: Expression
    then: Expression
    otherwise: Expression
    type: Type
    span: Span | None = None


@frozen(kw_only=True)
class Text:
    """Texts and integers joined to one text."""

    parts: tuple[Expression, ...]
    type: Type = STR
    span: Span | None = None


@frozen(kw_only=True)
class Call:
    """A function of the library: a Python builtin or `str.upper` and the like; see `FUNCTIONS`."""

    function: str
    arguments: tuple[Expression, ...]
    type: Type
    span: Span | None = None


@frozen(kw_only=True)
class Spread:
    """`*xs` inside a list, or `**d` inside a dict."""

    value: Expression
    type: Type
    span: Span | None = None


@frozen(kw_only=True)
class ListOf:
    """A list display."""

    elements: tuple[Expression, ...]
    type: Type
    span: Span | None = None


@frozen(kw_only=True)
class ObjectOf:
    """A dict display or a model: keys and values, or a `Spread` under the key None."""

    entries: tuple[tuple[Expression | None, Expression], ...]
    type: Type
    span: Span | None = None


@frozen(kw_only=True)
class Comprehension:
    """`[element for name in items if condition]`."""

    element: Expression
    name: str
    items: Expression
    condition: Expression | None
    type: Type
    span: Span | None = None


@frozen(kw_only=True)
class DictComprehension:
    """`{key: value for name in items if condition}`."""

    key: Expression
    value: Expression
    name: str
    items: Expression
    condition: Expression | None
    type: Type
    span: Span | None = None


@frozen(kw_only=True)
class Raw:
    """JSONata as somebody wrote it; taken to give a value of the type, and not to fail."""

    text: str
    type: Type
    span: Span | None = None


Expression: TypeAlias = (
    Constant
    | Variable
    | State
    | Field
    | Item
    | Slice
    | Unary
    | Binary
    | Compare
    | Truth
    | Bool
    | Conditional
    | Text
    | Call
    | Spread
    | ListOf
    | ObjectOf
    | Comprehension
    | DictComprehension
    | Raw
)
"""Any node of the tree."""


READERS: Final = (
    *("read.int", "read.float", "read.bool", "read.str", "read.datetime"),
    *("read.one", "read.list", "read.object", "read.any"),
)
"""Functions that read JSON which nobody has checked, and fail where it does not fit; see `unchecked`."""

FALLIBLE: Final = frozenset(
    {
        *(
            "jsonata",
            "int.of",
            "float.of",
            "sqrt",
            "str.at",
            "str.index",
            "list.index",
            "width",
            "unpacked",
            "datetime.of",
        ),
        *("json.loads", "base64.decode", "any.item", "seconds"),
        *READERS,
    }
)
"""Functions that fail for some values of the right type, as they do in Python."""

FUNCTIONS: Final = frozenset(
    {
        *("len", "sum", "min", "max", "abs", "round", "int", "float", "str", "any", "all", "range"),
        *("min.default", "max.default", "min.by", "max.by", "min.text", "max.text", "next", "distinct"),
        *(
            "sorted",
            "sorted.reverse",
            "sorted.by",
            "sorted.by.reverse",
            "reversed",
            "zip",
            "enumerate",
            "slice",
            "slice.by",
            "list.repeat",
            "unpacked",
            "width",
        ),
        *("list.count", "list.index", "dict.get", "dict.keys", "dict.items"),
        *(
            "int.of",
            "float.of",
            "int.fits",
            "float.fits",
            "json.fits",
            "round.to",
            "floor",
            "ceil",
            "sqrt",
            "power",
            "range.by",
        ),
        *("float.fixed", "int.grouped", "int.base", "number.signed", "number.zeros"),
        *("str.upper", "str.lower", "str.title", "str.capitalize", "str.startswith", "str.endswith"),
        *("str.join", "str.split", "str.split.once", "str.rsplit.once", "str.words", "str.splitlines"),
        *("str.replace", "str.strip", "str.lstrip", "str.rstrip"),
        *("str.strip.of", "str.lstrip.of", "str.rstrip.of", "str.removeprefix", "str.removesuffix"),
        *("str.partition", "str.rpartition", "str.pad", "str.zfill", "str.ljust", "str.rjust", "str.center"),
        *("str.middle", "str.repeat", "str.at", "str.count", "str.find", "str.index"),
        *("str.isdecimal", "str.isdigit", "str.isalpha", "str.isspace", "str.isascii"),
        *(
            "datetime.shift",
            "datetime.seconds",
            "datetime.between",
            "datetime.timestamp",
            "datetime.utc",
            "datetime.replace",
            "datetime.of",
        ),
        *("datetime.text", "datetime.iso", "datetime.part", "datetime.day"),
        *("json.loads", "json.dumps", "hash", "base64", "base64.urlsafe"),
        *("base64.decode", "any.item"),
        *("json.type", "json.tag", "seconds"),
        *("message", "cause", "exists", "jsonata", "now", "uuid", "readers"),
        *READERS,
    }
)
"""The functions that `Call` may name.

`min` and `max` take one list; `any` and `all` a list of bools, usually a Comprehension; `sorted.by` a Comprehension of
the keys. `message` is the text of a caught error, `cause` what keeps such a text apart from the JSON that Lambda makes
of an exception; `exists` says whether an input has a field; `json.type` is the type of a value in JSON, `json.tag` its
field of that name, none for what has no such field; `seconds` fails for what is no time limit; `datetime.shift` adds
milliseconds to a point in time; `int.fits`, `float.fits` and `json.fits` say whether Python takes a text. `jsonata` has
a text, names and as many values.
"""


def children(node: Expression) -> list[Expression]:
    """Give the nodes directly inside a node, in the order in which Python evaluates them."""
    found: list[Expression] = []
    for name in _parts(type(node)):
        part = getattr(node, name)
        if isinstance(part, tuple):
            _collect(cast("tuple[object, ...]", part), found)
        elif part is not None:
            found.append(part)
    return found


def _collect(items: tuple[object, ...], found: list[Expression]) -> None:
    for item in items:
        if isinstance(item, tuple):
            _collect(cast("tuple[object, ...]", item), found)
        elif type(item) in KINDS:
            found.append(cast(Expression, item))


def walk(node: Expression) -> Iterator[Expression]:
    """Give a node and all nodes inside it."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(children(node))


def size(node: Expression) -> int:
    """Count the nodes of an expression."""
    return sum(1 for _ in walk(node))


def rebuild(node: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Give the same node around changed children."""
    changed = {
        name: new
        for name in _parts(type(node))
        if (new := _changed(old := getattr(node, name), change)) is not old
    }
    return replace(node, **changed) if changed else node


def _changed(value: object, change: Callable[[Expression], Expression]) -> object:
    if isinstance(value, tuple):
        items = cast("tuple[object, ...]", value)
        new = tuple(_changed(item, change) for item in items)
        return items if all(a is b for a, b in zip(items, new, strict=True)) else new
    return change(cast(Expression, value)) if type(value) in KINDS else value


def substitute(node: Expression, values: Mapping[str, Expression]) -> Expression:
    """Put expressions in the place of workflow variables; names that comprehensions bind cannot be meant."""
    if isinstance(node, Variable):
        value = values.get(node.name, node)
        # what is known at the place of the variable still is
        narrowed = isinstance(value.type, OptionalType | UnionType) and value.type != node.type
        return replace(value, type=node.type) if narrowed else value
    return rebuild(node, lambda child: substitute(child, values))


def variables(node: Expression) -> set[str]:
    """Give the names of the workflow variables that an expression reads, without `$`."""
    return {
        inner.name for inner in walk(node) if isinstance(inner, Variable) and not inner.name.startswith("_")
    }


def always(node: Expression) -> Iterator[Expression]:
    """Give a node and those nodes inside it that are evaluated whatever the values are."""
    yield node
    match node:
        case Conditional(test=first) | Bool(values=(first, *_)):
            yield from always(first)
        case Comprehension(items=first) | DictComprehension(items=first):
            yield from always(first)
        case _:
            for child in children(node):
                yield from always(child)


def negation(node: Expression) -> Expression:
    """Give the opposite of a bool."""
    return Unary(operator="not", operand=node, type=BOOL, span=node.span)


def can_fail(node: Expression) -> bool:
    """Say whether some well-typed values make an expression fail: a key or index that is not there, a division by 0."""
    match node:
        case Item(value=value, certain=False) if not isinstance(value.type, TupleType):
            return True
        case Binary(operator="/" | "//" | "%", right=right) if not (
            isinstance(right, Constant) and right.value
        ):
            return True
        case Call(function="min" | "max" | "min.text" | "max.text", arguments=(argument,)) if not is_filled(
            argument
        ):
            return True
        case Call(function="min.by" | "max.by", arguments=(_,)):
            return True
        case Call(function=name) if name in FALLIBLE:
            return True
        case _:
            return any(map(can_fail, children(node)))


def is_volatile(node: Expression) -> bool:
    """Say whether an expression gives another value when it is evaluated again: it reads the clock or draws a UUID."""
    return any(isinstance(inner, Call) and inner.function in ("now", "uuid") for inner in walk(node))


def is_filled(node: Expression) -> bool:
    """Say whether a list has an element for sure."""
    return isinstance(node, ListOf) and any(not isinstance(element, Spread) for element in node.elements)


KINDS: Final = frozenset(get_args(Expression))
"""The classes of nodes."""


@cache
def _parts(kind: type[Expression]) -> tuple[str, ...]:
    """Name the attributes of a node that hold nodes."""
    return tuple(field.name for field in fields(kind) if "Expression" in str(field.type))
