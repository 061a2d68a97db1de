"""Expressions and values that a workflow function cannot have: in words, and what to write instead."""

from __future__ import annotations

import ast
import difflib
import types
from collections.abc import Mapping
from enum import Enum, EnumMeta
from typing import Final

_TASK: Final = "move the work into a task"
_IN_WORDS: Final[Mapping[type, tuple[str, str]]] = {
    ast.Lambda: ("a lambda as a value", f"write its expression where it is called, or {_TASK}"),
    ast.SetComp: ("a set", f"use a list, or {_TASK}"),
    ast.Set: ("a set", f"use a list, or {_TASK}"),
    ast.Await: ("await", "call the task without it"),
    ast.Yield: ("yield", "return a list"),
    ast.YieldFrom: ("yield", "return a list"),
    ast.NamedExpr: ("an assignment inside an expression", "assign in a statement before"),
    ast.Starred: ("* here", "name each element"),
}


def unsupported(node: ast.expr) -> tuple[str, str]:
    """Give what an expression is that states cannot say, and what to write instead."""
    if isinstance(node, ast.Constant):
        what = described(node.value)
        return f"a constant {what}" if what.startswith("of ") else what, value_help(node.value)
    return _IN_WORDS.get(type(node), (type(node).__name__, _TASK))


def missing_member(holder: types.ModuleType | type, name: str) -> tuple[str, str | None]:
    """Say that an Enum, class or module has no such member, and what was probably meant."""
    if isinstance(holder, EnumMeta):
        known, listed = list(holder.__members__), f"its members are {', '.join(holder.__members__)}"
        message = f"{holder.__name__} has no member '{name}'"
    else:
        known, listed = [each for each in vars(holder) if not each.startswith("_")], None
        message = f"{described(holder)} has no '{name}'"
    close = difflib.get_close_matches(name, known, n=1)
    return message, f"did you mean '{close[0]}'?" if close else listed


def described(value: object) -> str:
    """Say what a value is that has no exact JSON form."""
    match value:
        case type():
            return f"the class {value.__name__}"
        case types.ModuleType():
            return f"the module {value.__name__}"
        case Enum():
            return f"a member of {type(value).__name__}"
        case int():
            return "an int beyond 2**53"
        case float():
            return f"the float {value}"
        case _:
            return f"of type {type(value).__name__}"


def value_help(value: object) -> str:
    """Say what to write in the place of a value that has no exact JSON form."""
    match value:
        case int():
            return "use a str, and compute with it in a task"
        case bytes():
            return "use a str"
        case _:
            return "use str, int, float, bool, an Enum, or lists and dicts of those"
