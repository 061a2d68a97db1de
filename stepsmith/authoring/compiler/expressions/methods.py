"""Methods of texts, lists and dicts."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, library_call
from stepsmith.authoring.values.operators import TEXT_METHODS
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    NONE,
    STR,
    DictType,
    ListType,
    ModelType,
    OptionalType,
    TupleType,
    Type,
    describe,
    is_text,
    join,
    optional,
)
from stepsmith.expressions.typed.tree import Expression

_CHANGES: Final = frozenset(
    [
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "clear",
        "sort",
        "reverse",
        "update",
        "setdefault",
        "popitem",
        "add",
        "discard",
    ]
)


def method(x: ExpressionCompiler, node: ast.Call, function: ast.Attribute) -> Expression:
    """Give the tree of a method call."""
    value = x.compile(function.value)
    kind, name = value.type, function.attr
    if isinstance(kind, OptionalType):
        raise x.may_be_none(function.value, f"has no method {name}() then")
    if name in _CHANGES and isinstance(kind, ListType | DictType):
        message = f"{describe(kind)}.{name}() changes a value in place; workflow variables are immutable"
        raise x.refusal(node, "W170", message, rewritten(function.value, name, node.args))
    found = _METHODS.get(name)
    if found is None or not found[0](kind):
        message = f"{describe(kind)}.{name}() has no exact JSONata equivalent"
        raise x.refusal(node, "W172", message, "call it in a task")
    if node.keywords:
        raise x.refusal(
            node,
            "W172",
            f"{describe(kind)}.{name}() with keywords has no exact JSONata equivalent",
            "call it in a task",
        )
    return found[1](x, node, value)


def rewritten(target: ast.expr, name: str, arguments: list[ast.expr]) -> str:
    """Write the assignment that does what a changing method does."""
    text = ast.unparse(target)
    first = ast.unparse(arguments[0]) if arguments else ""
    match name:
        case "append":
            return f"write `{text} = [*{text}, {first}]`"
        case "extend":
            return f"write `{text} = [*{text}, *{first}]`"
        case "insert" if len(arguments) == 2:
            return f"write `{text} = [*{text}[:{first}], {ast.unparse(arguments[1])}, *{text}[{first}:]]`"
        case "update" if arguments:
            return f"write `{text} = {{**{text}, **{first}}}`"
        case "clear":
            return f"assign an empty value: `{text} = []`"
        case "sort":
            return f"write `{text} = sorted({text})`"
        case "remove":
            return f"write `{text} = [item for item in {text} if item != {first}]`"
        case _:
            return f"assign a new value to {text}"


def _exactly(x: ExpressionCompiler, node: ast.Call, count: int) -> list[ast.expr]:
    if len(node.args) != count or any(isinstance(argument, ast.Starred) for argument in node.args):
        name = ast.unparse(node.func)
        raise x.refusal(
            node,
            "W172",
            f"{name}() with {len(node.args)} arguments has no exact JSONata equivalent",
            "call it in a task",
        )
    return node.args


def _name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _text(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    count, kind = TEXT_METHODS[_name(node)]
    parts = (x.typed(part, STR, f"the argument of {_name(node)}()") for part in _exactly(x, node, count))
    return library_call(x, node, f"str.{_name(node)}", kind, value, *parts)


def _join(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    argument = _exactly(x, node, 1)[0]
    items = x.compile(argument)
    if not (isinstance(items.type, ListType) and is_text(items.type.item)):
        raise x.refusal(argument, "W201", f"join() takes list[str], got {describe(items.type)}")
    return library_call(x, node, "str.join", STR, value, items)


def _split(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    separator = x.typed(_exactly(x, node, 1)[0], STR, "the separator")
    if not (isinstance(separator, tree.Constant) and separator.value):
        raise x.refusal(
            node,
            "W172",
            "split() without a constant separator has no exact JSONata equivalent",
            "call it in a task",
        )
    return library_call(x, node, "str.split", ListType(STR), value, separator)


def _replace(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    old, new = (x.typed(argument, STR, "the argument of replace()") for argument in _exactly(x, node, 2))
    if not (isinstance(old, tree.Constant) and old.value):
        raise x.refusal(
            node,
            "W172",
            "replace() of a text that is not constant has no exact JSONata equivalent",
            "call it in a task",
        )
    return library_call(x, node, "str.replace", STR, value, old, new)


def _strip(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    if node.args:
        message = f"{_name(node)}() of certain characters has no exact JSONata equivalent"
        raise x.refusal(node, "W172", message, "use removeprefix() or removesuffix(), or call it in a task")
    return library_call(x, node, f"str.{_name(node)}", STR, value)


def _without(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    part = x.typed(_exactly(x, node, 1)[0], STR, f"the argument of {_name(node)}()")
    return library_call(x, node, f"str.{_name(node)}", STR, value, part)


def _partition(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    separator = x.typed(_exactly(x, node, 1)[0], STR, "the separator")
    if not (isinstance(separator, tree.Constant) and separator.value):
        message = "partition() without a constant separator has no exact JSONata equivalent"
        raise x.refusal(node, "W172", message, "write the separator as a constant")
    return library_call(x, node, "str.partition", TupleType((STR, STR, STR)), value, separator)


def _get(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    if len(node.args) == 1:
        key, default = node.args[0], None
    else:
        key, default = _exactly(x, node, 2)
    index = x.typed(key, STR, "a key")
    item = _item_type(x, node, value, index)
    if default is None:
        return library_call(
            x, node, "dict.get", optional(item), value, index, tree.Constant(value=None, type=NONE)
        )
    other = x.compile(default, item)
    if tree.can_fail(other):
        raise x.refusal(
            default,
            "W173",
            "the default of get() is evaluated even when it is not used, and can fail",
            "use an if statement",
        )
    kind = join(item, other.type)
    if kind is None:
        raise x.refusal(default, "W201", f"the default is {describe(item)}, got {describe(other.type)}")
    return library_call(x, node, "dict.get", kind, value, index, other)


def _item_type(x: ExpressionCompiler, node: ast.Call, value: Expression, index: Expression) -> Type:
    if isinstance(value.type, DictType):
        return value.type.value
    assert isinstance(value.type, ModelType)
    key = index.value if isinstance(index, tree.Constant) else None
    field = value.type.fields.get(key) if isinstance(key, str) else None
    if field is None:
        raise x.refusal(node, "W131", f"{value.type.name} has no key {ast.unparse(node.args[0])}", None)
    return field.type


def _keys(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    _exactly(x, node, 0)
    return library_call(x, node, "dict.keys", ListType(STR), value)


def _items(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    _exactly(x, node, 0)
    item = value.type.value if isinstance(value.type, DictType) else STR
    return library_call(x, node, "dict.items", ListType(TupleType((STR, item))), value)


def _values(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    _exactly(x, node, 0)
    item = value.type.value if isinstance(value.type, DictType) else STR
    keys = tree.Call(function="dict.keys", arguments=(value,), type=ListType(STR))
    name = x.environment.unbound("0key")
    key = tree.Variable(name=name, type=STR)
    element = tree.Item(value=value, index=key, type=item)
    span = x.source.span(node)
    return tree.Comprehension(
        element=element, name=name, items=keys, condition=None, type=ListType(item), span=span
    )


def _is_dict(kind: Type) -> bool:
    return isinstance(kind, DictType)


def _has_keys(kind: Type) -> bool:
    return isinstance(kind, DictType) or (isinstance(kind, ModelType) and kind.kind == "TypedDict")


_Test = Callable[[Type], bool]
_Compile = Callable[[ExpressionCompiler, ast.Call, Expression], Expression]
_METHODS: Final[dict[str, tuple[_Test, _Compile]]] = {
    "upper": (is_text, _text),
    "lower": (is_text, _text),
    "startswith": (is_text, _text),
    "endswith": (is_text, _text),
    "join": (is_text, _join),
    "split": (is_text, _split),
    "replace": (is_text, _replace),
    "strip": (is_text, _strip),
    "lstrip": (is_text, _strip),
    "rstrip": (is_text, _strip),
    "removeprefix": (is_text, _without),
    "removesuffix": (is_text, _without),
    "partition": (is_text, _partition),
    "get": (_has_keys, _get),
    "keys": (_is_dict, _keys),
    "items": (_is_dict, _items),
    "values": (_is_dict, _values),
}
