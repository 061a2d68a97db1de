"""Filters of event source mappings and pipes: a record passes if one of the patterns fits it.

A pattern sees the record as the function would, with `body` (queues) and `data` (Kinesis) read as JSON where it asks
for an object there. A body that is no JSON then does not pass, nor does a JSON body where the pattern wants a text.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from stepsmith.events.patterns import Matcher, PatternError, compile_pattern
from stepsmith.events.refusals import Refused
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

CONTENTS: Final = {"sqs": "body", "kinesis": "data"}
"""Where a source has what was sent, as text or base64."""
MOST_FILTERS: Final = 10
LONGEST_FILTER: Final = 4096


@dataclass(frozen=True, slots=True)
class _Pattern:
    matches: Matcher
    reads_content: bool
    asks_content: bool


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Compiled filter criteria; without patterns everything passes."""

    source: str
    patterns: tuple[_Pattern, ...]

    def passes(self, record: dict[str, Json]) -> bool:
        """Whether a record, as the function would get it, passes."""
        return not self.patterns or any(self._fits(pattern, record) for pattern in self.patterns)

    def _fits(self, pattern: _Pattern, record: dict[str, Json]) -> bool:
        name = CONTENTS.get(self.source)
        if name is None or not pattern.asks_content:
            return pattern.matches(record)
        seen = _content(self.source, record)
        if isinstance(seen, Undefined):
            return False
        if pattern.reads_content and not isinstance(seen, dict):
            return False
        if not pattern.reads_content and isinstance(seen, dict | list):
            return False
        if self.source == "sqs":
            return pattern.matches({**record, name: seen})
        # Filters name Kinesis' fields without the enclosing `kinesis` (Lambda's guide); with it they are met as well.
        inner = {**cast("dict[str, Json]", record.get("kinesis", {})), name: seen}
        return pattern.matches({**record, **inner, "kinesis": inner})


def _content(source: str, record: dict[str, Json]) -> Json | Undefined:
    """Give what was sent, a JSON object or list read, else as text; UNDEFINED for bytes that are no text."""
    if source == "sqs":
        text = record.get("body")
    else:
        kinesis = record.get("kinesis")
        data = kinesis.get("data") if isinstance(kinesis, dict) else record.get("data")
        try:
            text = base64.b64decode(str(data), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return UNDEFINED
    if not isinstance(text, str):
        return UNDEFINED
    try:
        value = read(text, repeated_keys=True)
    except InvalidJson:
        return text
    return value if isinstance(value, dict | list) else text


def record_filter(source: str, filters: Sequence[str]) -> RecordFilter:
    """Compile the patterns of filter criteria; raises Refused with InvalidParameterValueException."""
    if len(filters) > MOST_FILTERS:
        raise Refused(
            "InvalidParameterValueException",
            f"Exceeded the maximum number of filters allowed: {MOST_FILTERS}",
        )
    return RecordFilter(source, tuple(_compiled(source, text) for text in filters))


def _compiled(source: str, text: str) -> _Pattern:
    try:
        if len(text) > LONGEST_FILTER:
            raise PatternError("too long")
        matches, value = compile_pattern(text), read(text, repeated_keys=True)
    except (PatternError, InvalidJson):
        # Recorded: what is wrong is not said.
        raise Refused("InvalidParameterValueException", "Invalid filter pattern definition.") from None
    asked = _asked(value, CONTENTS.get(source, ""))
    return _Pattern(matches, any(isinstance(part, dict) for part in asked), bool(asked))


def _asked(value: Json, name: str) -> list[Json]:
    """Give what a pattern asks of the content: in any branch, with a dotted name, and inside `kinesis`."""
    found: list[Json] = []
    if isinstance(value, list):
        for branch in value:
            found += _asked(branch, name)
    elif isinstance(value, dict):
        for key, member in value.items():
            if key == name:
                found.append(member)
            elif name and key.startswith(f"{name}."):
                found.append({key: member})
            elif key in ("$or", "kinesis"):
                found += _asked(member, name)
    return found
