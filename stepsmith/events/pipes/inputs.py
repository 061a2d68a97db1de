"""Input templates of a pipe's enrichment and target: `{"order": <$.body.order>, "pipe": "<aws.pipes.pipe-name>"}`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from stepsmith.events.pipes.events import with_contents
from stepsmith.events.refusals import VALIDATION, Refused
from stepsmith.events.targets import Source, compile_filling, path_source
from stepsmith.events.targets.filling import written
from stepsmith.expressions.jsonpath import PathSyntaxError
from stepsmith.expressions.types import Json, Undefined

PipeInput: TypeAlias = Callable[[Json], str | None]
"""Gives the text that one event becomes; None where the filled template is not JSON."""

LONGEST_TEMPLATE: Final = 8192
_NAMES: Final = re.compile(r"<(\$[^<>]*|aws\.pipes\.[A-Za-z0-9_.-]+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipe:
    """The pipe whose template it is."""

    name: str
    arn: str
    source_arn: str
    target_arn: str
    enrichment_arn: str = ""
    ingestion_time: str = ""
    """When the events came in, as text; part of what a template can name."""


def pipe_input(template: str, pipe: Pipe) -> PipeInput:
    """Compile the InputTemplate of an enrichment or target; without one an event goes as it is. Raises Refused."""
    if not template:
        return lambda event: json.dumps(event, separators=(",", ":"), ensure_ascii=False)
    if len(template) > LONGEST_TEMPLATE:
        raise Refused(VALIDATION, f"Invalid InputTemplate: longer than {LONGEST_TEMPLATE} characters.")
    return compile_filling(template, _NAMES, lambda name: _source(name, pipe))


def batch_input(events: Sequence[Json], input_: PipeInput) -> str | None:
    """Give what a target gets of a batch: a JSON array of what the events become, those dropped that are no JSON."""
    texts = [text for event in events if (text := input_(event)) is not None]
    return f"[{','.join(texts)}]" if texts else None


def path_text(text: str | None, event: Json) -> str | None:
    """Give the value of a parameter that may be a path into the event: `$.body.customer`."""
    if text is None or not text.startswith("$"):
        return text
    try:
        found = path_source(text)(with_contents(event))
    except PathSyntaxError:
        return text
    if isinstance(found, Undefined):
        return None
    return found if isinstance(found, str) else written(found)


def _source(name: str, pipe: Pipe) -> Source:
    named = {
        "aws.pipes.pipe-arn": pipe.arn,
        "aws.pipes.pipe-name": pipe.name,
        "aws.pipes.source-arn": pipe.source_arn,
        "aws.pipes.enrichment-arn": pipe.enrichment_arn,
        "aws.pipes.target-arn": pipe.target_arn,
        "aws.pipes.event.ingestion-time": pipe.ingestion_time,
    }
    if name in named:
        return lambda event: named[name]
    if name == "aws.pipes.event.json":
        return with_contents
    if name == "aws.pipes.event":
        return lambda event: event
    try:
        read = path_source(name)
    except PathSyntaxError:
        raise Refused(VALIDATION, f"Invalid InputTemplate: <{name}> is no placeholder.") from None
    return lambda event: read(with_contents(event))
