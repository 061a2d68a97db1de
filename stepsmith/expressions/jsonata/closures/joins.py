"""Paths that bind variables on their way: `@$focus`, `#$index` and the parent `%`, and order-by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from stepsmith.expressions.jsonata.closures import constructors
from stepsmith.expressions.jsonata.closures.compiling import Compiler
from stepsmith.expressions.jsonata.closures.predicates import StepOver, filter_over
from stepsmith.expressions.jsonata.closures.scopes import (
    FrameFor,
    Scope,
    framer,
    names_on_way,
    scope_of,
    settles_later,
    slot_reader,
)
from stepsmith.expressions.jsonata.closures.steps import (
    collapsed,
    is_nothing,
    kept_singleton,
    sorter,
    step_over,
)
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.runtime.values import (
    ARRAY_TYPES,
    UNBOUND,
    Evaluate,
    Frame,
    Sequence,
    TupleStream,
    Value,
    collapse,
)
from stepsmith.expressions.types import UNDEFINED

Tuple: TypeAlias = dict[str, Any]
"""An item, under "@", and the variables bound on the way to it."""

TupleStep: TypeAlias = Callable[[Any, "TupleStream | None", Frame], Any]
"""Takes the items and the tuples so far; yields items before the first binding step, else tuples."""


def parent(compiler: Compiler, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
    """Compiles `%`, which reads what a step further up has bound."""
    del depth
    assert isinstance(node.of, tree.Parent)
    label, level = node.of.label, 0
    current: Scope | None = scope
    readers: list[Evaluate] = []
    while current is not None:
        if label in current.names:
            readers.append(slot_reader(level, current.names[label]))
        level, current = level + 1, current.parent

    def evaluate(context: Value, frame: Frame) -> Value:
        for read in readers:
            value = read(context, frame)
            if value is not UNBOUND:
                return collapse(value)
        return UNDEFINED

    return evaluate


def path(compiler: Compiler, node: tree.Node, of: tree.Path, scope: Scope, depth: int) -> Evaluate:
    """Compiles a path that binds variables on its way."""
    names = list(dict.fromkeys(names_on_way(node)))
    inner = scope_of(names, scope, node)
    absolute = isinstance(of.steps[0].node.of, tree.Variable)
    steps: list[tuple[TupleStep, bool]] = []
    streaming = has_tuples = False
    for number, step in enumerate(of.steps):
        streaming = streaming or step.tuples
        last = number == len(of.steps) - 1
        if number == 0 and step.cons:
            take = _plain_step(compiler.compile(step.node, scope, depth + 1))
        elif streaming:
            take = _tuple_step(compiler, step, inner, depth, first=not has_tuples)
            has_tuples = True
        else:
            take = _plain_step(step_over(compiler, step, scope, depth, last=last))
        steps.append((take, step.focus is not None))
    group = None
    if node.group is not None:
        group = constructors.grouper(compiler, node.group, inner, depth, framer(inner))
    evaluate = _walk(steps, of, absolute=absolute, group=group)
    return evaluate if settles_later(node, scope) else collapsed(evaluate)


def _plain_step(step: StepOver) -> TupleStep:
    return lambda items, tuples, frame: step(items, frame)


def _walk(
    steps: list[tuple[TupleStep, bool]],
    of: tree.Path,
    *,
    absolute: bool,
    group: Callable[[Value, Frame], Value] | None,
) -> Evaluate:
    streams = [any(step.tuples for step in of.steps[: number + 1]) for number in range(len(of.steps))]
    # an array constructor at the start is evaluated whole and binds nothing, not even with # or @
    whole_first = of.steps[0].cons

    def evaluate(context: Value, frame: Frame) -> Value:
        items: Any = context
        if absolute or type(context) not in ARRAY_TYPES:
            items = Sequence([context]) if whole_first else [context]
        result: Any = UNDEFINED
        tuples: TupleStream | None = None
        for (step, focus), streaming in zip(steps, streams, strict=True):
            if streaming and not (whole_first and step is steps[0][0]):
                tuples = step(items, tuples, frame)
                continue
            result = step(items, tuples, frame)
            if not streaming and is_nothing(result):
                break
            if not focus:
                items = result
        if tuples is not None:
            result = tuples if of.tuples else Sequence(item["@"] for item in tuples)
        if of.keep_singleton and result is not UNDEFINED:
            result = kept_singleton(result, frame)
        if group is not None:
            return group(tuples if tuples is not None else result, frame)
        return result

    return evaluate


def _tuple_step(compiler: Compiler, step: tree.Step, scope: Scope, depth: int, *, first: bool) -> TupleStep:
    """A closure for a step on tuples; before the `first` one there are plain items."""
    stages = [_stage(compiler, stage, scope, depth) for stage in step.stages]
    if isinstance(step.node.of, tree.Sort):
        outer = scope.parent
        assert outer is not None
        sort = (
            sorter(compiler, step, outer, depth)
            if first
            else sorter(compiler, step, scope, depth, framer(scope))
        )
        take = _sort_tuples(sort, step.index)
    else:
        take = _take_tuples(compiler.compile(step.node, scope, depth + 1), step, framer(scope))

    def step_over(items: Any, tuples: TupleStream | None, frame: Frame) -> Any:
        result = take(items, tuples, frame)
        for stage in stages:
            result = stage(result, frame)
        return result

    return step_over


def _stage(compiler: Compiler, stage: tree.Node | tree.Index, scope: Scope, depth: int) -> StepOver:
    if isinstance(stage, tree.Index):
        return _numbered(stage.name)
    assert scope.parent is not None
    return filter_over(compiler, stage, scope.parent, depth, list(scope.names))


def _numbered(name: str) -> StepOver:
    def number(tuples: Any, frame: Frame) -> Any:
        del frame
        for index, item in enumerate(tuples):
            item[name] = index
        return tuples

    return number


def _sort_tuples(sort: StepOver, index: str | None) -> TupleStep:
    def take(items: Any, tuples: TupleStream | None, frame: Frame) -> Any:
        if tuples is not None:
            # sorted tuples are a plain array to the reference: what follows has them as its context
            return sort(tuples, frame)
        found = sort(items, frame)
        # a single value is no array here, and only a text has a length as well
        members = found if type(found) in ARRAY_TYPES or type(found) is str else ()
        return TupleStream(
            {"@": item} if index is None else {"@": item, index: number}
            for number, item in enumerate(members)
        )

    return take


def _take_tuples(evaluate: Evaluate, step: tree.Step, frame_for: FrameFor) -> TupleStep:
    def take(items: Any, tuples: TupleStream | None, frame: Frame) -> TupleStream:
        if tuples is None and type(items) not in ARRAY_TYPES:
            return TupleStream()
        before = [{"@": item} for item in items] if tuples is None else tuples
        result = TupleStream()
        for item in before:
            found = evaluate(item["@"], frame_for(frame, item))
            if found is UNDEFINED:
                continue
            members = found if type(found) in ARRAY_TYPES else [found]
            frame[0].charge(8 + 8 * len(members))
            streaming = type(members) is TupleStream
            for number, member in enumerate(members):
                result.append({**item, **member} if streaming else _bound(step, item, member, number))
        return result

    return take


def _bound(step: tree.Step, item: Tuple, member: Value, number: int) -> Tuple:
    bound = dict(item)
    if step.focus is None:
        bound["@"] = member
    else:
        bound[step.focus] = member
    if step.index is not None:
        bound[step.index] = number
    if step.ancestor is not None:
        bound[step.ancestor] = item["@"]
    return bound
