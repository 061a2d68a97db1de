"""Paths: names, wildcards, predicates, and the flattening between steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from stepsmith.expressions.jsonata.closures import constructors, joins
from stepsmith.expressions.jsonata.closures.account import is_plain
from stepsmith.expressions.jsonata.closures.scopes import Scope, is_tuple_path, names_on_way, settles_later
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.numbers import is_number
from stepsmith.expressions.jsonata.runtime.values import (
    ARRAY,
    ARRAY_TYPES,
    OBJECT,
    Evaluate,
    Frame,
    Outer,
    Sequence,
    TupleStream,
    Value,
    collapse,
    keys_of,
    lookup,
    settler,
    truth,
)
from stepsmith.expressions.types import UNDEFINED

if TYPE_CHECKING:
    from stepsmith.expressions.jsonata.closures.compiler import Compiler

StepOver: TypeAlias = Callable[[Any, Frame], Any]
"""A step of a path: takes the items so far and yields the next ones."""

_LOGICAL: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "and", "or", "in"})
_SMALL: Final = 16
_ITEM_WORK: Final = 4
_ARRAY_WORK: Final = 16


def name(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles a field of the context value."""
    del compiler, depth
    assert isinstance(node.of, tree.Name)
    key = node.of.name
    settle = settler(keep=scope.unit.guarded)

    def evaluate(context: Value, frame: Frame) -> Value:
        if type(context) is OBJECT:
            return context.get(key, UNDEFINED)
        return settle(lookup(context, key, frame[0]))

    return evaluate


def wildcard(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles `*`."""
    del compiler, depth
    settle = settler(keep=settles_later(node, scope))

    def evaluate(context: Value, frame: Frame) -> Value:
        value: Value = context[0] if type(context) is Outer else context
        values: list[Value] = []
        if type(value) is OBJECT:
            values = [value[key] for key in keys_of(value)]
        elif type(value) in ARRAY_TYPES:
            values = list(value)
        flat: list[Value] = []
        joined = False
        for member in values:
            if type(member) in ARRAY_TYPES:
                joined = True
                _flatten_deep(member, flat, frame[0])
            else:
                flat.append(member)
        frame[0].array(len(flat))
        # arrays joined to the sequence make a plain array of it
        return flat if joined else settle(Sequence(flat))

    return evaluate


def _flatten_deep(value: Value, into: list[Value], run: Run) -> None:
    run.charge(_ARRAY_WORK + 2 * len(value))
    for member in value:
        if type(member) in ARRAY_TYPES:
            _flatten_deep(member, into, run)
        else:
            into.append(member)


def descendants(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles `**`."""
    del compiler, node, scope, depth

    def evaluate(context: Value, frame: Frame) -> Value:
        if context is UNDEFINED:
            return UNDEFINED
        found = Sequence()
        waiting = [context]
        run = frame[0]
        while waiting:
            value = waiting.pop()
            if type(value) in ARRAY_TYPES:
                run.charge(_ARRAY_WORK + 2 * len(value))
                waiting.extend(reversed(value))
                continue
            found.append(value)
            if type(value) is OBJECT:
                run.charge(_ARRAY_WORK + 4 * len(value))
                waiting.extend(value[key] for key in reversed(keys_of(value)))
        run.array(len(found))
        return collapse(found)

    return evaluate


def path(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles a path."""
    of = node.of
    assert isinstance(of, tree.Path)
    if is_tuple_path(node):
        return joins.path(compiler, node, of, scope, depth)
    evaluate = _walk(compiler, of, scope, depth)
    if evaluate is None:
        evaluate = _steps(compiler, of, scope, depth)
    if node.group is not None:
        return constructors.grouped(compiler, node.group, evaluate, scope, depth)
    return evaluate if settles_later(node, scope) else collapsed(evaluate)


def collapsed(inner: Evaluate) -> Evaluate:
    """A closure that collapses what another one yields."""

    def evaluate(context: Value, frame: Frame) -> Value:
        value = inner(context, frame)
        return collapse(value) if type(value) is Sequence else value

    return evaluate


def _walk(compiler: Compiler, of: tree.Path, scope: Scope, depth: int) -> Evaluate | None:
    """A closure for a path of plain names, after a variable or not; None for any other."""
    if scope.unit.guarded or not is_plain(of):
        return None
    nodes = [step.node for step in of.steps]
    keys = [node.of.name for node in nodes if isinstance(node.of, tree.Name)]
    first: Evaluate | None = None
    if isinstance(nodes[0].of, tree.Variable):
        first = compiler.compile(nodes[0], scope, depth + 1)
    scope.unit.height = max(scope.unit.height, depth + 1)
    walk = _walker(first, keys)
    slot = compiler.slot_of(nodes[0], scope)
    if slot is not None:
        return _name_of_slot(slot, keys[0], walk) if len(keys) == 1 else _names_of_slot(slot, keys, walk)
    return _name_of_context(keys[0], walk) if first is None and len(keys) == 1 else walk


def _walker(first: Evaluate | None, keys: list[str]) -> Evaluate:
    count = len(keys)

    def walk(context: Value, frame: Frame) -> Value:
        value = context if first is None else first(context, frame)
        for at, key in enumerate(keys):
            if type(value) is not OBJECT:
                return _walk_items(value, keys, at, count, frame)
            value = value.get(key, UNDEFINED)
        if frame[0].flagged and id(value) in frame[0].flagged:
            return Sequence(value)
        return value

    return walk


def _name_of_context(key: str, walk: Evaluate) -> Evaluate:
    """A closure for one name of the context value, where that is an object; `walk` is for all else."""

    def evaluate(context: Value, frame: Frame) -> Value:
        if type(context) is OBJECT:
            value = context.get(key, UNDEFINED)
            if type(value) is not ARRAY or not frame[0].flagged:
                return value
        return walk(context, frame)

    return evaluate


def _name_of_slot(slot: int, key: str, walk: Evaluate) -> Evaluate:
    """A closure for one name of an object in a slot; `walk` is for all else."""

    def evaluate(context: Value, frame: Frame) -> Value:
        value = frame[slot]
        if type(value) is OBJECT:
            value = value.get(key, UNDEFINED)
            if type(value) is not ARRAY or not frame[0].flagged:
                return value
        return walk(context, frame)

    return evaluate


def _names_of_slot(slot: int, keys: list[str], walk: Evaluate) -> Evaluate:
    """A closure for names of objects inside one in a slot; `walk` is for all else."""

    def evaluate(context: Value, frame: Frame) -> Value:
        value = frame[slot]
        for key in keys:
            if type(value) is not OBJECT:
                return walk(context, frame)
            value = value.get(key, UNDEFINED)
        if type(value) is ARRAY and frame[0].flagged:
            return walk(context, frame)
        return value

    return evaluate


def _walk_items(value: Value, keys: list[str], at: int, count: int, frame: Frame) -> Value:
    if type(value) not in ARRAY_TYPES:
        return UNDEFINED
    items = value
    if len(items) > _SMALL:
        frame[0].charge(len(items))
    for position in range(at, count):
        key = keys[position]
        found = [
            value
            for item in items
            if (
                value := item.get(key, UNDEFINED)
                if type(item) is OBJECT
                else collapse(lookup(item, key, frame[0]))
            )
            is not UNDEFINED
        ]
        items = flattened(found, frame, last=position == count - 1)
        if not items:
            break
    return items


def flattened(found: list[Value], frame: Frame, *, last: bool) -> Value:
    """The next items of a path: what a step yielded for each item, one level of arrays dissolved."""
    run = frame[0]
    whole = last and len(found) == 1 and type(found[0]) is ARRAY
    if whole and (not run.flagged or id(found[0]) not in run.flagged):
        return found[0]
    cons = run.cons
    if ARRAY_TYPES.isdisjoint(map(type, found)):
        result = Sequence(found)
    else:
        result = Sequence()
        for value in found:
            if type(value) in ARRAY_TYPES and not (cons and id(value) in cons):
                result.extend(value)
            else:
                result.append(value)
    if len(result) > _SMALL:
        run.array(len(result))
    return result


def _steps(compiler: Compiler, of: tree.Path, scope: Scope, depth: int) -> Evaluate:
    first = of.steps[0]
    absolute = isinstance(first.node.of, tree.Variable)
    steps: list[StepOver] = []
    for number, step in enumerate(of.steps):
        if number == 0 and step.cons:
            steps.append(compiler.compile(step.node, scope, depth + 1))
        else:
            steps.append(step_over(compiler, step, scope, depth, last=step is of.steps[-1]))
    keep = of.keep_singleton
    whole_first = first.cons

    def evaluate(context: Value, frame: Frame) -> Value:
        if type(context) in ARRAY_TYPES and not absolute:
            items = context
        else:
            # what is constructed at the start of a path has the items as its context
            items = Sequence([context]) if whole_first else [context]
        for step in steps:
            items = step(items, frame)
            if is_nothing(items):
                break
        return kept_singleton(items, frame) if keep else items

    return evaluate


def is_nothing(items: Value) -> bool:
    """Whether a path ends early: no items, which an object without fields is not, but an empty string is."""
    return items is UNDEFINED or (type(items) in ARRAY_TYPES and not items) or items == ""


def kept_singleton(items: Value, frame: Frame) -> Value:
    """The result of a path that keeps singletons."""
    run = frame[0]
    if run.cons and id(items) in run.cons:
        return Sequence([items], keep=True)
    if type(items) is Sequence:
        items.keep = True
    return items


def step_over(compiler: Compiler, step: tree.Step, scope: Scope, depth: int, *, last: bool) -> StepOver:
    """A closure that takes one step of a path for each item."""
    if isinstance(step.node.of, tree.Sort):
        return _sort_step(compiler, step, scope, depth)
    before = scope.unit.work
    evaluate = compiler.compile(step.node, scope, depth + 1)
    stages = [
        filter_over(compiler, stage, scope, depth) for stage in step.stages if isinstance(stage, tree.Node)
    ]
    item_work = _ITEM_WORK + scope.unit.work - before

    def take(items: Value, frame: Frame) -> Value:
        # one constructed value may be left of an array: of these, texts have members to the reference
        if type(items) not in ARRAY_TYPES and type(items) is not str:
            return Sequence()
        if len(items) > _SMALL:
            frame[0].charge(len(items) * item_work)
        found: list[Value] = []
        for item in items:
            value = evaluate(item, frame)
            for stage in stages:
                value = stage(value, frame)
            if value is not UNDEFINED:
                found.append(value)
        return flattened(found, frame, last=last)

    return take


def _sort_step(compiler: Compiler, step: tree.Step, scope: Scope, depth: int) -> StepOver:
    sort = joins.sorter(compiler, step, scope, depth)
    stages = [
        filter_over(compiler, stage, scope, depth) for stage in step.stages if isinstance(stage, tree.Node)
    ]

    def take(items: Value, frame: Frame) -> Value:
        result = sort(items, frame)
        for stage in stages:
            result = stage(result, frame)
        return result

    return take


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
        scope = joins.scope_of(names, scope, predicate)
    test = compiler.compile(predicate, scope, depth + 1)
    if not names and _independent(predicate):
        return _constant_filter(test)
    logical = (
        isinstance(predicate.of, tree.Binary)
        and predicate.of.operator in _LOGICAL
        and not predicate.filters
        and not predicate.group
    )
    return _filter(test, joins.framer(scope) if names else None, logical=logical)


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


def _filter(
    test: Evaluate, frame_for: Callable[[Frame, dict[str, Any]], Frame] | None, *, logical: bool
) -> StepOver:
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
