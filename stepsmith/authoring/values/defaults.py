"""Values from outside with the defaults of models in them filled in, at any depth, as expressions."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from stepsmith.authoring.values.unions import members, tell_apart, test_of
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    BOOL,
    INT,
    NONE,
    STR,
    DictType,
    ListType,
    ModelType,
    OptionalType,
    TupleType,
    Type,
    UnionType,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import UNDEFINED, Json


def or_default(place: Expression, value: Expression, default: Json) -> Expression:
    """Give a value where there is something at a place, else a default."""
    other = tree.Constant(value=default, type=place.type)
    return tree.Conditional(test=exists(place), then=value, otherwise=other, type=place.type)


def exists(place: Expression) -> Expression:
    """Say whether there is something at a place."""
    return tree.Call(function="exists", arguments=(place,), type=BOOL)


def unless_none(value: Expression, other: Expression, kind: OptionalType) -> Expression:
    """Give None where a value is None, else something made of it."""
    none = tree.Constant(value=None, type=NONE)
    test = tree.Compare(operator="==", left=value, right=none)
    return tree.Conditional(test=test, then=none, otherwise=other, type=kind)


def each_value(value: Expression, kind: DictType, name: str, change: Expression) -> Expression:
    """Give a dict of changed values; in `change`, `item_of(value, kind, name)` is the old one."""
    return tree.DictComprehension(
        key=tree.Variable(name=name, type=STR),
        value=change,
        name=name,
        items=tree.Call(function="dict.keys", arguments=(value,), type=ListType(STR)),
        condition=None,
        type=kind,
    )


def item_of(value: Expression, kind: DictType, name: str) -> Expression:
    """Give the value of a dict under the key that a comprehension binds to a name."""
    key = tree.Variable(name=name, type=STR)
    return tree.Item(value=value, index=key, type=kind.value, certain=True)


def part_of(value: Expression, kind: TupleType, index: int) -> Expression:
    """Give a part of a tuple."""
    place = tree.Constant(value=index, type=INT)
    return tree.Item(value=value, index=place, type=kind.items[index], certain=True)


def filled(value: Expression, kind: Type, seen: tuple[ModelType, ...] = (), depth: int = 0) -> Expression:
    """Give a value with the defaults of models in it; the value itself where there are none."""
    if not has_defaults(kind, seen):
        return value
    match kind:
        case ModelType():
            return _filled_model(value, kind, (*seen, kind), depth)
        case ListType(item=item):
            variable = tree.Variable(name=f"_0item{depth}", type=item)
            element = filled(variable, item, seen, depth + 1)
            return tree.Comprehension(
                element=element, name=variable.name, items=value, condition=None, type=kind
            )
        case TupleType(items=items):
            parts = [filled(part_of(value, kind, at), item, seen, depth) for at, item in enumerate(items)]
            return tree.ListOf(elements=tuple(parts), type=kind)
        case DictType(value=inner):
            name = f"_0key{depth}"
            change = filled(item_of(value, kind, name), inner, seen, depth + 1)
            return each_value(value, kind, name, change)
        case OptionalType(inner=inner):
            return unless_none(value, filled(replace(value, type=inner), inner, seen, depth), kind)
        case UnionType():
            return _filled_one(value, kind, seen, depth)
        case _:
            return value


def _filled_one(value: Expression, kind: UnionType, seen: tuple[ModelType, ...], depth: int) -> Expression:
    """Fill in what the member has that a value looks like."""
    found = value
    for member in members(kind):
        if has_defaults(member, seen):
            test = test_of(value, kind, [member])
            assert test is not None
            whole = filled(replace(value, type=member), member, seen, depth)
            found = tree.Conditional(test=test, then=whole, otherwise=found, type=kind)
    return found


def has_defaults(kind: Type, seen: tuple[ModelType, ...] = ()) -> bool:
    """Say whether JSON of a type may leave something out that Python would fill in."""
    match kind:
        case OptionalType(inner=inner) | ListType(item=inner) | DictType(value=inner):
            return has_defaults(inner, seen)
        case TupleType(items=items):
            return any(has_defaults(item, seen) for item in items)
        case UnionType(members=inside):
            return any(has_defaults(member, seen) for member in inside) and tell_apart(kind)
        case ModelType():
            if kind in seen:
                return False
            found = kind.fields.values()
            return any(f.default is not UNDEFINED or has_defaults(f.type, (*seen, kind)) for f in found)
        case _:
            return False


def _filled_model(value: Expression, kind: ModelType, seen: tuple[ModelType, ...], depth: int) -> Expression:
    defaults: dict[str, Json] = {}
    inside: list[tuple[Expression | None, Expression]] = []
    for field in kind.fields.values():
        place = tree.Field(value=value, name=field.key, type=field.type)
        nested = filled(place, field.type, seen, depth)
        missing = field.default is UNDEFINED
        if not missing:
            defaults[field.key] = cast(Json, field.default)
        if nested is place:
            continue
        key = tree.Constant(value=field.key, type=STR)
        if missing and not field.required:
            inside.append((None, _where_it_is(place, tree.ObjectOf(entries=((key, nested),), type=kind))))
        else:
            whole = nested if missing else or_default(place, nested, cast(Json, field.default))
            inside.append((key, whole))
    entries: list[tuple[Expression | None, Expression]] = []
    if defaults:
        constant = tree.Constant(value=defaults, type=kind)
        entries.append((None, tree.Spread(value=constant, type=kind)))
    entries.append((None, tree.Spread(value=value, type=kind)))
    if inside:
        members = tree.ObjectOf(entries=tuple(inside), type=kind)
        entries.append((None, tree.Spread(value=members, type=kind)))
    return tree.ObjectOf(entries=tuple(entries), type=kind)


def _where_it_is(place: Expression, members: Expression) -> Expression:
    """Give members to spread where there is something at a place, and none where there is nothing."""
    nothing = tree.ObjectOf(entries=(), type=members.type)
    found = tree.Conditional(test=exists(place), then=members, otherwise=nothing, type=members.type)
    return tree.Spread(value=found, type=members.type)
