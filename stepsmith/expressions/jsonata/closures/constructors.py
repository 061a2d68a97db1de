"""Array and object constructors, and grouping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from stepsmith.expressions.jsonata.closures.account import literal_names
from stepsmith.expressions.jsonata.closures.compiling import Compiler
from stepsmith.expressions.jsonata.closures.scopes import FrameFor, Scope, framer, names_on_way, scope_of
from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.numbers import json_number
from stepsmith.expressions.jsonata.runtime.values import (
    ARRAY_TYPES,
    Evaluate,
    Frame,
    Sequence,
    TupleStream,
    Value,
    append,
    kind_of,
    stored,
)
from stepsmith.expressions.types import UNDEFINED

Pairs: TypeAlias = list[tuple[Evaluate, Evaluate]]
_SMALL = 16
_GROUP_WORK = 64
_ARRAY_WORK = 16
_OBJECT_WORK = 32
_FIELD_WORK = 4


def array(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles `[a, b]`."""
    of = node.of
    assert isinstance(of, tree.ArrayConstructor)
    scope.unit.work += _ARRAY_WORK + len(of.items)
    items = [
        (compiler.compile(item, scope, depth + 1), isinstance(item.of, tree.ArrayConstructor))
        for item in of.items
    ]

    def evaluate(context: Value, frame: Frame) -> Value:
        result: list[Value] = []
        for item, nested in items:
            value = item(context, frame)
            if value is UNDEFINED:
                continue
            if type(value) in ARRAY_TYPES and not nested:
                result.extend(value)
            elif type(value) is Sequence:
                result.append(stored(frame[0], value))
            else:
                result.append(json_number(value) if type(value) is float and frame[0].idle else value)
        if len(result) > _SMALL:
            frame[0].array(len(result))
        if of.cons:
            _mark(frame[0], result)
        return result

    return evaluate


def _mark(run: Run, array: list[Value]) -> None:
    if run.cons is None:
        run.cons = {}
    run.cons[id(array)] = array


def object_(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles `{"a": b}`."""
    of = node.of
    assert isinstance(of, tree.ObjectConstructor)
    scope.unit.work += _OBJECT_WORK + _FIELD_WORK * len(of.group.pairs)
    pairs = _pairs(compiler, of.group, scope, depth)
    position = of.group.position
    names = literal_names(of.group)
    if names is None:
        return lambda context, frame: _group_items(context, pairs, position, frame)
    values = [
        (name, compiler.slot_of(node, scope) or 0, value)
        for name, (_, node), (_, value) in zip(names, of.group.pairs, pairs, strict=True)
    ]

    def evaluate(context: Value, frame: Frame) -> Value:
        if type(context) in ARRAY_TYPES:
            return _group_items(context, pairs, position, frame)
        result: dict[str, Value] = {}
        for name, slot, value in values:
            # no variable has the first slots, so 0 means that it is another expression
            found = frame[slot] if slot else value(context, frame)
            if found is not UNDEFINED:
                kind = kind_of(found)
                if kind is Sequence:
                    found = stored(frame[0], found)
                elif kind is float and frame[0].idle:
                    found = json_number(found)
                result[name] = found
        return result

    return evaluate


def _pairs(compiler: Compiler, group: tree.Group, scope: Scope, depth: int) -> Pairs:
    return [
        (compiler.compile(key, scope, depth + 1), compiler.compile(value, scope, depth + 1))
        for key, value in group.pairs
    ]


def grouped(compiler: Compiler, group: tree.Group, evaluate: Evaluate, scope: Scope, depth: int) -> Evaluate:
    """A closure that groups what another one yields."""
    parts = [part for pair in group.pairs for part in pair]
    names = [name for part in parts for name in names_on_way(part)]
    inner = scope_of(names, scope, *parts) if names else scope
    apply = grouper(compiler, group, inner, depth, framer(inner) if names else None)
    if not names:
        return lambda context, frame: apply(evaluate(context, frame), frame)
    blank = framer(inner)
    return lambda context, frame: apply(evaluate(context, frame), blank(frame, {}))


def grouper(
    compiler: Compiler,
    group: tree.Group,
    scope: Scope,
    depth: int,
    frame_for: FrameFor | None,
) -> Callable[[Value, Frame], Value]:
    """A closure that makes one object of a value: of each key, what its items yield together."""
    pairs = _pairs(compiler, group, scope, depth)

    def apply(value: Value, frame: Frame) -> Value:
        if type(value) is TupleStream and frame_for is not None:
            return _group_tuples(value, pairs, group.position, frame, frame_for)
        inner = frame if frame_for is None else frame_for(frame, {})
        return _group_items(value, pairs, group.position, inner)

    return apply


def _group_items(value: Value, pairs: Pairs, position: int, frame: Frame) -> Value:
    run = frame[0]
    items = value if type(value) in ARRAY_TYPES else [value]
    groups: dict[str, tuple[int, Value]] = {}
    gathered: set[str] = set()
    run.charge(_GROUP_WORK * len(items) * len(pairs))
    for item in items or [UNDEFINED]:
        for number, (key_of, _) in enumerate(pairs):
            key = key_of(item, frame)
            if key is UNDEFINED:
                continue
            _check_key(key, groups, number, position)
            if key not in groups:
                groups[key] = number, item
            elif key in gathered and type(item) not in ARRAY_TYPES and item is not UNDEFINED:
                groups[key][1].append(item)
            else:
                before = groups[key][1]
                groups[key] = number, append(before, item)
                if before is not UNDEFINED and item is not UNDEFINED:
                    gathered.add(key)
    result: dict[str, Value] = {}
    for key, (number, data) in groups.items():
        found = pairs[number][1](data, frame)
        if found is not UNDEFINED:
            result[key] = stored(run, found)
    return result


def _check_key(key: Value, groups: dict[str, tuple[int, Value]], number: int, position: int) -> None:
    if type(key) is not str:
        raise JsonataError("T1003", position=position, value=key)
    if key in groups and groups[key][0] != number:
        raise JsonataError("D1009", position=position, value=key)


def _group_tuples(
    tuples: TupleStream,
    pairs: Pairs,
    position: int,
    frame: Frame,
    frame_for: FrameFor,
) -> Value:
    run = frame[0]
    groups: dict[str, tuple[int, list[dict[str, Any]]]] = {}
    run.charge(_GROUP_WORK * len(tuples) * len(pairs))
    for item in tuples or [{"@": UNDEFINED}]:
        inner = frame_for(frame, item)
        for number, (key_of, _) in enumerate(pairs):
            key = key_of(item["@"], inner)
            if key is UNDEFINED:
                continue
            _check_key(key, groups, number, position)
            groups.setdefault(key, (number, []))[1].append(item)
    result: dict[str, Value] = {}
    for key in run.keys_of(groups):
        number, members = groups[key]
        merged = _merged(members)
        context = merged.pop("@", UNDEFINED)
        found = pairs[number][1](context, frame_for(frame, merged))
        if found is not UNDEFINED:
            result[key] = stored(run, found)
    return result


def _merged(tuples: list[dict[str, Any]]) -> dict[str, Any]:
    """One tuple of several: each variable with all its values.

    A single one is itself: what is taken from it is gone for the groups after, as in the reference.
    """
    if len(tuples) == 1:
        return tuples[0]
    merged = dict(tuples[0])
    for item in tuples[1:]:
        for name, value in item.items():
            merged[name] = append(merged.get(name, UNDEFINED), value)
    return merged
