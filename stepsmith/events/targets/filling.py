"""Templates with `<names>` in them, filled in with values of an event.

A template in quotes gives a text (one or several lines, each in its quotes, which stay); any other is JSON, in which
a name alone is a value and a name inside a string is a piece of text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from stepsmith.expressions.types import Json, Undefined

Source: TypeAlias = Callable[[Json], "Json | Undefined"]
"""Gives the value that a name stands for; UNDEFINED where the event has none."""

Filling: TypeAlias = Callable[[Json], str | None]
"""Gives the text for an event; None where it is not JSON, and AWS drops the event without a word (recorded)."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """A name in a template: where its value comes from, and whether it stands inside a string."""

    source: Source
    inside: bool


def compile_filling(template: str, names: re.Pattern[str], find: Callable[[str], Source]) -> Filling:
    """Compile a template; `names` finds names (its first group), `find` gives their sources or raises."""
    parts: list[str | _Slot] = []
    at, quoted = 0, False
    for found in names.finditer(template):
        between = template[at : found.start()]
        quoted = _quoted_after(between, quoted)
        parts += [between, _Slot(find(found[1]), quoted)]
        at = found.end()
    parts.append(template[at:])
    return _text(parts) if template.lstrip().startswith('"') else _json(parts)


def _text(parts: list[str | _Slot]) -> Filling:
    def fill(event: Json) -> str:
        return "".join(part if isinstance(part, str) else _plain(part.source(event)) for part in parts)

    return fill


def _json(parts: list[str | _Slot]) -> Filling:
    def fill(event: Json) -> str | None:
        text = "".join(
            part if isinstance(part, str) else _value(part.source(event), part.inside) for part in parts
        )
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return None
        return text

    return fill


def _plain(value: Json | Undefined) -> str:
    """Recorded: what is missing is nothing, objects and lists lose all of their quotes."""
    if isinstance(value, Undefined):
        return ""
    if isinstance(value, str):
        return value
    return written(value).replace('"', "")


def _value(value: Json | Undefined, inside: bool) -> str:
    if isinstance(value, Undefined):
        return "" if inside else '""'
    text = written(value)
    return text[1:-1] if inside and isinstance(value, str) else text


def written(value: Json) -> str:
    """Write a value as events are delivered: JSON without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _quoted_after(text: str, quoted: bool) -> bool:
    """Whether one stands inside a string after a piece of a template."""
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == '"':
            quoted = not quoted
        at += 1
    return quoted
