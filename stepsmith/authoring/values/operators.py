"""What operators make of types: the rules for the references of explicit states and for workflow functions.

Arithmetic, order, negation and the methods of texts have one rule for both. Equality and membership have two, for there
the two are held to different things. A workflow function is also run as Python, so `==` is accepted only where Python's
answer is certain to be the state machine's: not of two lists of points in time, which are texts in JSON, nor of what is
Any inside. An explicit state has no such twin: its `==` compares two JSON values, and asks that the one type fits the
other. A reference looks for a value in a list; `in` of a workflow function knows tuples and typed dictionaries, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from stepsmith.authoring.values.code import code_of_equality, code_of_truth
from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    DATETIME,
    FLOAT,
    INT,
    NEVER,
    NONE,
    STR,
    DictType,
    EnumType,
    ErrorType,
    ListType,
    ModelType,
    Opaque,
    OptionalType,
    TupleType,
    Type,
    UnionType,
    is_number,
    is_text,
    join,
    without_none,
)

Arithmetic: TypeAlias = Literal["+", "-", "*", "/", "//", "%", "|"]
TEXT_METHODS: Final[Mapping[str, tuple[int, Type]]] = {
    "upper": (0, STR),
    "lower": (0, STR),
    "startswith": (1, BOOL),
    "endswith": (1, BOOL),
    "split": (1, ListType(STR)),
}
"""Method of str that both layers have -> number of texts it takes, type of the result."""


def arithmetic_type(operator: Arithmetic, left: Type, right: Type) -> Type | None:
    """Give the type of a computation with numbers, or of texts, lists or dicts put together; None where there is none.

    `//` and `%` of floats have none: they round differently in Python and in JSONata.
    """
    if is_number(left) and is_number(right):
        whole = FLOAT not in (left, right)
        if operator == "|" or (operator in ("//", "%") and not whole):
            return None
        return INT if whole and operator != "/" else FLOAT
    if operator == "+" and is_text(left) and is_text(right):
        return STR
    match operator, left, right:
        case ("+", ListType(item=a), ListType(item=b)):
            item = join(a, b)
            return ListType(ANY if item is None else item)
        case ("|", DictType(value=a), DictType(value=b)):
            value = join(a, b)
            return DictType(ANY if value is None else value)
        case _:
            return None


def negative_type(operand: Type) -> Type | None:
    """Give the type of `-operand`; None where there is none."""
    if not is_number(operand):
        return None
    return FLOAT if operand == FLOAT else INT


def have_order(left: Type, right: Type) -> bool:
    """Say whether `<` and its kin compare values of two types: numbers, texts, or points in time."""
    return (
        (is_number(left) and is_number(right))
        or (is_text(left) and is_text(right))
        or (left == DATETIME and right == DATETIME)
    )


def is_simple(kind: Type) -> bool:
    """Say whether a value is a number, a text, a bool, None or a member of an Enum for sure."""
    return is_number(kind) or is_text(kind) or kind in (BOOL, NONE) or isinstance(kind, EnumType)


def has_truth(kind: Type) -> bool:
    """Say whether the truth of a value is the same in Python and in JSONata."""
    inner = without_none(kind)
    if isinstance(inner, ModelType | EnumType) and code_of_truth(inner.python):
        return is_number(inner) or is_text(inner)
    if kind == NONE or is_number(inner) or is_text(inner) or inner == BOOL:
        return True
    if isinstance(inner, ListType | DictType | TupleType):
        return True
    if isinstance(inner, UnionType):
        models = [member for member in inner.members if isinstance(member, ModelType)]
        whole = len(models) == len(inner.members) and not any(code_of_truth(each.python) for each in models)
        return kind != inner and whole and all(each.kind != "TypedDict" for each in models)
    scalar = isinstance(inner, ModelType | EnumType | type(DATETIME)) and inner != ANY
    return kind != inner and scalar


def equal_as_json(left: Type, right: Type) -> bool:
    """Say whether `==` of an explicit state compares values of two types."""
    if NONE in (left, right):
        return True
    left, right = without_none(left), without_none(right)
    if ANY in (left, right) or (left == BOOL) != (right == BOOL):
        return False
    return join(left, right) is not None


def holds_as_json(collection: Type, item: Type) -> bool:
    """Say whether an explicit state looks for a value there: a text in a text, a key, or a simple item of a list."""
    match collection:
        case _ if is_text(collection):
            return is_text(item)
        case ListType(item=inner):
            return is_simple(inner) and equal_as_json(inner, item)
        case _:
            return isinstance(collection, DictType) and is_text(item)


def equal_in_both(left: Type, right: Type) -> bool:
    """Say whether `==` of values of two types is in Python what it is of their JSON."""
    if NONE in (left, right) or NEVER in (left, right):
        return True
    if isinstance(left, OptionalType) or isinstance(right, OptionalType):
        return equal_in_both(without_none(left), without_none(right))
    if is_number(left) and is_number(right):
        return True
    if is_text(left) and is_text(right):
        return (
            not (isinstance(left, EnumType) and isinstance(right, EnumType))
            or left.python is right.python
            or None in (left.python, right.python)
        )
    match left, right:
        case (ListType(item=a), ListType(item=b)) | (DictType(value=a), DictType(value=b)):
            return _equal_inside(a, b)
        case (TupleType(items=a), TupleType(items=b)):
            return len(a) == len(b) and all(map(_equal_inside, a, b))
        case (ModelType(), ModelType()):
            return left == right and _is_comparable_model(left, set())
        case (EnumType(), EnumType()):
            return left.python is right.python and not code_of_equality(left.python)
        case _:
            return left == right and left in (BOOL, DATETIME)


def _equal_inside(left: Type, right: Type) -> bool:
    """Say the same of parts: there, points in time are texts, which differ by their offsets and fractions."""
    return equal_in_both(left, right) and DATETIME not in (without_none(left), without_none(right))


def _is_comparable_model(kind: ModelType, seen: set[ModelType]) -> bool:
    if kind in seen:
        return True
    seen.add(kind)
    if code_of_equality(kind.python) or kind.written_by:
        return False
    return all(_is_exact(field.type, seen) for field in kind.fields.values())


def _is_exact(kind: Type, seen: set[ModelType]) -> bool:
    match kind:
        case OptionalType(inner=inner) | ListType(item=inner) | DictType(value=inner):
            return _is_exact(inner, seen)
        case TupleType(items=items):
            return all(_is_exact(item, seen) for item in items)
        case ModelType():
            return _is_comparable_model(kind, seen)
        case EnumType():
            return not code_of_equality(kind.python)
        case Opaque() | ErrorType() | UnionType():
            return False
        case _:
            return kind not in (ANY, DATETIME)


def holds_in_both(collection: Type, item: Type) -> bool:
    """Say whether `in` is in Python what it is in JSONata: of texts, of keys, of simple values in lists and tuples."""
    if is_text(item):
        if is_text(collection) or isinstance(collection, DictType):
            return True
        if isinstance(collection, ModelType) and collection.kind == "TypedDict":
            return True
    items: tuple[Type, ...] = ()
    if isinstance(collection, ListType):
        items = (collection.item,)
    elif isinstance(collection, TupleType):
        items = collection.items
    return bool(items) and is_simple(without_none(item)) and all(equal_in_both(item, each) for each in items)
