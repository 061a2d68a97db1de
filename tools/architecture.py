"""Draw the rooms of the framework, one floor above the other, from the code: its folders, docstrings and imports.

    python tools/architecture.py

writes `docs/pictures/architecture.svg`. Floors are the layers that `pyproject.toml` has import-linter enforce; rooms
are folders, described by the first sentence of their docstrings. A line leads from a room to one that it imports,
unless others between them say so already.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from stepsmith.views.lettering import lines, xml
from stepsmith.views.palette import FACE, variables

ROOT: Final = Path(__file__).resolve().parent.parent
PICTURE: Final = ROOT / "docs" / "pictures" / "architecture.svg"
WIDTH, MARGIN, GAP, FLOOR_GAP = 1200, 16, 12, 30
PADDING, LEAST_CELL, CELL_GAP = 12, 150, 8
LINE, TITLE, SMALL = 14, 15, 11
STYLE: Final = f"""
.house {{ font-family: {FACE}; }}
.house .room {{ fill: var(--box); stroke: var(--inner); }}
.house .pure {{ fill: var(--running-box); stroke: var(--running); }}
.house .cell {{ fill: var(--paper); stroke: var(--grid); }}
.house .title {{ font-size: {TITLE}px; font-weight: 600; fill: var(--ink); }}
.house .name {{ font-size: 12px; font-weight: 600; fill: var(--ink); }}
.house .text {{ font-size: {SMALL}px; fill: var(--soft); }}
.house .import {{ fill: none; stroke: var(--inner); stroke-width: 1.2; }}
.house .tip {{ fill: var(--inner); }}
"""


@dataclass(slots=True)
class Room:
    """A folder or a module of one floor, and the folders in it."""

    name: str
    about: str
    is_pure: bool
    parts: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0

    @property
    def columns(self) -> int:
        """How many of its parts stand side by side."""
        return max(
            1, min(len(self.parts), int((self.width - 2 * PADDING + CELL_GAP) // (LEAST_CELL + CELL_GAP)))
        )

    @property
    def cell(self) -> float:
        """How wide each part is."""
        return (self.width - 2 * PADDING - (self.columns - 1) * CELL_GAP) / self.columns

    @property
    def about_lines(self) -> list[str]:
        """What it is for, broken into lines."""
        return lines(self.about, limit=self.width - 2 * PADDING, most=4)

    def part_lines(self, about: str) -> list[str]:
        """What a part of it is for, broken into lines."""
        return lines(about, limit=self.cell - 12, most=6)

    def rows(self) -> Iterator[list[tuple[str, str]]]:
        """Give its parts row by row."""
        for start in range(0, len(self.parts), self.columns):
            yield self.parts[start : start + self.columns]

    def row_height(self, row: list[tuple[str, str]]) -> float:
        """Give the height that the longest text of a row needs."""
        return 26 + LINE * max(len(self.part_lines(about)) for _, about in row)

    def measure(self) -> None:
        """Work out its height."""
        head = 26 + LINE * len(self.about_lines)
        self.height = head + sum(self.row_height(row) + CELL_GAP for row in self.rows()) + PADDING - 2


def main() -> int:
    """Write the picture."""
    PICTURE.write_text(draw(), encoding="utf-8")
    return 0


def draw() -> str:
    """Return the picture as SVG."""
    floors = house()
    bottom = _place(floors)
    rooms = {room.name: room for floor in floors for room in floor}
    legend = "Blue rooms are pure: neither clock, disk, network, threads nor AWS. A room imports only what is below it."
    drawn = [*(_line(rooms[a], rooms[b]) for a, b in _lines_between(floors)), *map(_room, rooms.values())]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="house" viewBox="0 0 {WIDTH} {bottom:g}" width="{WIDTH}" '
        f'height="{bottom:g}" role="img">\n<title>The rooms of stepsmith; each imports only what is below it</title>\n'
        f"<style>{variables('house')}{STYLE}</style>\n"
        f'<rect width="100%" height="100%" fill="var(--paper)"/>\n'
        + "\n".join([*drawn, _text("text", MARGIN, bottom - MARGIN / 2, legend)])
        + "\n</svg>\n"
    )


def house() -> list[list[Room]]:
    """Give the floors from top to bottom, each with its rooms; rooms that are yet to be built are left out."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    contracts = {contract["name"]: contract for contract in linter["contracts"]}
    pure = contracts["The pure rooms touch neither clock, disk, network, threads nor AWS"]["source_modules"]
    layers: list[str] = ["workflows | tasks", *contracts["Rooms import downwards only"]["layers"]]
    floors: list[list[Room]] = []
    ground: list[Room] = []
    for layer in layers:
        names = [name.strip(" ()") for name in layer.split("|")]
        folders = [_room_of(name, name in pure) for name in names if (_path(name) / "__init__.py").exists()]
        ground += [_room_of(name, False) for name in names if _path(name).with_suffix(".py").exists()]
        if folders:
            floors.append(folders)
    return [*floors, ground]


def _path(name: str) -> Path:
    return ROOT.joinpath(*name.split("."))


def _room_of(name: str, is_pure: bool) -> Room:
    folder = _path(name)
    inside = (
        sorted(each.parent for each in folder.glob("*/__init__.py")) if name.startswith("stepsmith.") else []
    )
    return Room(name, _about(folder), is_pure, [(each.name, _about(each)) for each in inside])


def _about(path: Path) -> str:
    """Return the first sentence of the docstring of a folder or module."""
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = ast.get_docstring(ast.parse(source.read_text("utf-8"))) or ""
    return " ".join(text.partition("\n\n")[0].replace("`", "").split()).removesuffix(".")


def _place(floors: list[list[Room]]) -> float:
    """Place the rooms, a floor under the other; return the lower end."""
    y = float(MARGIN)
    for floor in floors:
        free, x = WIDTH - 2 * MARGIN - (len(floor) - 1) * GAP, float(MARGIN)
        for room in floor:
            share = _share(room) / sum(map(_share, floor))
            room.x, room.y, room.width = x, y, round(free * share)
            x += room.width + GAP
            room.measure()
        tallest = max(room.height for room in floor)
        for room in floor:
            room.height = tallest
        y += tallest + FLOOR_GAP
    return y - FLOOR_GAP + MARGIN + LINE


def _share(room: Room) -> float:
    """Say how much of the width of its floor a room needs."""
    return 1 + len(room.parts) / 4


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """Return which rooms each room imports, imports for types included."""
    found: dict[str, set[str]] = {}
    for path in [
        *ROOT.glob("stepsmith/**/*.py"),
        *ROOT.glob("tasks/**/*.py"),
        *ROOT.glob("workflows/**/*.py"),
    ]:
        room = _room_name(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                found.setdefault(room, set()).add(_room_name(node.module))
    return {room: frozenset(others - {room}) for room, others in found.items()}


def _room_name(module: str) -> str:
    return ".".join(module.split(".")[: 2 if module.startswith("stepsmith.") else 1])


def _lines_between(floors: list[list[Room]]) -> Iterator[tuple[str, str]]:
    """Give the imports between rooms that do not follow from others; what stands on top imports the public face."""
    rooms = [room.name for floor in floors[1:-1] for room in floor]
    known = {room: imports().get(room, frozenset()) & set(rooms) for room in rooms}

    def reached(room: str) -> set[str]:
        return {room}.union(*(reached(other) for other in known[room]))

    for room in rooms:
        for other in sorted(known[room]):
            if not any(other in reached(between) for between in known[room] - {other}):
                yield room, other


def _line(upper: Room, lower: Room) -> str:
    """Draw an import from the lower edge of a room to the upper edge of another."""
    left, right = max(upper.x, lower.x), min(upper.x + upper.width, lower.x + lower.width)
    if left < right:
        start = end = (left + right) / 2
    else:
        start, end = upper.x + upper.width / 2, lower.x + lower.width / 2
    top, tip = upper.y + upper.height, lower.y
    bend = FLOOR_GAP / 2
    path = f"M{start:g} {top:g} C{start:g} {top + bend:g} {end:g} {tip - bend:g} {end:g} {tip - 5:g}"
    return f'<path class="import" d="{path}"/><path class="tip" d="M{end:g} {tip:g} l-4 -7 h8 z"/>'


def _room(room: Room) -> str:
    kind = "pure" if room.is_pure else "room"
    drawn = [_box(kind, room.x, room.y, room.width, room.height)]
    title = room.name.removeprefix("stepsmith.")
    drawn.append(_text("title", room.x + PADDING, room.y + 21, title))
    y = room.y + 22
    for line in room.about_lines:
        y += LINE
        drawn.append(_text("text", room.x + PADDING, y, line))
    y += 8
    for row in room.rows():
        height = room.row_height(row)
        for number, (name, about) in enumerate(row):
            x = room.x + PADDING + number * (room.cell + CELL_GAP)
            drawn.append(_box("cell", x, y, room.cell, height))
            drawn.append(_text("name", x + 7, y + 17, name))
            drawn += [
                _text("text", x + 7, y + 17 + LINE * n, line)
                for n, line in enumerate(room.part_lines(about), 1)
            ]
        y += height + CELL_GAP
    return "\n".join(drawn)


def _box(kind: str, x: float, y: float, wide: float, high: float) -> str:
    return f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" rx="5"/>'


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{xml(text)}</text>'


if __name__ == "__main__":
    raise SystemExit(main())
