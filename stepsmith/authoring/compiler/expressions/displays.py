"""Lists, tuples and dicts, written out."""

from __future__ import annotations

import ast
from dataclasses import replace

from stepsmith.authoring.compiler.expressions.fitting import fits, fits_element
from stepsmith.authoring.compiler.expressions.models import build_model
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, consumed
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    NEVER,
    STR,
    DictType,
    ListType,
    ModelType,
    OptionalType,
    TupleType,
    Type,
    describe,
    join,
)
from stepsmith.expressions.typed.tree import Expression


def as_list(value: Expression) -> Expression:
    """Give a tuple as the list of its items, where one type has room for all of them."""
    kind: Type | None = NEVER
    for item in value.type.items if isinstance(value.type, TupleType) else ():
        kind = None if kind is None else join(kind, item)
    return value if kind is None else replace(value, type=ListType(kind))


def list_(x: ExpressionCompiler, node: ast.List | ast.Tuple, expected: Type | None) -> Expression:
    """Give the tree of a list or tuple."""
    if isinstance(expected, OptionalType):
        expected = expected.inner
    wanted = expected.item if isinstance(expected, ListType) else None
    span = x.source.span(node)
    if isinstance(node, ast.Tuple) and not any(isinstance(item, ast.Starred) for item in node.elts):
        kinds = (
            expected.items
            if isinstance(expected, TupleType) and len(expected.items) == len(node.elts)
            else ()
        )
        items = tuple(
            x.value(item, kinds[index] if kinds else wanted) for index, item in enumerate(node.elts)
        )
        if wanted is None:
            return tree.ListOf(elements=items, type=TupleType(tuple(item.type for item in items)), span=span)
    elements = tuple(_list_element(x, item, wanted) for item in node.elts)
    kind: Type = NEVER
    for item in elements:
        found = (
            item.type.item if isinstance(item, tree.Spread) and isinstance(item.type, ListType) else item.type
        )
        joined = join(kind, found)
        if joined is None:
            kind = ANY
            break
        kind = joined
    if wanted is not None and all(fits_element(item, wanted) for item in elements):
        kind = wanted
    return tree.ListOf(elements=elements, type=ListType(kind), span=span)


def _list_element(x: ExpressionCompiler, item: ast.expr, wanted: Type | None) -> Expression:
    if not isinstance(item, ast.Starred):
        return x.value(item, wanted)
    value = consumed(x, item.value)
    if isinstance(value.type, OptionalType):
        raise x.may_be_none(item.value, "cannot be spread then")
    if isinstance(value.type, DictType):
        keys = tree.Call(function="dict.keys", arguments=(value,), type=ListType(STR), span=value.span)
        return tree.Spread(value=keys, type=keys.type, span=x.source.span(item))
    if isinstance(value.type, TupleType):
        value = as_list(value)
    if not isinstance(value.type, ListType):
        raise x.refusal(item, "W112", f"only a list can follow *, got {describe(value.type)}")
    return tree.Spread(value=value, type=value.type, span=x.source.span(item))


def dict_(x: ExpressionCompiler, node: ast.Dict, expected: Type | None) -> Expression:
    """Give the tree of a dict, or of the TypedDict that is expected."""
    if isinstance(expected, OptionalType):
        expected = expected.inner
    if isinstance(expected, ModelType) and expected.kind == "TypedDict":
        return _typed_dict(x, node, expected)
    wanted = expected.value if isinstance(expected, DictType) else None
    entries: list[tuple[Expression | None, Expression]] = []
    kind: Type | None = NEVER
    for key, value in zip(node.keys, node.values, strict=True):
        name = None if key is None else x.typed(key, STR, "a key of a dict")
        found = x.value(value, wanted)
        part = found.type
        if name is None:
            if not isinstance(part, DictType):
                raise x.refusal(value, "W112", f"only a dict can follow **, got {describe(part)}")
            entries.append((None, tree.Spread(value=found, type=part, span=found.span)))
            part = part.value
        else:
            entries.append((name, found))
        kind = None if kind is None else join(kind, part)
    if wanted is not None and all(k is not None and fits(v, wanted) for k, v in entries):
        kind = wanted
    return tree.ObjectOf(
        entries=tuple(entries), type=DictType(ANY if kind is None else kind), span=x.source.span(node)
    )


def _typed_dict(x: ExpressionCompiler, node: ast.Dict, kind: ModelType) -> Expression:
    given: dict[str, ast.expr] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        name = None if key is None else x.static(key)
        if not isinstance(name, str):
            raise x.refusal(key or value, "W101", f"the keys of {kind.name} must be constants", None)
        given[name] = value
    return build_model(x, node, kind, given)
