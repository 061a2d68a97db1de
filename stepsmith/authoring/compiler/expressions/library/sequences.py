"""Lists in another order, side by side or numbered, and the largest and smallest of them."""

from __future__ import annotations

import ast
from dataclasses import replace

from stepsmith.authoring.compiler.expressions import comprehensions
from stepsmith.authoring.compiler.expressions.library import sets
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, library_call, once
from stepsmith.authoring.source.diagnostics import Refusal
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    DATETIME,
    FLOAT,
    INT,
    NEVER,
    STR,
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
    argument = _only(x, node)
    value = sets.distinct(x, argument) or comprehensions.iterable(x, argument)
    kind = value.type
    assert isinstance(kind, ListType)
    backwards = x.static(options["reverse"]) if "reverse" in options else False
    if not isinstance(backwards, bool):
        raise x.refusal(options["reverse"], "W161", "reverse must be True or False, written here", None)
    if "key" not in options and _is_ordered_by_parts(kind.item):
        by = _itself(x, node, value, kind.item)
        return library_call(x, node, "sorted.by.reverse" if backwards else "sorted.by", kind, by)
    if "key" not in options:
        _check_order(x, node, kind.item)
        return library_call(x, node, "sorted.reverse" if backwards else "sorted", kind, value)
    by = _by(x, node, options["key"], value)
    return library_call(x, node, "sorted.by.reverse" if backwards else "sorted.by", kind, by)


def _by(x: ExpressionCompiler, node: ast.Call, key: ast.expr, value: Expression) -> tree.Comprehension:
    """Give the keys of what is in a list."""
    item = value.type.item if isinstance(value.type, ListType) else NEVER
    if isinstance(key, ast.Attribute) and key.attr == "get" and _are_keys(x, key.value, value):
        # every key that is gone through is there
        one = ast.Name("key", ast.Load())
        looked_up = ast.Subscript(key.value, one, ast.Load())
        arguments = ast.arguments([], [ast.arg("key")], None, [], [], None, [])
        key = ast.fix_missing_locations(ast.copy_location(ast.Lambda(arguments, looked_up), key))
    name, found = _key(x, key, value, item)
    found = _comparable(found)
    _check_order(x, node, found.type)
    return tree.Comprehension(
        element=found, name=name, items=value, condition=None, type=ListType(found.type)
    )


def _are_keys(x: ExpressionCompiler, node: ast.expr, value: Expression) -> bool:
    match value:
        case tree.Call(function="dict.keys", arguments=(holder,)) if isinstance(node, ast.Name):
            return not x.is_local("key") and replace(x.compile(node), span=None) == replace(holder, span=None)
        case _:
            return False


def _key(x: ExpressionCompiler, node: ast.expr, items: Expression, item: Type) -> tuple[str, Expression]:
    if isinstance(node, ast.Name | ast.Attribute):
        node = _lambda_of(x, node)
    if not (isinstance(node, ast.Lambda) and len(node.args.args) == 1 and not node.args.defaults):
        help = "write `key=lambda item: item.field`"
        raise x.refusal(node, "W161", f"the key {ast.unparse(node)} is no lambda of one item", help)
    local = node.args.args[0].arg
    name = x.environment.unbound(local)
    with (
        x.without_tasks("for every item of sorted()"),
        x.at(x.environment.with_bound({local: tree.Variable(name=name, type=item)})),
    ):
        key = _certain(x.compile(node.body), name, items)
    if tree.can_fail(key):
        raise x.refusal(
            node.body, "W161", f"the key {ast.unparse(node.body)} can fail", "make the keys before"
        )
    return name, key


def _certain(key: Expression, name: str, items: Expression) -> Expression:
    """Give a key in which a dict whose keys are gone through has them."""
    match items, key:
        case (
            tree.Call(function="dict.keys", arguments=(holder,)),
            tree.Item(value=value, index=tree.Variable(name=index)),
        ) if index == name and replace(value, span=None) == replace(holder, span=None):
            return replace(key, certain=True)
        case _:
            return tree.rebuild(key, lambda child: _certain(child, name, items))


def _lambda_of(x: ExpressionCompiler, node: ast.Name | ast.Attribute) -> ast.Lambda:
    """Give `lambda item: function(item)` for a function, and `lambda item: item.lower()` for a method of texts."""
    name = "item"
    while x.is_local(name) or name == ast.unparse(node).partition(".")[0]:
        name += "_"
    item = ast.Name(name, ast.Load())
    call = ast.Call(node, [item], [])
    if isinstance(node, ast.Attribute) and x.static(node.value) is str:
        call = ast.Call(ast.Attribute(item, node.attr, ast.Load()), [], [])
    found = ast.Lambda(ast.arguments([], [ast.arg(name)], None, [], [], None, []), call)
    return ast.fix_missing_locations(ast.copy_location(found, node))


def _itself(x: ExpressionCompiler, node: ast.Call, value: Expression, kind: Type) -> tree.Comprehension:
    """Give tuples, or points in time, as what they are compared by."""
    name = x.environment.unbound("0key")
    one = _comparable(tree.Variable(name=name, type=kind))
    _check_order(x, node, one.type)
    return tree.Comprehension(element=one, name=name, items=value, condition=None, type=ListType(one.type))


def _is_ordered_by_parts(kind: Type) -> bool:
    """Say whether values have an order that is not that of their JSON."""
    return isinstance(kind, TupleType) or kind == DATETIME


def _comparable(key: Expression) -> Expression:
    """Give what a key is compared by: a point in time is a number, whatever its offset."""
    if key.type == DATETIME:
        return tree.Call(function="datetime.timestamp", arguments=(key,), type=FLOAT, span=key.span)
    if isinstance(key, tree.ListOf) and isinstance(key.type, TupleType):
        elements = tuple(map(_comparable, key.elements))
        return replace(key, elements=elements, type=TupleType(tuple(each.type for each in elements)))
    return key


def _has_order(kind: Type) -> bool:
    if isinstance(kind, TupleType):
        return bool(kind.items) and all(map(_has_order, kind.items))
    return is_number(kind) or is_text(kind) or kind == NEVER


def _check_order(x: ExpressionCompiler, node: ast.Call, kind: Type) -> None:
    if not _has_order(kind):
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
    pairs = ListType(TupleType((INT, kind)))
    return once(x, first, lambda first: library_call(x, node, "enumerate", pairs, items, first))


def _check_consumed(x: ExpressionCompiler, node: ast.Call) -> None:
    """Refuse an iterator that is kept, for Python would go through it only once."""
    if x.consumed is not node:
        text = ast.unparse(node)
        message = f"{text} is gone through only once in Python, and a list is kept in a state machine"
        raise x.refusal(node, "W161", message, f"write `list({text})`")


def extreme(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """Give the tree of `min()` and `max()`: of a list or of values, by a key, with or without a default."""
    options = _options(x, node, ("default", "key"))
    name, several = ast.unparse(node.func), len(node.args) != 1
    value = _of_values(x, node, options) if several else comprehensions.iterable(x, node.args[0])
    kind = value.type.item if isinstance(value.type, ListType) else NEVER
    other = _default(x, options["default"], kind) if "default" in options else None
    arguments, both = ((value,), kind) if other is None else ((value, other), join(kind, other.type) or kind)
    if "key" in options:
        by = _by(x, node, options["key"], value)
        return library_call(x, node, f"{name}.by", both, by, *arguments[1:])
    if _is_ordered_by_parts(kind):
        by = _itself(x, node, value, kind)
        return library_call(x, node, f"{name}.by", both, by, *arguments[1:])
    if is_text(kind):
        return library_call(x, node, f"{name}.text", STR if other is None else both, *arguments)
    if not (is_number(kind) or kind == NEVER):
        raise _no_form(x, node, value.type)
    if other is None:
        return library_call(x, node, name, INT if kind == NEVER else kind, value)
    return library_call(x, node, f"{name}.default", both, value, other)


def _default(x: ExpressionCompiler, node: ast.expr, kind: Type) -> Expression:
    """Give what stands for nothing: of the type of the items, and sure to be there."""
    other = x.compile(node, kind)
    if join(kind, other.type) is None or tree.can_fail(other):
        help = "give a default of the same type that cannot fail"
        raise x.refusal(node, "W161", f"the default is {describe(other.type)}", help)
    return other


def _of_values(x: ExpressionCompiler, node: ast.Call, options: dict[str, ast.expr]) -> Expression:
    if "default" in options or not node.args or any(isinstance(each, ast.Starred) for each in node.args):
        help = "give a list, or two values and more"
        raise x.refusal(node, "W161", f"{ast.unparse(node)} has no JSONata form", help)
    items = tuple(x.compile(argument) for argument in node.args)
    kind: Type | None = NEVER
    for item, argument in zip(items, node.args, strict=True):
        kind = None if kind is None else join(kind, item.type)
        if "key" not in options and not (_has_order(item.type) or item.type == DATETIME):
            raise _no_form(x, ast.copy_location(ast.Call(node.func, [argument], []), node), item.type)
    if kind is None:
        kinds = " and ".join(describe(item.type) for item in items)
        raise x.refusal(node, "W165", f"{ast.unparse(node.func)}() of {kinds} has no exact JSONata form")
    if is_number(kind):
        kind = FLOAT if any(item.type == FLOAT for item in items) else INT
    return tree.ListOf(elements=items, type=ListType(kind), span=x.source.span(node))


def next_(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """Give the tree of `next((item for item in items if ...), default)`: the first, or the default."""
    match node:
        case ast.Call(args=[ast.GeneratorExp() as generator, default], keywords=[]):
            pass
        case _:
            help = "write `next((item for item in items if ...), None)`, or a for statement with `break`"
            raise x.refusal(node, "W161", f"`{ast.unparse(node)}` has no exact JSONata form", help)
    items = comprehensions.comprehension(x, generator)
    kind = items.type.item if isinstance(items.type, ListType) else NEVER
    if tree.can_fail(items):
        message = f"`{ast.unparse(generator)}` can fail behind the first, where Python stops"
        raise x.refusal(generator, "W161", message, "write a for statement with `break`")
    other = _default(x, default, kind)
    return library_call(x, node, "next", join(kind, other.type) or kind, items, other)


def _no_form(x: ExpressionCompiler, node: ast.Call, kind: Type) -> Refusal:
    message = f"{ast.unparse(node.func)}() of {describe(kind)} has no exact JSONata form"
    return x.refusal(node, "W165", message, "compare numbers or texts, or by `key=lambda item: item.field`")


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
