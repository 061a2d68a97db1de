"""Values as text, as `$string` writes them: in the service's notation, and in the reference's."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import ROUND_FLOOR, Context, Decimal
from json.encoder import encode_basestring
from typing import Final, Protocol

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.runtime.dialect import Dialect
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.numbers import number_text, rounded_to_15, to_double
from stepsmith.expressions.jsonata.runtime.values import (
    ARRAY_TYPES,
    Outer,
    Value,
    is_function,
    kind_of,
)
from stepsmith.expressions.types import UNDEFINED
from stepsmith.frozen import frozen

_MEMBER_WORK: Final = 24
_CONTAINERS: Final = ARRAY_TYPES | {dict}
_LARGEST: Final = 10**15
_SMALLEST: Final = -_LARGEST
_FUNCTION: Final = '""'


class TextOf(Protocol):
    """Gives the text of a value: itself for a string, nothing for a function, else its JSON."""

    def __call__(self, run: Run, value: Value, *, pretty: bool = False) -> str:
        """Writes a value, over several lines where it is to be pretty."""
        ...


@frozen
class _Notation:
    number: Callable[[float], str]
    quoted: Callable[[str], str]


def _text_of(notation: _Notation) -> TextOf:
    number = notation.number

    def text_of(run: Run, value: Value, *, pretty: bool = False) -> str:
        if type(value) is str:
            return value
        if type(value) is int:
            return number(value)
        if is_function(value):
            return ""
        if type(value) is float and not math.isfinite(value):
            raise JsonataError("D3001", value=value)
        if type(value) is Outer:
            value = value[0]
        text = "".join(_Writer(run, notation, pretty=pretty).write(value, "\n"))
        run.string(len(text))
        return text

    return text_of


class _Writer:
    def __init__(self, run: Run, notation: _Notation, *, pretty: bool) -> None:
        self.run = run
        self.notation = notation
        self.pretty = pretty
        self.colon = ": " if pretty else ":"
        self.out: list[str] = []
        self.names: dict[str, str] = {}
        """Names of fields as they are written; rows of a table have the same ones."""

    def write(self, value: Value, margin: str) -> list[str]:
        """Writes a value, in lines that begin with the margin where it is to be pretty; yields all texts so far."""
        kind = kind_of(value)
        if kind is dict:
            self._object(value, margin)
        elif kind in ARRAY_TYPES:
            self._array(value, margin)
        else:
            self.out.append(self._scalar(value))
        return self.out

    def _array(self, value: list[Value], margin: str) -> None:
        self.run.charge(_MEMBER_WORK * (1 + len(value)))
        inner = margin + "  "
        comma = "," + inner if self.pretty else ","
        before = "[" + inner if self.pretty else "["
        for member in value:
            self.out.append(before)
            if type(member) in _CONTAINERS:
                self.write(member, inner)
            else:
                self.out.append(self._scalar(member))
            before = comma
        self._close("[]", before is comma, margin)

    def _object(self, value: dict[str, Value], margin: str) -> None:
        self.run.charge(_MEMBER_WORK * (1 + len(value)))
        inner = margin + "  "
        comma = "," + inner if self.pretty else ","
        before = "{" + inner if self.pretty else "{"
        for key in self.run.keys_of(value):
            member = value[key]
            if member is UNDEFINED:
                continue
            name = self.names.get(key)
            if name is None:
                name = self.names[key] = self.notation.quoted(key) + self.colon
            self.out.append(before)
            self.out.append(name)
            if type(member) in _CONTAINERS:
                self.write(member, inner)
            else:
                self.out.append(self._scalar(member))
            before = comma
        self._close("{}", before is comma, margin)

    def _close(self, brackets: str, filled: bool, margin: str) -> None:
        if not filled:
            self.out.append(brackets)
        else:
            self.out.append(margin + brackets[1] if self.pretty else brackets[1])

    def _scalar(self, value: Value) -> str:
        kind = kind_of(value)
        if kind is str:
            return self.notation.quoted(value)
        if kind is int or kind is float:
            return self.notation.number(value)
        if kind is bool:
            return "true" if value else "false"
        return "null" if value is None or value is UNDEFINED else _FUNCTION


_LONG: Final = 2**63
_FIFTEEN_DOWN: Final = Context(prec=15, rounding=ROUND_FLOOR)
_ESCAPED: Final = re.compile(r'["\\\x08\x0c\n\r\t]')
_ESCAPES: Final = {
    '"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t",
}  # fmt: skip


def _number_of_service(value: float) -> str:
    """Whole numbers below 1e21 in digits, all others cut to fifteen digits, as a BigDecimal writes them.

    Measured on AWS: 0.6666666666666666 is 0.666666666666666, its negative -0.666666666666667, and
    100.0000000000001 is 1e+2.
    """
    if type(value) is int and -_LONG <= value < _LONG:
        return str(value)
    value = to_double(value)
    if not math.isfinite(value):
        return _unwritten(value)
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value)) if abs(value) < _LONG else f"{Decimal(repr(value)):f}"
    # the least doubles have two digits in Java
    digits = Decimal("4.9E-324").copy_sign(Decimal(value)) if abs(value) == 5e-324 else Decimal(repr(value))
    return str(_FIFTEEN_DOWN.create_decimal(digits).normalize(_FIFTEEN_DOWN)).replace("E", "e")


def _quoted_by_service(text: str) -> str:
    """A string in quotes: seven characters have escapes, all others stand for themselves."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text) + '"'


def _unwritten(value: float) -> str:
    if value == value:
        raise JsonataError("D1001", value=value)
    return "null"


def _number_of_reference(value: float) -> str:
    if type(value) is int and _SMALLEST < value < _LARGEST:
        return str(value)
    if not math.isfinite(value):
        return _unwritten(value)
    rounded = rounded_to_15(value)
    return number_text(rounded) if math.isfinite(rounded) else "null"


def _quoted_by_reference(text: str) -> str:
    quoted = encode_basestring(text)
    if text.isascii():
        return quoted
    return "".join(f"\\u{ord(char):04x}" if "\ud800" <= char <= "\udfff" else char for char in quoted)


TEXT_OF: Final[dict[Dialect, TextOf]] = {
    Dialect.SERVICE: _text_of(_Notation(_number_of_service, _quoted_by_service)),
    Dialect.REFERENCE: _text_of(_Notation(_number_of_reference, _quoted_by_reference)),
}
"""How a value becomes a text in each dialect."""
