"""Reads references and expressions of a template."""

from __future__ import annotations

from typing import Final

from stepsmith.events.templates.nodes import (
    Binary,
    Element,
    Expression,
    Interpolated,
    ListOf,
    Literal,
    MapOf,
    Method,
    Node,
    Property,
    Range,
    Reference,
    Step,
    Unary,
)
from stepsmith.events.templates.scanner import Scanner

_LEVELS: Final = (
    {"||": "||", "or": "||"},
    {"&&": "&&", "and": "&&"},
    {"==": "==", "!=": "!=", "eq": "==", "ne": "!="},
    {"<=": "<=", ">=": ">=", "<": "<", ">": ">", "le": "<=", "ge": ">=", "lt": "<", "gt": ">"},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/", "%": "%"},
)
"""Operators from the loosest to the tightest: as written -> what they are."""


def read_reference(scanner: Scanner) -> Reference | None:
    """Read `$name`, `${name}`, `$!name` with all that follows; None, and nothing is passed, if there is none."""
    start = scanner.at
    if not scanner.take("$"):
        return None
    scanner.take("!")
    braced = scanner.take("{")
    name = scanner.name()
    if not name:
        scanner.at = start
        return None
    steps = _steps(scanner)
    if braced and not scanner.take("}"):
        scanner.at = start
        return None
    return Reference(name, steps)


def _steps(scanner: Scanner) -> tuple[Step, ...]:
    steps: list[Step] = []
    while True:
        if scanner.peek() == "." and scanner.starts_name(1):
            scanner.at += 1
            name = scanner.name()
            steps.append(Method(name, _arguments(scanner)) if scanner.peek() == "(" else Property(name))
        elif scanner.peek() == "[":
            start = scanner.at
            index = _index(scanner)
            if index is None:
                scanner.at = start
                return tuple(steps)
            steps.append(Element(index))
        else:
            return tuple(steps)


def _index(scanner: Scanner) -> Expression | None:
    """Read `[index]`; None where the bracket is text."""
    scanner.at += 1
    scanner.blank()
    if not (scanner.peek().isdigit() or (scanner.peek() and scanner.peek() in "$\"'-")):
        return None
    found = read_expression(scanner)
    scanner.blank()
    return found if scanner.take("]") else None


def _arguments(scanner: Scanner) -> tuple[Expression, ...]:
    scanner.expect("(")
    return _list(scanner, ")")


def _list(scanner: Scanner, closer: str) -> tuple[Expression, ...]:
    found: list[Expression] = []
    scanner.blank()
    while not scanner.take(closer):
        if found:
            scanner.expect(",")
        found.append(read_expression(scanner))
        scanner.blank()
    return tuple(found)


def read_expression(scanner: Scanner) -> Expression:
    """Read an expression; raises TemplateError."""
    scanner.deeper()
    found = _level(scanner, 0)
    scanner.depth -= 1
    return found


def _level(scanner: Scanner, level: int) -> Expression:
    if level == len(_LEVELS):
        return _unary(scanner)
    left = _level(scanner, level + 1)
    while True:
        scanner.blank()
        operator = _operator(scanner, level)
        if operator is None:
            return left
        left = Binary(operator, left, _level(scanner, level + 1))


def _operator(scanner: Scanner, level: int) -> str | None:
    for written, operator in _LEVELS[level].items():
        if not scanner.text.startswith(written, scanner.at):
            continue
        after = scanner.text[scanner.at + len(written) : scanner.at + len(written) + 1]
        if written.isalpha() and (after.isalnum() or after == "_"):
            continue
        scanner.at += len(written)
        return operator
    return None


def _unary(scanner: Scanner) -> Expression:
    scanner.blank()
    operator = ""
    if scanner.peek() == "!" and scanner.peek(2) != "!=":
        operator = "!"
        scanner.at += 1
    elif scanner.peek(3) == "not" and not scanner.text[scanner.at + 3 : scanner.at + 4].isalnum():
        operator = "!"
        scanner.at += 3
    elif scanner.peek() == "-" and not scanner.peek(2)[1:].isdigit():
        operator = "-"
        scanner.at += 1
    if not operator:
        return _primary(scanner)
    scanner.deeper()
    found = Unary(operator, _unary(scanner))
    scanner.depth -= 1
    return found


def _primary(scanner: Scanner) -> Expression:
    mark = scanner.peek()
    if mark == "$":
        reference = read_reference(scanner)
        if reference is None:
            raise scanner.fail("'$' without a name")
        return reference
    if mark in ('"', "'"):
        return _text(scanner)
    if scanner.take("("):
        found = read_expression(scanner)
        scanner.blank()
        scanner.expect(")")
        return found
    if scanner.take("["):
        return _list_or_range(scanner)
    if scanner.take("{"):
        return _map(scanner)
    if mark.isdigit() or mark == "-":
        return _number(scanner)
    for word, value in (("true", True), ("false", False)):
        if scanner.take(word):
            return Literal(value)
    raise scanner.fail(f"{scanner.found()} where a value should be")


def _text(scanner: Scanner) -> Expression:
    start, quote = scanner.at, scanner.peek()
    end = scanner.text.find(quote, start + 1)
    # Two quotes in a row stand for one.
    while end >= 0 and scanner.text[end + 1 : end + 2] == quote:
        end = scanner.text.find(quote, end + 2)
    if end < 0:
        raise scanner.fail(f"A text without its closing {quote}")
    inner = scanner.text[start + 1 : end].replace(quote * 2, quote)
    scanner.at = end + 1
    if quote == "'" or "$" not in inner:
        return Literal(inner)
    return Interpolated(_parts(inner, scanner))


def _parts(text: str, outer: Scanner) -> tuple[Node, ...]:
    """Read a text with references in it."""
    scanner = Scanner(text)
    scanner.depth = outer.depth
    scanner.deeper()
    parts: list[Node] = []
    plain = ""
    while scanner.peek():
        reference = read_reference(scanner) if scanner.peek() == "$" else None
        if reference is None:
            plain += scanner.peek()
            scanner.at += 1
        else:
            parts += [plain, reference]
            plain = ""
    return (*parts, plain)


def _number(scanner: Scanner) -> Literal:
    start = scanner.at
    scanner.take("-")
    while scanner.peek().isdigit():
        scanner.at += 1
    if scanner.peek() == "." and scanner.peek(2)[1:].isdigit():
        scanner.at += 1
        while scanner.peek().isdigit():
            scanner.at += 1
        return Literal(float(scanner.text[start : scanner.at]))
    if scanner.at - start > 18:
        raise scanner.fail("A number of more than 18 digits", start)
    return Literal(int(scanner.text[start : scanner.at]))


def _list_or_range(scanner: Scanner) -> Expression:
    scanner.blank()
    if scanner.take("]"):
        return ListOf(())
    first = read_expression(scanner)
    scanner.blank()
    if scanner.take(".."):
        last = read_expression(scanner)
        scanner.blank()
        scanner.expect("]")
        return Range(first, last)
    if scanner.take("]"):
        return ListOf((first,))
    scanner.expect(",")
    return ListOf((first, *_list(scanner, "]")))


def _map(scanner: Scanner) -> MapOf:
    members: list[tuple[Expression, Expression]] = []
    scanner.blank()
    while not scanner.take("}"):
        if members:
            scanner.expect(",")
        key = read_expression(scanner)
        scanner.blank()
        scanner.expect(":")
        members.append((key, read_expression(scanner)))
        scanner.blank()
    return MapOf(tuple(members))
