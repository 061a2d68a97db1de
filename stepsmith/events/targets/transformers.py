"""Input transformers of rules: a template, and the paths that its names stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stepsmith.events.refusals import VALIDATION, Refused
from stepsmith.events.targets.filling import Filling, Source, compile_filling
from stepsmith.expressions.jsonpath import PathFailure, PathSyntaxError, compile_path
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

LONGEST_TEMPLATE: Final = 8192
MOST_PATHS: Final = 100
_NAMES: Final = re.compile(r"<([A-Za-z0-9_.-]+)>")


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule whose target it is."""

    name: str
    arn: str


def transformer(paths: Mapping[str, str], template: str, rule: Rule, target_id: str) -> Filling:
    """Compile a transformer; raises Refused with ValidationException."""
    if not template or len(template) > LONGEST_TEMPLATE:
        raise Refused(VALIDATION, f"Invalid InputTemplate for target {target_id}.")
    if len(paths) > MOST_PATHS:
        raise Refused(VALIDATION, f"Too many InputPaths for target {target_id}.")
    sources = {name: _path(path, target_id) for name, path in paths.items()}

    def find(name: str) -> Source:
        source = sources.get(name) or _predefined(name, rule)
        if source is None:
            raise Refused(
                VALIDATION, f"InputTemplate for target {target_id} contains invalid placeholder {name}."
            )
        return source

    return compile_filling(template, _NAMES, find)


def _path(path: str, target_id: str) -> Source:
    try:
        return path_source(path)
    except PathSyntaxError:
        raise Refused(VALIDATION, f"Invalid InputPath for target {target_id} : {path}.") from None


def path_source(path: str) -> Source:
    """Give what reads a path off an event; raises PathSyntaxError."""
    read = compile_path(path).read

    def source(event: Json) -> Json | Undefined:
        try:
            return read(event)
        except PathFailure:
            return UNDEFINED

    return source


def _predefined(name: str, rule: Rule) -> Source | None:
    match name:
        case "aws.events.rule-arn":
            return lambda event: rule.arn
        case "aws.events.rule-name":
            return lambda event: rule.name
        case "aws.events.event.ingestion-time":
            return lambda event: event.get("time", "") if isinstance(event, dict) else ""
        case "aws.events.event.json":
            return lambda event: event
        case "aws.events.event":
            return _without_detail
        case _:
            return None


def _without_detail(event: Json) -> Json:
    """Recorded: `<aws.events.event>` has no detail, and its detail type has another name."""
    members = event if isinstance(event, dict) else {}
    return {
        "detailType" if key == "detail-type" else key: value
        for key, value in members.items()
        if key != "detail"
    }
