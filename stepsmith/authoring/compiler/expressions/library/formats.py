"""Values as texts: f-strings and what stands behind the colon in them, `str()` and `format()`."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import Final

from stepsmith.authoring.compiler.expressions.library import moments
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, library_call, once
from stepsmith.authoring.source.diagnostics import Refusal
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.library.numbers import MOST_PLACES
from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    DATETIME,
    FLOAT,
    INT,
    STR,
    EnumType,
    ErrorType,
    OptionalType,
    Type,
    describe,
    is_text,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.frozen import frozen

_SPECIFICATION: Final = re.compile(
    r"(?:(?P<fill>.)?(?P<align>[<>=^]))?(?P<sign>[-+ ])?(?P<zero>0)?(?P<width>[0-9]+)?(?P<comma>,)?"
    r"(?:\.(?P<places>[0-9]+))?(?P<kind>[a-zA-Z%])?",
    re.DOTALL,
)
_BASES: Final = {"x": 16, "X": 16, "o": 8, "b": 2}
_PADDING: Final = {"<": "str.ljust", ">": "str.rjust", "^": "str.middle"}


@frozen
class Specification:
    """What is behind the colon, taken apart."""

    fill: str
    align: str
    sign: str
    zero: bool
    width: int | Expression
    comma: bool
    places: int | None
    kind: str


def text(x: ExpressionCompiler, node: ast.JoinedStr) -> Expression:
    """Give the tree of an f-string."""
    parts = tuple(_text_part(x, part) for part in node.values)
    return tree.Text(parts=parts, span=x.source.span(node))


def _text_part(x: ExpressionCompiler, part: ast.expr) -> Expression:
    if not isinstance(part, ast.FormattedValue):
        return x.compile(part)
    if part.conversion not in (-1, ord("s")):
        message = f"`!{chr(part.conversion)}` has no JSONata form"
        raise x.refusal(part.value, "W140", message, "leave it out, or format it in a task")
    value = _as_number(x.compile(part.value))
    if part.format_spec is None:
        return as_text(x, part.value, value)
    if part.conversion == ord("s"):
        value = replace(as_text(x, part.value, value), type=STR) if value.type != INT else _number_text(value)
    return formatted(x, part.value, value, *_specification(x, part))


def _specification(x: ExpressionCompiler, part: ast.FormattedValue) -> tuple[str, Expression | None]:
    """Give what is behind the colon, with 1 where its width is computed, and that width."""
    parts = part.format_spec.values if isinstance(part.format_spec, ast.JoinedStr) else []
    text, width = "", None
    for each in parts:
        match each:
            case ast.Constant(value=str() as constant):
                text += constant
            case ast.FormattedValue(value=computed, conversion=-1, format_spec=None) if (
                width is None and _before_width(text)
            ):
                width = x.typed(computed, INT, "a width")
                text += "1"
            case _:
                message = (
                    "a format specification of which more than the width is computed has no JSONata form"
                )
                help = "write fill, alignment and places as constants, as in `{value:>{width}}`"
                raise x.refusal(part.value, "W140", message, help)
    found = _SPECIFICATION.fullmatch(text)
    if width is not None and (found is None or found["width"] != "1"):
        message = "a format specification of which more than the width is computed has no JSONata form"
        raise x.refusal(part.value, "W140", message, "compute the width alone, as in `{value:>{width}}`")
    return text, width


def _before_width(text: str) -> bool:
    """Say whether a width can follow."""
    found = _SPECIFICATION.fullmatch(text)
    return found is not None and not (found["width"] or found["comma"] or found["places"] or found["kind"])


def _width(width: Expression, kind: Type, *, signed: bool) -> Expression:
    """Give a width that is computed: Python takes the sign of `-5` for that of the number, or fails."""
    if isinstance(width, tree.Constant) and isinstance(width.value, int) and width.value >= 0:
        return width
    function = "abs" if kind in (INT, FLOAT) and not signed else "width"
    return tree.Call(function=function, arguments=(width,), type=INT, span=width.span)


def formatted(
    x: ExpressionCompiler,
    node: ast.expr,
    value: Expression,
    specification: str,
    width: Expression | None = None,
) -> Expression:
    """Give a value as a format specification says; `width` is its width, where that is computed."""
    if isinstance(value.type, OptionalType):
        raise x.may_be_none(node, "has no format then")
    if value.type == DATETIME and width is not None:
        raise _no_form(x, node, value, specification, "write the pattern as a constant")
    if value.type == DATETIME:
        return moments.formatted(x, node, value, specification or "%Y-%m-%d %H:%M:%S")
    found = _SPECIFICATION.fullmatch(specification)
    if found is None:
        help = "write width, `,`, places and one of d, f, %, x, b, o"
        raise _no_form(x, node, value, specification, help)
    given = Specification(
        found["fill"] or "",
        found["align"] or "",
        found["sign"] or "",
        found["zero"] is not None,
        int(found["width"] or 0)
        if width is None
        else _width(width, value.type, signed=bool(found["sign"] or found["zero"])),
        found["comma"] is not None,
        None if found["places"] is None else int(found["places"]),
        found["kind"] or "",
    )
    if is_text(value.type):
        return _padded(_of_text(x, node, value, given, specification), given, "<")
    if value.type not in (INT, FLOAT) and width is not None:
        raise _no_form(x, node, value, specification, "make it a text first")
    if value.type not in (INT, FLOAT):
        return as_text(x, node, value)
    if value.type == INT and specification == f"0{given.width}d" and given.width in range(2, 100):
        width = tree.Constant(value=int(specification[1:-1]), type=INT)
        return tree.Call(function="str.pad", arguments=(value, width), type=STR, span=value.span)
    return once(x, value, lambda value: _aligned(x, node, value, given, specification))


def _aligned(
    x: ExpressionCompiler, node: ast.expr, value: Expression, given: Specification, specification: str
) -> Expression:
    """Give a number filled up to its width: with zeros behind its sign, or with something around it."""
    plain = _of_number(x, node, value, given, specification)
    if not (given.zero or given.align == "="):
        return _padded(plain, given, ">")
    if given.comma or given.align not in ("", "=") or (given.fill or "0") != "0":
        raise _no_form(x, node, value, specification, "fill with zeros alone, as in `:08.2f`")
    arguments = (plain, _as_tree(given.width))
    return tree.Call(function="number.zeros", arguments=arguments, type=STR, span=value.span)


def _as_tree(width: int | Expression) -> Expression:
    return tree.Constant(value=width, type=INT) if isinstance(width, int) else width


def _of_text(
    x: ExpressionCompiler, node: ast.expr, value: Expression, given: Specification, specification: str
) -> Expression:
    if given.kind not in ("", "s") or given.sign or given.zero or given.comma or given.align == "=":
        raise _no_form(x, node, value, specification, "write width and alignment, as in `:>10`")
    if given.places is None:
        return value
    return tree.Slice(value=value, start=None, stop=given.places, type=STR, span=value.span)


def _of_number(
    x: ExpressionCompiler, node: ast.expr, value: Expression, given: Specification, specification: str
) -> Expression:
    kind, places, sign = given.kind, given.places, given.sign.replace("-", "")
    if kind in ("f", "F", "%"):
        places = 6 if places is None else places
        if places > MOST_PLACES:
            raise _no_form(x, node, value, specification, f"write at most {MOST_PLACES} places")
        return _fixed(value, places, sign, comma=given.comma, percent=kind == "%")
    if value.type == FLOAT or places is not None or kind not in ("", "d", *_BASES):
        raise _no_form(x, node, value, specification, "write the places, as in `:.2f` and `:.1%`")
    if kind in _BASES and not given.comma:
        base = tree.Constant(value=_BASES[kind], type=INT)
        digits = tree.Call(function="int.base", arguments=(value, base), type=STR)
        if kind == "X":
            digits = tree.Call(function="str.upper", arguments=(digits,), type=STR)
    elif given.comma and kind not in _BASES:
        digits = tree.Call(function="int.grouped", arguments=(value,), type=STR)
    elif given.comma:
        raise _no_form(x, node, value, specification, "leave out the comma")
    else:
        digits = _number_text(value)
    if not sign:
        return digits
    before = tree.Constant(value=sign, type=STR)
    return tree.Call(function="number.signed", arguments=(value, digits, before), type=STR)


def _number_text(value: Expression) -> Expression:
    return tree.Call(function="str", arguments=(value,), type=STR, span=value.span)


def _fixed(value: Expression, places: int, sign: str, *, comma: bool, percent: bool) -> Expression:
    if percent:
        hundred = tree.Constant(value=100, type=INT)
        value = tree.Binary(operator="*", left=value, right=hundred, type=value.type)
    arguments = (
        value,
        tree.Constant(value=places, type=INT),
        tree.Constant(value="#,##0" if comma else "0", type=STR),
        tree.Constant(value=sign, type=STR),
    )
    found = tree.Call(function="float.fixed", arguments=arguments, type=STR, span=value.span)
    if not percent:
        return found
    return tree.Text(parts=(found, tree.Constant(value="%", type=STR)), span=value.span)


def _padded(value: Expression, given: Specification, align: str) -> Expression:
    if not given.width:
        return value
    fill = tree.Constant(value=given.fill or " ", type=STR)
    function = _PADDING[given.align or align]
    return tree.Call(
        function=function, arguments=(value, _as_tree(given.width), fill), type=STR, span=value.span
    )


def _no_form(
    x: ExpressionCompiler, node: ast.expr, value: Expression, specification: str, help: str
) -> Refusal:
    message = f"{describe(value.type)} with the format `:{specification}` has no exact JSONata form"
    return x.refusal(node, "W140", message, f"{help}; or format it in a task")


def _as_number(value: Expression) -> Expression:
    """Give a member of an IntEnum as the number that it is written as, where its class writes it so."""
    match value.type:
        case EnumType(base="int", python=python) if python is None or (
            python.__str__ is int.__repr__ and python.__format__ is int.__format__
        ):
            return replace(value, type=INT)
        case _:
            return value


def as_text(x: ExpressionCompiler, node: ast.expr, value: Expression) -> Expression:
    """Give a value that prints the same in Python and in JSONata."""
    value = _as_number(value)
    if isinstance(value.type, ErrorType) and not value.type.told:
        message = f"{ast.unparse(node)} may be the failure of an expression, whose text only Python knows"
        raise x.refusal(node, "W216", message, "write a text of your own")
    if isinstance(value.type, ErrorType):
        return tree.Call(function="message", arguments=(value,), type=STR, span=value.span)
    if isinstance(value.type, OptionalType):
        raise x.may_be_none(node, "prints differently in Python and in JSONata")
    if value.type == INT or (is_text(value.type)):
        return value
    if value.type == BOOL:
        yes, no = (tree.Constant(value=word, type=STR) for word in ("True", "False"))
        return tree.Conditional(test=value, then=yes, otherwise=no, type=STR, span=value.span)
    if value.type == DATETIME:
        return moments.iso(x, node, value, " ", "auto")
    help = "format it in a task"
    if value.type in (ANY, FLOAT):
        help = "give it a type" if value.type == ANY else "write its places, as in `f'{price:.2f}'`"
    raise x.refusal(node, "W141", f"{describe(value.type)} prints differently in Python and in JSONata", help)


def called(x: ExpressionCompiler, node: ast.Call) -> Expression | None:
    """Give `"{} {}".format(a, b)` of a constant text as the f-string that it is; None for any other call."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str() as pattern), attr="format")):
            made = _as_f_string(pattern, node)
            return None if made is None else text(x, made)
        case _:
            return None


_FIELD: Final = re.compile(r"\{\{|\}\}|\{(?P<name>[A-Za-z_0-9]*)(?::(?P<format>[^{}]*))?\}|[{}]")


def _as_f_string(pattern: str, node: ast.Call) -> ast.JoinedStr | None:
    given: dict[str, ast.expr] = {str(index): each for index, each in enumerate(node.args)}
    given |= {keyword.arg or "": keyword.value for keyword in node.keywords}
    parts: list[ast.expr] = []
    at, count = 0, 0
    for found in _FIELD.finditer(pattern):
        parts.append(ast.Constant(pattern[at : found.start()]))
        at = found.end()
        if found[0] in ("{{", "}}"):
            parts.append(ast.Constant(found[0][0]))
            continue
        name = found["name"] or str(count)
        count += not found["name"]
        if found["name"] is None or name not in given:
            return None
        specification = None if found["format"] is None else ast.JoinedStr([ast.Constant(found["format"])])
        parts.append(ast.FormattedValue(given[name], -1, specification))
    parts.append(ast.Constant(pattern[at:]))
    made = ast.JoinedStr([each for each in parts if not (isinstance(each, ast.Constant) and not each.value)])
    return ast.fix_missing_locations(ast.copy_location(made, node))


def said(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """Give `str(value)`."""
    if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
        message = "str() with these arguments has no JSONata form"
        raise x.refusal(node, "W161", message, "compute it in a task")
    argument = node.args[0]
    match argument:
        case ast.Call(func=ast.Attribute(value=moment, attr="date"), args=[], keywords=[]):
            value = x.compile(moment)
            if value.type == DATETIME:
                return library_call(x, node, "datetime.day", STR, value)
        case _:
            pass
    value = _as_number(x.compile(argument))
    shown = as_text(x, argument, value)
    return shown if shown is not value else library_call(x, node, "str", STR, value)
