"""What a point in time says of itself: its fields and methods, and how it is written."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from stepsmith.authoring.compiler.expressions.library.texts import exactly
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, library_call
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.library.moments import DIRECTIVES, PARTS, directives
from stepsmith.expressions.typed.static_types import DATETIME, FLOAT, INT, STR
from stepsmith.expressions.typed.tree import Expression

_PRECISIONS: Final = ("auto", "hours", "minutes", "seconds", "milliseconds", "microseconds")


def _text(value: str) -> Expression:
    return tree.Constant(value=value, type=STR)


def from_text(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """Give the tree of `datetime.fromisoformat(text)`."""
    if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
        message = "fromisoformat() takes one text"
        raise x.refusal(node, "W161", message, "write datetime.fromisoformat(text)")
    value = x.typed(node.args[0], STR, "what fromisoformat() reads")
    if isinstance(value, tree.Constant):
        try:
            zone = datetime.fromisoformat(str(value.value)).tzinfo
        except ValueError as error:
            raise x.refusal(node, "W201", f"{ast.unparse(node)} fails: {error}", None) from error
        if zone is None:
            message = "a datetime without a time zone is no point in time"
            raise x.refusal(node, "W107", message, "write its offset, as in '2026-05-04T10:00:00+00:00'")
    return library_call(x, node, "datetime.of", DATETIME, value)


def attribute(x: ExpressionCompiler, node: ast.Attribute, value: Expression) -> Expression | None:
    """Give `moment.year` and its kin; None for what is no number there."""
    if node.attr not in (*PARTS, "microsecond"):
        return None
    return tree.Call(
        function="datetime.part",
        arguments=(value, _text(node.attr)),
        type=INT,
        span=x.source.span(node),
    )


def formatted(x: ExpressionCompiler, node: ast.AST, value: Expression, pattern: str) -> Expression:
    """Give a point in time as the pattern of `strftime` says."""
    for part in directives(pattern):
        if part[0] == "%" and part[1:] not in DIRECTIVES:
            message = f"'{part}' of strftime() depends on the place or the machine"
            raise x.refusal(node, "W172", message, "write numbers: %Y-%m-%d %H:%M:%S, or %B, %A, %j, %z")
    return library_call(x, node, "datetime.text", STR, value, _text(pattern))


def iso(
    x: ExpressionCompiler, node: ast.AST, value: Expression, separator: str, precision: str
) -> Expression:
    """Give a point in time as `isoformat` writes it."""
    return library_call(x, node, "datetime.iso", STR, value, _text(separator), _text(precision))


def _strftime(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    pattern = x.static(exactly(x, node, 1)[0])
    if not isinstance(pattern, str) or node.keywords:
        message = "strftime() without a constant pattern has no exact JSONata equivalent"
        raise x.refusal(node, "W172", message, "write the pattern as a constant")
    return formatted(x, node, value, pattern)


def _isoformat(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    given = dict(zip(("sep", "timespec"), exactly(x, node, 0, 2), strict=False))
    given |= {keyword.arg or "": keyword.value for keyword in node.keywords}
    known = {name: x.static(part) for name, part in given.items()}
    separator, precision = known.pop("sep", "T"), known.pop("timespec", "auto")
    if known or not isinstance(separator, str) or len(separator) != 1 or precision not in _PRECISIONS:
        message = f"`{ast.unparse(node)}` has no exact JSONata equivalent"
        help = f"sep is one character, and timespec one of {', '.join(_PRECISIONS)}, both constant"
        raise x.refusal(node, "W172", message, help)
    return iso(x, node, value, separator, str(precision))


def _number(function: str) -> Callable[[ExpressionCompiler, ast.Call, Expression], Expression]:
    def compile(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
        _plain(x, node)
        if function == "timestamp":
            return library_call(x, node, "datetime.timestamp", FLOAT, value)
        return library_call(x, node, "datetime.part", INT, value, _text(function))

    return compile


def _plain(x: ExpressionCompiler, node: ast.Call) -> None:
    exactly(x, node, 0)
    if node.keywords:
        message = f"`{ast.unparse(node)}` has no exact JSONata equivalent"
        raise x.refusal(node, "W172", message, "leave out the arguments")


def _astimezone(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    zone = x.static(exactly(x, node, 1)[0]) if node.args else None
    if zone not in (UTC, UTC) or node.keywords:
        message = f"`{ast.unparse(node)}` has no exact JSONata equivalent"
        raise x.refusal(node, "W172", message, "write `.astimezone(UTC)`")
    return library_call(x, node, "datetime.utc", DATETIME, value)


_LIMITS: Final = {"hour": 24, "minute": 60, "second": 60, "microsecond": 1}
"""What `replace` takes -> what it must be below."""


def _replace(x: ExpressionCompiler, node: ast.Call, value: Expression) -> Expression:
    exactly(x, node, 0)
    given = {keyword.arg or "": x.static(keyword.value) for keyword in node.keywords}
    fields: list[Expression] = []
    for name, limit in _LIMITS.items():
        field = given.pop(name, None)
        if field is not None and not (isinstance(field, int) and 0 <= field < limit):
            given[name] = field
        fields.append(tree.Constant(value=field if isinstance(field, int) else None, type=INT))
    if given:
        message = f"`{ast.unparse(node)}` has no exact JSONata equivalent"
        help = "give constants for hour, minute and second, and 0 for microsecond; or add a timedelta"
        raise x.refusal(node, "W172", message, help)
    return library_call(x, node, "datetime.replace", DATETIME, value, *fields)


METHODS: Final[Mapping[str, Callable[[ExpressionCompiler, ast.Call, Expression], Expression]]] = {
    "strftime": _strftime,
    "isoformat": _isoformat,
    "weekday": _number("weekday"),
    "isoweekday": _number("isoweekday"),
    "timestamp": _number("timestamp"),
    "astimezone": _astimezone,
    "replace": _replace,
}


def day(x: ExpressionCompiler, node: ast.Call) -> Expression | None:
    """Give `moment.date().isoformat()`, whose inside has no JSON form; None for any other call."""
    match node:
        case ast.Call(
            func=ast.Attribute(
                value=ast.Call(func=ast.Attribute(value=moment, attr="date"), args=[], keywords=[]),
                attr="isoformat",
            ),
            args=[],
            keywords=[],
        ):
            value = x.compile(moment)
            return library_call(x, node, "datetime.day", STR, value) if value.type == DATETIME else None
        case _:
            return None
