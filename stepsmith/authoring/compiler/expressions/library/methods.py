"""Methods of texts, lists, dicts and points in time."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from stepsmith.authoring.compiler.expressions.library import moments, texts
from stepsmith.authoring.compiler.expressions.library.texts import Compile, exactly
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, library_call, once
from stepsmith.authoring.values.operators import equal_in_both, is_simple
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import is_plain
from stepsmith.expressions.typed.static_types import (
    DATETIME,
    INT,
    NEVER,
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
    compile = _compile_of(kind, name)
    if compile is None:
        raise texts.no_method(x, node, kind, name)
    if node.keywords and kind != DATETIME:
        node = _by_position(x, node, kind, name)
    return compile(x, node, value)


def _compile_of(kind: Type, name: str) -> Compile | None:
    if is_text(kind):
        return texts.METHODS.get(name)
    if kind == DATETIME:
        return moments.METHODS.get(name)
    found = _METHODS.get(name)
    return found[1] if found is not None and found[0](kind) else None


_KEYWORDS: Final = {"split": ("sep", "maxsplit"), "rsplit": ("sep", "maxsplit"), "get": ("key", "default")}
"""Method that takes its arguments by name, too -> the names."""


def _by_position(x: ExpressionCompiler, node: ast.Call, kind: Type, name: str) -> ast.Call:
    """Give a call with its keywords as arguments by position."""
    names = _KEYWORDS.get(name, ())[len(node.args) :]
    if is_text(kind) and tuple(keyword.arg for keyword in node.keywords) == names[: len(node.keywords)]:
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        return ast.copy_location(ast.Call(node.func, values, []), node)
    message = f"{describe(kind)}.{name}() with keywords has no exact JSONata equivalent"
    raise x.refusal(node, "W172", message, "call it in a task")


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
        case "pop" if arguments and isinstance(arguments[0], ast.Constant):
            if isinstance(arguments[0].value, str):
                return f"write `{text} = {{key: value for key, value in {text}.items() if key != {first}}}`"
            return f"assign a new value to {text}"
        case _:
            return f"assign a new value to {text}"


def _where(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    """`count` and `index` of what is in a list."""
    name, argument = ast.unparse(node.func).rpartition(".")[2], exactly(x, node, 1)[0]
    item = x.compile(argument)
    kind = value.type.item if isinstance(value.type, ListType) else NEVER
    if not (is_simple(item.type) and equal_in_both(kind, item.type)):
        message = f"{name}() of {describe(item.type)} in {describe(value.type)} has no exact JSONata form"
        raise x.refusal(argument, "W172", message, "look for a number, a text or a bool")
    return library_call(x, node, f"list.{name}", INT, value, item)


def _get(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    if len(node.args) == 1:
        key, default = node.args[0], None
    else:
        key, default = exactly(x, node, 2)
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
    exactly(x, node, 0)
    return library_call(x, node, "dict.keys", ListType(STR), value)


def _items(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    exactly(x, node, 0)
    item = value.type.value if isinstance(value.type, DictType) else STR
    return library_call(x, node, "dict.items", ListType(TupleType((STR, item))), value)


def _values(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    exactly(x, node, 0)
    item = value.type.value if isinstance(value.type, DictType) else STR
    name = x.environment.unbound("0key")
    key = tree.Variable(name=name, type=STR)
    span = x.source.span(node)

    def made(value: Expression) -> Expression:
        keys = tree.Call(function="dict.keys", arguments=(value,), type=ListType(STR))
        element = tree.Item(value=value, index=key, type=item, certain=True)
        return tree.Comprehension(
            element=element, name=name, items=keys, condition=None, type=ListType(item), span=span
        )

    return once(x, value, made)


def _is_dict(kind: Type) -> bool:
    return isinstance(kind, DictType)


def _is_list(kind: Type) -> bool:
    return isinstance(kind, ListType) and is_plain(kind.item)


def _has_keys(kind: Type) -> bool:
    return isinstance(kind, DictType) or (isinstance(kind, ModelType) and kind.kind == "TypedDict")


_Test = Callable[[Type], bool]
_METHODS: Final[dict[str, tuple[_Test, Compile]]] = {
    "count": (_is_list, _where),
    "index": (_is_list, _where),
    "get": (_has_keys, _get),
    "keys": (_is_dict, _keys),
    "items": (_is_dict, _items),
    "values": (_is_dict, _values),
}
