"""Tells which expressions need an account of what they use: a Run of their own.

The others share one Run that counts nothing (`IdleRun`). That is sound, because an expression without
filters, group-bys, wildcards, functions of its own, and built-in functions that call back has no loop of its own:

* Work: each of its at most fifty steps is evaluated once, and a step that asks for more than `IdleRun` grants
  ends the evaluation, which begins again with an account. Fifty times that is far below every bound.
* Sizes of strings and arrays are no matter of an account: each is checked against the bounds where it is built.
* What is built is bound to no variable, so no value holds another one more often than there are steps.
* Depth is known when the expression is compiled, and compared before it is evaluated.
* What a Run remembers of values by identity is asked for only where an array or object that the expression has
  built is read again by the expression; only that is looked for here as well. Constructors do the rest at once.
* It sees nothing of the world: no time, no chance.

The result may hold what was given as often as the expression has steps, and whoever takes it bounds that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stepsmith.expressions.jsonata.functions import BUILTINS, CALLING_BACK, HOLDING, INFINITE, OF_THE_WORLD
from stepsmith.expressions.jsonata.grammar import tree

_MOST_STEPS: Final = 50
_CALCULATIONS: Final = frozenset("+-*/%")
_CONSTRUCTORS: Final = (tree.ArrayConstructor, tree.ObjectConstructor)


def needs_account(node: tree.Node) -> bool:
    """Whether an evaluation needs an account of its own."""
    nodes = list(tree.walk(node))
    bound = {inner.of.name for inner in nodes if isinstance(inner.of, tree.Bind)}
    if len(nodes) > _MOST_STEPS or not all(_does_little(inner, bound) for inner in nodes):
        return True
    if any(isinstance(inner.of, tree.Bind) and _holds(inner) for inner in nodes):
        return True
    return _holds(node) and any(map(_reads_again, nodes)) and any(map(_is_remembered, nodes))


def _does_little(node: tree.Node, bound: set[str]) -> bool:
    """Whether a step, without those inside it, has no loop and sees nothing of the world."""
    if node.filters or node.group:
        return False
    match node.of:
        case tree.Literal() | tree.Variable() | tree.Name() | tree.Binary() | tree.Negation():
            return True
        case tree.Condition() | tree.Block():
            return True
        case tree.Bind(name):
            return name not in BUILTINS
        case tree.ArrayConstructor(_, cons):
            return not cons
        case tree.ObjectConstructor(group):
            return literal_names(group) is not None
        case tree.Path():
            return is_plain(node.of)
        case tree.Call(tree.Node(tree.Variable(name)), arguments, tail):
            if tail or name not in BUILTINS or name in OF_THE_WORLD or name == "eval":
                return False
            is_given = (bound | BUILTINS.keys()).isdisjoint
            return name not in CALLING_BACK or all(
                is_data(argument, lambda name: is_given({name})) for argument in arguments
            )
        case _:
            return False


def _reads_again(node: tree.Node) -> bool:
    """Whether a step reads what may have been built: a variable, a function, an operator or a condition does."""
    match node.of:
        case tree.Bind():
            return True
        case tree.Call(_, arguments):
            return _calls(node, HOLDING) or any(map(_builds, arguments))
        case tree.Binary(_, left, right):
            return _builds(left) or _builds(right)
        case tree.Condition(test):
            return _builds(test)
        case _:
            return False


def _holds(node: tree.Node) -> bool:
    return any(isinstance(inner.of, _CONSTRUCTORS) or _calls(inner, HOLDING) for inner in tree.walk(node))


def _builds(node: tree.Node) -> bool:
    return any(isinstance(inner.of, _CONSTRUCTORS) for inner in tree.walk(node))


def _is_remembered(node: tree.Node) -> bool:
    """Whether a step may yield a number that JSON does not have, or put a sequence into an object."""
    match node.of:
        case tree.Binary(operator):
            return operator in _CALCULATIONS
        case tree.ObjectConstructor(group):
            return any(_may_be_sequence(value) for _, value in group.pairs)
        case _:
            return _calls(node, INFINITE)


def _calls(node: tree.Node, names: frozenset[str]) -> bool:
    match node.of:
        case tree.Call(tree.Node(tree.Variable(name))):
            return name in names
        case _:
            return False


def _may_be_sequence(node: tree.Node) -> bool:
    match node.of:
        case tree.Literal() | tree.Binary() | tree.Negation() | tree.ArrayConstructor():
            return False
        case tree.Variable() | tree.ObjectConstructor():
            return False
        case tree.Condition(_, then, otherwise):
            return _may_be_sequence(then) or (otherwise is not None and _may_be_sequence(otherwise))
        case _:
            return True


def literal_names(group: tree.Group) -> list[str] | None:
    """The keys of an object whose names are known and differ; None for any other."""
    names = [name for key, _ in group.pairs if isinstance(name := tree.constant(key), str)]
    return names if len(set(names)) == len(group.pairs) else None


def is_plain(path: tree.Path) -> bool:
    """Whether a path is one of names without anything else, after a variable or not."""
    first, *rest = [step.node for step in path.steps]
    return (
        not path.keep_singleton
        and not any(step.stages or step.cons or step.tuples for step in path.steps)
        and not any(node.filters or node.group or node.keep for node in (first, *rest))
        and isinstance(first.of, tree.Name | tree.Variable)
        and all(isinstance(node.of, tree.Name) for node in rest)
    )


def is_data(node: tree.Node, is_given: Callable[[str], bool]) -> bool:
    """Whether an expression certainly yields no function: a constant, a calculation, a field of what is given."""
    match node.of:
        case tree.Literal() | tree.Binary():
            return True
        case tree.Variable(name):
            return name not in ("", "$") and is_given(name)
        case tree.Path(steps):
            first, rest = steps[0].node, steps[1:]
            return is_data(first, is_given) and all(isinstance(step.node.of, tree.Name) for step in rest)
        case _:
            return False
