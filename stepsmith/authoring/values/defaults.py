"""Values from outside with the defaults of models in them filled in, at any depth, as expressions."""

from __future__ import annotations

from typing import cast

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    BOOL,
    STR,
    DictType,
    ListType,
    ModelType,
    OptionalType,
    Type,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import UNDEFINED, Json


def or_default(place: Expression, value: Expression, default: Json) -> Expression:
    """Give a value where there is something at a place, else a default."""
    test = tree.Call(function="exists", arguments=(place,), type=BOOL)
    other = tree.Constant(value=default, type=place.type)
    return tree.Conditional(test=test, then=value, otherwise=other, type=place.type)


def filled(value: Expression, kind: Type, seen: tuple[ModelType, ...] = ()) -> Expression:
    """Give a value with the defaults of models in it; the value itself where there are none."""
    match kind:
        case ModelType() if kind not in seen and has_defaults(kind):
            return _filled_model(value, kind, (*seen, kind))
        case ListType(item=item) if has_defaults(item):
            name = f"_0item{len(seen)}"
            variable = tree.Variable(name=name, type=item)
            element = filled(variable, item, seen)
            if element is variable:
                return value
            return tree.Comprehension(element=element, name=name, items=value, condition=None, type=kind)
        case DictType(value=inner) if has_defaults(inner):
            return _filled_dict(value, inner, kind, seen)
        case OptionalType(inner=inner) if has_defaults(inner):
            then = filled(value, inner, seen)
            none = tree.Compare(operator="==", left=value, right=tree.Constant(value=None, type=kind))
            return tree.Conditional(
                test=none, then=tree.Constant(value=None, type=kind), otherwise=then, type=kind
            )
        case _:
            return value


def _filled_dict(value: Expression, inner: Type, kind: Type, seen: tuple[ModelType, ...]) -> Expression:
    name = f"_0key{len(seen)}"
    key = tree.Variable(name=name, type=STR)
    item = tree.Item(value=value, index=key, type=inner, certain=True)
    return tree.DictComprehension(
        key=key,
        value=filled(item, inner, seen),
        name=name,
        items=tree.Call(function="dict.keys", arguments=(value,), type=ListType(STR)),
        condition=None,
        type=kind,
    )


def has_defaults(kind: Type, seen: tuple[ModelType, ...] = ()) -> bool:
    """Say whether JSON of a type may leave something out that Python would fill in."""
    match kind:
        case OptionalType(inner=inner) | ListType(item=inner) | DictType(value=inner):
            return has_defaults(inner, seen)
        case ModelType():
            if kind in seen:
                return False
            found = kind.fields.values()
            return any(f.default is not UNDEFINED or has_defaults(f.type, (*seen, kind)) for f in found)
        case _:
            return False


def _filled_model(value: Expression, kind: ModelType, seen: tuple[ModelType, ...]) -> Expression:
    defaults: dict[str, Json] = {}
    inside: list[tuple[Expression | None, Expression]] = []
    for field in kind.fields.values():
        place = tree.Field(value=value, name=field.key, type=field.type)
        nested = filled(place, field.type, seen)
        missing = field.default is UNDEFINED
        if not missing:
            defaults[field.key] = cast(Json, field.default)
        if nested is not place and field.always and (missing is False or field.required):
            whole = nested if missing else or_default(place, nested, cast(Json, field.default))
            inside.append((tree.Constant(value=field.key, type=kind), whole))
    entries: list[tuple[Expression | None, Expression]] = []
    if defaults:
        constant = tree.Constant(value=defaults, type=kind)
        entries.append((None, tree.Spread(value=constant, type=kind)))
    entries.append((None, tree.Spread(value=value, type=kind)))
    if inside:
        members = tree.ObjectOf(entries=tuple(inside), type=kind)
        entries.append((None, tree.Spread(value=members, type=kind)))
    return tree.ObjectOf(entries=tuple(entries), type=kind)
