"""Nodes as JSON text in which everything stands in the line and column in which it stood.

So whatever is said about the definition, by whom ever, names the place in the file that somebody has written.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from stepsmith.service.definitions.nodes import List, Node, Object, Scalar, refused

_ENCODE: Final = json.JSONEncoder(ensure_ascii=False).encode


def json_text(node: Node, *, text_of: Callable[[Node], str | None] = lambda node: None) -> str:
    """Return a node as JSON.

    `text_of` says which nodes with a tag of their own stand for a text, such as a `!Sub` for what it joins. Raises
    InvalidDefinition, naming the place, for the other ones.
    """
    writer = _Writer(text_of)
    writer.node(node)
    return "".join(writer.parts)


class _Writer:
    def __init__(self, text_of: Callable[[Node], str | None]) -> None:
        self.parts: list[str] = []
        self._text_of = text_of
        self._line, self._column = 1, 1

    def node(self, node: Node) -> None:
        text = self._text_of(node)
        if text is not None:
            self._put(_ENCODE(text), node.line, node.column)
        elif node.tag is not None:
            raise refused(
                f"{node.tag} is no part of a definition; templates have it", node.line, node.column, rule="yaml-tag"
            )
        elif isinstance(node, Scalar):
            self._put(_ENCODE(node.value), node.line, node.column)
        elif isinstance(node, List):
            self._put("[", node.line, node.column)
            for number, item in enumerate(node.items):
                if number:
                    self._add(",")
                self.node(item)
            self._add("]")
        else:
            self._object(node)

    def _object(self, node: Object) -> None:
        first = next(iter(node.keys.values()), None)
        if first == (node.line, node.column):
            self._add("{")  # in YAML there is none, and its place is that of the first name
        else:
            self._put("{", node.line, node.column)
        for number, (name, item) in enumerate(node.items.items()):
            if number:
                self._add(",")
            self._put(_ENCODE(name), *node.keys[name])
            self._add(":")
            self.node(item)
        self._add("}")

    def _put(self, text: str, line: int, column: int) -> None:
        """Write something at its place, or as soon after it as there is room; aliases stand where they are used."""
        if line > self._line:
            self._add("\n" * (line - self._line))
        if line == self._line and column > self._column:
            self._add(" " * (column - self._column))
        self._add(text)

    def _add(self, text: str) -> None:
        self.parts.append(text)
        lines = text.count("\n")
        if lines:
            self._line, self._column = self._line + lines, len(text) - text.rfind("\n")
        else:
            self._column += len(text)
