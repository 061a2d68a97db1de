"""JSON that nobody has checked, read as a type says, as an expression: what an answer, a file or a queue gives.

Plain Python computes the same expression, so that both take and refuse the same. A number may be written as a text, as
in every CSV file; whatever else does not fit fails, and says which field it is. Members that a model does not have are
left out, unless it keeps or forbids them. What an expression knows nothing of, such as a Decimal, stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

from stepsmith.authoring.values.defaults import exists, or_default, part_of, unless_none
from stepsmith.authoring.values.unions import members, tell_apart, test_of
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    STR,
    DictType,
    EnumType,
    ListType,
    ModelField,
    ModelType,
    OptionalType,
    Scalar,
    TupleType,
    Type,
    UnionType,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import UNDEFINED, Json

_SCALARS = ("int", "float", "bool", "str", "datetime")


def reading(value: Expression, kind: Type, place: str) -> Expression:
    """Give what a value is as a type; `place` names it where it does not fit."""
    read = _read(value, kind, place, 0)
    return read if read is value else tree.Call(function="readers", arguments=(read,), type=kind)


def outlined(value: Expression, kind: Type, place: str) -> Expression | None:
    """Give what nobody knows the type of as a value of a type: a list or an object is not looked into.

    None where Python makes no such value of JSON: a model, a point in time, a tuple.
    """
    match kind:
        case OptionalType(inner=inner):
            found = outlined(replace(value, type=inner), inner, place)
            return None if found is None else unless_none(value, found, kind)
        case ListType():
            return _outline("read.list", value, kind, place)
        case DictType() | ModelType(kind="TypedDict"):
            return _outline("read.object", value, kind, place)
        case Scalar(name="int" | "float" | "bool" | "str") | EnumType(python=None):
            return reading(value, kind, place)
        case _:
            return None


def _outline(function: str, value: Expression, kind: Type, place: str) -> Expression:
    return tree.Call(function="readers", arguments=(_call(function, value, kind, place),), type=kind)


def _read(value: Expression, kind: Type, place: str, depth: int) -> Expression:
    match kind:
        case Scalar(name=name) if name in _SCALARS:
            return _call(f"read.{name}", value, kind, place)
        case EnumType(values=values):
            number = isinstance(values[0], int)
            found = _call("read.int", value, kind, place) if number else value
            return _call("read.one", found, kind, place, list(values))
        case OptionalType(inner=inner):
            return unless_none(value, _read(replace(value, type=inner), inner, place, depth), kind)
        case ListType(item=item):
            variable = tree.Variable(name=f"_0item{depth}", type=item)
            return tree.Comprehension(
                element=_read(variable, item, place, depth + 1),
                name=variable.name,
                items=_call("read.list", value, kind, place),
                condition=None,
                type=kind,
            )
        case TupleType(items=items):
            whole = _call("read.list", value, kind, place, len(items))
            parts = [
                _read(part_of(whole if at == 0 else value, kind, at), item, f"{place}.{at}", depth)
                for at, item in enumerate(items)
            ]
            return tree.ListOf(elements=tuple(parts), type=kind)
        case DictType(value=inner):
            return _dict(value, kind, inner, place, depth)
        case ModelType():
            return _model(value, kind, place, depth)
        case UnionType() if tell_apart(kind):
            return _one_of(value, kind, place, depth)
        case _:
            return value


def _one_of(value: Expression, kind: UnionType, place: str, depth: int) -> Expression:
    """Read what the JSON looks like; what looks like none of the members fails as the last of them does."""
    first, *others = members(kind)
    found = _read(replace(value, type=others[-1]), others[-1], place, depth)
    for member in (*reversed(others[:-1]), first):
        test = test_of(value, kind, [member])
        read = _read(replace(value, type=member), member, place, depth)
        assert test is not None
        found = tree.Conditional(test=test, then=read, otherwise=found, type=kind)
    return found


def _dict(value: Expression, kind: Type, inner: Type, place: str, depth: int) -> Expression:
    whole = _call("read.object", value, kind, place)
    pair = TupleType((STR, inner))
    variable = tree.Variable(name=f"_0pair{depth}", type=pair)
    return tree.DictComprehension(
        key=part_of(variable, pair, 0),
        value=_read(part_of(variable, pair, 1), inner, place, depth + 1),
        name=variable.name,
        items=tree.Call(function="dict.items", arguments=(whole,), type=ListType(pair)),
        condition=None,
        type=kind,
    )


def _call(function: str, value: Expression, kind: Type, place: str, more: Json = None) -> Expression:
    what = tree.Constant(value=place, type=STR)
    takes = function in ("read.one", "read.list", "read.object")
    arguments = (value, what, tree.Constant(value=more, type=STR)) if takes else (value, what)
    return tree.Call(function=function, arguments=arguments, type=kind)


def _model(value: Expression, kind: ModelType, place: str, depth: int) -> Expression:
    fields = list(kind.fields.values())
    keys: Json = [field.key for field in fields] if kind.extra == "forbid" else None
    entries: list[tuple[Expression | None, Expression]] = []
    whole = _call("read.object", value, kind, place, keys)
    if kind.extra == "allow":
        entries.append((None, tree.Spread(value=whole, type=kind)))
        whole = value
    for field in fields:
        found = tree.Field(value=whole, name=field.key, type=field.type)
        whole = value
        entries.append(_member(found, kind, field, f"{place}.{field.key}", depth))
    return tree.ObjectOf(entries=tuple(entries), type=kind)


def _member(
    found: Expression, kind: ModelType, field: ModelField, place: str, depth: int
) -> tuple[Expression | None, Expression]:
    key = tree.Constant(value=field.key, type=STR)
    read = _read(found, field.type, place, depth)
    if field.default is not UNDEFINED:
        return key, or_default(found, read, cast(Json, field.default))
    if field.required:
        return key, _call("read.any", found, field.type, place) if read is found else read
    member = tree.ObjectOf(entries=((key, read),), type=kind)
    nothing = tree.ObjectOf(entries=(), type=kind)
    one = tree.Conditional(test=exists(found), then=member, otherwise=nothing, type=kind)
    return None, tree.Spread(value=one, type=kind)


def fits_as_it_is(kind: Type, known: Mapping[str, Type] | None) -> bool:
    """Say whether a row needs no reading: a model of fields whose types are known, or all texts where none is."""
    return (
        isinstance(kind, ModelType)
        and kind.extra != "forbid"
        and all(
            field.always
            and field.default is UNDEFINED
            and field.type == (STR if known is None else known.get(field.key))
            for field in kind.fields.values()
        )
    )


def unreadable(kind: Type) -> str:
    """Say why a state machine cannot read JSON as a type; an empty text where it can."""
    for model, inside in models_in(kind):
        if inside:
            return f"{model.name} contains itself"
        for field in model.fields.values():
            if field.default is UNDEFINED and not field.required and field.always:
                return f"the default of {model.name}.{field.name} is made anew each time"
    return ""


def written_otherwise(kind: Type) -> str:
    """Say which class in a type makes JSON that is not what its fields say; an empty text where none does."""
    found = (model for model, _ in models_in(kind) if model.written_by)
    return next((f"{model.name} is written by {model.written_by}" for model in found), "")


def models_in(kind: Type, around: tuple[ModelType, ...] = ()) -> Iterator[tuple[ModelType, bool]]:
    """Give the models in a type, each with whether it is inside itself there."""
    match kind:
        case OptionalType(inner=inner) | ListType(item=inner) | DictType(value=inner):
            yield from models_in(inner, around)
        case TupleType(items=items) | UnionType(members=items):
            for item in items:
                yield from models_in(item, around)
        case ModelType():
            yield kind, kind in around
            if kind not in around:
                for field in kind.fields.values():
                    yield from models_in(field.type, (*around, kind))
        case _:
            pass
