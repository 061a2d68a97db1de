"""JSON as a text.

`$parse` takes apostrophes for quotes, which Python does not; `$string` writes no spaces, leaves what is not ASCII as
it is, rounds floats to fifteen digits, and does not escape control characters.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import Operand, Rendered, Renderer
from stepsmith.expressions.typed.library.texts import character
from stepsmith.expressions.typed.static_types import is_text

_STRINGS: Final = '/"([^\\"]|\\.)*"/'
_CONTROLS: Final = "/[\\x00-\\x07\\x0b\\x0e-\\x1f]/"


def _loads(node: tree.Call, operand: Operand) -> Rendered:
    text = operand(node.arguments[0])
    name = text.text if text.path else "$__s"
    strict = f"$contains($replace({name}, {_STRINGS}, ''), \"'\") ? $error('ValueError') : $parse({name})"
    return Rendered(f"({strict})" if text.path else f"($__s := {text.text}; {strict})")


_TEXT: Final = '/"[^"\\x5c\\x00-\\x1f]*(\\x5c(["\\x5c\\x2fbfnrt]|u[0-9a-fA-F]{4})[^"\\x5c\\x00-\\x1f]*)*"/'
"""A backslash stands by its number, since a bracket behind it would count for nothing."""
_WORD: Final = "/-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?|true|false|null|NaN|-?Infinity/"
_WHOLE: Final = "/\\[([@#](,[@#])*)?\\]|\\{(@:[@#](,@:[@#])*)?\\}/"


def _fits(node: tree.Call, operand: Operand) -> Rendered:
    """Say whether a text is JSON: texts become `@` and all else `#`, and what holds only these becomes `#` again."""
    steps = [
        f"$__s := {operand(node.arguments[0]).text}",
        f"$__w := $replace($replace($replace($__s, {_TEXT}, '@'), {_WORD}, '#'), /[ \\t\\n\\r]/, '')",
        f"$__f := function($t){{($__n := $replace($t, {_WHOLE}, '#'); $__n = $t ? $t : $__f($__n))}}",
        f"$not($contains($replace($__s, {_TEXT}, ''), /[@#]/)) and $__f($__w) in ['@', '#']",
    ]
    return Rendered(f"({'; '.join(steps)})")


def _dumps(node: tree.Call, operand: Operand) -> Rendered:
    value = node.arguments[0]
    text = operand(value).text
    if is_text(value.type):
        text = f"$string([{text}])"
        cut = "$substringBefore($substringAfter($__s, '[') & '\\u0000', ']\\u0000')"
        return Rendered(f"($__s := {text}; {_checked(cut)})")
    return Rendered(f"($__s := $string({text}); {_checked('$__s')})")


def _checked(found: str) -> str:
    return f"$contains($__s, {_CONTROLS}) ? $error('ValueError') : {found}"


def _any_item(node: tree.Call, operand: Operand) -> Rendered:
    """What nobody knows the type of has items where it is a list, a text or an object, as the key is."""
    value, key = node.arguments
    start, index = f"$__v := {operand(value).text}", operand(key).text
    fail = "$error('TypeError')"
    if is_text(key.type):
        found = f"$type($__v) = 'object' ? $lookup($__v, {index}) : {fail}"
        return Rendered(f"({start}; {found})", missing="KeyError")
    letter = character("$__v", index)
    found = f"$type($__v) = 'array' ? $__v[{index}] : $type($__v) = 'string' ? {letter} : {fail}"
    return Rendered(f"({start}; {found})", missing="IndexError")


def _text_of(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if "\\u00" in text:
        raise ValueError("a text has control characters")
    return text


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


PYTHON: Final[Mapping[str, Callable[..., Any]]] = {
    "json.loads": json.loads,
    "json.fits": _is_json,
    "json.dumps": _text_of,
    "any.item": operator.getitem,
}
JSONATA: Final[Mapping[str, Renderer]] = {
    "json.loads": _loads,
    "json.fits": _fits,
    "json.dumps": _dumps,
    "any.item": _any_item,
}
