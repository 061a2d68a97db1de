"""Instants as the States Language writes them: RFC 3339 with an upper-case T and Z or an offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeAlias

Instant: TypeAlias = tuple[int, str]
"""Whole seconds since 1970, and the digits of the fraction without trailing zeros; ordered as instants are."""

_FORM: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def parse_instant(text: str) -> Instant | None:
    """Read a timestamp; None if it is not in the profile."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups()
    try:
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        return None
    seconds = (moment - _EPOCH) // timedelta(seconds=1)
    if sign is not None:
        if int(hours) > 18 or int(minutes) > 59:
            return None
        offset = int(hours) * 3600 + int(minutes) * 60
        seconds += -offset if sign == "+" else offset
    return seconds, (fraction or "").rstrip("0")


def seconds_of(instant: Instant) -> float:
    """Give an instant as seconds since 1970."""
    seconds, fraction = instant
    return seconds + (float(f"0.{fraction}") if fraction else 0.0)


@lru_cache(maxsize=512)
def iso(seconds: float) -> str:
    """Write seconds since 1970 as AWS does in the context object: UTC with milliseconds and a Z."""
    millis = round(seconds * 1000)
    moment = _EPOCH + timedelta(milliseconds=millis)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{millis % 1000:03d}Z"
