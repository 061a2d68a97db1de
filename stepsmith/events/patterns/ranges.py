"""Reads `[">", 0, "<=", 5]` off the tokens of a pattern: a bottom, then a top, the bottom below the top."""

from __future__ import annotations

from stepsmith.events.patterns.operators import LARGEST, Test, between, equal_to_number, number
from stepsmith.events.patterns.tokens import Kind, Tokens

_TOO_MANY_ELEMENTS = "Too many elements in numeric expression"
_TOO_MANY_TERMS = "Too many terms in numeric range expression"


def read_range(tokens: Tokens) -> Test:
    """Read the range whose bracket was just passed, its end included."""
    if tokens.next() is not Kind.STRING:
        raise tokens.fail(f"Invalid member in numeric match: {_shown(tokens)}")
    operator = tokens.read()
    if operator not in ("=", ">", ">=", "<", "<="):
        raise tokens.fail(f"Unrecognized numeric range operator: {operator}")
    value = _number(tokens, "equals" if operator == "=" else operator)
    kind = tokens.next()
    if operator in (">", ">=") and kind is not Kind.END_ARRAY:
        return _complete(tokens, value, open_bottom=operator == ">")
    if kind is not Kind.END_ARRAY:
        raise tokens.fail(_TOO_MANY_ELEMENTS)
    match operator:
        case "=":
            return equal_to_number(value)
        case ">" | ">=":
            return between(value, None, open_bottom=operator == ">", open_top=False)
        case _:
            return between(None, value, open_bottom=False, open_top=operator == "<")


def _complete(tokens: Tokens, bottom: int | float, *, open_bottom: bool) -> Test:
    if tokens.kind is not Kind.STRING:
        raise tokens.fail(f"Bad value in numeric range: {_shown(tokens)}")
    operator = tokens.read()
    if operator not in ("<", "<="):
        raise tokens.fail(f"Bad numeric range operator: {operator}")
    top = _number(tokens, operator)
    if tokens.next() is not Kind.END_ARRAY:
        raise tokens.fail(_TOO_MANY_TERMS)
    if bottom >= top:
        raise tokens.fail("Bottom must be less than top")
    return between(bottom, top, open_bottom=open_bottom, open_top=operator == "<")


def _number(tokens: Tokens, operator: str) -> int | float:
    if tokens.next() is not Kind.NUMBER:
        raise tokens.fail(f"Value of {operator} must be numeric")
    value = number(tokens.text)
    if not -LARGEST <= value <= LARGEST:
        raise tokens.fail("Value must be between -5.0E9 and 5.0E9, inclusive")
    return value


def _shown(tokens: Tokens) -> str:
    match tokens.kind:
        case Kind.OBJECT:
            return "{"
        case Kind.ARRAY:
            return "["
        case Kind.END_ARRAY:
            return "]"
        case _:
            return tokens.read()
