"""Where in the user's source something is written, and what its file is called."""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable
from itertools import islice
from types import FrameType
from typing import Final

from stepsmith.expressions.typed.tree import Span

namers: Final[list[Callable[[str], str | None]]] = []
"""Are asked first what a file is called: the cells of a notebook have files that nobody knows."""
_written: Final[dict[str, str]] = {}
"""The name that a span has for a file -> the file itself, as it was last seen."""


def here() -> Span | None:
    """Give the place of the call that led into this package; None where there is no source."""
    frame = inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith("stepsmith."):
        frame = frame.f_back
    return None if frame is None else _span(frame)


def _span(frame: FrameType) -> Span:
    instruction = frame.f_lasti // 2
    place = next(islice(frame.f_code.co_positions(), instruction, None), (None, None, None, None))
    line, end_line, column, end_column = place
    file = file_name(frame.f_code.co_filename, str(frame.f_globals.get("__name__", "")))
    if line is None or end_line is None or column is None or end_column is None:
        return Span(file, frame.f_lineno, 1, frame.f_lineno, 1)
    return Span(file, line, column + 1, end_line, end_column + 1)


def file_name(file: str, module: str) -> str:
    """Name a file as seen from where imports start, so that messages do not depend on where the project lies."""
    written, home = file.replace("\\", "/"), f"{module.replace('.', '/')}.py"
    short = home if written.endswith(f"/{home}") else written.rsplit("/", 1)[-1]
    name = next(filter(None, (namer(file) for namer in namers)), short)
    _written[name] = file
    return name


def source_line(span: Span) -> str:
    """Give the first line of a place; empty where the source is not to be found."""
    return linecache.getline(_written.get(span.file, span.file), span.line)
