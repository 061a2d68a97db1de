"""Input transformers: a template whose `<names>` stand for parts of the event.

A template in quotes gives a text (one or several lines, each in its quotes, which stay); any other is JSON, in which
a name alone is a value and a name inside a string is a piece of text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from stepsmith.events.refusals import VALIDATION, Refused
from stepsmith.expressions.jsonpath import PathFailure, PathSyntaxError, compile_path
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

Transformer: TypeAlias = Callable[[dict[str, Json]], str | None]
"""Gives the text a target receives of an event; None where it is not JSON and AWS drops the event."""

LONGEST_TEMPLATE: Final = 8192
MOST_PATHS: Final = 100
_NAME: Final = re.compile(r"<([A-Za-z0-9_.-]+)>")


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule whose target it is."""

    name: str
    arn: str


_Source: TypeAlias = Callable[[dict[str, Json]], "Json | Undefined"]


@dataclass(frozen=True, slots=True)
class _Slot:
    """A name in a template: where its value comes from, and whether it stands inside a string."""

    source: _Source
    inside: bool


def transformer(paths: Mapping[str, str], template: str, rule: Rule, target_id: str) -> Transformer:
    """Compile a transformer; raises Refused with ValidationException."""
    if not template or len(template) > LONGEST_TEMPLATE:
        raise Refused(VALIDATION, f"Invalid InputTemplate for target {target_id}.")
    if len(paths) > MOST_PATHS:
        raise Refused(VALIDATION, f"Too many InputPaths for target {target_id}.")
    sources = {name: _path(path, target_id) for name, path in paths.items()}
    is_text = template.lstrip().startswith('"')
    parts: list[str | _Slot] = []
    at, quoted = 0, False
    for found in _NAME.finditer(template):
        between = template[at : found.start()]
        quoted = _quoted_after(between, quoted)
        source = sources.get(found[1]) or _predefined(found[1], rule)
        if source is None:
            raise Refused(
                VALIDATION,
                f"InputTemplate for target {target_id} contains invalid placeholder {found[1]}.",
            )
        parts += [between, _Slot(source, quoted)]
        at = found.end()
    parts.append(template[at:])
    return _text(parts) if is_text else _json(parts)


def _text(parts: list[str | _Slot]) -> Transformer:
    def fill(event: dict[str, Json]) -> str:
        return "".join(part if isinstance(part, str) else _plain(part.source(event)) for part in parts)

    return fill


def _json(parts: list[str | _Slot]) -> Transformer:
    def fill(event: dict[str, Json]) -> str | None:
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
    return _written(value).replace('"', "")


def _value(value: Json | Undefined, inside: bool) -> str:
    if isinstance(value, Undefined):
        return "" if inside else '""'
    text = _written(value)
    return text[1:-1] if inside and isinstance(value, str) else text


def _written(value: Json) -> str:
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


def _path(path: str, target_id: str) -> _Source:
    try:
        read = compile_path(path).read
    except PathSyntaxError:
        raise Refused(VALIDATION, f"Invalid InputPath for target {target_id} : {path}.") from None

    def source(event: dict[str, Json]) -> Json | Undefined:
        try:
            return read(event)
        except PathFailure:
            return UNDEFINED

    return source


def _predefined(name: str, rule: Rule) -> _Source | None:
    match name:
        case "aws.events.rule-arn":
            return lambda event: rule.arn
        case "aws.events.rule-name":
            return lambda event: rule.name
        case "aws.events.event.ingestion-time":
            return lambda event: event.get("time", "")
        case "aws.events.event.json":
            return lambda event: event
        case "aws.events.event":
            return _without_detail
        case _:
            return None


def _without_detail(event: dict[str, Json]) -> Json:
    """Recorded: `<aws.events.event>` has no detail, and its detail type has another name."""
    named = {"detail-type": "detailType"}
    return {named.get(key, key): value for key, value in event.items() if key != "detail"}
