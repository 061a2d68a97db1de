"""Pieces of JSONata text: literals, names, and what is known about a rendered expression."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final, TypeAlias

from stepsmith.expressions.typed.static_types import (
    ANY,
    NONE,
    ListType,
    Opaque,
    OptionalType,
    Scalar,
    TupleType,
    Type,
)
from stepsmith.expressions.typed.tree import Call, Expression
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

CONDITION: Final = 20
OR: Final = 25
AND: Final = 30
COMPARISON: Final = 40
SUM: Final = 50
PRODUCT: Final = 60
SIGN: Final = 70
PATH: Final = 75
ATOM: Final = 100
"""Binding powers of JSONata's operators; a path or an atom stands anywhere without parentheses."""

_FUNCTIONS: Final = """
    abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl
    decodeUrlComponent distinct each encodeUrl encodeUrlComponent error eval exists filter floor formatBase
    formatInteger formatNumber fromMillis hash join keys length lookup lowercase map match max merge millis min not
    now number pad parse parseInteger partition power random range reduce replace reverse round shuffle sift single
    sort split spread sqrt string substring substringAfter substringBefore sum toMillis trim type uppercase uuid zip
"""
FUNCTION_NAMES: Final = frozenset(_FUNCTIONS.split())
"""The functions of JSONata and of the service, which a variable of the same name would hide."""

_ESCAPES: Final = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@frozen
class Rendered:
    """JSONata text, and what decides how it may be put into other text."""

    text: str
    level: int = ATOM
    """How strongly its outermost operator binds."""
    missing: str | None = None
    """The Python error that an undefined result stands for; None where there always is a result."""
    constructor: bool = False
    """Whether it is an array constructor to the parser: the elements of others are spliced into a list, its are not."""
    path: bool = False
    """Whether it is a variable or fields of one, which may be repeated and indexed as it is."""

    def at(self, level: int) -> str:
        """Give the text for a place where operators that bind more weakly need parentheses."""
        return self.text if self.level >= level else f"({self.text})"


Operand: TypeAlias = Callable[[Expression], Rendered]
"""Renders an expression that has a value or fails."""
Renderer: TypeAlias = Callable[[Call, Operand], Rendered]
"""Renders a call."""


def text_literal(value: str) -> str:
    """Write a text; single quotes where they do, because JSON escapes double ones."""
    quote = '"' if "'" in value else "'"
    out = [quote]
    for letter in value:
        if letter == quote:
            out.append('\\"')
        elif letter in _ESCAPES:
            out.append(_ESCAPES[letter])
        else:
            out.append(f"\\u{ord(letter):04x}" if ord(letter) < 0x20 else letter)
    return "".join([*out, quote])


def literal(value: Json) -> str:
    """Write any JSON as JSONata."""
    match value:
        case str():
            return text_literal(value)
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            return f"{{{', '.join(f'{text_literal(key)}: {literal(item)}' for key, item in value.items())}}}"
        case _:
            return json.dumps(value, allow_nan=False)


def field_name(name: str) -> str:
    """Write the name of a field: in backticks unless it is a plain word that JSONata has no use for."""
    plain = (
        name.isascii()
        and name.isidentifier()
        and name not in ("and", "or", "in", "true", "false", "null", "function")
    )
    return name if plain else f"`{name}`"


def is_plain(kind: Type) -> bool:
    """Say whether a value is neither an array nor null, so that sequences keep it as it is."""
    match kind:
        case OptionalType() | ListType() | TupleType() | Opaque():
            return False
        case Scalar():
            return kind not in (ANY, NONE)
        case _:
            return True


def wrapped(found: Rendered, kind: Type) -> str:
    """Give a rendered value as one element of an array constructor."""
    if (
        is_plain(kind)
        or found.constructor
        or (isinstance(kind, OptionalType) and is_plain(kind.inner))
        or kind == NONE
    ):
        return found.text
    if isinstance(kind, ListType | TupleType):
        return f"[{found.text}]"
    return f"($__e := {found.text}; $type($__e) = 'array' ? [[$__e]] : [$__e])"
