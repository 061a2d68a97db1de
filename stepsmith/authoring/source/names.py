"""Names of states and of variables, made from names in the source."""

from __future__ import annotations

import ast
from collections.abc import Container
from typing import Final

from stepsmith.expressions.typed.jsonata_text import FUNCTION_NAMES

LONGEST: Final = 80
"""Most characters of the name of a state or of a variable."""
_MOST_WORDS: Final = 2
_TRANSPARENT: Final = frozenset(
    {"len", "any", "all", "bool", "sum", "min", "max", "abs", "isinstance", "str"}
)
"""Functions that say less of a condition than what they are given."""


def sentence(name: str) -> str:
    """Write a function name as a sentence: `extract_metadata` is `Extract metadata`."""
    words = name.strip("_").replace("_", " ")
    return (words[:1].upper() + words[1:])[:LONGEST]


def class_words(name: str) -> str:
    """Write a class name as words: `EmptyCart` is `Empty Cart`."""
    out = ""
    for index, letter in enumerate(name):
        follows_small = index > 0 and (name[index - 1].islower() or name[index - 1].isdigit())
        ends_capitals = 0 < index < len(name) - 1 and name[index - 1].isupper() and name[index + 1].islower()
        out += (" " if letter.isupper() and (follows_small or ends_capitals) else "") + letter
    return out[:LONGEST]


def condition_words(node: ast.expr) -> str:
    """Name what a condition or target is about by the first two names in it: `not cart.lines` is `not lines`.

    Names in capitals, which are constants, are left out.
    """
    negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    found: dict[str, None] = {}
    _collect(node.operand if isinstance(node, ast.UnaryOp) else node, found)
    words = [name.strip("_").replace("_", " ") for name in found if not name.isupper()]
    text = " and ".join(list(filter(None, words))[:_MOST_WORDS]) or ast.unparse(node)
    return f"not {text}" if negated else text


def pattern_words(pattern: ast.pattern) -> str:
    """Name what a pattern is about, without the names that it binds: `Card(number=n, limit=3)` is `Card 3`."""
    match pattern:
        case ast.MatchClass(cls=cls, patterns=patterns, kwd_patterns=named):
            words = [ast.unparse(cls), *map(pattern_words, (*patterns, *named))]
            return " ".join(filter(None, words))
        case ast.MatchSequence(patterns=patterns):
            words = [pattern_words(each) for each in patterns if not isinstance(each, ast.MatchStar)]
            return ", ".join(filter(None, words)) or f"of {len(words)}"
        case ast.MatchMapping(keys=keys, patterns=patterns):
            parts = [f"{ast.unparse(k)} {pattern_words(p)}" for k, p in zip(keys, patterns, strict=True)]
            return ", ".join(part.strip() for part in parts) or "dict"
        case ast.MatchOr(patterns=patterns):
            return " | ".join(dict.fromkeys(map(pattern_words, patterns)))
        case ast.MatchAs(pattern=None, name=None):
            return "_"
        case ast.MatchAs(pattern=inner):
            return "" if inner is None else pattern_words(inner)
        case _:
            return ast.unparse(pattern)


def _collect(node: ast.AST, found: dict[str, None]) -> None:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            found[name] = None
        case ast.Call(func=ast.Attribute(value=value, attr=name)):
            _collect(value, found)
            found[name] = None
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _TRANSPARENT:
            _collect(first, found)
        case ast.Call(func=ast.Name(id=name)):
            found[name] = None
        case ast.Subscript(value=value):
            _collect(value, found)
        case _:
            for child in ast.iter_child_nodes(node):
                _collect(child, found)


def variable_name(wanted: str, taken: Container[str]) -> str:
    """Give a name for a variable that is not taken and hides nothing of JSONata; at most 80 characters."""
    found = short = wanted[:LONGEST]
    if found == "states" or found in FUNCTION_NAMES:
        found = f"{short}_"
    number = 1
    while found in taken:
        number += 1
        ending = f"_{number}"
        found = short[: LONGEST - len(ending)] + ending
    return found


def unique(name: str, taken: set[str]) -> str:
    """Give a name that is not taken, by a number at its end where needed, and take it; at most 80 characters."""
    short = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    found, number = short, 1
    while found in taken:
        number += 1
        ending = f" {number}"
        found = short[: LONGEST - len(ending)] + ending
    taken.add(found)
    return found
