"""Values as text, as `$string` writes them."""

from __future__ import annotations

import math
from json.encoder import encode_basestring
from typing import Final

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.numbers import number_text, rounded_to_15
from stepsmith.expressions.jsonata.runtime.values import (
    ARRAY_TYPES,
    Outer,
    Value,
    is_function,
    keys_of,
    kind_of,
)
from stepsmith.expressions.types import UNDEFINED

_MEMBER_WORK: Final = 24
_CONTAINERS: Final = ARRAY_TYPES | {dict}
_LARGEST: Final = 10**15
_SMALLEST: Final = -_LARGEST
_FUNCTION: Final = '""'


def string(run: Run, value: Value, *, pretty: bool = False) -> str:
    """The text of a value: itself for a string, nothing for a function, else its JSON."""
    if type(value) is str:
        return value
    if type(value) is int:
        return number_text(rounded_to_15(value))
    if is_function(value):
        return ""
    if type(value) is float and not math.isfinite(value):
        raise JsonataError("D3001", value=value)
    if type(value) is Outer:
        value = value[0]
    text = "".join(_Writer(run, pretty=pretty).write(value, "\n"))
    run.string(len(text))
    return text


class _Writer:
    def __init__(self, run: Run, *, pretty: bool) -> None:
        self.run = run
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
            self.out.append(_scalar(value))
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
                self.out.append(_scalar(member))
            before = comma
        self._close("[]", before is comma, margin)

    def _object(self, value: dict[str, Value], margin: str) -> None:
        self.run.charge(_MEMBER_WORK * (1 + len(value)))
        inner = margin + "  "
        comma = "," + inner if self.pretty else ","
        before = "{" + inner if self.pretty else "{"
        for key in keys_of(value):
            member = value[key]
            if member is UNDEFINED:
                continue
            name = self.names.get(key)
            if name is None:
                name = self.names[key] = _quoted(key) + self.colon
            self.out.append(before)
            self.out.append(name)
            if type(member) in _CONTAINERS:
                self.write(member, inner)
            else:
                self.out.append(_scalar(member))
            before = comma
        self._close("{}", before is comma, margin)

    def _close(self, brackets: str, filled: bool, margin: str) -> None:
        if not filled:
            self.out.append(brackets)
        else:
            self.out.append(margin + brackets[1] if self.pretty else brackets[1])


def _scalar(value: Value) -> str:
    kind = kind_of(value)
    if kind is str:
        return _quoted(value)
    if kind is int or kind is float:
        return _number(value)
    if kind is bool:
        return "true" if value else "false"
    return "null" if value is None or value is UNDEFINED else _FUNCTION


def _number(value: float) -> str:
    if type(value) is int and _SMALLEST < value < _LARGEST:
        return str(value)
    if not math.isfinite(value):
        if value == value:
            raise JsonataError("D1001", value=value)
        return "null"
    rounded = rounded_to_15(value)
    return number_text(rounded) if math.isfinite(rounded) else "null"


def _quoted(text: str) -> str:
    quoted = encode_basestring(text)
    if text.isascii():
        return quoted
    return "".join(f"\\u{ord(char):04x}" if "\ud800" <= char <= "\udfff" else char for char in quoted)
