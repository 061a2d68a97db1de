"""Where each state of a figure stands: one flat Graphviz layout for each nesting level.

Graphviz is given boxes of known size and label boxes of known size, never text.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from threading import Lock
from typing import Any, TypeAlias

from stepsmith.errors import StepsmithError
from stepsmith.frozen import frozen
from stepsmith.views.graphs.outline import Edge, Level, Node
from stepsmith.views.lettering import lines, shorten, width

LINE = 15.0
HEADER = 30.0
GAP = 14.0
SIGN = 16.0
"""The room for the sign of a status before the first line of a name."""
LEAST = 96.0
"""The width of the smallest states, which have room for counts."""
SLANT = 14.0
"""How far the slanting sides of a Choice reach in."""
LABEL_LINE = 13.0
LABEL_WIDTH = 132.0
ABREAST = 4
"""So many states that lead from or to the same one stand side by side; more of them stand in three rows."""
ROW = 900.0
"""Branches that are wider together stand in several rows."""
ROUND = ("Succeed", "Fail")
"""States of these Types are drawn with round sides."""
Point: TypeAlias = tuple[float, float]
_graphviz = Lock()


class LayoutUnavailable(StepsmithError):
    """The layout engine is not installed."""


@frozen
class Box:
    """A placed state: centre and size in pixels, and what stands inside it, relative to its own upper left corner."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    text: tuple[str, ...]
    inside: tuple[tuple[float, float, Figure], ...] = ()


@frozen
class Line:
    """A placed transition: a chain of Bézier curves, its tip, and the centre of its label."""

    edge: Edge
    points: tuple[tuple[float, float], ...]
    tip: tuple[float, float]
    label: tuple[float, float] | None
    text: tuple[str, ...]


@frozen
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
    widest = _widest(node, text)
    sides = 2 * SLANT + 18 if node.kind == "Choice" else 28
    return Box(node, 0, 0, max(LEAST, widest + sides), LINE * (len(text) + 1) + 12, text)


def _widest(node: Node, text: tuple[str, ...]) -> float:
    """Give the width of the words in a box; a picture of an execution has the same boxes as one of the machine."""
    first, *others = text
    return max(width(first) + SIGN, *(width(line) for line in (*others, caption(node))))


def _container(node: Node, text: tuple[str, ...], inner: list[Figure]) -> Box:
    head = HEADER + LINE * (len(text) - 1)
    widest = _widest(node, text) + 2 * GAP
    y = head + GAP
    placed: list[tuple[float, float, Figure]] = []
    rows = list(_rows(inner))
    wide = max(widest, *(_abreast(row) for row in rows))
    for row in rows:
        x = GAP + (wide - _abreast(row)) / 2
        for figure in row:
            placed.append((x, y, figure))
            x += figure.width + GAP
        y += max(figure.height for figure in row) + GAP
    return Box(node, 0, 0, wide, y, text, tuple(placed))


def _rows(figures: list[Figure]) -> Iterator[list[Figure]]:
    """Break branches into rows, each but a single one no wider than allowed."""
    row: list[Figure] = []
    for figure in figures:
        if row and _abreast([*row, figure]) > ROW:
            yield row
            row = []
        row.append(figure)
    yield row


def _abreast(row: list[Figure]) -> float:
    return sum(figure.width + GAP for figure in row) + GAP


def caption(node: Node) -> str:
    """Give the small second line of a state: its type and what it calls or waits for."""
    return f"{node.kind} · {shorten(node.detail, 32)}" if node.detail else node.kind


def label_lines(edge: Edge) -> tuple[str, ...]:
    """Give the one or two lines of text that stand at a transition, cut to fit; none where any error is caught."""
    if not edge.label or (edge.kind == "catch" and edge.label == "States.ALL"):
        return ()
    return tuple(lines(edge.label, limit=LABEL_WIDTH, most=2))


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
    by_name = {box.node.name: box for box in placed}
    drawn: list[Line] = []
    for index, edge in enumerate(level.edges):
        item = curves[f"e{index}"]
        curve, tip = _curve(item["pos"])
        at = point(_pair(item["lp"])) if "lp" in item else None
        ends = by_name[edge.source], by_name[edge.target]
        drawn.append(Line(edge, *_joined(list(map(point, curve)), point(tip), *ends), at, label_lines(edge)))
    points, tip = _curve(curves["start"]["pos"])
    start = point((places["start"][0], places["start"][1]))
    return Figure(
        right + GAP, top + GAP, start, tuple(map(point, points)), point(tip), tuple(placed), tuple(drawn)
    )


def _joined(points: list[Point], tip: Point, source: Box, target: Box) -> tuple[tuple[Point, ...], Point]:
    """Let a line begin and end at the shapes that are drawn; Graphviz knows the rectangles around them."""
    end = touch(target, tip)
    last = (points[-1][0] + end[0] - tip[0], points[-1][1] + end[1] - tip[1])
    return (touch(source, points[0]), *points[1:-1], last), end


def touch(box: Box, at: Point) -> Point:
    """Move a point on the rectangle around a state to its slanting or round side."""
    half = box.height / 2
    if box.node.kind not in ("Choice", *ROUND):
        return at
    slants = box.node.kind == "Choice"
    reach = SLANT if slants else half
    across, along = at[0] - box.x, max(-half, min(half, at[1] - box.y))
    into = reach - max(0.0, box.width / 2 - abs(across))  # Graphviz rounds, and may end a little outside
    if into <= 0:
        return at
    if abs(along) > half - 1:  # above or below the side
        far = half * (1 - into / reach) if slants else (half**2 - into**2) ** 0.5
        return (at[0], round(box.y + (far if along > 0 else -far), 2))
    away = reach * abs(along) / half if slants else half - (half**2 - along**2) ** 0.5
    return (round(at[0] + (away if across < 0 else -away), 2), at[1])


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
    graph.graph_attr.update(rankdir="TB", nodesep="0.18", ranksep="0.34", outputorder="nodesfirst")
    index = {box.node.name: f"n{number}" for number, box in enumerate(boxes)}
    graph.add_node("start", shape="circle", fixedsize="true", width=12 / 72, height=12 / 72, label="")
    for number, box in enumerate(boxes):
        graph.add_node(
            f"n{number}",
            shape="box",
            fixedsize="true",
            width=box.width / 72,
            height=box.height / 72,
            label="",
        )
    graph.add_edge("start", index[level.start], key="start", name="start", weight="4")
    lengths = _lengths(level)
    for number, edge in enumerate(level.edges):
        _add_edge(graph, edge, index, number, lengths.get(number, 1))
    with _graphviz:
        return json.loads(graph.draw(format="json0", prog="dot"))


def _add_edge(graph: Any, edge: Edge, index: dict[str, str], number: int, length: int) -> None:
    attributes = {"key": f"e{number}", "name": f"e{number}", "weight": "1" if edge.kind == "catch" else "3"}
    if length > 1:
        attributes["minlen"] = str(length)
    text = label_lines(edge)
    if text:
        wide, high = int(max(width(line, size=11) for line in text) + 12), int(LABEL_LINE * len(text) + 4)
        attributes["label"] = (
            f'<<TABLE BORDER="0" FIXEDSIZE="TRUE" WIDTH="{wide}" HEIGHT="{high}"><TR><TD></TD></TR></TABLE>>'
        )
    graph.add_edge(index[edge.source], index[edge.target], **attributes)


def _lengths(level: Level) -> dict[int, int]:
    """Give the edges that are longer than one rank, so that many states between the same two stand in three rows."""
    found: dict[int, int] = {}
    offsets: dict[str, int] = {}
    edges = list(enumerate(level.edges))
    into = Counter(edge.target for edge in level.edges)
    out = Counter(edge.source for edge in level.edges)
    for node in level.nodes:
        fan = [
            (number, edge.target)
            for number, edge in edges
            if edge.source == node.name and into[edge.target] == 1
        ]
        found.update(_by_turns(fan, offsets, (1, 2, 3)))
    for node in level.nodes:
        fan = [
            (number, edge.source)
            for number, edge in edges
            if edge.target == node.name and into[edge.source] == out[edge.source] == 1
        ]
        found.update(_by_turns(fan, offsets, (3, 2, 1)))
    return found


def _by_turns(
    fan: list[tuple[int, str]], offsets: dict[str, int], lengths: tuple[int, int, int]
) -> Iterator[tuple[int, int]]:
    if len(fan) > ABREAST:
        for place, (number, name) in enumerate(fan):
            yield number, lengths[offsets.setdefault(name, place % 3)]
