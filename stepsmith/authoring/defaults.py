"""Defaults of models, filled into values that come from outside."""

from __future__ import annotations

from dataclasses import replace

from stepsmith.expressions import tree
from stepsmith.expressions.static_types import (
    ANY,
    NONE,
    STR,
    DictType,
    ListType,
    ModelType,
    OptionalType,
    Type,
)
from stepsmith.expressions.tree import Expression
from stepsmith.expressions.types import Undefined


def filled(value: Expression) -> Expression:
    """Give the value with the fields that models have defaults for, at any depth.

    A model inside itself is filled once. Raises TypeError where a default is made anew each time, so that it is not
    known before the machine runs.
    """
    return _filled(value, 0, ())


def _filled(value: Expression, depth: int, inside: tuple[ModelType, ...]) -> Expression:
    kind = value.type
    if not _has_defaults(kind, inside):
        return value
    match kind:
        case ModelType():
            return _model(value, kind, depth, inside)
        case OptionalType(inner=inner):
            present = _filled(replace(value, type=inner), depth, inside)
            absent = tree.Constant(value=None, type=NONE)
            test = tree.Compare(operator="==", left=value, right=absent)
            return tree.Conditional(test=test, then=absent, otherwise=present, type=kind)
        case ListType(item=inner):
            name = f"_m{depth}"
            element = _filled(tree.Variable(name=name, type=inner), depth + 1, inside)
            return tree.Comprehension(element=element, name=name, items=value, condition=None, type=kind)
        case DictType(value=inner):
            name = f"_m{depth}"
            key = tree.Variable(name=name, type=STR)
            item = _filled(tree.Item(value=value, index=key, type=inner), depth + 1, inside)
            keys = tree.Call(function="dict.keys", arguments=(value,), type=ListType(STR))
            return tree.DictComprehension(
                key=key, value=item, name=name, items=keys, condition=None, type=kind
            )
        case _:
            return value


def _model(value: Expression, kind: ModelType, depth: int, inside: tuple[ModelType, ...]) -> Expression:
    constants: list[tuple[Expression | None, Expression]] = []
    inner: list[tuple[Expression | None, Expression]] = []
    for field in kind.fields.values():
        key = tree.Constant(value=field.key, type=STR)
        member: Expression = tree.Field(value=value, name=field.key, type=field.type)
        if not field.required and field.always:
            if isinstance(field.default, Undefined):
                raise TypeError(
                    f"the default of {kind.name}.{field.name} is made anew each time: give a constant one"
                )
            default = tree.Constant(value=field.default, type=field.type)
            constants.append((key, default))
            member = tree.Call(function="default", arguments=(member, default), type=field.type)
        if field.always and _has_defaults(field.type, (*inside, kind)):
            inner.append((key, _filled(member, depth, (*inside, kind))))
    result = value
    if constants:
        result = tree.Binary(operator="|", left=_object(constants), right=result, type=kind)
    if inner:
        result = tree.Binary(operator="|", left=result, right=_object(inner), type=kind)
    return result


def _object(entries: list[tuple[Expression | None, Expression]]) -> Expression:
    return tree.ObjectOf(entries=tuple(entries), type=DictType(ANY))


def _has_defaults(kind: Type, inside: tuple[ModelType, ...]) -> bool:
    match kind:
        case ModelType():
            if kind in inside:
                return False
            fields = kind.fields.values()
            own = any(not field.required and field.always for field in fields)
            return own or any(_has_defaults(field.type, (*inside, kind)) for field in fields)
        case OptionalType(inner=inner) | ListType(item=inner) | DictType(value=inner):
            return _has_defaults(inner, inside)
        case _:
            return False
