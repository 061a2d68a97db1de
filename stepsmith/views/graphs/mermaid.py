"""A state machine as Mermaid text, which JupyterLab and code hosts draw themselves."""

from __future__ import annotations

from collections.abc import Iterator

from stepsmith.asl.model import StateMachine
from stepsmith.views.graphs.outline import Level, Node, outline
from stepsmith.views.lettering import shorten


def to_mermaid(machine: StateMachine) -> str:
    """Give a `stateDiagram-v2` of a state machine; identifiers are made here, names appear only as quoted text."""
    return "\n".join(["stateDiagram-v2", *_level(outline(machine), "s", "  ")]) + "\n"


def _level(level: Level, prefix: str, indent: str) -> Iterator[str]:
    ids = {node.name: f"{prefix}{number}" for number, node in enumerate(level.nodes)}
    for node in level.nodes:
        yield from _node(node, ids[node.name], indent)
    yield f"{indent}[*] --> {ids[level.start]}"
    for edge in level.edges:
        label = f": {_quoted(edge.label, 48)}" if edge.label else ""
        yield f"{indent}{ids[edge.source]} --> {ids[edge.target]}{label}"
    for node in level.nodes:
        if node.ends:
            yield f"{indent}{ids[node.name]} --> [*]"


def _node(node: Node, identifier: str, indent: str) -> Iterator[str]:
    yield f'{indent}state "{_quoted(node.name, 80)}" as {identifier}'
    if node.kind == "Choice":
        yield f"{indent}note right of {identifier}: Choice"
    if node.levels:
        yield f"{indent}state {identifier} {{"
        for number, level in enumerate(node.levels):
            if number:
                yield f"{indent}  --"
            yield from _level(level, f"{identifier}_{number}_", indent + "  ")
        yield f"{indent}}}"


_ENTITIES = {
    '"': "#quot;",
    "<": "#lt;",
    ">": "#gt;",
    ";": "#59;",
    "#": "#35;",
    ":": "#58;",
    "{": "#123;",
    "}": "#125;",
}


def _quoted(text: str, limit: int) -> str:
    return "".join(_ENTITIES.get(c, c) for c in shorten(text, limit))
