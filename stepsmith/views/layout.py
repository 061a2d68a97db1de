"""Where each state of a figure stands: one flat Graphviz layout for each nesting level.

Graphviz is given boxes of known size and label boxes of known size, never text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from stepsmith.errors import StepsmithError
from stepsmith.views.lettering import lines, shorten, width
from stepsmith.views.outline import Edge, Level, Node

LINE = 15.0
HEADER = 30.0
GAP = 14.0
LABEL = 34
_graphviz = Lock()


class LayoutUnavailable(StepsmithError):
    """The layout engine is not installed."""


@dataclass(frozen=True, slots=True)
class Box:
    """A placed state: centre and size in pixels, and what stands inside it, relative to its own upper left corner."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    text: tuple[str, ...]
    inside: tuple[tuple[float, float, Figure], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A placed transition: a chain of Bézier curves, its tip, and the centre of its label."""

    edge: Edge
    points: tuple[tuple[float, float], ...]
    tip: tuple[float, float]
    label: tuple[float, float] | None
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A placed level; its origin is the upper left corner."""

    width: float
    height: float
    start: tuple[float, float]
    start_line: tuple[tuple[float, float], ...]
    start_tip: tuple[float, float]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


@lru_cache(maxsize=128)
def place(level: Level) -> Figure:
    """Place the states of a level and of the levels inside it. Raises LayoutUnavailable without the extra `viz`."""
    return _read(level, [_size(node) for node in level.nodes])


def _size(node: Node) -> Box:
    text = tuple(lines(node.name))
    inner = [place(level) for level in node.levels]
    if inner:
        return _container(node, text, inner)
    widest = max(width(line) for line in (*text, _caption(node)))
    height = LINE * (len(text) + 1) + 12
    if node.kind == "Choice":
        return Box(node, 0, 0, *_diamond([*text, _caption(node)]), text)
    return Box(node, 0, 0, max(110, widest + 34), height, text)


def _diamond(text: list[str]) -> tuple[float, float]:
    """Give width and height of a diamond that holds lines of text, the upper and lower ones where it is narrow."""
    high = 2 * LINE * len(text) + 12
    wide = 110.0
    for number, line in enumerate(text):
        away = abs(number - (len(text) - 1) / 2) * LINE + 6
        wide = max(wide, (width(line) + 24) / (1 - 2 * away / high))
    return wide, high


def _container(node: Node, text: tuple[str, ...], inner: list[Figure]) -> Box:
    head = HEADER + LINE * (len(text) - 1)
    placed: list[tuple[float, float, Figure]] = []
    x = GAP
    for figure in inner:
        placed.append((x, head + GAP, figure))
        x += figure.width + GAP
    widest = max(x, max(width(line) for line in text) + width(_caption(node)) + 70)
    shift = (widest - x) / 2
    inside = tuple((left + shift, top, figure) for left, top, figure in placed)
    return Box(node, 0, 0, widest, head + GAP * 2 + max(figure.height for figure in inner), text, inside)


def _caption(node: Node) -> str:
    return caption(node)


def caption(node: Node) -> str:
    """Give the small second line of a state: its type and what it calls or waits for."""
    return f"{node.kind} · {shorten(node.detail, 32)}" if node.detail else node.kind


def label_text(edge: Edge) -> str:
    """Give the text that stands at a transition, cut to fit."""
    return shorten(edge.label, LABEL)


def _read(level: Level, boxes: list[Box]) -> Figure:
    found = _graphviz_layout(level, boxes)
    _, _, right, top = (float(number) for number in found["bb"].split(","))
    places = {item["name"]: tuple(map(float, item["pos"].split(","))) for item in found["objects"]}

    def point(xy: tuple[float, float]) -> tuple[float, float]:
        return (round(xy[0] + GAP / 2, 2), round(top - xy[1] + GAP / 2, 2))

    placed: list[Box] = []
    for index, box in enumerate(boxes):
        x, y = point((places[f"n{index}"][0], places[f"n{index}"][1]))
        placed.append(Box(box.node, x, y, box.width, box.height, box.text, box.inside))
    curves = {item["name"]: item for item in found.get("edges", []) if "name" in item}
    drawn: list[Line] = []
    for index, edge in enumerate(level.edges):
        item = curves[f"e{index}"]
        points, tip = _curve(item["pos"])
        at = point(_pair(item["lp"])) if "lp" in item else None
        drawn.append(Line(edge, tuple(map(point, points)), point(tip), at, label_text(edge)))
    points, tip = _curve(curves["start"]["pos"])
    start = point((places["start"][0], places["start"][1]))
    return Figure(
        right + GAP, top + GAP, start, tuple(map(point, points)), point(tip), tuple(placed), tuple(drawn)
    )


def _pair(text: str) -> tuple[float, float]:
    x, y = text.split(",")
    return float(x), float(y)


def _curve(position: str) -> tuple[list[tuple[float, float]], tuple[float, float]]:
    """Read Graphviz's spline text: an optional `e,x,y` tip, then the points of the Bézier chain."""
    points: list[tuple[float, float]] = []
    tip: tuple[float, float] | None = None
    for part in position.split():
        if part.startswith("e,"):
            tip = _pair(part[2:])
        elif not part.startswith("s,"):
            points.append(_pair(part))
    return points, tip or points[-1]


def _graphviz_layout(level: Level, boxes: list[Box]) -> dict[str, Any]:
    try:
        import pygraphviz  # pyright: ignore[reportMissingTypeStubs]  # the package has no types
    except ImportError as error:
        raise LayoutUnavailable(
            "drawing a state graph needs Graphviz: pip install 'stepsmith[viz]'; without it use `--format mermaid`"
        ) from error
    graph: Any = pygraphviz.AGraph(directed=True, strict=False)  # pyright: ignore[reportUnknownMemberType]
    graph.graph_attr.update(rankdir="TB", nodesep="0.35", ranksep="0.36", outputorder="nodesfirst")
    index = {box.node.name: f"n{number}" for number, box in enumerate(boxes)}
    graph.add_node("start", shape="circle", fixedsize="true", width=12 / 72, height=12 / 72, label="")
    for number, box in enumerate(boxes):
        shape = "diamond" if box.node.kind == "Choice" else "box"
        graph.add_node(
            f"n{number}",
            shape=shape,
            fixedsize="true",
            width=box.width / 72,
            height=box.height / 72,
            label="",
        )
    graph.add_edge("start", index[level.start], key="start", name="start", weight="4")
    for number, edge in enumerate(level.edges):
        _add_edge(graph, edge, index, number)
    with _graphviz:
        return json.loads(graph.draw(format="json0", prog="dot"))


def _add_edge(graph: Any, edge: Edge, index: dict[str, str], number: int) -> None:
    attributes = {"key": f"e{number}", "name": f"e{number}", "weight": "1" if edge.kind == "catch" else "3"}
    text = label_text(edge)
    if text:
        wide, high = int(width(text, size=11) + 12), 16
        attributes["label"] = (
            f'<<TABLE BORDER="0" FIXEDSIZE="TRUE" WIDTH="{wide}" HEIGHT="{high}"><TR><TD></TD></TR></TABLE>>'
        )
    graph.add_edge(index[edge.source], index[edge.target], **attributes)
