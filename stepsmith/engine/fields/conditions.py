"""The comparison operators of Choice states in JSONPath, with And, Or and Not.

In StringMatches `*` stands for any run of characters; a backslash takes the next `*` or backslash as it is.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from stepsmith.asl.model import And, DataTest, Not, Or, Rule
from stepsmith.engine.values.failures import StateFailure, runtime
from stepsmith.engine.values.timestamps import parse_instant
from stepsmith.expressions.jsonpath import PathMiss, compile_path
from stepsmith.expressions.scope import Scope
from stepsmith.expressions.types import Json

Test: TypeAlias = Callable[[Scope], bool]
Read: TypeAlias = Callable[[Scope], Json]

_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}


def compile_rule(rule: Rule) -> Test:
    """Compile a choice rule; the test raises StateFailure where a path leads nowhere."""
    match rule:
        case And(rules=rules):
            tests = [compile_rule(inner) for inner in rules]
            return lambda scope: all(test(scope) for test in tests)
        case Or(rules=rules):
            tests = [compile_rule(inner) for inner in rules]
            return lambda scope: any(test(scope) for test in tests)
        case Not(rule=inner):
            inverted = compile_rule(inner)
            return lambda scope: not inverted(scope)
        case DataTest():
            return _compile_test(rule)


def _compile_test(test: DataTest) -> Test:
    read = _reader(test.variable)
    operand = test.operand
    match test.operator:
        case "IsPresent":
            return _present(compile_path(test.variable).evaluate, operand is True)
        case "IsNull":
            return _kind(read, lambda value: value is None, operand is True)
        case "IsString":
            return _kind(read, lambda value: isinstance(value, str), operand is True)
        case "IsBoolean":
            return _kind(read, lambda value: isinstance(value, bool), operand is True)
        case "IsNumeric":
            return _kind(read, _is_number, operand is True)
        case "IsTimestamp":
            return _kind(read, lambda value: _instant(value) is not None, operand is True)
        case "StringMatches":
            matches = compile_pattern(str(operand))
            return lambda scope: isinstance(value := read(scope), str) and matches(value)
        case name:
            return _comparison(name, read, operand)


def _reader(path: str) -> Read:
    evaluate = compile_path(path).evaluate

    def read(scope: Scope) -> Json:
        try:
            return evaluate(scope)
        except PathMiss:
            raise _invalid(path) from None

    return read


def _invalid(path: str) -> StateFailure:
    return runtime(f"Invalid path '{path}': The choice state's condition path references an invalid value.")


def _present(evaluate: Read, expected: bool) -> Test:
    def test(scope: Scope) -> bool:
        try:
            evaluate(scope)
        except PathMiss:
            return not expected
        return expected

    return test


def _kind(read: Read, is_kind: Callable[[Json], bool], expected: bool) -> Test:
    return lambda scope: is_kind(read(scope)) is expected


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _instant(value: Json) -> tuple[int, str] | None:
    return parse_instant(value) if isinstance(value, str) else None


def _comparison(name: str, read: Read, operand: Json) -> Test:
    by_path = name.endswith("Path")
    name = name.removesuffix("Path")
    for kind, convert in _CONVERSIONS.items():
        if name.startswith(kind):
            compare = _COMPARISONS[name.removeprefix(kind)]
            if by_path:
                return _between(read, _reader(str(operand)), convert, compare)
            if kind == "Numeric":
                return _numeric(read, operand, compare)
            return _with_constant(read, convert(operand), convert, compare)
    raise runtime(f"Unknown comparison operator '{name}'")


def _numeric(read: Read, operand: Any, compare: Callable[[Any, Any], bool]) -> Test:
    def test(scope: Scope) -> bool:
        value = read(scope)
        kind = type(value)
        return (kind is int or kind is float) and compare(value, operand)

    return test


def _with_constant(
    read: Read, operand: Any, convert: Callable[[Json], Any], compare: Callable[[Any, Any], bool]
) -> Test:
    def test(scope: Scope) -> bool:
        value = convert(read(scope))
        return value is not None and operand is not None and compare(value, operand)

    return test


def _between(
    read: Read, other: Read, convert: Callable[[Json], Any], compare: Callable[[Any, Any], bool]
) -> Test:
    def test(scope: Scope) -> bool:
        value, operand = convert(read(scope)), convert(other(scope))
        return value is not None and operand is not None and compare(value, operand)

    return test


def _string(value: Json) -> bytes | None:
    # By code units, as Java compares strings.
    return value.encode("utf-16-be", "surrogatepass") if isinstance(value, str) else None


def _number(value: Json) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _boolean(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None


_CONVERSIONS: Final[dict[str, Callable[[Json], Any]]] = {
    "String": _string,
    "Numeric": _number,
    "Boolean": _boolean,
    "Timestamp": _instant,
}


def pieces_of(pattern: str) -> list[str] | None:
    """Split a pattern at its wildcards; None if it ends in a lone backslash or escapes another character."""
    pieces = [""]
    marks = iter(pattern)
    for mark in marks:
        if mark == "*":
            pieces.append("")
            continue
        if mark == "\\":
            mark = next(marks, "")
            if mark not in ("*", "\\"):
                return None
        pieces[-1] += mark
    return pieces


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """Compile a pattern to a test that takes time linear in the text for each piece."""
    pieces = pieces_of(pattern)
    if pieces is None:
        return _unusable(pattern)
    first, *rest = pieces
    if not rest:
        return lambda text: text == first
    *middle, last = rest

    def test(text: str) -> bool:
        if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
            return False
        at, end = len(first), len(text) - len(last)
        for piece in middle:
            at = text.find(piece, at, end)
            if at < 0:
                return False
            at += len(piece)
        return True

    return test


def _unusable(pattern: str) -> Callable[[str], bool]:
    def test(text: str) -> bool:
        raise runtime(f"The pattern '{pattern}' of StringMatches has a backslash that escapes nothing")

    return test
