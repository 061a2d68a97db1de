"""Where in the user's source an explicit state is written."""

from __future__ import annotations

import inspect
from itertools import islice
from types import FrameType

from stepsmith.expressions.tree import Span


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
    file = frame.f_code.co_filename
    if line is None or end_line is None or column is None or end_column is None:
        return Span(file, frame.f_lineno, 1, frame.f_lineno, 1)
    return Span(file, line, column + 1, end_line, end_column + 1)
