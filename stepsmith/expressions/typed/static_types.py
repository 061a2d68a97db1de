"""The static types of expressions: what is known about a value before the state machine runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal, TypeAlias

from stepsmith.expressions.types import UNDEFINED, Json, Undefined
from stepsmith.frozen import frozen


@frozen
class Scalar:
    """One of the types without parts."""

    name: Literal["int", "float", "bool", "str", "None", "datetime", "Any", "Never"]


INT: Final = Scalar("int")
FLOAT: Final = Scalar("float")
BOOL: Final = Scalar("bool")
STR: Final = Scalar("str")
NONE: Final = Scalar("None")
DATETIME: Final = Scalar("datetime")
"""A point in time, in JSON an RFC 3339 text."""
ANY: Final = Scalar("Any")
"""Any JSON: carried, passed on and compared with None, and nothing else."""
NEVER: Final = Scalar("Never")
"""The type of the elements of an empty list."""


@frozen
class Opaque:
    """A Python type that has a JSON form, such as Decimal, but no meaning in an expression."""

    name: str


@frozen
class EnumType:
    """One of a few strings or integers: an Enum class or a Literal."""

    name: str
    values: tuple[str | int, ...]
    base: Literal["str", "int", "none"]
    """What a member is equal to besides itself: a StrEnum's member is a str, an IntEnum's an int."""
    python: type[Enum] | None = None


@frozen
class ListType:
    """A list; JSON's array."""

    item: Type


@frozen
class DictType:
    """A dict with text keys; JSON's object."""

    value: Type


@frozen
class TupleType:
    """A tuple of known length; in JSON an array."""

    items: tuple[Type, ...]


@frozen
class OptionalType:
    """A value or None."""

    inner: Type


@frozen
class UnionType:
    """One of several types; None among them makes it optional instead."""

    members: tuple[Type, ...]
    tag: str = ""
    """The field that is declared to tell its models apart; empty where none is."""


@frozen
class ModelField:
    """One field of a model."""

    name: str
    """As Python says it."""
    key: str
    """As JSON says it: the alias, where there is one."""
    type: Type
    default: Json | Undefined = UNDEFINED
    """What it is when it is left out; UNDEFINED where it must be given or where it is made anew each time."""
    required: bool = True
    """Whether it must be given."""
    always: bool = True
    """Whether JSON always has it; a NotRequired key of a TypedDict may be absent."""


@dataclass(frozen=True, slots=True, eq=False)
class ModelType:
    """A pydantic model, dataclass or TypedDict; two are equal when they are the same class."""

    name: str
    kind: Literal["pydantic", "dataclass", "TypedDict", "object"]
    python: type | None = None
    fields: Mapping[str, ModelField] = field(default_factory=dict[str, ModelField])
    """Fields by Python name; filled in after creation, because a model may contain itself."""
    code: str = ""
    """What checks or changes its fields when one is made, which a state machine would not run; empty for nothing."""
    written_by: str = ""
    """What makes its JSON another than its fields say; empty for nothing."""
    extra: Literal["ignore", "allow", "forbid"] = "ignore"
    """What becomes of members of its JSON that are no fields."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModelType) and (
            self is other or (self.python, self.name) == (other.python, other.name)
        )

    def __hash__(self) -> int:
        return hash((self.name, self.python))


@frozen
class ErrorType:
    """A caught error; in the state machine an object with the keys Error and Cause."""

    name: str = "Exception"
    named: bool = False
    """Whether it has `name`, as errors of the workflow's own do."""
    told: bool = True
    """Whether its text is known: not where an expression of Python's fails."""


Type: TypeAlias = (
    Scalar
    | Opaque
    | EnumType
    | ListType
    | DictType
    | TupleType
    | OptionalType
    | UnionType
    | ModelType
    | ErrorType
)
"""A static type."""


def describe(kind: Type) -> str:
    """Write a type as Python annotations do."""
    match kind:
        case Scalar(name=name) | Opaque(name=name) | EnumType(name=name) | ErrorType(name=name):
            return name
        case ModelType():
            return kind.name
        case ListType(item=item):
            return "list" if item == NEVER else f"list[{describe(item)}]"
        case DictType(value=value):
            return "dict" if value == NEVER else f"dict[str, {describe(value)}]"
        case TupleType(items=items):
            return f"tuple[{', '.join(map(describe, items))}]"
        case OptionalType(inner=inner):
            return f"{describe(inner)} | None"
        case UnionType(members=members):
            return " | ".join(map(describe, members))


def optional(kind: Type) -> Type:
    """Give the type that also allows None; None, Any and optional types stay as they are."""
    return kind if kind in (NONE, ANY) or isinstance(kind, OptionalType) else OptionalType(kind)


def without_none(kind: Type) -> Type:
    """Give the type without None."""
    return kind.inner if isinstance(kind, OptionalType) else kind


def assignable(source: Type, target: Type) -> bool:
    """Say whether a value of one type may stand where the other is expected; an int may stand for a float."""
    if source in (target, NEVER) or target == ANY:
        return True
    match source, target:
        case (Scalar("int"), Scalar("float")):
            return True
        case (Scalar("None"), OptionalType()):
            return True
        case (OptionalType(inner=a), OptionalType(inner=b)):
            return assignable(a, b)
        case (_, OptionalType(inner=b)):
            return assignable(source, b)
        case (UnionType(members=a), _):
            return all(assignable(member, target) for member in a)
        case (_, UnionType(members=b)):
            return any(is_member(source, member) for member in b)
        case (ListType(item=a), ListType(item=b)) | (DictType(value=a), DictType(value=b)):
            return assignable(a, b)
        case (TupleType(items=a), TupleType(items=b)):
            return len(a) == len(b) and all(map(assignable, a, b))
        case (EnumType(python=c, values=a), EnumType(python=d, values=b)) if c is d:
            return {(type(v), v) for v in a} <= {(type(v), v) for v in b}
        case (EnumType(base="str"), Scalar("str")) | (EnumType(base="int"), Scalar("int")):
            return True
        case _:
            return False


def is_member(source: Type, member: Type) -> bool:
    """Say whether a value of a type may stand for one member of a union; an int is no float there."""
    return assignable(source, member) and not (source == INT and member == FLOAT)


def join(left: Type, right: Type) -> Type | None:
    """Give the narrowest type that both fit, or None where there is none."""
    if assignable(left, right):
        return right
    if assignable(right, left):
        return left
    if NONE in (left, right):
        return optional(right if left == NONE else left)
    if isinstance(left, OptionalType) or isinstance(right, OptionalType):
        inner = join(without_none(left), without_none(right))
        return None if inner is None else optional(inner)
    match left, right:
        case (ListType(item=a), ListType(item=b)):
            item = join(a, b)
            return None if item is None else ListType(item)
        case (DictType(value=a), DictType(value=b)):
            value = join(a, b)
            return None if value is None else DictType(value)
        case (EnumType(base=base, python=None), EnumType(base=other, python=None)) if base == other:
            return STR if base == "str" else INT
        case _:
            return None


def is_number(kind: Type) -> bool:
    """Say whether a value is an int, a float or a member of an IntEnum."""
    return kind in (INT, FLOAT) or (isinstance(kind, EnumType) and kind.base == "int")


def is_text(kind: Type) -> bool:
    """Say whether a value is a str or a member of a StrEnum."""
    return kind == STR or (isinstance(kind, EnumType) and kind.base == "str")


def is_scalar(kind: Type) -> bool:
    """Say whether a value is a number, a text, a bool or None, so that arrays cannot swallow it."""
    return (
        isinstance(kind, EnumType)
        or (isinstance(kind, Scalar) and kind != ANY)
        or isinstance(kind, ErrorType)
    )
