"""Reads one match expression, `{"prefix": "a"}`, off the tokens of a pattern; refuses as AWS's rule compiler does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from stepsmith.events.patterns import operators
from stepsmith.events.patterns.addresses import BadRange, address_range
from stepsmith.events.patterns.operators import LARGEST, Test
from stepsmith.events.patterns.ranges import read_range
from stepsmith.events.patterns.tokens import Kind, PatternError, Tokens
from stepsmith.events.patterns.wildcards import BadWildcard, pieces

ONE_KEY: Final = "Only one key allowed in match expression"


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which operators a service knows."""

    operators: frozenset[str]
    anything_but: frozenset[str]
    """The operators that may stand inside anything-but."""


EVENTBRIDGE: Final = Dialect(
    operators=frozenset(
        {
            "exactly",
            "prefix",
            "suffix",
            "equals-ignore-case",
            "wildcard",
            "numeric",
            "anything-but",
            "exists",
            "cidr",
        }
    ),
    anything_but=frozenset({"prefix", "suffix", "equals-ignore-case", "wildcard"}),
)


@dataclass(frozen=True, slots=True)
class Absent:
    """`exists: false`: no leaf is at the path."""


def read_expression(tokens: Tokens, dialect: Dialect) -> Test | Absent:
    """Read the expression whose bracket was just passed."""
    if tokens.next() is not Kind.NAME:
        raise tokens.fail("Match expression name not found")
    operator = tokens.name
    if operator not in dialect.operators:
        raise tokens.fail(f"Unrecognized match type {operator}")
    match operator:
        case "exists":
            found: Test | Absent = _exists(tokens)
        case "anything-but":
            return _anything_but(tokens, dialect)
        case "numeric":
            return _numeric(tokens)
        case "prefix":
            found = _end_of_text(
                tokens, "prefix", operators.beginning_with, operators.beginning_in_any_case_with, dialect
            )
        case "suffix":
            found = _end_of_text(
                tokens, "suffix", operators.ending_with, operators.ending_in_any_case_with, dialect
            )
        case "wildcard":
            found = operators.like(_wildcard(tokens, tokens.next()))
        case "cidr":
            found = _cidr(tokens)
        case "equals-ignore-case":
            found = operators.equal_in_any_case(_text(tokens, operator))
        case _:
            found = operators.equal_to(_text(tokens, "exact"))
    _close(tokens)
    return found


def _close(tokens: Tokens, otherwise: str = ONE_KEY) -> None:
    if tokens.next() is not Kind.END_OBJECT:
        raise tokens.fail(otherwise)


def _text(tokens: Tokens, operator: str) -> str:
    if tokens.next() is not Kind.STRING:
        raise tokens.fail(f"{operator} match pattern must be a string")
    return tokens.read()


def _exists(tokens: Tokens) -> Test | Absent:
    match tokens.next():
        case Kind.TRUE:
            return operators.any_value
        case Kind.FALSE:
            return Absent()
        case _:
            raise tokens.fail("exists match pattern must be either true or false.")


def _end_of_text(
    tokens: Tokens,
    operator: str,
    plain: Callable[[str], Test],
    in_any_case: Callable[[str], Test],
    dialect: Dialect,
) -> Test:
    kind = tokens.next()
    if kind is Kind.STRING:
        return plain(tokens.read())
    if kind is not Kind.OBJECT or "equals-ignore-case" not in dialect.anything_but:
        raise tokens.fail(f"{operator} match pattern must be a string")
    title = operator.capitalize()
    if tokens.next() is not Kind.NAME:
        raise tokens.fail(f"{title} expression name not found")
    if tokens.name != "equals-ignore-case":
        raise tokens.fail(f"Unsupported {operator} pattern: {tokens.name}")
    found = in_any_case(_text(tokens, "equals-ignore-case"))
    _close(tokens)
    return found


def _wildcard(tokens: Tokens, kind: Kind) -> list[str]:
    if kind is not Kind.STRING:
        raise tokens.fail("wildcard match pattern must be a string")
    text = tokens.read()
    try:
        return pieces(text)
    except BadWildcard as error:
        raise tokens.fail(str(error)) from None


def _cidr(tokens: Tokens) -> Test:
    if tokens.next() is not Kind.STRING:
        # Recorded: AWS speaks of a prefix here.
        raise tokens.fail("prefix match pattern must be a string")
    try:
        return operators.address_in(address_range(tokens.read()))
    except BadRange as error:
        raise PatternError(str(error)) from None


def _numeric(tokens: Tokens) -> Test:
    if tokens.next() is not Kind.ARRAY:
        raise tokens.fail("Value of numeric must be an array.")
    found = read_range(tokens)
    _close(tokens, "Too many elements in numeric expression")
    return found


_VALUES: Final = (Kind.ARRAY, Kind.STRING, Kind.NUMBER)


def _anything_but(tokens: Tokens, dialect: Dialect) -> Test:
    kind, operator = tokens.next(), ""
    if kind is Kind.OBJECT:
        if tokens.next() is not Kind.NAME:
            raise tokens.fail("Anything-But expression name not found")
        operator = tokens.name
        if operator not in dialect.anything_but:
            raise tokens.fail(f"Unsupported anything-but pattern: {operator}")
        kind = tokens.next()
    if kind not in _VALUES:
        raise tokens.fail("Value of anything-but must be an array or single string/number value.")
    tests: list[Test] = []
    kinds: set[Kind] = set()
    if kind is Kind.ARRAY:
        while (kind := tokens.next()) not in (Kind.END_ARRAY, Kind.END):
            tests.append(_refused_value(tokens, kind, operator, alone=False))
            kinds.add(kind)
        if len(kinds) != 1:
            raise tokens.fail("Either number or string can be in anything-but list, but not both")
    else:
        tests.append(_refused_value(tokens, kind, operator, alone=True))
    _close(tokens, ONE_KEY if operator else "Too many elements in numeric expression")
    if operator:
        _close(tokens)
    return operators.anything_but(tests)


def _refused_value(tokens: Tokens, kind: Kind, operator: str, *, alone: bool) -> Test:
    """Read a value that anything-but refuses."""
    match operator:
        case "prefix" | "suffix":
            return _refused_end(tokens, kind, operator, alone=alone)
        case "wildcard":
            try:
                return operators.like(_wildcard(tokens, kind))
            except PatternError as error:
                raise error if alone else _twice(tokens, error) from None
        case "equals-ignore-case":
            if kind is not Kind.STRING:
                raise tokens.fail(
                    "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
                )
            return operators.equal_in_any_case(tokens.read())
        case _:
            if kind is Kind.STRING:
                return operators.equal_to(tokens.read())
            if kind is Kind.NUMBER:
                return operators.equal_to_number(_comparable(tokens))
            raise tokens.fail("Inside anything but list, start|null|boolean is not supported.")


def _refused_end(tokens: Tokens, kind: Kind, operator: str, *, alone: bool) -> Test:
    problem = ""
    if kind is not Kind.STRING:
        problem = "prefix/suffix match pattern must be a string"
    elif not tokens.read():
        problem = "Null prefix/suffix not allowed"
    if problem:
        error = tokens.fail(problem)
        raise error if alone else _twice(tokens, error)
    return (operators.beginning_with if operator == "prefix" else operators.ending_with)(tokens.text)


def _twice(tokens: Tokens, error: PatternError) -> PatternError:
    """Recorded: the place of a mistake inside a list of anything-but is said twice."""
    return PatternError(error.message, f"{error.place}\n at {tokens.place()}")


def _comparable(tokens: Tokens) -> int | float:
    value = operators.number(tokens.text)
    if not -LARGEST <= value <= LARGEST:
        raise tokens.fail("Value must be between -5.0E9 and 5.0E9, inclusive")
    return value
