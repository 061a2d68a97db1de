"""Filters: `[?(@.price < 10 && !@.sold)]` to predicates. Nothing of a filter is ever handed to Python to run."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, cast

from stepsmith.expressions.jsonpath.cursor import Cursor, quoted
from stepsmith.expressions.jsonpath.errors import PathSyntaxError
from stepsmith.expressions.jsonpath.functions import FunctionFailure
from stepsmith.expressions.jsonpath.parse import parse_steps
from stepsmith.expressions.jsonpath.read import MISSES, compile_finder
from stepsmith.expressions.jsonpath.regex import compile_regex
from stepsmith.expressions.jsonpath.steps import Predicate, Search
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

Operand: TypeAlias = Callable[[Json, Search], "Json | Undefined"]
Comparison: TypeAlias = Callable[["Json | Undefined", "Json | Undefined"], bool]


DEEPEST: Final = 50
"""How deep conditions may nest, those of filters inside filters included."""
_MEMBERS: Final = 16
"""How many members of a list are compared in one step."""
_OPERATORS: Final = re.compile(
    r"===|!==|==|!=|=~|<=|>=|<|>|(?:in|nin|subsetof|anyof|noneof|contains|size|empty)(?![\w.])", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.])")
_NUMERIC: Final = re.compile(r"-?[0-9]")
_WORD: Final = re.compile(r"[\w-]+")
_REGEX: Final = re.compile(r"/((?:[^/\\]|\\.)*)/([a-z]*)")
_WORDS: Final[Mapping[str, Json]] = {"true": True, "false": False, "null": None}


def parse_filter(cursor: Cursor) -> Predicate:
    """Read a condition up to its closing bracket; raises PathSyntaxError."""
    cursor.depth += 1
    if cursor.depth > DEEPEST:
        cursor.fail(f"A filter nested more than {DEEPEST} deep")
    either = [_conjunction(cursor)]
    while _take(cursor, "||"):
        either.append(_conjunction(cursor))
    cursor.depth -= 1
    if len(either) == 1:
        return either[0]
    return lambda item, search: any(accepts(item, search) for accepts in either)


def _conjunction(cursor: Cursor) -> Predicate:
    every = [_condition(cursor)]
    while _take(cursor, "&&"):
        every.append(_condition(cursor))
    if len(every) == 1:
        return every[0]
    return lambda item, search: all(accepts(item, search) for accepts in every)


def _condition(cursor: Cursor) -> Predicate:
    negated = False
    while _take(cursor, "!"):
        negated = not negated
    if _take(cursor, "("):
        accepts = parse_filter(cursor)
        cursor.expect(")")
    else:
        accepts = _comparison(cursor)
    return (lambda item, search: not accepts(item, search)) if negated else accepts


def _comparison(cursor: Cursor) -> Predicate:
    is_path = _next(cursor) in ("@", "$")
    left = _operand(cursor)
    cursor.blank()
    found = _OPERATORS.match(cursor.text, cursor.at)
    if found is None:
        if not is_path:
            cursor.fail(f"{cursor.found()} where an operator should be")
        return lambda item, search: left(item, search) is not UNDEFINED
    cursor.at = found.end()
    name = found[0].lower()
    if name == "=~":
        return _matching(cursor, left)
    return _compared(_COMPARISONS[name], left, _operand(cursor))


def _compared(compare: Comparison, left: Operand, right: Operand) -> Predicate:
    def accepts(item: Json, search: Search) -> bool:
        first, second = left(item, search), right(item, search)
        if type(first) is list or type(second) is list:
            search.charge(_weight(first) * _weight(second) // _MEMBERS)
        return compare(first, second)

    return accepts


def _weight(value: Json | Undefined) -> int:
    """How many comparisons a value may ask for: one for each member."""
    return len(value) + 1 if isinstance(value, list | dict) else 1


def _matching(cursor: Cursor, left: Operand) -> Predicate:
    cursor.blank()
    found = _REGEX.match(cursor.text, cursor.at)
    if found is None:
        cursor.fail(f"{cursor.found()} where a /regular expression/ should be")
    matches = compile_regex(found[1], found[2], cursor)
    cursor.at = found.end()

    def accepts(item: Json, search: Search) -> bool:
        value = left(item, search)
        return isinstance(value, str) and matches(value, search)

    return accepts


def _operand(cursor: Cursor, depth: int = 0) -> Operand:
    mark = _next(cursor)
    if mark and mark in "@$":
        return _path(cursor, mark)
    if mark and mark in "'\"":
        return _Constant(quoted(cursor))
    if mark == "[":
        return _array(cursor, depth)
    if mark == "{":
        return _object(cursor)
    if found := _NUMBER.match(cursor.text, cursor.at):
        cursor.at = found.end()
        return _Constant(float(found[0]) if set(found[0]) & set(".eE") else int(found[0][:400]))
    found = _WORD.match(cursor.text, cursor.at)
    if found is None:
        cursor.fail(f"{cursor.found()} where a value should be")
    cursor.at = found.end()
    return _Constant(_WORDS.get(found[0], found[0]))


def _path(cursor: Cursor, root: str) -> Operand:
    cursor.take(root)
    read = compile_finder(parse_steps(cursor, parse_filter, in_filter=True))

    def value(item: Json, search: Search) -> Json | Undefined:
        try:
            return read(item if root == "@" else search.document, search)
        except (*MISSES, FunctionFailure):
            return UNDEFINED

    return value


def _array(cursor: Cursor, depth: int) -> Operand:
    if depth > DEEPEST:
        cursor.fail(f"A list nested more than {DEEPEST} deep")
    cursor.take("[")
    items: list[Operand] = []
    while not _take(cursor, "]"):
        if items:
            cursor.expect(",")
        items.append(_operand(cursor, depth + 1))
    constants = [read.value for read in items if isinstance(read, _Constant)]
    if len(constants) == len(items):
        return _Constant(constants)

    def read_all(item: Json, search: Search) -> Json:
        search.charge(len(items))
        return [cast(Json, read(item, search)) for read in items]

    return read_all


def _object(cursor: Cursor) -> Operand:
    try:
        value, end = cast("tuple[Json, int]", json.JSONDecoder().raw_decode(cursor.text, cursor.at))
    except (ValueError, RecursionError):
        raise PathSyntaxError(cursor.text, "An object that is not JSON", cursor.at) from None
    cursor.at = end
    return _Constant(value)


class _Constant:
    """An operand that is the same for every item."""

    __slots__ = ("value",)

    def __init__(self, value: Json) -> None:
        self.value = value

    def __call__(self, item: Json, search: Search) -> Json:
        return self.value


def _next(cursor: Cursor) -> str:
    cursor.blank()
    return cursor.peek()


def _take(cursor: Cursor, mark: str) -> bool:
    cursor.blank()
    return cursor.take(mark)


def _kind(value: Json | Undefined) -> str:
    return (
        "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
    )


def _equal(left: Json | Undefined, right: Json | Undefined) -> bool:
    if left is UNDEFINED or right is UNDEFINED:
        return False
    kinds = (_kind(left), _kind(right))
    if kinds in (("number", "str"), ("str", "number")):
        return str(left) == str(right)
    return kinds[0] == kinds[1] and left == right


def _same_type_and_equal(left: Json | Undefined, right: Json | Undefined) -> bool:
    return _kind(left) == _kind(right) and _equal(left, right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Comparison:
    def ordered(left: Json | Undefined, right: Json | Undefined) -> bool:
        kind = _kind(left)
        return kind in ("number", "str") and kind == _kind(right) and compare(left, right)

    return ordered


def _in(left: Json | Undefined, right: Json | Undefined) -> bool:
    if not isinstance(right, list):
        return False
    if isinstance(left, str) and not _NUMERIC.match(left):
        return left in right
    if type(left) is int and left not in right and str(left) not in right:
        # that is most of the answers, and quickly found
        return False
    return any(_equal(left, item) for item in right)


def _every(left: Json | Undefined, right: Json | Undefined) -> bool:
    return isinstance(left, list) and all(_in(item, right) for item in left)


def _some(left: Json | Undefined, right: Json | Undefined) -> bool:
    return isinstance(left, list) and any(_in(item, right) for item in left)


def _contains(left: Json | Undefined, right: Json | Undefined) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return _in(right, left)


def _size(left: Json | Undefined, right: Json | Undefined) -> bool:
    return isinstance(left, list | str) and len(left) == right


def _empty(left: Json | Undefined, right: Json | Undefined) -> bool:
    return isinstance(left, list | str | dict) and (not left) == right


_COMPARISONS: Final[Mapping[str, Comparison]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "===": _same_type_and_equal,
    "!==": lambda left, right: not _same_type_and_equal(left, right),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "in": _in,
    "nin": lambda left, right: not _in(left, right),
    "subsetof": _every,
    "anyof": _some,
    "noneof": lambda left, right: not _some(left, right),
    "contains": _contains,
    "size": _size,
    "empty": _empty,
}
