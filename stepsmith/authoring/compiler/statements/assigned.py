"""Which names statements assign."""

from __future__ import annotations

import ast
from collections.abc import Sequence


def assigned_names(statements: Sequence[ast.stmt]) -> list[str]:
    """Give the names that statements assign, nested functions left out, in the order of the source."""
    found: dict[str, None] = {}
    for statement in statements:
        _collect(statement, found)
    return list(found)


def _collect(node: ast.AST, found: dict[str, None]) -> None:
    match node:
        case ast.FunctionDef():
            found[node.name] = None
            return
        case ast.Name(id=name, ctx=ast.Store()):
            found[name] = None
        case ast.Tuple() | ast.List() | ast.Starred():
            pass
        case ast.expr():
            # no other expression that is supported assigns
            return
        case ast.ExceptHandler(name=str() as name):
            found[name] = None
        case _:
            pass
    for child in ast.iter_child_nodes(node):
        _collect(child, found)
