"""Lists in another order, side by side or numbered, and the largest and smallest of them."""

from __future__ import annotations

import ast

from stepsmith.authoring.compiler.expressions import comprehensions
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, library_call
from stepsmith.authoring.source.diagnostics import Refusal
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    FLOAT,
    INT,
    NEVER,
    ListType,
    TupleType,
    Type,
    describe,
    is_number,
    is_text,
    join,
)
from stepsmith.expressions.typed.tree import Expression


def sorted_(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """Give the tree of `sorted(items)`, with `key=lambda item: ...` and a constant `reverse=`."""
    options = _options(x, node, ("key", "reverse"))
    value = comprehensions.iterable(x, _only(x, node))
    kind = value.type
    assert isinstance(kind, ListType)
    backwards = x.static(options["reverse"]) if "reverse" in options else False
    if not isinstance(backwards, bool):
        raise x.refusal(options["reverse"], "W161", "reverse must be True or False, written here", None)
    if "key" not in options:
        _check_order(x, node, kind.item)
        return library_call(x, node, "sorted.reverse" if backwards else "sorted", kind, value)
    name, key = _key(x, options["key"], kind.item)
    _check_order(x, node, key.type)
    by = tree.Comprehension(element=key, name=name, items=value, condition=None, type=ListType(key.type))
    return library_call(x, node, "sorted.by.reverse" if backwards else "sorted.by", kind, by)


def _key(x: ExpressionCompiler, node: ast.expr, item: Type) -> tuple[str, Expression]:
    if not (isinstance(node, ast.Lambda) and len(node.args.args) == 1 and not node.args.defaults):
        help = "write `key=lambda item: item.field`"
        raise x.refusal(node, "W161", f"the key {ast.unparse(node)} is no lambda of one item", help)
    local = node.args.args[0].arg
    name = x.environment.unbound(local)
    with (
        x.without_tasks("for every item of sorted()"),
        x.at(x.environment.with_bound({local: tree.Variable(name=name, type=item)})),
    ):
        key = x.compile(node.body)
    if tree.can_fail(key):
        raise x.refusal(
            node.body, "W161", f"the key {ast.unparse(node.body)} can fail", "make the keys before"
        )
    return name, key


def _check_order(x: ExpressionCompiler, node: ast.Call, kind: Type) -> None:
    if not (is_number(kind) or is_text(kind) or kind == NEVER):
        message = f"{ast.unparse(node.func)}() by {describe(kind)} has no exact JSONata form"
        raise x.refusal(node, "W165", message, "sort by a number or text: `key=lambda item: item.field`")


def reversed_(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """Give the tree of `reversed(items)`, as the list of what it gives."""
    _check_consumed(x, node)
    _options(x, node, ())
    value = comprehensions.iterable(x, _only(x, node))
    return library_call(x, node, "reversed", value.type, value)


def zip_(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """Give the tree of `zip(first, second, ...)`, as the list of its tuples; it ends with the shortest."""
    _check_consumed(x, node)
    options = _options(x, node, ("strict",))
    if "strict" in options and x.static(options["strict"]) is not False:
        raise x.refusal(options["strict"], "W161", "zip(strict=True) can fail", "compare the lengths before")
    if len(node.args) < 2 or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise x.refusal(node, "W161", "zip() takes lists, written out", "write zip(first, second)")
    lists = [comprehensions.iterable(x, argument) for argument in node.args]
    kinds = tuple(each.type.item for each in lists if isinstance(each.type, ListType))
    return library_call(x, node, "zip", ListType(TupleType(kinds)), *lists)


def enumerate_(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """Give the tree of `enumerate(items, start)`, as the list of its pairs."""
    _check_consumed(x, node)
    options = _options(x, node, ("start",))
    if not 1 <= len(node.args) <= 2 or (len(node.args) == 2 and options):
        raise x.refusal(node, "W161", "enumerate() takes the items and where to start", None)
    start = options.get("start") or (node.args[1] if len(node.args) == 2 else None)
    items = comprehensions.iterable(x, node.args[0])
    kind = items.type.item if isinstance(items.type, ListType) else NEVER
    first = (
        tree.Constant(value=0, type=INT) if start is None else x.typed(start, INT, "the start of enumerate()")
    )
    return library_call(x, node, "enumerate", ListType(TupleType((INT, kind))), items, first)


def _check_consumed(x: ExpressionCompiler, node: ast.Call) -> None:
    """Refuse an iterator that is kept, for Python would go through it only once."""
    if x.consumed is not node:
        text = ast.unparse(node)
        message = f"{text} is gone through only once in Python, and a list is kept in a state machine"
        raise x.refusal(node, "W161", message, f"write `list({text})`")


def extreme(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """Give the tree of `min()` and `max()`: of a list, with or without a default, or of values."""
    options = _options(x, node, ("default",))
    name = ast.unparse(node.func)
    if len(node.args) != 1:
        return library_call(x, node, name, *_of_values(x, node, options))
    value = comprehensions.iterable(x, node.args[0])
    kind = value.type.item if isinstance(value.type, ListType) else NEVER
    if not (is_number(kind) or kind == NEVER):
        raise _no_form(x, node, value.type)
    if "default" not in options:
        return library_call(x, node, name, INT if kind == NEVER else kind, value)
    other = x.compile(options["default"], kind)
    both = join(kind, other.type)
    if both is None or tree.can_fail(other):
        help = "give a default of the same type that cannot fail"
        raise x.refusal(options["default"], "W161", f"the default is {describe(other.type)}", help)
    return library_call(x, node, f"{name}.default", both, value, other)


def _of_values(
    x: ExpressionCompiler, node: ast.Call, options: dict[str, ast.expr]
) -> tuple[Type, Expression]:
    if options or not node.args or any(isinstance(argument, ast.Starred) for argument in node.args):
        help = "give a list, or two values and more"
        raise x.refusal(node, "W161", f"{ast.unparse(node)} has no JSONata form", help)
    items = tuple(x.compile(argument) for argument in node.args)
    for item, argument in zip(items, node.args, strict=True):
        if not is_number(item.type):
            raise _no_form(x, ast.copy_location(ast.Call(node.func, [argument], []), node), item.type)
    kind = FLOAT if any(item.type == FLOAT for item in items) else INT
    return kind, tree.ListOf(elements=items, type=ListType(kind), span=x.source.span(node))


def _no_form(x: ExpressionCompiler, node: ast.Call, kind: Type) -> Refusal:
    message = f"{ast.unparse(node.func)}() of {describe(kind)} has no exact JSONata form"
    return x.refusal(node, "W165", message, "compare numbers")


def _options(x: ExpressionCompiler, node: ast.Call, known: tuple[str, ...]) -> dict[str, ast.expr]:
    for keyword in node.keywords:
        if keyword.arg not in known:
            name = ast.unparse(node.func)
            message = f"{name}() with {keyword.arg or '**'}= has no JSONata form"
            help = f"it takes {', '.join(known)}" if known else "leave it out"
            raise x.refusal(keyword.value, "W161", message, help)
    return {str(keyword.arg): keyword.value for keyword in node.keywords}


def _only(x: ExpressionCompiler, node: ast.Call) -> ast.expr:
    if len(node.args) != 1 or isinstance(node.args[0], ast.Starred):
        name = ast.unparse(node.func)
        raise x.refusal(node, "W161", f"{name}() takes one list here", f"write {name}(items)")
    return node.args[0]
