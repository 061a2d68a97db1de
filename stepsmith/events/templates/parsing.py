"""Reads a template: text, references and directives."""

from __future__ import annotations

from typing import Final

from stepsmith.events.templates.expressions import read_expression, read_reference
from stepsmith.events.templates.nodes import Expression, ForEach, If, Leave, Node, Set
from stepsmith.events.templates.scanner import Scanner

_DIRECTIVES: Final = ("set", "if", "elseif", "else", "end", "foreach", "break", "stop")


def parse(text: str) -> tuple[Node, ...]:
    """Read a whole template; raises TemplateError."""
    scanner = Scanner(text)
    nodes, end = _block(scanner)
    if end:
        raise scanner.fail(f"#{end} without #if or #foreach")
    return nodes


def _block(scanner: Scanner) -> tuple[tuple[Node, ...], str]:
    """Read up to the directive that ends a block, which is passed; gives it, or nothing at the end of the text."""
    nodes: list[Node] = []
    plain: list[str] = []

    def flush() -> None:
        if plain:
            nodes.append("".join(plain))
            plain.clear()

    while scanner.peek():
        mark = scanner.peek()
        if mark == "#":
            if _comment(scanner, plain):
                continue
            start = scanner.at
            name = _directive(scanner)
            if name in ("elseif", "else", "end"):
                flush()
                return tuple(nodes), name
            if name:
                flush()
                nodes.append(_statement(scanner, name, start))
                continue
        elif mark == "$":
            reference = read_reference(scanner)
            if reference is not None:
                flush()
                nodes.append(reference)
                continue
        elif mark == "\\" and scanner.peek(2) in ("\\$", "\\#") and _is_escaped(scanner):
            scanner.at += 1
            mark = scanner.peek()
        plain.append(mark)
        scanner.at += 1
    flush()
    return tuple(nodes), ""


def _is_escaped(scanner: Scanner) -> bool:
    """Whether the backslash here takes a reference or directive as text."""
    inner = Scanner(scanner.text, scanner.at + 1)
    return read_reference(inner) is not None if inner.peek() == "$" else bool(_directive(inner))


def _comment(scanner: Scanner, plain: list[str]) -> bool:
    """Pass a comment, or a part that is taken as it is."""
    text = scanner.text
    if scanner.take("##"):
        end = text.find("\n", scanner.at)
        scanner.at = len(text) if end < 0 else end + 1
    elif scanner.take("#*"):
        end = text.find("*#", scanner.at)
        scanner.at = len(text) if end < 0 else end + 2
    elif scanner.take("#[["):
        end = text.find("]]#", scanner.at)
        if end < 0:
            raise scanner.fail("#[[ without ]]#")
        plain.append(text[scanner.at : end])
        scanner.at = end + 3
    else:
        return False
    return True


def _directive(scanner: Scanner) -> str:
    """Pass the name of a directive; nothing if none stands here."""
    start = scanner.at
    scanner.at += 1
    braced = scanner.take("{")
    word = ""
    for name in _DIRECTIVES:
        if scanner.text.startswith(name, scanner.at) and len(name) > len(word):
            word = name
    scanner.at += len(word)
    if not word or (braced and not scanner.take("}")):
        scanner.at = start
        return ""
    if word in ("set", "if", "elseif", "foreach"):
        after = scanner.at
        scanner.blank()
        if scanner.peek() != "(":
            scanner.at = start
            return ""
        scanner.at = after
    elif word in ("else", "end"):
        _line_end(scanner)
    return word


def _line_end(scanner: Scanner) -> None:
    """Pass the rest of a line that a directive ends, as Velocity does."""
    at = scanner.at
    while scanner.peek() and scanner.peek() in " \t":
        scanner.at += 1
    if not scanner.take("\r\n") and not scanner.take("\n"):
        scanner.at = at


def _statement(scanner: Scanner, name: str, start: int) -> Node:
    match name:
        case "set":
            return _set(scanner)
        case "if":
            return _if(scanner, start)
        case "foreach":
            return _foreach(scanner, start)
        case _:
            return Leave(name)


def _open(scanner: Scanner) -> None:
    scanner.blank()
    scanner.expect("(")
    scanner.blank()


def _set(scanner: Scanner) -> Node:
    _open(scanner)
    start = scanner.at
    target = read_reference(scanner)
    if target is None:
        raise scanner.fail(f"{scanner.found()} where #set needs a reference")
    scanner.blank()
    scanner.expect("=")
    value = read_expression(scanner)
    scanner.blank()
    scanner.expect(")")
    if target.name in ("input", "util"):
        raise scanner.fail(f"#set of ${target.name}, which cannot be set,", start)
    _line_end(scanner)
    return Set(target, value)


def _condition(scanner: Scanner) -> Expression:
    _open(scanner)
    found = read_expression(scanner)
    scanner.blank()
    scanner.expect(")")
    _line_end(scanner)
    return found


def _if(scanner: Scanner, start: int) -> Node:
    scanner.deeper()
    branches: list[tuple[Expression, tuple[Node, ...]]] = []
    otherwise: tuple[Node, ...] = ()
    end = "elseif"
    while end == "elseif":
        condition = _condition(scanner)
        body, end = _block(scanner)
        branches.append((condition, body))
    if end == "else":
        otherwise, end = _block(scanner)
    if end != "end":
        raise scanner.fail("#if without #end" if not end else f"#{end} after #else", start)
    scanner.depth -= 1
    return If(tuple(branches), otherwise)


def _foreach(scanner: Scanner, start: int) -> Node:
    scanner.deeper()
    _open(scanner)
    item = read_reference(scanner)
    if item is None or item.steps:
        raise scanner.fail("#foreach needs a plain reference, as in #foreach($item in $items),")
    scanner.blank()
    scanner.expect("in")
    values = read_expression(scanner)
    scanner.blank()
    scanner.expect(")")
    _line_end(scanner)
    body, end = _block(scanner)
    if end != "end":
        raise scanner.fail("#foreach without #end" if not end else f"#{end} without #if", start)
    scanner.depth -= 1
    return ForEach(item.name, values, body)
