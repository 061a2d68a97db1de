"""Comprehensions and generators, and what can be gone through."""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator
from contextlib import contextmanager

from stepsmith.authoring.compiler.expressions import operators
from stepsmith.authoring.compiler.expressions.displays import as_list
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, consumed
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    INT,
    STR,
    DictType,
    ListType,
    OptionalType,
    TupleType,
    Type,
    describe,
    is_text,
    without_none,
)
from stepsmith.expressions.typed.tree import Expression


def comprehension(
    x: ExpressionCompiler, node: ast.ListComp | ast.GeneratorExp, expected: Type | None = None
) -> tree.Comprehension:
    """Give the tree of a list comprehension or generator; `expected` types displays among its elements."""
    _check_bound(x, node.generators)
    wanted = without_none(expected) if expected is not None else None
    item = wanted.item if isinstance(wanted, ListType) else None
    return _nested(x, node, node.generators, lambda: x.compile(node.elt, item))


def _check_bound(x: ExpressionCompiler, generators: list[ast.comprehension]) -> None:
    """Refuse what reads a name before its `for` binds it: only the first items are evaluated outside."""
    targets = [_names(generator.target) for generator in generators]
    bound: set[str] = set()
    for index, generator in enumerate(generators):
        later = set[str]().union(*targets[index:]) - bound
        bound |= targets[index]
        for part, unbound in (
            (generator.iter, later if index else set[str]()),
            *_tests(generator, later - bound),
        ):
            early = sorted(_names(part) & unbound)
            if early:
                message = f"{early[0]} is read before the `for` that binds it"
                raise x.refusal(part, "W103", message, "give the items of each `for` a name of their own")


def _tests(generator: ast.comprehension, unbound: set[str]) -> list[tuple[ast.expr, set[str]]]:
    return [(test, unbound) for test in generator.ifs]


def _names(node: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _nested(
    x: ExpressionCompiler,
    node: ast.expr,
    generators: list[ast.comprehension],
    compile: Callable[[], Expression],
) -> tree.Comprehension:
    """Give the comprehension of the first `for`, whose elements are lists of what those behind it give."""
    span = x.source.span(node)
    with _generator(x, node, generators[0]) as (items, name, condition):
        if len(generators) == 1:
            element = compile()
            kind: Type = ListType(element.type)
        else:
            inner = _nested(x, node, generators[1:], compile)
            kind = inner.type
            element = tree.Spread(value=inner, type=kind, span=span)
    return tree.Comprehension(
        element=element, name=name, items=items, condition=condition, type=kind, span=span
    )


def dict_comprehension(x: ExpressionCompiler, node: ast.DictComp, expected: Type | None = None) -> Expression:
    """Give the tree of a dict comprehension; that of several `for` goes through the list of pairs."""
    _check_bound(x, node.generators)
    wanted = without_none(expected) if expected is not None else None
    item = wanted.value if isinstance(wanted, DictType) else None
    if len(node.generators) > 1:
        pairs = _nested(x, node, node.generators, lambda: _pair(x, node))
        return dict_of_pairs(x, node, pairs)
    with _generator(x, node, node.generators[0]) as (items, name, condition):
        key, value = x.typed(node.key, STR, "a key of a dict"), x.compile(node.value, item)
    return tree.DictComprehension(
        key=key,
        value=value,
        name=name,
        items=items,
        condition=condition,
        type=DictType(value.type),
        span=x.source.span(node),
    )


def _pair(x: ExpressionCompiler, node: ast.DictComp) -> Expression:
    key, value = x.typed(node.key, STR, "a key of a dict"), x.compile(node.value)
    return tree.ListOf(elements=(key, value), type=TupleType((key.type, value.type)))


def dict_of_pairs(x: ExpressionCompiler, node: ast.expr, items: Expression) -> Expression:
    """Give the dict of a list of keys and values."""
    pair = items.type.item if isinstance(items.type, ListType) else ANY
    if not (isinstance(pair, TupleType) and len(pair.items) == 2 and is_text(pair.items[0])):
        help = "give pairs of a text and a value, or write the dict out: `{...}`"
        message = f"{describe(items.type)} is no list of keys and values"
        raise x.refusal(node, "W161", message, help)
    name = x.environment.unbound("0pair")
    one = tree.Variable(name=name, type=pair)
    key, value = (
        tree.Item(value=one, index=tree.Constant(value=index, type=INT), type=kind)
        for index, kind in enumerate(pair.items)
    )
    return tree.DictComprehension(
        key=key,
        value=value,
        name=name,
        items=items,
        condition=None,
        type=DictType(pair.items[1]),
        span=x.source.span(node),
    )


@contextmanager
def _generator(
    x: ExpressionCompiler, node: ast.expr, generator: ast.comprehension
) -> Generator[tuple[Expression, str, Expression | None]]:
    if generator.is_async:
        message = "an asynchronous comprehension is not supported in a workflow"
        raise x.refusal(node, "W100", message, "write `for` without `async`")
    items = iterable(x, generator.iter)
    name, bound = _bind(x, generator.target, items)
    environment = x.environment.with_bound(bound)
    condition: Expression | None = None
    with x.without_tasks("in a comprehension"):
        for test in generator.ifs:
            with x.at(environment):
                found = operators.condition(x, test)
            environment = environment.with_narrowing(found.when_true)
            condition = (
                found.test if condition is None else tree.Bool(operator="and", values=(condition, found.test))
            )
        with x.at(environment):
            yield items, name, condition


def iterable(x: ExpressionCompiler, node: ast.expr) -> Expression:
    """Give a list to go through; a dict gives its keys."""
    items = consumed(x, node)
    if isinstance(items.type, OptionalType):
        raise x.may_be_none(node, "cannot be gone through then")
    if isinstance(items.type, DictType):
        return tree.Call(function="dict.keys", arguments=(items,), type=ListType(STR), span=items.span)
    if isinstance(items.type, TupleType):
        items = as_list(items)
    if not isinstance(items.type, ListType):
        raise x.refusal(node, "W134", f"{describe(items.type)} cannot be gone through", "go through a list")
    return items


def _bind(x: ExpressionCompiler, target: ast.expr, items: Expression) -> tuple[str, dict[str, Expression]]:
    """Give the name that each item gets in JSONata, and what the names in a target stand for."""
    kind = items.type.item if isinstance(items.type, ListType) else ANY
    if isinstance(target, ast.Name):
        name = x.environment.unbound(target.id)
        return name, {target.id: tree.Variable(name=name, type=kind)}
    names = [part.id for part in ast.walk(target) if isinstance(part, ast.Name)]
    name = x.environment.unbound("0" + "_".join(names))
    return name, _bind_parts(x, target, tree.Variable(name=name, type=kind))


def _bind_parts(x: ExpressionCompiler, target: ast.expr, item: Expression) -> dict[str, Expression]:
    """Give what the names in a target stand for."""
    kind = item.type
    if isinstance(target, ast.Name):
        return {target.id: item}
    if not isinstance(target, ast.Tuple | ast.List) or any(
        isinstance(part, ast.Starred) for part in target.elts
    ):
        raise x.refusal(target, "W134", "only plain names can be bound here")
    if not isinstance(kind, TupleType) or len(target.elts) != len(kind.items):
        raise x.refusal(target, "W134", f"{ast.unparse(target)} does not fit items of {describe(kind)}")
    bound: dict[str, Expression] = {}
    for index, part in enumerate(target.elts):
        place = tree.Constant(value=index, type=INT)
        bound.update(_bind_parts(x, part, tree.Item(value=item, index=place, type=kind.items[index])))
    return bound
