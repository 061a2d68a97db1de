"""The figure of a state machine as SVG: accessible titles, selectable text, no scripts, light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from stepsmith.asl.model import StateMachine
from stepsmith.views.graphs.layout import LABEL_LINE, LINE, ROUND, SLANT, Box, Figure, Line, caption, place
from stepsmith.views.graphs.outline import Edge, Level, Node, outline, walk
from stepsmith.views.histories.progress import StateStatus
from stepsmith.views.lettering import width, xml
from stepsmith.views.palette import LIGHT, PLAIN, style_sheet

MARGIN = 14.0
LEGEND = 30.0
HEAD_LINE = 18.0
PAGE = 980.0
"""Pixels that the output of a cell has on a common screen."""
SMALLEST = 0.92
"""How much smaller a figure may be shown to fit a page; beyond that it scrolls, for letters to stay legible."""
GLYPHS = {
    "succeeded": "✓",
    "running": "▶",
    "failed": "✗",
    "caught": "!",
    "aborted": "■",
    "timed out": "◷",
}


def graph_svg(
    machine: StateMachine,
    *,
    title: str,
    statuses: Mapping[str, StateStatus] | None = None,
    head: Sequence[str] = (),
    meanings: Mapping[str, str] | None = None,
) -> str:
    """Draw a state machine, coloured by the statuses of its states (by name) if given.

    The lines of `head` stand above the figure; `meanings` say what the words of statuses mean where they don't tell how
    an execution went. Raises LayoutUnavailable when pygraphviz is not installed.
    """
    return draw_graph(outline(machine), title=title, statuses=statuses, head=head, meanings=meanings)


def draw_graph(
    level: Level,
    *,
    title: str,
    statuses: Mapping[str, StateStatus] | None = None,
    head: Sequence[str] = (),
    meanings: Mapping[str, str] | None = None,
) -> str:
    """Draw an outline; see graph_svg."""
    figure = place(level)
    legend = [(sample, (meanings or {}).get(words, words)) for sample, words in _legend(level, statuses)]
    head_width = max((width(line, size=13) for line in head), default=0.0)
    legend_width = sum(map(_legend_width, legend))
    wide = max(figure.width, legend_width, head_width) + 2 * MARGIN
    above = MARGIN + HEAD_LINE * len(head)
    high = figure.height + above + MARGIN + LEGEND
    shown = min(1.0, max(SMALLEST, PAGE / wide))
    prefix = "sm" + sha256(repr((level, title)).encode("utf-8", "replace")).hexdigest()[:10]
    left = MARGIN + (wide - 2 * MARGIN - figure.width) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{prefix} {PLAIN}" role="img" aria-labelledby="{prefix}-title" '
        f'width="{wide * shown:.0f}" height="{high * shown:.0f}" viewBox="0 0 {wide:.0f} {high:.0f}" '
        f'style="max-width:100%;min-width:{wide * SMALLEST:.0f}px;height:auto">',
        f'<title id="{prefix}-title">{xml(title)}</title><style>{style_sheet(prefix)}</style>',
        f'<rect class="paper" width="{wide:.0f}" height="{high:.0f}" fill="#ffffff"/>',
        *_head(head),
        f'<g transform="translate({left:.1f},{above})">',
        *_figure(figure, statuses or {}, ""),
        "</g>",
        *_draw_legend(legend, high - LEGEND / 2),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _head(lines: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        place = f'x="{MARGIN}" y="{MARGIN + 4 + number * HEAD_LINE}"'
        paint = 'class="head" fill="#1f2328"' if number == 0 else 'class="small" fill="#57606a"'
        yield f"<text {paint} {place}>{xml(line)}</text>"


def _figure(figure: Figure, statuses: Mapping[str, StateStatus], path: str) -> Iterator[str]:
    x, y = figure.start
    yield f'<circle class="tip" cx="{x}" cy="{y}" r="5" fill="#57606a"><title>Start</title></circle>'
    yield _path(figure.start_line, figure.start_tip)
    for line in figure.lines:
        yield from _line(line)
    for box in figure.boxes:
        yield from _box(box, statuses, path)


def _path(points: tuple[tuple[float, float], ...], tip: tuple[float, float]) -> str:
    first, *rest = points
    curve = f"M{first[0]},{first[1]} C" + " ".join(f"{x},{y}" for x, y in rest)
    return (
        f'<path class="line" d="{curve}" fill="none" stroke="#57606a"/>'
        f'<path class="tip" d="{_arrow(points[-1], tip)}" fill="#57606a"/>'
    )


def _arrow(base: tuple[float, float], tip: tuple[float, float]) -> str:
    dx, dy = tip[0] - base[0], tip[1] - base[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    nx, ny = -dy / length * 4, dx / length * 4
    corners = [(base[0] + nx, base[1] + ny), (base[0] - nx, base[1] - ny), tip]
    return "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in corners) + " Z"


def _line(line: Line) -> Iterator[str]:
    edge = line.edge
    words = f"{edge.source} to {edge.target}" + (f": {edge.label}" if edge.label else "")
    yield f'<g class="{edge.kind}"><title>{xml(words)}</title>'
    yield _path(line.points, line.tip)
    if line.label and line.text:
        yield from _label(line.label, line.text)
    yield "</g>"


def _label(middle: tuple[float, float], text: tuple[str, ...]) -> Iterator[str]:
    x, y = middle
    wide, high = max(width(line, size=11) for line in text) + 4, LABEL_LINE * len(text) + 3
    corner = f'x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}"'
    yield f'<rect class="label" {corner} width="{wide:.1f}" height="{high:.0f}" fill="#ffffff"/>'
    first = y + 4 - LABEL_LINE * (len(text) - 1) / 2
    for number, line in enumerate(text):
        place = f'x="{x}" y="{first + number * LABEL_LINE:.1f}"'
        yield f'<text class="small" {place} text-anchor="middle">{xml(line)}</text>'


def _box(box: Box, statuses: Mapping[str, StateStatus], path: str) -> Iterator[str]:
    node, status = box.node, statuses.get(box.node.name)
    where = f"{path}{node.name}"
    left, top = box.x - box.width / 2, box.y - box.height / 2
    classes = "state" + (f" {status.word.replace(' ', '-')}" if status else "")
    yield f'<g class="{classes}" data-state="{xml(where)}" transform="translate({left:.1f},{top:.1f})">'
    yield f"<title>{xml(_title(node, status))}</title>"
    yield _shape(box, status)
    yield from _words(box, status)
    for number, (x, y, figure) in enumerate(box.inside):
        yield f'<g transform="translate({x:.1f},{y:.1f})">'
        yield (
            f'<rect class="inner" width="{figure.width:.1f}" height="{figure.height:.1f}" rx="6" '
            'fill="#ffffff" stroke="#8c959f"/>'
        )
        yield from _figure(figure, statuses, f"{where}/{number}/")
        yield "</g>"
    yield "</g>"


def _title(node: Node, status: StateStatus | None) -> str:
    words = f"{node.name} ({node.kind}{', ' + node.detail if node.detail else ''})"
    return words if status is None else f"{words}: {status.sentence}"


def _shape(box: Box, status: StateStatus | None) -> str:
    word = status.word.replace(" ", "-") if status else ""
    fill, stroke = (LIGHT[f"{word}-box"], LIGHT[word]) if status else (LIGHT["box"], LIGHT["soft"])
    paint = f'class="box" fill="{fill}" stroke="{stroke}"'
    wide, high = box.width, box.height
    if box.node.kind == "Choice":
        corners = (
            (SLANT, 0),
            (wide - SLANT, 0),
            (wide, high / 2),
            (wide - SLANT, high),
            (SLANT, high),
            (0, high / 2),
        )
        return f'<path {paint} d="M{" L".join(f"{x:.1f},{y:.1f}" for x, y in corners)} Z"/>'
    radius = high / 2 if box.node.kind in ROUND else 6
    return f'<rect {paint} width="{wide:.1f}" height="{high:.1f}" rx="{radius:.1f}"/>'


def _words(box: Box, status: StateStatus | None) -> Iterator[str]:
    glyph = f"{GLYPHS[status.word]} " if status else ""
    middle = box.width / 2
    if box.inside:
        first = 19.0
    else:
        first = box.height / 2 - LINE * (len(box.text) - 1) / 2 - 2
    for number, line in enumerate(box.text):
        mark = glyph if number == 0 else ""
        yield (
            f'<text class="name" x="{middle:.1f}" y="{first + number * LINE:.1f}" text-anchor="middle" '
            f'fill="#1f2328">{mark}{xml(line)}</text>'
        )
    below = first + len(box.text) * LINE - 2
    small = xml(_second_line(box, status))
    yield f'<text class="small" x="{middle:.1f}" y="{below:.1f}" text-anchor="middle" fill="#57606a">{small}</text>'


def _second_line(box: Box, status: StateStatus | None) -> str:
    """Give type and counts; where both do not fit, the counts alone, with signs for words if need be."""
    words = caption(box.node)
    if status is None or not status.tally:
        return words
    signs = status.tally.replace(" visits", "×").replace(" retries", "↻").replace(" retry", "↻")
    forms = (f"{words} · {status.tally}", f"{box.node.kind} · {status.tally}", status.tally)
    return next((form for form in forms if width(form, size=11) <= box.width - 8), signs)


def _legend(level: Level, statuses: Mapping[str, StateStatus] | None) -> Iterator[tuple[str, str]]:
    """Explain what the figure really uses, and nothing else: a sample, and what it stands for."""
    if any(node.kind == "Choice" for node in walk(level)):
        corners = "M4,-4 L14,-4 L18,1 L14,6 L4,6 L0,1 Z"
        yield f'<path class="box" d="{corners}" fill="{LIGHT["box"]}" stroke="{LIGHT["soft"]}"/>', "choice"
    if any(node.levels for node in walk(level)):
        yield (
            f'<rect class="inner" y="-4" width="18" height="10" rx="2" fill="{LIGHT["paper"]}" '
            f'stroke="{LIGHT["inner"]}"/>',
            "branch or iteration",
        )
    if any(edge.kind == "catch" for edge in _all_edges(level)):
        yield (
            f'<g class="catch"><path class="line" d="M0,1 L18,1" fill="none" stroke="{LIGHT["catch"]}" '
            'stroke-dasharray="5 3"/></g>',
            "when an error is caught: the one named, or any",
        )
    drawn = {node.name for node in walk(level)}
    shown = {status.word for name, status in (statuses or {}).items() if name in drawn}
    for word, glyph in GLYPHS.items():
        if word in shown:
            role = word.replace(" ", "-")
            yield (
                f'<g class="{role}"><rect class="box" y="-6" width="18" height="14" rx="3" '
                f'fill="{LIGHT[f"{role}-box"]}" stroke="{LIGHT[role]}"/></g><text class="small name" x="9" y="5" '
                f'text-anchor="middle" fill="{LIGHT["ink"]}">{glyph}</text>',
                word,
            )


def _all_edges(level: Level) -> Iterator[Edge]:
    yield from level.edges
    for node in level.nodes:
        for inner in node.levels:
            yield from _all_edges(inner)


def _draw_legend(legend: list[tuple[str, str]], y: float) -> Iterator[str]:
    x = MARGIN
    for item in legend:
        sample, words = item
        text = f'<text class="small" x="24" y="5" fill="{LIGHT["soft"]}">{xml(words)}</text>'
        yield f'<g transform="translate({x:.1f},{y - 1:.1f})">{sample}{text}</g>'
        x += _legend_width(item)


def _legend_width(item: tuple[str, str]) -> float:
    return width(item[1], size=11) + 42
