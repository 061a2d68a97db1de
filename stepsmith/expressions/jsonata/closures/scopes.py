"""Where the variables of an expression live: which frame, which slot, and the closures that read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.runtime.values import UNBOUND, Evaluate, Frame, Value
from stepsmith.frozen import frozen

FIRST_SLOT = 2
"""A frame begins with the run and the enclosing frame."""

FrameFor: TypeAlias = Callable[[Frame, dict[str, Any]], Frame]
"""A function that makes the frame of a tuple: an item, under "@", and the variables bound on the way to it."""


@dataclass(slots=True)
class Unit:
    """What is compiled into one body: the whole expression, or one function."""

    guarded: bool
    height: int = 0
    work: int = 1
    """What one evaluation of it costs, without what depends on the values."""
    closures: bool = False
    """Whether functions are made inside, which may keep a frame of this one."""
    tail_calls: bool = False


@dataclass(slots=True)
class Scope:
    """The names of one frame."""

    parent: Scope | None
    unit: Unit
    names: dict[str, int] = field(default_factory=dict[str, int])
    certain: set[str] = field(default_factory=set[str])
    """Names that are bound whenever they are read."""

    def add(self, name: str, *, certain: bool = False) -> int:
        """The slot of a name, made where it has none."""
        if certain:
            self.certain.add(name)
        return self.names.setdefault(name, FIRST_SLOT + len(self.names))


@frozen
class Place:
    """A slot so many frames further out; an uncertain one may be unbound."""

    level: int
    slot: int
    certain: bool


def constant(value: Value) -> Evaluate:
    """A closure that always yields the same value."""
    return lambda context, frame: value


def slot_reader(level: int, slot: int) -> Evaluate:
    """A closure that reads a slot of a frame so many levels out."""
    match level:
        case 0:
            return lambda context, frame: frame[slot]
        case 1:
            return lambda context, frame: frame[1][slot]
        case 2:
            return lambda context, frame: frame[1][1][slot]
        case _:
            return _far_reader(level, slot)


def _far_reader(level: int, slot: int) -> Evaluate:
    def read(context: Value, frame: Frame) -> Value:
        for _ in range(level):
            frame = frame[1]
        return frame[slot]

    return read


def bound_in(*nodes: tree.Node) -> list[str]:
    """Names that `:=` binds in the frame in which these expressions are evaluated."""
    names: list[str] = []
    for node in nodes:
        if isinstance(node.of, tree.Bind):
            names.append(node.of.name)
        own_frame = isinstance(node.of, tree.Block | tree.Function)
        names.extend(bound_in(*(tree.following(node) if own_frame else tree.children(node))))
    return names


def settles_later(node: tree.Node, scope: Scope) -> bool:
    """Whether what the closure of a node yields is collapsed around it, and not by itself."""
    return node.keep or bool(node.filters) or scope.unit.guarded


def is_tuple_path(node: tree.Node) -> bool:
    """Whether an expression is a path that binds variables on its way."""
    return isinstance(node.of, tree.Path) and (node.of.tuples or any(step.tuples for step in node.of.steps))


def names_on_way(node: tree.Node) -> list[str]:
    """The variables and parents that the steps of a path bind, those of paths inside it included."""
    names: list[str] = []
    for inner in tree.walk(node):
        if isinstance(inner.of, tree.Path):
            for step in inner.of.steps:
                stages = [stage.name for stage in step.stages if isinstance(stage, tree.Index)]
                names.extend(name for name in (step.focus, step.index, step.ancestor, *stages) if name)
    return names


def scope_of(names: list[str], scope: Scope, *bound: tree.Node) -> Scope:
    """The scope in which a step of a path is evaluated, with the variables of its tuple."""
    inner = Scope(scope, scope.unit)
    for name in [*names, *bound_in(*bound)]:
        inner.add(name)
    return inner


def framer(scope: Scope) -> FrameFor:
    """A function that makes the frame of a tuple in that scope."""
    names = scope.names

    def frame_for(frame: Frame, item: dict[str, Any]) -> Frame:
        values = [item.get(name, UNBOUND) for name in names]
        return [frame[0], frame, *values]

    return frame_for
