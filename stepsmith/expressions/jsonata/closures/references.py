"""What an expression refers to, found in its tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from stepsmith.expressions.jsonata.functions import BUILTINS, CALLING_BACK
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.runtime import text
from stepsmith.frozen import frozen


@frozen
class Reference:
    """A use of something, and where in the text."""

    name: str
    position: int


@dataclass(slots=True)
class _Names:
    bound: frozenset[str]
    found: set[str] = field(default_factory=set[str])


def free_variables(node: tree.Node) -> frozenset[str]:
    """Names of variables that come from outside: neither bound in the expression nor built in."""
    found: set[str] = set()
    _gather(node, frozenset(), found)
    return frozenset(found)


def _gather(node: tree.Node, bound: frozenset[str], found: set[str]) -> frozenset[str]:
    """Adds the free variables of an expression; yields the names that are bound after it."""
    of = node.of
    match of:
        case tree.Variable(name):
            if name not in ("", "$") and name not in bound and name not in BUILTINS:
                found.add(name)
        case tree.Bind(name, value):
            inner = bound | {name} if isinstance(value.of, tree.Function) else bound
            _gather(value, inner, found)
            return bound | {name}
        case tree.Block(items):
            _gather_block(items, bound, found)
        case tree.Function(parameters, body):
            _gather(body, bound | set(parameters), found)
        case tree.Path(steps):
            inner = bound
            for step in steps:
                names = {step.focus, step.index, *(s.name for s in step.stages if isinstance(s, tree.Index))}
                inner = _gather(step.node, inner, found) | {name for name in names if name}
                for stage in step.stages:
                    if isinstance(stage, tree.Node):
                        _gather(stage, inner, found)
            _gather_rest(node, inner, found)
            return bound
        case _:
            for child in tree.parts(node):
                bound = _gather(child, bound, found)
    _gather_rest(node, bound, found)
    return bound


def _gather_block(items: tuple[tree.Node, ...], bound: frozenset[str], found: set[str]) -> None:
    later = frozenset(item.of.name for item in items if isinstance(item.of, tree.Bind))
    for item in items:
        # the body of a function may be evaluated after all that the block binds
        known = bound | later if _is_function(item) else bound
        after = _gather(item, known, found)
        bound = bound | (after - later if _is_function(item) else after)
        if isinstance(item.of, tree.Bind):
            bound = bound | {item.of.name}


def _is_function(item: tree.Node) -> bool:
    return isinstance(item.of, tree.Bind) and isinstance(item.of.value.of, tree.Function)


def _gather_rest(node: tree.Node, bound: frozenset[str], found: set[str]) -> None:
    for stage in node.filters:
        if isinstance(stage, tree.Node):
            _gather(stage, bound, found)
    if node.group is not None:
        for key, value in node.group.pairs:
            _gather(key, bound, found)
            _gather(value, bound, found)


def states_fields(node: tree.Node) -> frozenset[str]:
    """Fields of `$states` that are read by name."""
    found: set[str] = set()
    for inner in tree.walk(node):
        if isinstance(inner.of, tree.Path) and len(inner.of.steps) > 1:
            first, second = (step.node.of for step in inner.of.steps[:2])
            if first == tree.Variable("states") and isinstance(second, tree.Name):
                found.add(second.name)
    return frozenset(found)


def uses_root_variable(node: tree.Node) -> bool:
    """Whether `$$` is used anywhere."""
    return any(inner.of == tree.Variable("$") for inner in tree.walk(node))


def top_level(node: tree.Node) -> list[Reference]:
    """Uses of the input document as context: `$` and bare names that are in no path or predicate."""
    found: list[Reference] = []
    _gather_top(node, found)
    return found


def _gather_top(node: tree.Node, found: list[Reference]) -> None:
    match node.of:
        case tree.Name(name):
            found.append(Reference(name, node.position))
        case tree.Variable(""):
            found.append(Reference("$", node.position))
        case tree.Wildcard():
            found.append(Reference("*", node.position))
        case tree.Descendants():
            found.append(Reference("**", node.position))
        case tree.Path(steps):
            # later steps have the value of the one before as their context
            _gather_top(steps[0].node, found)
        case tree.Transform():
            pass
        case _:
            for child in tree.parts(node):
                _gather_top(child, found)


def has_halves(node: tree.Node) -> bool:
    """Whether a text in the expression has a half of a character."""
    return any(
        isinstance(inner.of, tree.Literal) and type(inner.of.value) is str and text.has_halves(inner.of.value)
        for inner in tree.walk(node)
    )


def only_reads(node: tree.Node) -> bool:
    """Whether a result holds no part of what is given more than once, and so is no larger than that."""
    match node.of:
        case tree.Literal() | tree.Name() | tree.Variable() | tree.Wildcard() | tree.Binary():
            return node.group is None
        case tree.Condition(_, then, otherwise):
            return only_reads(then) and (otherwise is None or only_reads(otherwise))
        case tree.Path(steps):
            plain = all(isinstance(step.node.of, tree.Name | tree.Wildcard) for step in steps[1:])
            return plain and only_reads(steps[0].node) and node.group is None
        case tree.Call(function, (items, *_)) if function.of == tree.Variable("filter"):
            return only_reads(items)
        case _:
            return False


_KEEPING: Final = frozenset({"map", "each", "reduce", "eval"})
"""Functions that may hand on a sequence of none or one as it is."""


def reads_members_again(node: tree.Node) -> bool:
    """Whether what such a function has put together may be more than a part of the result."""
    if node.filters or node.group:
        return _keeps(node)
    match node.of:
        case tree.ArrayConstructor(items):
            return any(map(reads_members_again, items))
        case tree.ObjectConstructor(group):
            return any(_keeps(key) or reads_members_again(value) for key, value in group.pairs)
        case tree.Call(tree.Node(tree.Variable("map" | "each")), (items, function)):
            return _keeps(items) or reads_members_again(_body(function))
        case tree.Variable():
            return False
        case _:
            return _keeps(node)


def _keeps(node: tree.Node) -> bool:
    return any(isinstance(inner.of, tree.Variable) and inner.of.name in _KEEPING for inner in tree.walk(node))


def may_yield_function(node: tree.Node) -> bool:
    """Whether a function may get into the result, other than as an argument of a built-in function."""
    match node.of:
        case tree.Function() | tree.Partial() | tree.Transform() | tree.Regex():
            return True
        case tree.Variable(name):
            return name in BUILTINS or any(map(may_yield_function, tree.following(node)))
        case tree.Call(function, arguments):
            called = [] if isinstance(function.of, tree.Variable) else [function]
            known = isinstance(function.of, tree.Variable) and function.of.name in CALLING_BACK
            # a function in the first place is itself data to such a one
            parts = [*arguments[:1], *map(_body, arguments[1:])] if known else arguments
            return any(map(may_yield_function, [*called, *parts, *tree.following(node)]))
        case _:
            return any(map(may_yield_function, tree.children(node)))


def _body(argument: tree.Node) -> tree.Node:
    return argument.of.body if isinstance(argument.of, tree.Function) else argument
