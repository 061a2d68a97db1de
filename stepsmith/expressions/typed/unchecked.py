"""JSON that nobody has checked, read as a type: what the functions `read.*` of the tree give, in Python and in JSONata.

A number or a bool may be written as a text; `read.one` takes one of a few values, `read.object` the names of all the
members that there may be. What does not fit fails, with the place that the second argument names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn, cast

from stepsmith.errors import UnreadableValue
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import Rendered, literal
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import Json

MISSING: Final = object()
"""What is read where there is nothing."""

_WHOLE: Final = "-?[0-9]{1,15}"
_NUMBER: Final = "-?[0-9]{1,20}(\\.[0-9]{1,20})?([eE][-+]?[0-9]{1,2})?"
_DAY: Final = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[-+][0-9]{2}:[0-9]{2})"
_TEXTS: Final = {"read.int": _WHOLE, "read.float": _NUMBER, "read.datetime": f"{_DAY}T{_TIME}"}
_PATTERNS: Final = {name: re.compile(pattern, re.ASCII) for name, pattern in _TEXTS.items()}
_TRUE: Final = ("true", "1", "yes", "on", "t", "y")
_FALSE: Final = ("false", "0", "no", "off", "f", "n")
_NOUNS: Final = {
    "read.int": "an int",
    "read.float": "a float",
    "read.bool": "a bool",
    "read.str": "a text",
    "read.datetime": "a datetime with a time zone",
    "read.one": "one of its values",
    "read.list": "a list",
    "read.object": "an object",
    "read.any": "there",
}


def said(function: str, place: str) -> str:
    """Say what is wrong with the value at a place."""
    return f"{place} is not {_NOUNS[function]}"


def read(function: str, value: Any, place: str, more: Any = None) -> Json:
    """Give a value as the type that a function reads; MISSING is no value. Raises UnreadableValue."""
    return _READERS[function](value, place, more)


def _fail(function: str, place: str) -> NoReturn:
    raise UnreadableValue(said(function, place))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _int(value: Any, place: str, more: Any) -> Json:
    if _is_number(value) and value == int(value):
        return int(value)
    if isinstance(value, str) and _PATTERNS["read.int"].fullmatch(value):
        return int(value)
    _fail("read.int", place)


def _float(value: Any, place: str, more: Any) -> Json:
    if _is_number(value):
        return value
    if isinstance(value, str) and _PATTERNS["read.float"].fullmatch(value):
        return float(value)
    _fail("read.float", place)


def _bool(value: Any, place: str, more: Any) -> Json:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in (*_TRUE, *_FALSE):
        return value.lower() in _TRUE
    _fail("read.bool", place)


def _str(value: Any, place: str, more: Any) -> Json:
    return value if isinstance(value, str) else _fail("read.str", place)


def _datetime(value: Any, place: str, more: Any) -> Json:
    if isinstance(value, str) and _PATTERNS["read.datetime"].fullmatch(value):
        return value
    _fail("read.datetime", place)


def _one(value: Any, place: str, more: Any) -> Json:
    same = any(value == one and isinstance(value, str) == isinstance(one, str) for one in more)
    return value if same and not isinstance(value, bool) else _fail("read.one", place)


def _list(value: Any, place: str, more: Any) -> Json:
    if isinstance(value, list) and more in (None, len(cast("list[object]", value))):
        return cast(Json, value)
    _fail("read.list", place)


def _object(value: Any, place: str, more: Any) -> Json:
    if not isinstance(value, dict):
        _fail("read.object", place)
    members = cast("dict[str, Json]", value)
    others = [] if more is None else [name for name in members if name not in more]
    if others:
        raise UnreadableValue(f"{place} has no field {others[0]}")
    return members


def _any(value: Any, place: str, more: Any) -> Json:
    return _fail("read.any", place) if value is MISSING else value


_READERS: Final[Mapping[str, Callable[[Any, str, Any], Json]]] = {
    "read.int": _int,
    "read.float": _float,
    "read.bool": _bool,
    "read.str": _str,
    "read.datetime": _datetime,
    "read.one": _one,
    "read.list": _list,
    "read.object": _object,
    "read.any": _any,
}


def in_jsonata(node: tree.Call, operand: Callable[[Expression], Rendered]) -> Rendered:
    """Give a call of one of the functions as JSONata; `readers` around it says what they do."""
    if node.function == "readers":
        inside = node.arguments[0]
        used = {each.function for each in tree.walk(inside) if isinstance(each, tree.Call)}
        bindings = [f"{_name(name)} := {text}" for name, text in _FUNCTIONS.items() if name in used]
        return Rendered(f"({'; '.join([*bindings, operand(inside).text])})")
    return Rendered(f"{_name(node.function)}({', '.join(operand(each).text for each in node.arguments)})")


def _name(function: str) -> str:
    return f"$__{function.removeprefix('read.')}"


def _function(parameters: str, name: str, *cases: tuple[str, str]) -> str:
    tests = "".join(f"{test} ? {value} : " for test, value in cases)
    return f"function({parameters}){{{tests}$error($p & {literal(f' is not {_NOUNS[name]}')})}}"


def _matching(name: str) -> str:
    return f"$type($v) = 'string' and $contains($v, /^{_TEXTS[name]}$/)"


def _word(words: tuple[str, ...]) -> str:
    return f"$type($v) = 'string' and $lowercase($v) in {literal(list(words))}"


_OTHERS: Final = "$keys($v)[$not($ in $m)]"
_FUNCTIONS: Final = {
    "read.int": _function(
        "$v, $p",
        "read.int",
        ("$type($v) = 'number' and $floor($v) = $v", "$v"),
        (_matching("read.int"), "$number($v)"),
    ),
    "read.float": _function(
        "$v, $p", "read.float", ("$type($v) = 'number'", "$v"), (_matching("read.float"), "$number($v)")
    ),
    "read.bool": _function(
        "$v, $p",
        "read.bool",
        ("$type($v) = 'boolean'", "$v"),
        (_word(_TRUE), "true"),
        (_word(_FALSE), "false"),
    ),
    "read.any": _function("$v, $p", "read.any", ("$exists($v)", "$v")),
    "read.str": _function("$v, $p", "read.str", ("$type($v) = 'string'", "$v")),
    "read.datetime": _function("$v, $p", "read.datetime", (_matching("read.datetime"), "$v")),
    "read.one": _function("$v, $p, $m", "read.one", ("$v in $m", "$v")),
    "read.list": _function(
        "$v, $p, $m", "read.list", ("$type($v) = 'array' and ($m = null or $count($v) = $m)", "$v")
    ),
    "read.object": _function(
        "$v, $p, $m",
        "read.object",
        ("$type($v) = 'object' and ($m = null or $not($exists(" + _OTHERS + ")))", "$v"),
        ("$type($v) = 'object'", "$error($p & ' has no field ' & " + _OTHERS + "[0])"),
    ),
}
