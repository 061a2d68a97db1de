"""Smaller programs that still show what a larger one has shown."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator


def shrunk(text: str, shows: Callable[[str], bool]) -> str:
    """Give the program without the statements that are not needed; `shows` says whether a program still does."""
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(text):
            if len(candidate) < len(text) and shows(candidate):
                text, smaller = candidate, True
                break
    return text


def _smaller(text: str) -> Iterator[str]:
    """Give the programs without one statement, with the body in its place, or with one part of an expression."""
    blocks = len(list(_blocks(ast.parse(text))))
    for number in range(blocks):
        for index in range(len(list(_blocks(ast.parse(text)))[number])):
            for replacement in ("nothing", "body"):
                tree = ast.parse(text)
                block = list(_blocks(tree))[number]
                body = getattr(block[index], "body", None) if replacement == "body" else []
                if body is None or (replacement == "nothing" and len(block) == 1):
                    continue
                block[index : index + 1] = body
                yield ast.unparse(tree)
    yield from _simpler(text)


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block and isinstance(node, ast.stmt):
                yield block


def _simpler(text: str) -> Iterator[str]:
    count = sum(isinstance(node, ast.expr) for node in ast.walk(ast.parse(text)))
    for number in range(count):
        for child in range(3):
            tree = ast.parse(text)
            nodes = [node for node in ast.walk(tree) if isinstance(node, ast.expr)]
            inner = [node for node in ast.iter_child_nodes(nodes[number]) if isinstance(node, ast.expr)]
            if child < len(inner):
                Replacing(nodes[number], inner[child]).visit(tree)
                yield ast.unparse(tree)


class Replacing(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().generic_visit(node)
