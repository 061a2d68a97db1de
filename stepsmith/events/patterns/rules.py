"""Patterns as EventBridge takes them: what PutRule and TestEventPattern refuse, and how."""

from __future__ import annotations

from typing import Final

from stepsmith.events.patterns.compiling import compile_pattern
from stepsmith.events.patterns.matching import Matcher
from stepsmith.events.patterns.tokens import PatternError
from stepsmith.events.refusals import VALIDATION, Refused
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json

NEEDED: Final = ("id", "account", "source", "time", "region", "detail-type")
"""What TestEventPattern wants of an event; PutEvents fills them in."""


def event_pattern(source: str) -> Matcher:
    """Compile the EventPattern of a rule or archive; raises Refused with InvalidEventPatternException."""
    try:
        return compile_pattern(source)
    except PatternError as error:
        raise Refused(
            "InvalidEventPatternException", f"Event pattern is not valid. Reason: {error}"
        ) from None


def check_event(source: str) -> Json:
    """Read the event of a TestEventPattern call; raises Refused if it is not one."""
    try:
        event = read(source, repeated_keys=True)
    except InvalidJson:
        event = None
    if not isinstance(event, dict) or not all(name in event for name in NEEDED):
        raise Refused(VALIDATION, "Parameter Event is not valid.")
    return event
