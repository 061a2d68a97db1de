"""Paths as a whole: from a variable or the context along names, or step over step."""

from __future__ import annotations

from typing import Final

from stepsmith.expressions.jsonata.closures import constructors, joins
from stepsmith.expressions.jsonata.closures.account import is_plain
from stepsmith.expressions.jsonata.closures.compiling import Compiler
from stepsmith.expressions.jsonata.closures.predicates import StepOver
from stepsmith.expressions.jsonata.closures.scopes import (
    Scope,
    is_tuple_path,
    settles_later,
)
from stepsmith.expressions.jsonata.closures.steps import (
    collapsed,
    flattened,
    is_nothing,
    kept_singleton,
    step_over,
)
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.runtime.values import (
    ARRAY,
    ARRAY_TYPES,
    OBJECT,
    Evaluate,
    Frame,
    Sequence,
    Value,
    collapse,
    lookup,
)
from stepsmith.expressions.types import UNDEFINED

_SMALL: Final = 16


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
