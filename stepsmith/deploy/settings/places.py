"""Lines of a TOML file: where a key is written, which tomllib does not tell."""

from __future__ import annotations

import re
from typing import Final

_HEADER: Final = re.compile(r"\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}\s*(?:#.*)?")
_KEY: Final = re.compile(
    r"\s*((?:\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+))*)\s*="
)
_PART: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9_-]+)")


def line_of(text: str, section: str, path: tuple[str, ...]) -> str:
    """Give the line at which something below a section is written, as `:12`; nothing where it cannot be found.

    Of something inside an inline table or a list it is the line where that begins.
    """
    wanted = (*section.split("."), *path)
    best, found = 0, ""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.fullmatch(line), _KEY.match(line)
        if header is not None:
            table = here = _parts(header[1])
        elif key is not None:
            here = (*table, *_parts(key[1]))
        else:
            continue
        if len(here) > best and wanted[: len(here)] == here:
            best, found = len(here), f":{number}"
    return found


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part[1] or part[2] or part[3] or "" for part in _PART.finditer(name))
