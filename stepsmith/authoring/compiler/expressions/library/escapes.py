"""`jsonata("...", type, name=value)`: what has no form in Python, in the language of the state machine."""

from __future__ import annotations

import ast
from typing import Final

from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler
from stepsmith.authoring.values.types import from_annotation, resolve
from stepsmith.expressions import jsonata as language
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import FUNCTION_NAMES
from stepsmith.expressions.typed.static_types import STR, Type
from stepsmith.expressions.typed.tree import Expression

_CHANCE: Final = ("now", "millis", "uuid", "random", "shuffle")


def jsonata(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """Give the tree of an expression in JSONata over named values."""
    if len(node.args) != 2 or any(keyword.arg is None for keyword in node.keywords):
        help = "write jsonata('$average($xs)', float, xs=values)"
        raise x.refusal(node, "W161", "jsonata() takes a text, a type and named values", help)
    text = x.static(node.args[0])
    if not isinstance(text, str):
        raise x.refusal(node.args[0], "W161", "the text of jsonata() is a constant", "write it out")
    names = [str(keyword.arg) for keyword in node.keywords]
    _check(x, node, text, names)
    values = tuple(x.value(keyword.value) for keyword in node.keywords)
    constants = (
        tree.Constant(value=text, type=STR),
        *(tree.Constant(value=name, type=STR) for name in names),
    )
    return tree.Call(
        function="jsonata",
        arguments=(*constants, *values),
        type=_result(x, node.args[1]),
        span=x.source.span(node),
    )


def _result(x: ExpressionCompiler, node: ast.expr) -> Type:
    try:
        return from_annotation(resolve(ast.unparse(node), x.names))
    except (NameError, TypeError, SyntaxError) as error:
        message = f"the type {ast.unparse(node)} cannot be read: {error}"
        raise x.refusal(node, "W104", message, "write a type, as in an annotation") from error


def _check(x: ExpressionCompiler, node: ast.Call, text: str, names: list[str]) -> None:
    place = node.args[0]
    try:
        free = language.compile(text).free_variables
    except language.JsonataError as error:
        raise x.refusal(place, "W161", f"this is no JSONata: {error}", "correct the text") from error
    for name in names:
        if name in FUNCTION_NAMES or name in ("states", *_CHANCE):
            raise x.refusal(node, "W161", f"${name} is a name of JSONata's own", f"call the value {name}_")
    for name in sorted(free - set(names)):
        if name in _CHANCE:
            help = "use now() or uuid(), and give the value by name"
            raise x.refusal(place, "W180", f"${name}() gives something else each time", help)
        raise x.refusal(place, "W102", f"${name} is not among the values", f"add {name}=...")
