"""YAML as nodes with their places: read from events, so that no input is too deep or grows where it refers to itself.

Scalars are those of YAML 1.2 and JSON, as the consoles and toolkits of AWS read them: `no` and `on` are texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast

from stepsmith.diagnostics import Finding, InvalidDefinition
from stepsmith.expressions.types import Json

DEEPEST: Final = 200
"""How deep a document may be nested; definitions of state machines have at most a few dozen levels."""
MOST_NODES: Final = 400_000
"""Nodes of a document, aliases counted as often as they stand for something."""
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_WHOLE: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,399})\Z")
"""Whole numbers. What begins with a zero is a text: to some readers it is octal, and to those who write it a code."""
_DECIMAL: Final = re.compile(r"[-+]?(?:\.[0-9]{1,400}|(?:0|[1-9][0-9]{0,399})(?:\.[0-9]{0,400})?)(?:[eE][-+]?[0-9]{1,9})?\Z")
_PLAIN: Final = "tag:yaml.org,2002:"


@dataclass(slots=True)
class Scalar:
    """A text, number, boolean or null."""

    text: str
    value: Json
    line: int
    column: int
    tag: str | None = None
    """A tag of its own, such as `!Sub`."""
    block: bool = False
    """Whether it is a block of lines, which begins in the line after its place."""


@dataclass(slots=True)
class List:
    """An array."""

    line: int
    column: int
    tag: str | None = None
    items: list[Node] = field(default_factory=list["Node"])


@dataclass(slots=True)
class Object:
    """An object; `keys` are where the names stand."""

    line: int
    column: int
    tag: str | None = None
    items: dict[str, Node] = field(default_factory=dict[str, "Node"])
    keys: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    def get(self, *path: str) -> Node | None:
        """Return what lies below some names; None where it is not there."""
        found: Node | None = self
        for name in path:
            found = found.items.get(name) if isinstance(found, Object) else None
        return found

    def text(self, *path: str) -> str | None:
        """Return the text below some names; None where there is none."""
        found = self.get(*path)
        return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else None


Node: TypeAlias = "Scalar | List | Object"


def read_nodes(data: bytes) -> Node:
    """Read a document of YAML. Raises InvalidDefinition with line and column for what is none, and for what is too much."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        events: Iterator[Any] = cast("Any", yaml).parse(data, Loader=loader)
        return _Reader().read(events)
    except yaml.YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        line, column = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
        raise refused(f"This is no YAML: {problem}", line, column) from None


def refused(message: str, line: int, column: int, *, rule: str = "yaml-syntax") -> InvalidDefinition:
    """Return what is raised for a place that cannot be read."""
    code = "INVALID_YAML" if rule.startswith("yaml") else "INVALID_TEMPLATE"
    return InvalidDefinition([Finding(code, message, "/", line, column, rule=rule)])


class _Reader:
    """Makes nodes of events, with a stack of its own."""

    def __init__(self) -> None:
        self._stack: list[tuple[List | Object, list[Scalar]]] = []
        """What is open, with the key that waits for its value."""
        self._anchors: dict[str, Node] = {}
        self._sizes: dict[int, int] = {}
        self._count = 0
        self._root: Node | None = None

    def read(self, events: Iterator[Any]) -> Node:
        for event in events:
            self._take(event)
        return self._root or Scalar("", None, 1, 1)

    def _take(self, event: Any) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        kind = type(event).__name__
        if kind == "ScalarEvent":
            self._put(_scalar(event, line, column), event.anchor, line, column)
        elif kind == "AliasEvent":
            known = self._anchors.get(event.anchor)
            if known is None:
                raise refused(f"The alias *{event.anchor} stands for nothing before it", line, column)
            if any(known is open_ for open_, _ in self._stack):
                raise refused(f"The alias *{event.anchor} stands for something that holds it", line, column)
            self._grow(_size(known, self._sizes), line, column)
            self._put(known, None, line, column)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            made = (Object if kind == "MappingStartEvent" else List)(line, column, _own_tag(event, line, column))
            self._put(made, event.anchor, line, column)
            self._stack.append((made, []))
            if len(self._stack) > DEEPEST:
                raise refused(f"This is nested more than {DEEPEST} levels deep", line, column)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._stack.pop()
        elif kind == "DocumentStartEvent" and self._root is not None:
            raise refused("A second document begins here; one file holds one", line, column)

    def _grow(self, nodes: int, line: int, column: int) -> None:
        self._count += nodes
        if self._count > MOST_NODES:
            raise refused(f"This has more than {MOST_NODES:,} parts", line, column)

    def _put(self, node: Node, anchor: str | None, line: int, column: int) -> None:
        self._grow(1, line, column)
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._stack:
            self._root = node
            return
        holder, waiting = self._stack[-1]
        if isinstance(holder, List):
            holder.items.append(node)
        elif not waiting:
            if not isinstance(node, Scalar) or node.tag is not None:
                raise refused("The name of a field is a text", line, column)
            waiting.append(Scalar(node.text, node.value, line, column))
        else:
            key = waiting.pop()
            if key.text in holder.items:
                raise refused(f"The field {key.text[:80]!r} stands twice in one object", key.line, key.column)
            holder.items[key.text] = node
            holder.keys[key.text] = (key.line, key.column)


def _size(node: Node, known: dict[int, int]) -> int:
    """Count the nodes that one stands for; each is counted once, or aliases of aliases would take for ever."""
    found = known.get(id(node))
    if found is None:
        parts = [] if isinstance(node, Scalar) else node.items if isinstance(node, List) else node.items.values()
        found = known[id(node)] = 1 + sum(_size(part, known) for part in parts)
    return found


def _own_tag(event: Any, line: int, column: int) -> str | None:
    """Return a tag that is none of YAML's own; raises InvalidDefinition for those that would make objects."""
    tag: str | None = event.tag
    if tag is None or tag in ("!", f"{_PLAIN}str", f"{_PLAIN}map", f"{_PLAIN}seq"):
        return None
    if tag.startswith(_PLAIN):
        name = tag.removeprefix(_PLAIN)
        if name in ("int", "float", "bool", "null"):
            return None
        raise refused(f"!!{name} is no JSON; a definition holds texts, numbers, true, false and null", line, column)
    return tag


def _scalar(event: Any, line: int, column: int) -> Scalar:
    tag, text = _own_tag(event, line, column), str(event.value)
    plain = event.style is None or event.style == ""
    is_text = not plain or tag is not None or event.tag in ("!", f"{_PLAIN}str")
    value: Json = text if is_text else _resolved(text, line, column)
    return Scalar(text, value, line, column, tag, block=event.style in ("|", ">"))


def _resolved(text: str, line: int, column: int) -> Json:
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _WHOLE.match(text):
        return int(text)
    if _DECIMAL.match(text):
        number = float(text)
        if number - number != 0.0:
            raise refused(f"{text[:40]} is larger than a number can be", line, column)
        return number
    if text.lower().lstrip("+-") in (".inf", ".nan"):
        raise refused(f"{text} is no number in JSON; write it in quotes for a text", line, column)
    return text
