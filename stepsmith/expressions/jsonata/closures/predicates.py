"""Predicates: which members of a value stay, by a condition, an index or several."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from stepsmith.expressions.jsonata.closures.compiling import Compiler
from stepsmith.expressions.jsonata.closures.scopes import (
    FrameFor,
    Scope,
    framer,
    names_on_way,
    scope_of,
)
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.numbers import is_number
from stepsmith.expressions.jsonata.runtime.values import (
    ARRAY,
    ARRAY_TYPES,
    Evaluate,
    Frame,
    Sequence,
    TupleStream,
    Value,
    truth,
)
from stepsmith.expressions.types import UNDEFINED

StepOver: TypeAlias = Callable[[Any, Frame], Any]
"""A step of a path: takes the items so far and yields the next ones."""


_LOGICAL: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "and", "or", "in"})
_SMALL: Final = 16
_ITEM_WORK: Final = 4


def filtered(compiler: Compiler, node: tree.Node, evaluate: Evaluate, scope: Scope, depth: int) -> Evaluate:
    """A closure that applies the predicates of an expression to its value, not yet collapsed."""
    names = names_on_way(node) if not isinstance(node.of, tree.Variable) else []
    stages = [
        filter_over(compiler, stage, scope, depth, names)
        for stage in node.filters
        if isinstance(stage, tree.Node)
    ]

    def apply(context: Value, frame: Frame) -> Value:
        value = evaluate(context, frame)
        for stage in stages:
            value = stage(value, frame)
        return value

    return apply


def filter_over(
    compiler: Compiler, predicate: tree.Node, scope: Scope, depth: int, names: list[str] | None = None
) -> StepOver:
    """A closure that keeps the members of a value for which a predicate holds."""
    # the reference does not look at what follows a number here
    literal: Value = predicate.of.value if isinstance(predicate.of, tree.Literal) else None
    if type(literal) in (int, float):
        return _pick(math.floor(literal))
    if names:
        scope = scope_of(names, scope, predicate)
    test = compiler.compile(predicate, scope, depth + 1)
    if not names and _independent(predicate):
        return _constant_filter(test)
    logical = (
        isinstance(predicate.of, tree.Binary)
        and predicate.of.operator in _LOGICAL
        and not predicate.filters
        and not predicate.group
    )
    return _filter(test, framer(scope) if names else None, logical=logical)


def _pick(index: int) -> StepOver:
    def pick(value: Value, frame: Frame) -> Value:
        del frame
        items = value if type(value) in ARRAY_TYPES else [value]
        return picked(items, index)

    return pick


def picked(items: Any, index: int) -> Value:
    """The member at an index, from the end below zero, as a sequence or as the array that it is."""
    if not -len(items) <= index < len(items):
        return _like(items)
    item = items[index]
    if type(item) in ARRAY_TYPES:
        return item
    result = _like(items)
    if item is not UNDEFINED:
        result.append(item)
    return result


def _like(items: Any) -> Any:
    return TupleStream() if type(items) is TupleStream else Sequence()


def _independent(predicate: tree.Node) -> bool:
    """Whether a predicate is the same for all members and cannot fail."""
    return isinstance(predicate.of, tree.Variable) and predicate.of.name != "" and not predicate.filters


def _constant_filter(test: Evaluate) -> StepOver:
    def apply(value: Value, frame: Frame) -> Value:
        items = value if type(value) in ARRAY_TYPES else [value]
        if type(items) is TupleStream or not items:
            return _select(items, [test(None, frame)] * len(items), frame[0])
        if value is UNDEFINED:
            frame[0].unclean = True
        chosen = test(None, frame)
        if type(chosen) is not ARRAY and is_number(chosen):
            index = math.floor(chosen)
            inside = -len(items) <= index < len(items)
            return Sequence([items[index]] if inside else ())
        return _select(items, [chosen] * len(items), frame[0])

    return apply


def _select(items: Any, results: list[Value], run: Run) -> Any:
    kept = _like(items)
    for index, (item, result) in enumerate(zip(items, results, strict=True)):
        take(kept, item, index, len(items), result, run)
    return kept


def take(kept: Any, item: Value, index: int, count: int, result: Value, run: Run) -> None:
    """Keeps an item if the predicate's result says so: a boolean, or the index or indices wanted."""
    if is_number(result):
        result = [result]
    if type(result) in ARRAY_TYPES and all(is_number(member) for member in result):
        for number in result:
            wanted = math.floor(number)
            if (wanted + count if wanted < 0 else wanted) == index:
                kept.append(item)
    elif truth(result, run):
        kept.append(item)


def _filter(test: Evaluate, frame_for: FrameFor | None, *, logical: bool) -> StepOver:
    def apply(value: Value, frame: Frame) -> Value:
        items = value if type(value) in ARRAY_TYPES else [value]
        kept = _like(items)
        count = len(items)
        if value is UNDEFINED:
            # if the predicate holds, the reference keeps what is not there
            frame[0].unclean = True
        if count > _SMALL:
            frame[0].charge(count * _ITEM_WORK)
        tuples = type(items) is TupleStream
        if frame_for is None and logical:
            kept.extend([item for item in items if test(item, frame) is True])
            return kept
        for index, item in enumerate(items):
            if tuples and frame_for is not None:
                result = test(item["@"], frame_for(frame, item))
            else:
                inner = frame if frame_for is None else frame_for(frame, {})
                result = test(item, inner)
            if result is True:
                kept.append(item)
            elif result is not False and result is not UNDEFINED:
                take(kept, item, index, count, result, frame[0])
        return kept

    return apply
