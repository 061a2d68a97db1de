"""Where in the user's source an explicit state is written."""

from __future__ import annotations

import inspect
import linecache
from itertools import islice
from types import FrameType
from typing import Final

from stepsmith.expressions.tree import Span

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
    file = _file(frame)
    if line is None or end_line is None or column is None or end_column is None:
        return Span(file, frame.f_lineno, 1, frame.f_lineno, 1)
    return Span(file, line, column + 1, end_line, end_column + 1)


def _file(frame: FrameType) -> str:
    """Name the file as seen from where imports start, so that messages do not depend on where the project lies."""
    written = frame.f_code.co_filename.replace("\\", "/")
    module = f"{str(frame.f_globals.get('__name__', '')).replace('.', '/')}.py"
    short = module if written.endswith(f"/{module}") else written.rsplit("/", 1)[-1]
    _written[short] = frame.f_code.co_filename
    return short


def source_line(span: Span) -> str:
    """Give the first line of a place; empty where the source is not to be found."""
    return linecache.getline(_written.get(span.file, span.file), span.line)
