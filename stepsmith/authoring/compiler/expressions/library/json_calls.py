"""`json.loads()` and `json.dumps()`."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, library_call
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    INT,
    NEVER,
    NONE,
    STR,
    DictType,
    EnumType,
    ListType,
    ModelType,
    OptionalType,
    TupleType,
    Type,
    describe,
)
from stepsmith.expressions.typed.tree import Expression

_COMPACT: Final = 'json.dumps({}, separators=(",", ":"), ensure_ascii=False)'


def _loads(x: ExpressionCompiler, node: ast.Call) -> Expression:
    if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
        message = f"`{ast.unparse(node)}` has no exact JSONata form"
        raise x.refusal(node, "W161", message, "write json.loads(text), and read its parts afterwards")
    return library_call(x, node, "json.loads", ANY, x.typed(node.args[0], STR, "what json.loads() reads"))


def _dumps(x: ExpressionCompiler, node: ast.Call) -> Expression:
    if len(node.args) != 1 or isinstance(node.args[0], ast.Starred):
        raise x.refusal(node, "W161", "json.dumps() takes one value here", None)
    value = x.value(node.args[0])
    help = f"write `{_COMPACT.format(ast.unparse(node.args[0]))}`, or call it in a task"
    options = {keyword.arg or "**": _constant(x, keyword.value) for keyword in node.keywords}
    separators = options.pop("separators", None)
    ascii = options.pop("ensure_ascii", True)
    if options:
        message = f"json.dumps() with {', '.join(options)}= has no exact JSONata form"
        raise x.refusal(node, "W161", message, help)
    if separators != (",", ":") and isinstance(value.type, ListType | DictType | TupleType | ModelType):
        raise x.refusal(node, "W161", "JSONata writes JSON without the spaces of json.dumps()", help)
    kinds = list(_parts(value))
    if ascii is not False and any(map(_has_text, kinds)):
        raise x.refusal(node, "W161", "JSONata leaves what is not ASCII as it is", help)
    problem = next(filter(None, (_inexact(kind, set()) for kind in kinds)), "")
    if problem:
        message = f"json.dumps() of {describe(value.type)} has no exact JSONata form: {problem}"
        raise x.refusal(node, "W165", message, "write it in a task")
    return library_call(x, node, "json.dumps", STR, value)


def _constant(x: ExpressionCompiler, node: ast.expr) -> object:
    """Give a constant, or a tuple of constants."""
    if isinstance(node, ast.Tuple):
        return tuple(x.static(element) for element in node.elts)
    return x.static(node)


def _parts(value: Expression) -> Iterator[Type]:
    """Give the types of what a display holds, which its own type may not tell; that of any other value."""
    match value:
        case tree.ObjectOf(entries=entries):
            yield DictType(NEVER)
            for _, part in entries:
                yield from _parts(part)
        case tree.ListOf(elements=elements):
            for part in elements:
                yield from _parts(part)
        case tree.Spread(value=inner):
            yield from _parts(inner)
        case tree.Conditional(then=then, otherwise=otherwise):
            yield from _parts(then)
            yield from _parts(otherwise)
        case _:
            yield value.type


def _has_text(kind: Type) -> bool:
    match kind:
        case OptionalType(inner=inner) | ListType(item=inner):
            return _has_text(inner)
        case TupleType(items=items):
            return any(map(_has_text, items))
        case _:
            return kind not in (INT, BOOL, NONE, NEVER)


def _inexact(kind: Type, seen: set[str]) -> str:
    """Say what keeps a text from being the same in both; an empty text where nothing does."""
    match kind:
        case OptionalType(inner=inner) | ListType(item=inner) | DictType(value=inner):
            return _inexact(inner, seen)
        case TupleType(items=items):
            return next(filter(None, (_inexact(item, seen) for item in items)), "")
        case ModelType(kind="TypedDict"):
            if kind.name in seen:
                return ""
            seen.add(kind.name)
            fields = (_inexact(field.type, seen) for field in kind.fields.values())
            return next(filter(None, fields), "")
        case EnumType(python=python):
            return "" if python is None or kind.base != "none" else f"{kind.name} is no JSON in Python"
        case _ if kind in (INT, BOOL, NONE, STR, NEVER):
            return ""
        case _:
            return f"{describe(kind)} is written differently, or not at all"


BUILTINS: Final[Mapping[object, Callable[[ExpressionCompiler, ast.Call], Expression]]] = {
    json.loads: _loads,
    json.dumps: _dumps,
}
"""Functions of JSON texts -> what compiles a call."""
