"""CSV as a distributed Map reads it, a record at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

DELIMITERS: Final = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
"""CSVDelimiter and the character it stands for."""


def records(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """Give the fields of each record; `lines` carry their line ends, empty lines are no records.

    A quote protects delimiters and line ends; two quotes are one, in fields with and without quotes around them; a
    backslash escapes a backslash, a quote or the delimiter, and before anything else it is dropped.
    """
    for line in lines:
        plain = line.rstrip("\r\n")
        if '"' not in plain and "\\" not in plain:
            if plain:
                yield plain.split(delimiter)
        else:
            yield _record(line, lines, delimiter)


def _record(line: str, lines: Iterator[str], delimiter: str) -> list[str]:
    fields: list[str] = []
    text: list[str] = []
    quoted = False
    begun = False
    at = 0
    while True:
        if at >= len(line):
            more = next(lines, None) if quoted else None
            if more is None:
                break
            line, at = more, 0
        character = line[at]
        following = line[at + 1 : at + 2]
        at += 1
        if character == "\\":
            if following in ("\\", '"', delimiter) and following:
                text.append(following)
                at += 1
        elif character == '"':
            if following == '"' and (quoted or begun or not _opens(line[at + 1 : at + 2], delimiter)):
                text.append('"')
                at += 1
            else:
                quoted = not quoted
        elif quoted:
            text.append(character)
        elif character == delimiter:
            fields.append("".join(text))
            text.clear()
            begun = False
            continue
        elif character not in "\r\n":
            text.append(character)
        begun = True
    fields.append("".join(text))
    return fields


def _opens(after: str, delimiter: str) -> bool:
    """Tell whether two quotes at the start of a field are the bounds of an empty one, or the start of one in quotes."""
    return after in ("", '"', "\r", "\n", delimiter)


def rows(found: Iterator[list[str]], headers: Sequence[str]) -> Iterator[dict[str, str]]:
    """Give each record as an object: missing fields are empty, surplus ones are dropped."""
    width = len(headers)
    for fields in found:
        if len(fields) < width:
            fields = fields + [""] * (width - len(fields))
        yield dict(zip(headers, fields, strict=False))
