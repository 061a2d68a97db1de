"""Which member of a union a value is: what tells them apart in JSON, and what is left without some of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    DATETIME,
    NEVER,
    NONE,
    STR,
    DictType,
    EnumType,
    ListType,
    ModelField,
    ModelType,
    OptionalType,
    TupleType,
    Type,
    UnionType,
    describe,
    is_number,
    optional,
)
from stepsmith.expressions.typed.tree import Expression

_SHAPES: Final = ((BOOL, "boolean"), (STR, "string"), (DATETIME, "string"), (NONE, "null"))
TRUE: Final = tree.Constant(value=True, type=BOOL)
FALSE: Final = tree.Constant(value=False, type=BOOL)


def members(kind: Type) -> tuple[Type, ...]:
    """Give the types that a value may have, None last; a type that is no union is its only member."""
    match kind:
        case OptionalType(inner=inner):
            return (*members(inner), NONE)
        case UnionType(members=found):
            return found
        case _:
            return () if kind == NEVER else (kind,)


def of_members(kinds: Iterable[Type], like: Type) -> Type:
    """Give the type of what has one of these types; `like` says what tells them apart."""
    found = tuple(kinds)
    others = _merged(kind for kind in found if kind != NONE)
    if not others:
        return NONE if found else NEVER
    union = like.inner if isinstance(like, OptionalType) else like
    tag = union.tag if isinstance(union, UnionType) else ""
    kind = others[0] if len(others) == 1 else UnionType(others, tag)
    return optional(kind) if NONE in found else kind


def union_of(kinds: Iterable[Type]) -> Type:
    """Give the type of what has one of these types."""
    kinds = tuple(dict.fromkeys(kinds))
    if len(kinds) == 1:
        return kinds[0]
    found = [inner for kind in kinds for inner in members(kind)]
    others = _merged(kind for kind in found if kind != NONE)
    if ANY in others:
        return ANY
    kind = others[0] if len(others) == 1 else UnionType(others) if others else NONE
    return optional(kind) if NONE in found else kind


def _merged(kinds: Iterable[Type]) -> tuple[Type, ...]:
    """Give each type once, and the values of enums of one kind together."""
    found: dict[object, Type] = {}
    for kind in kinds:
        key: object = (kind.python, kind.base) if isinstance(kind, EnumType) else kind
        known = found.get(key)
        if isinstance(known, EnumType) and isinstance(kind, EnumType):
            values = tuple(dict.fromkeys((*known.values, *kind.values)))
            name = known.name if known.python else f"Literal[{', '.join(map(repr, values))}]"
            kind = EnumType(name, values, known.base, known.python)
        found[key] = kind
    return tuple(found.values())


def test_of(value: Expression, kind: Type, wanted: Sequence[Type]) -> Expression | None:
    """Give the test whether a value of a type is one of some members of it; None where JSON does not say that."""
    known = members(kind)
    rest = [member for member in known if member not in wanted]
    if not rest or not wanted:
        return FALSE if rest else TRUE
    if NONE in (rest[0], wanted[0]) and 1 in (len(rest), len(wanted)):
        none = tree.Constant(value=None, type=NONE)
        return tree.Compare(operator="!=" if rest == [NONE] else "==", left=value, right=none)
    shapes = {json_type(member) for member in known}
    if "" in shapes:
        return None
    tests: list[Expression] = []
    for shape in dict.fromkeys(map(json_type, wanted)):
        one = [member for member in wanted if json_type(member) == shape]
        others = [member for member in rest if json_type(member) == shape]
        said = TRUE if not others else _among_objects(value, kind, one, others)
        if said is None:
            return None
        if said is TRUE or not shapes <= {"object", "null"}:
            whole = _compared(tree.Call(function="json.type", arguments=(value,), type=STR), shape)
            said = whole if said is TRUE else tree.Bool(operator="and", values=(whole, said))
        tests.append(said)
    return tests[0] if len(tests) == 1 else tree.Bool(operator="or", values=tuple(tests))


def json_type(kind: Type) -> str:
    """Give what JSON calls the values of a type; an empty text where it is not known."""
    match kind:
        case EnumType(values=values):
            first = values[0]
            return "boolean" if isinstance(first, bool) else "number" if isinstance(first, int) else "string"
        case ListType() | TupleType():
            return "array"
        case DictType():
            return "object"
        case ModelType():
            return "" if kind.written_by or kind.kind == "object" else "object"
        case _ if is_number(kind):
            return "number"
        case _:
            return next((name for scalar, name in _SHAPES if scalar == kind), "")


def tell_apart(kind: Type) -> bool:
    """Say whether JSON tells every member of a type from the others."""
    value = tree.Variable(name="value", type=ANY)
    return all(test_of(value, kind, [member]) is not None for member in members(kind))


def _among_objects(
    value: Expression, kind: Type, wanted: Sequence[Type], others: Sequence[Type]
) -> Expression | None:
    """Give the test whether an object is that of one of some models and not of others."""
    union = kind.inner if isinstance(kind, OptionalType) else kind
    tag = union.tag if isinstance(union, UnionType) else ""
    tests: dict[Expression, None] = {}
    for one in wanted:
        said: dict[Expression, None] = {}
        for other in others:
            found = _test_between(value, one, other, wanted, tag)
            if found is None:
                return None
            said[found] = None
        parts = tuple(said)
        tests[parts[0] if len(parts) == 1 else tree.Bool(operator="and", values=parts)] = None
    found = tuple(tests)
    return found[0] if len(found) == 1 else tree.Bool(operator="or", values=found)


def _test_between(
    value: Expression, one: Type, other: Type, wanted: Sequence[Type], tag: str
) -> Expression | None:
    if not isinstance(one, ModelType) or not isinstance(other, ModelType):
        return None
    key = _tag_between(one, other, tag)
    if key is not None:
        found = [
            each for each in wanted if isinstance(each, ModelType) and _tag_between(each, other, tag) == key
        ]
        values = list(dict.fromkeys(each for model in found for each in _values(_by_key(model).get(key))))
        read = tree.Call(function="json.tag", arguments=(value, tree.Constant(value=key, type=STR)), type=STR)
        return _compared(read, *values)
    if "allow" in (one.extra, other.extra):
        return None
    own, theirs = _only_in(one, other), _only_in(other, one)
    if own is None or theirs is None:
        return None
    place = tree.Field(value=value, name=own, type=ANY)
    return tree.Call(function="exists", arguments=(place,), type=BOOL)


def _compared(value: Expression, *constants: str | int) -> Expression:
    tests = tuple(
        tree.Compare(operator="==", left=value, right=tree.Constant(value=each, type=STR))
        for each in constants
    )
    return tests[0] if len(tests) == 1 else tree.Bool(operator="or", values=tests)


def _tag_between(one: ModelType, other: ModelType, tag: str) -> str | None:
    """Give the key whose values tell two models apart: the declared one, or one that both must be given."""
    mine, theirs = _by_key(one), _by_key(other)
    for key, field in mine.items():
        if key not in theirs or set(_values(field)) & set(_values(theirs[key])):
            continue
        given = field.required and theirs[key].required
        if _values(field) and _values(theirs[key]) and (given or tag in (field.name, theirs[key].name)):
            return key
    return None


def _by_key(model: ModelType) -> dict[str, ModelField]:
    return {field.key: field for field in model.fields.values()}


def _values(field: ModelField | None) -> tuple[str | int, ...]:
    return field.type.values if field is not None and isinstance(field.type, EnumType) else ()


def _only_in(one: ModelType, other: ModelType) -> str | None:
    """Give the key of a field that one model must be given, and another does not have."""
    theirs = _by_key(other)
    return next((key for key, field in _by_key(one).items() if field.required and key not in theirs), None)


# values of enums


def keep(kind: Type, values: Iterable[str | int]) -> Type:
    """Give what is left of a type whose value is one of these constants."""
    return of_members(_kept(kind, frozenset(values), inside=True), kind)


def drop(kind: Type, values: Iterable[str | int]) -> Type:
    """Give what is left of a type whose value is none of these constants."""
    return of_members(_kept(kind, frozenset(values), inside=False), kind)


def _kept(kind: Type, values: frozenset[str | int], *, inside: bool) -> Iterable[Type]:
    for member in members(kind):
        if isinstance(member, EnumType):
            left = tuple(value for value in member.values if (value in values) == inside)
            if left:
                yield EnumType(_name(member, left), left, member.base, member.python)
        elif not inside or json_type(member) in {
            "number" if isinstance(v, int) else "string" for v in values
        }:
            yield member


def _name(kind: EnumType, values: tuple[str | int, ...]) -> str:
    return kind.name if kind.python is not None else f"Literal[{', '.join(map(repr, values))}]"


def values_left(kind: Type) -> tuple[str, ...]:
    """Give what a type allows, in words: each member of an enum by itself."""
    found: list[str] = []
    for member in members(kind):
        values = member.values if isinstance(member, EnumType) else ()
        found += [repr(value) for value in values] if values else [describe(member)]
    return tuple(found)
