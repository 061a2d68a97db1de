"""States.Format: our own reading of the template; Python's format never sees it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from stepsmith.expressions.intrinsics.errors import UnsuitableArgument
from stepsmith.expressions.java_text import java_text
from stepsmith.expressions.types import Json

LONGEST: Final = 10 * 1024 * 1024
"""Characters that a result may have: no state may hold more, and a short template must not build gigabytes."""
_PARTS: Final = re.compile(r"\\([\\'{}])|(\{\})")


def fill(pieces: Sequence[str], values: Sequence[Json]) -> str:
    """Put the values between the pieces of a template."""
    if len(pieces) - 1 != len(values):
        raise UnsuitableArgument(
            f"{len(pieces) - 1} occurrences of {{}} do not match {len(values)} arguments"
        )
    out = [pieces[0]]
    length = sum(map(len, pieces))
    for place, value in enumerate(values, 1):
        text = value if isinstance(value, str) else java_text(value)
        length += len(text)
        if length > LONGEST:
            raise UnsuitableArgument(f"The result has more than {LONGEST} characters")
        out += (text, pieces[place])
    return "".join(out)


def split_template(template: str) -> list[str]:
    """Give the texts around the places for values."""
    pieces, piece, at = list[str](), list[str](), 0
    for found in _PARTS.finditer(template):
        piece.append(template[at : found.start()])
        at = found.end()
        if found[1]:
            piece.append(found[1])
        else:
            pieces.append("".join(piece))
            piece = []
    piece.append(template[at:])
    return [*pieces, "".join(piece)]


def unescape(raw: str) -> str:
    """Give the text that a quoted argument stands for."""
    return _ESCAPE.sub(r"\1", raw)


_ESCAPE: Final = re.compile(r"\\([\\'{}])")
