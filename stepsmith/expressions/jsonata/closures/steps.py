"""The steps of paths: names, wildcards, order-by, and the flattening between them."""

from __future__ import annotations

from typing import Any, Final

from stepsmith.expressions.jsonata.closures.compiling import Compiler
from stepsmith.expressions.jsonata.closures.predicates import StepOver, filter_over
from stepsmith.expressions.jsonata.closures.scopes import (
    FrameFor,
    Scope,
    settles_later,
)
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.runtime import sorting
from stepsmith.expressions.jsonata.runtime.limits import Run
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
    lookup,
    settler,
)
from stepsmith.expressions.types import UNDEFINED

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
            values = [value[key] for key in frame[0].keys_of(value)]
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
                waiting.extend(value[key] for key in reversed(frame[0].keys_of(value)))
        run.array(len(found))
        return collapse(found)

    return evaluate


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
    sort = sorter(compiler, step, scope, depth)
    stages = [
        filter_over(compiler, stage, scope, depth) for stage in step.stages if isinstance(stage, tree.Node)
    ]

    def take(items: Value, frame: Frame) -> Value:
        result = sort(items, frame)
        for stage in stages:
            result = stage(result, frame)
        return result

    return take


def sorter(
    compiler: Compiler, step: tree.Step, scope: Scope, depth: int, frame_for: FrameFor | None = None
) -> StepOver:
    """A closure that puts items, or tuples, into the order of an order-by clause."""
    of = step.node.of
    assert isinstance(of, tree.Sort)
    position = step.node.position
    terms = [(compiler.compile(term.value, scope, depth + 1), term.descending) for term in of.terms]

    def sort(items: Any, frame: Frame) -> Any:
        if type(items) not in ARRAY_TYPES or len(items) <= 1:
            return items
        if type(items) is TupleStream and frame_for is not None:
            entries = [(item["@"], frame_for(frame, item)) for item in items]
        else:
            inner = frame if frame_for is None else frame_for(frame, {})
            entries = [(item, inner) for item in items]
        return sorting.by_terms(frame[0], items, entries, terms, position)

    return sort


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


def collapsed(inner: Evaluate) -> Evaluate:
    """A closure that collapses what another one yields."""

    def evaluate(context: Value, frame: Frame) -> Value:
        value = inner(context, frame)
        return collapse(value) if type(value) is Sequence else value

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
