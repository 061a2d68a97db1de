"""What else is wrong in an expression of which one part is refused: the parts beside it are looked at, too."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from stepsmith.authoring.compiler.expressions import options, spans
from stepsmith.authoring.compiler.expressions.protocol import MISSING, ExpressionCompiler, consumed
from stepsmith.authoring.source.diagnostics import Refusal, Spoiled
from stepsmith.authoring.values.constants import constant_expression

_BY_ITSELF: Final = frozenset({"W100", "W102", "W140", "W160", "W172", "W180"})
"""Refusals that hold whatever conditions around have found out."""
_OF_PLACE: Final = frozenset({"W103", "W200", "W203", "W216", "W230"})
"""Refusals of where something stands, which may be another place once the rest is right."""
_SPECIAL: Final = (timedelta, set, frozenset)
_BYTES: Final = ("base64", "_hashlib", "hashlib")
"""Modules of functions that give bytes, of which a chain of calls makes a text."""


def look_further(
    x: ExpressionCompiler, node: ast.expr, problem: Refusal | Spoiled, note: Callable[[Refusal], None]
) -> None:
    """Note what is wrong with the other parts of an expression that is refused."""
    narrowed = isinstance(node, ast.BoolOp | ast.IfExp)
    for part in _parts(x, node):
        if part is problem.within or _is_no_value(x, part):
            continue
        try:
            consumed(x, part)
        except Refusal as other:
            code = other.diagnostic.code
            if code not in _OF_PLACE and (code in _BY_ITSELF or not narrowed):
                note(other)
        except Spoiled:
            pass


def _parts(x: ExpressionCompiler, node: ast.expr) -> Iterator[ast.expr]:
    """Give the expressions directly inside one, but for those that see names of their own."""
    match node:
        case ast.Call(func=function, args=[value, *_]) if x.static(function) is isinstance:
            yield value
        case (
            ast.Attribute()
            | ast.Lambda()
            | ast.ListComp()
            | ast.SetComp()
            | ast.GeneratorExp()
            | ast.DictComp()
        ):
            return
        case ast.Call(func=function, args=args, keywords=keywords):
            if isinstance(function, ast.Attribute):
                yield function.value
            yield from args
            yield from (keyword.value for keyword in keywords)
        case ast.JoinedStr(values=values):
            for value in values:
                if isinstance(value, ast.FormattedValue):
                    yield value.value
        case ast.Subscript(value=value, slice=ast.Slice(lower=lower, upper=upper)):
            yield from (part for part in (value, lower, upper) if part is not None)
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    yield child.value if isinstance(child, ast.Starred) else child


def _is_no_value(x: ExpressionCompiler, node: ast.expr) -> bool:
    """Say whether a part is no data by itself: a function, a class, a set, a time span, options of a task."""
    if isinstance(node, ast.Lambda | ast.Starred | ast.Set | ast.SetComp | ast.Slice):
        return True
    try:
        known = x.static(node)
        if known is MISSING:
            made = x.static(node.func) if isinstance(node, ast.Call) else None
            special = any(made is each for each in _SPECIAL) or getattr(made, "__module__", "") in _BYTES
            return special or spans.kind(x, node) == "span" or options.is_option(node)
    except (Refusal, Spoiled):
        return False
    return constant_expression(known, None, None) is None
