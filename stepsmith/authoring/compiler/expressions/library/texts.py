"""Methods of texts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from stepsmith.authoring.compiler.expressions import comprehensions
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, library_call, once
from stepsmith.authoring.source.diagnostics import Refusal
from stepsmith.authoring.values.operators import TEXT_METHODS
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    BOOL,
    INT,
    STR,
    ListType,
    TupleType,
    Type,
    describe,
    is_text,
)
from stepsmith.expressions.typed.tree import Expression

Compile: TypeAlias = Callable[[ExpressionCompiler, ast.Call, Expression], Expression]
_BLANK: Final = tree.Constant(value=" ", type=STR)


def exactly(x: ExpressionCompiler, node: ast.Call, low: int, high: int | None = None) -> list[ast.expr]:
    """Give the arguments of a method that takes so many, by position."""
    high = low if high is None else high
    if not low <= len(node.args) <= high or any(isinstance(each, ast.Starred) for each in node.args):
        name = ast.unparse(node.func)
        message = f"{name}() with {len(node.args)} arguments has no exact JSONata equivalent"
        raise x.refusal(node, "W172", message, "call it in a task")
    return node.args


def _name(node: ast.Call) -> str:
    assert isinstance(node.func, ast.Attribute)
    return node.func.attr


def _constant(
    x: ExpressionCompiler, node: ast.Call, argument: ast.expr, what: str, *, help: str = ""
) -> tree.Constant:
    """Give an argument that must be known, and no empty text."""
    found = x.typed(argument, STR, what)
    if isinstance(found, tree.Constant) and found.value:
        return found
    message = f"{_name(node)}() where {what} is not constant, or empty, has no exact JSONata equivalent"
    raise x.refusal(node, "W172", message, help or f"write {what} as a constant")


def _plain(kind: Type) -> Compile:
    def compile(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
        exactly(x, node, 0)
        return library_call(x, node, f"str.{_name(node)}", kind, value)

    return compile


def _shared(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    """What the references of explicit states have, too."""
    count, kind = TEXT_METHODS[_name(node)]
    parts = (x.typed(part, STR, f"the argument of {_name(node)}()") for part in exactly(x, node, count))
    return library_call(x, node, f"str.{_name(node)}", kind, value, *parts)


def _end(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    """`startswith` and `endswith` of a text, or of one of several."""
    argument = exactly(x, node, 1)[0]
    if not isinstance(argument, ast.Tuple):
        return _shared(x, node, value)
    texts = [x.typed(part, STR, f"the argument of {_name(node)}()") for part in argument.elts]
    span = x.source.span(node)

    def made(value: Expression) -> Expression:
        tests = [library_call(x, node, f"str.{_name(node)}", BOOL, value, text) for text in texts]
        return tests[0] if len(tests) == 1 else tree.Bool(operator="or", values=tuple(tests), span=span)

    return once(x, value, made) if texts else tree.Constant(value=False, type=BOOL, span=span)


def _join(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    argument = exactly(x, node, 1)[0]
    items = comprehensions.iterable(x, argument)
    if not (isinstance(items.type, ListType) and is_text(items.type.item)):
        help = f"write `{ast.unparse(node.func)}([str(item) for item in {ast.unparse(argument)}])`"
        raise x.refusal(argument, "W201", f"join() takes list[str], got {describe(items.type)}", help)
    return library_call(x, node, "str.join", STR, value, items)


def _split(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    """`split` and `rsplit`: everywhere, or once."""
    kind, name = ListType(STR), _name(node)
    arguments = exactly(x, node, 0, 2)
    if not arguments:
        return library_call(x, node, "str.words", kind, value)
    help = "call it in a task" if name == "split" else "write the separator as a constant"
    separator = _constant(x, node, arguments[0], "the separator", help=help)
    if len(arguments) == 1:
        _check_overlap(x, node, separator)
        return library_call(x, node, "str.split", kind, value, separator)
    if x.static(arguments[1]) != 1:
        message = f"{name}() at most {ast.unparse(arguments[1])} times has no exact JSONata equivalent"
        raise x.refusal(node, "W172", message, "split once, or everywhere, or call it in a task")
    _check_overlap(x, node, separator)
    return library_call(x, node, f"str.{name}.once", kind, value, separator)


def _check_overlap(x: ExpressionCompiler, node: ast.Call, separator: tree.Constant) -> None:
    """Refuse what is found elsewhere from the right than from the left."""
    text = str(separator.value)
    overlaps = any(text.startswith(text[start:]) for start in range(1, len(text)))
    if _name(node) in ("rsplit", "rpartition") and overlaps:
        message = f"{_name(node)}() by {text!r}, which overlaps itself, has no exact JSONata equivalent"
        raise x.refusal(node, "W172", message, "call it in a task")


def _replace(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    old, new = (x.typed(argument, STR, "the argument of replace()") for argument in exactly(x, node, 2))
    if not (isinstance(old, tree.Constant) and old.value):
        message = "replace() of a text that is not constant has no exact JSONata equivalent"
        raise x.refusal(node, "W172", message, "call it in a task")
    return library_call(x, node, "str.replace", STR, value, old, new)


def _strip(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    arguments = exactly(x, node, 0, 1)
    if not arguments:
        return library_call(x, node, f"str.{_name(node)}", STR, value)
    help = "write the characters as a constant, use removeprefix() or removesuffix(), or call it in a task"
    letters = _constant(x, node, arguments[0], "the characters", help=help)
    return library_call(x, node, f"str.{_name(node)}.of", STR, value, letters)


def _without(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    part = x.typed(exactly(x, node, 1)[0], STR, f"the argument of {_name(node)}()")
    return library_call(x, node, f"str.{_name(node)}", STR, value, part)


def _partition(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    separator = _constant(x, node, exactly(x, node, 1)[0], "the separator")
    _check_overlap(x, node, separator)
    return library_call(x, node, f"str.{_name(node)}", TupleType((STR, STR, STR)), value, separator)


def _zfill(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    width = x.typed(exactly(x, node, 1)[0], INT, "the width")
    return library_call(x, node, "str.zfill", STR, value, width)


def _just(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    arguments = exactly(x, node, 1, 2)
    width, fill = x.typed(arguments[0], INT, "the width"), _BLANK
    if len(arguments) == 2:
        fill = _constant(x, node, arguments[1], "the fill character")
        if len(str(fill.value)) != 1:
            message = f"{_name(node)}() fills with one character, got {fill.value!r}"
            raise x.refusal(arguments[1], "W201", message)
    return library_call(x, node, f"str.{_name(node)}", STR, value, width, fill)


def _count(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    part = _constant(x, node, exactly(x, node, 1)[0], "the text")
    return library_call(x, node, "str.count", INT, value, part)


def _find(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    part = x.typed(exactly(x, node, 1)[0], STR, f"the argument of {_name(node)}()")
    return library_call(x, node, f"str.{_name(node)}", INT, value, part)


METHODS: Final[Mapping[str, Compile]] = {
    **dict.fromkeys(("upper", "lower"), _shared),
    **dict.fromkeys(("title", "capitalize"), _plain(STR)),
    **dict.fromkeys(("isdigit", "isdecimal", "isalpha", "isspace", "isascii"), _plain(BOOL)),
    **dict.fromkeys(("startswith", "endswith"), _end),
    "join": _join,
    **dict.fromkeys(("split", "rsplit"), _split),
    "splitlines": _plain(ListType(STR)),
    "replace": _replace,
    **dict.fromkeys(("strip", "lstrip", "rstrip"), _strip),
    **dict.fromkeys(("removeprefix", "removesuffix"), _without),
    **dict.fromkeys(("partition", "rpartition"), _partition),
    "zfill": _zfill,
    **dict.fromkeys(("ljust", "rjust", "center"), _just),
    "count": _count,
    **dict.fromkeys(("find", "index"), _find),
}

_INSTEAD: Final[Mapping[str, str]] = {
    "casefold": "compare the two as `.lower()`",
    "swapcase": "use upper() or lower(), or call it in a task",
    "rfind": "use rpartition() with a constant separator",
    "rindex": "use rpartition() with a constant separator",
    "isnumeric": "use isdecimal()",
    "isalnum": "use isalpha() or isdecimal(), or call it in a task",
    "isupper": "compare it with `.upper()`, or call it in a task",
    "islower": "compare it with `.lower()`, or call it in a task",
    "expandtabs": "use replace()",
    "format": "write an f-string",
    "format_map": "write an f-string",
    "encode": "hash it by `hashlib.sha256(text.encode()).hexdigest()`, or encode it by "
    "`base64.b64encode(text.encode()).decode()`",
}


def no_method(x: ExpressionCompiler, node: ast.Call, kind: Type, name: str) -> Refusal:
    """Refuse a method that has no form in JSONata."""
    message = f"{describe(kind)}.{name}() has no exact JSONata equivalent"
    help = _INSTEAD.get(name) if is_text(kind) else None
    return x.refusal(node, "W172", message, help or "call it in a task")
