"""Values as text, as `$string` writes them."""

from __future__ import annotations

import math
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Final

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.numbers import number_text, rounded_to_15
from stepsmith.expressions.jsonata.values import ARRAY_TYPES, Outer, Value, is_function, keys_of, kind_of
from stepsmith.expressions.types import UNDEFINED

if TYPE_CHECKING:
    from stepsmith.expressions.jsonata.limits import Run


_MEMBER_WORK: Final = 24


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
    text = "".join(_Writer(run, pretty=pretty).parts(value, "\n"))
    run.string(len(text))
    return text


class _Writer:
    def __init__(self, run: Run, *, pretty: bool) -> None:
        self.run = run
        self.pretty = pretty
        self.out: list[str] = []

    def parts(self, value: Value, margin: str) -> list[str]:
        self.write(value, margin)
        return self.out

    def write(self, value: Value, margin: str) -> None:
        kind = kind_of(value)
        if kind is str:
            self.out.append(_quoted(value))
        elif value is None or value is UNDEFINED:
            self.out.append("null")
        elif kind is bool:
            self.out.append("true" if value else "false")
        elif kind is int or kind is float:
            self.out.append(_number(value))
        elif kind in ARRAY_TYPES:
            self._members("[]", [("", member) for member in value], margin)
        elif kind is dict:
            colon = ": " if self.pretty else ":"
            fields = [(_quoted(key) + colon, value[key]) for key in keys_of(value)]
            self._members("{}", fields, margin)
        else:
            self.out.append('""')

    def _members(self, brackets: str, members: list[tuple[str, Value]], margin: str) -> None:
        self.run.charge(_MEMBER_WORK * (1 + len(members)))
        members = [member for member in members if not member[0] or member[1] is not UNDEFINED]
        if not members:
            self.out.append(brackets)
            return
        inner = margin + "  "
        self.out.append(brackets[0])
        for number, (key, member) in enumerate(members):
            self.out.append(("," if number else "") + (inner if self.pretty else "") + key)
            self.write(member, inner)
        self.out.append((margin if self.pretty else "") + brackets[1])


def _number(value: float) -> str:
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
