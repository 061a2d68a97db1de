"""Fixture files of before-and-after texts: a source line, the line it becomes, a blank line; `#` begins a comment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Give the pairs of a file; raises ValueError for lines that are no pair and for a source that comes twice."""
    pairs: dict[str, str] = {}
    for number, lines in _blocks(path):
        if len(lines) != 2 or lines[0] in pairs:
            raise ValueError(f"{path.name}:{number}: {lines} is no new pair of lines")
        pairs[lines[0]] = lines[1]
    return list(pairs.items())


def read_blocks(path: Path) -> list[tuple[str, str]]:
    """Give the pairs of a file of longer texts: the lines of a source, then what they become, each line after `| `."""
    found: list[tuple[str, str]] = []
    for number, lines in _blocks(path):
        source = [line for line in lines if not line.startswith("| ")]
        result = [line.removeprefix("| ") for line in lines[len(source) :]]
        if not source or not result or lines[: len(source)] != source:
            raise ValueError(f"{path.name}:{number}: a source and the lines it becomes are expected")
        found.append(("\n".join(source), "\n".join(result)))
    return found


def read_lines(path: Path) -> list[str]:
    """Give the lines of a file of texts that must come back as they are."""
    return [line for _, lines in _blocks(path) for line in lines]


def _blocks(path: Path) -> Iterator[tuple[int, list[str]]]:
    block: list[str] = []
    for number, line in enumerate([*path.read_text(encoding="utf-8").split("\n"), ""], 1):
        if line and not line.startswith("# "):
            block.append(line)
        elif not line and block:
            yield number - len(block), block
            block = []
