"""A state machine as indented plain text, for terminals and readers without pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stepsmith.asl.model import StateMachine
from stepsmith.terminal_text import one_line
from stepsmith.views.graphs.outline import Level, Node, outline
from stepsmith.views.histories.progress import StateStatus


def to_text(machine: StateMachine, *, statuses: Mapping[str, StateStatus] | None = None) -> str:
    """Give one line for each state and one for each transition that is not simply the next line."""
    return "\n".join(_level(outline(machine), "", statuses or {})) + "\n"


def _level(level: Level, indent: str, statuses: Mapping[str, StateStatus]) -> Iterator[str]:
    yield f"{indent}start: {one_line(level.start)}"
    for node in level.nodes:
        yield f"{indent}{_headline(node, statuses)}"
        for edge in level.edges:
            if edge.source == node.name:
                yield f"{indent}    {_arrow(edge.kind, edge.label)} {one_line(edge.target)}"
        for number, inner in enumerate(node.levels):
            yield f"{indent}    {'each item' if node.kind == 'Map' else f'branch {number + 1}'}"
            yield from _level(inner, indent + "      ", statuses)


def _headline(node: Node, statuses: Mapping[str, StateStatus]) -> str:
    detail = f" {one_line(node.detail)}" if node.detail else ""
    status = statuses.get(node.name)
    return f"{one_line(node.name)} [{node.kind}{detail}]" + (f" {status.sentence}" if status else "")


def _arrow(kind: str, label: str) -> str:
    match kind:
        case "next":
            return "->"
        case "catch":
            return f"on {one_line(label)} ->"
        case _:
            return f"if {one_line(label)} ->" if kind == "choice" else "otherwise ->"
