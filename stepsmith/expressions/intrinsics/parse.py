"""Calls such as `States.Format('{} {}', $.a, States.UUID())` to a tree."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from stepsmith.expressions.intrinsics.errors import IntrinsicSyntaxError
from stepsmith.expressions.jsonpath import Path, PathSyntaxError, compile_path
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

DEEPEST: Final = 10
"""How many calls may lie inside each other."""
NAMES: Final = frozenset(
    {
        "Array",
        "ArrayContains",
        "ArrayGetItem",
        "ArrayLength",
        "ArrayPartition",
        "ArrayRange",
        "ArrayUnique",
        "Base64Decode",
        "Base64Encode",
        "Format",
        "Hash",
        "JsonMerge",
        "JsonToString",
        "MathAdd",
        "MathRandom",
        "StringSplit",
        "StringToJson",
        "UUID",
    }
)
"""The functions, without `States.`."""

_BLANK: Final = re.compile(r"\s*")
_NAME: Final = re.compile(r"States\.(\w+)")
_STRING: Final = re.compile(r"'((?:[^'\\]|\\['{}\\])*)'")
_NUMBER: Final = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?(?![\w.])")
_WORD: Final = re.compile(r"(?:true|false|null)(?!\w)")
_PATH: Final = re.compile(
    r"""(?:[^\[\](),'"\\]|\\.|[\[(]|[\])]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|,)""", re.DOTALL
)
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}


@frozen
class Literal:
    """A number, `true`, `false` or `null`."""

    value: Json


@frozen
class Text:
    """A quoted string, its escapes still in it: States.Format tells `\\{` from `{`."""

    raw: str


@frozen
class Call:
    """A call of one function."""

    name: str
    """Without `States.`."""
    arguments: tuple[Argument, ...]
    text: str
    """As written."""


Argument: TypeAlias = Literal | Text | Path | Call


def is_call(text: str) -> bool:
    """True when a text means to be a call rather than a path."""
    return text.lstrip().startswith("States.")


def parse_call(text: str) -> Call:
    """Read one call; raises IntrinsicSyntaxError or PathSyntaxError."""
    call, at = _call(text, _skip(text, 0), 1)
    at = _skip(text, at)
    if at < len(text):
        raise IntrinsicSyntaxError(text, f"'{text[at]}' after the call", at)
    return call


def _call(text: str, start: int, depth: int) -> tuple[Call, int]:
    found = _NAME.match(text, start)
    if found is None or found[1] not in NAMES:
        raise IntrinsicSyntaxError(
            text, f"The unknown function '{found[0] if found else text[start:][:40]}'", start
        )
    if depth > DEEPEST:
        raise IntrinsicSyntaxError(text, f"Calls nested more than {DEEPEST} deep", start)
    at = _skip(text, found.end())
    if text[at : at + 1] != "(":
        raise IntrinsicSyntaxError(text, "No '(' after the name of the function", at)
    at = _skip(text, at + 1)
    arguments: list[Argument] = []
    while text[at : at + 1] != ")":
        if arguments:
            if text[at : at + 1] != ",":
                raise IntrinsicSyntaxError(text, "No ',' or ')' after an argument", at)
            at = _skip(text, at + 1)
        argument, at = _argument(text, at, depth)
        arguments.append(argument)
        at = _skip(text, at)
    return Call(found[1], tuple(arguments), text[start : at + 1]), at + 1


def _argument(text: str, at: int, depth: int) -> tuple[Argument, int]:
    if found := _STRING.match(text, at):
        return Text(found[1]), found.end()
    if text[at : at + 1] == "$":
        return _path(text, at)
    if text.startswith("States.", at):
        return _call(text, at, depth + 1)
    if found := _WORD.match(text, at):
        return Literal(_WORDS[found[0]]), found.end()
    if found := _NUMBER.match(text, at):
        return Literal(_number(found[0])), found.end()
    raise IntrinsicSyntaxError(text, "No argument that a function takes", at)


def _number(text: str) -> Json:
    return float(text) if "." in text or "e" in text or "E" in text else int(text)


def _path(text: str, start: int) -> tuple[Path, int]:
    """Read a path up to the comma or bracket that ends the argument, brackets and quotes of its own passed over."""
    at, open_brackets = start, 0
    while found := _PATH.match(text, at):
        mark = found[0]
        if open_brackets == 0 and mark in (",", ")"):
            break
        open_brackets += (mark in ("[", "(")) - (mark in ("]", ")"))
        at = found.end()
    try:
        return compile_path(text[start:at].rstrip()), at
    except PathSyntaxError as error:
        raise IntrinsicSyntaxError(text, str(error), start) from None


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
