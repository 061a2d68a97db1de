"""Dates as feeds write them: RFC 3339, RFC 2822, and what comes near to either."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD: Final = timedelta(days=1)
"""How far in the future a date may lie; clocks and time zones differ."""
LONGEST: Final = 64


def read_date(text: str) -> datetime | None:
    """Return a date in UTC, or None for what is none; one without a time zone is taken for UTC."""
    text = " ".join(text.split())
    if not text or len(text) > LONGEST:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text)
            found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return found if found >= EARLIEST else None
    return None


def settled(published: datetime | None, seen: datetime) -> tuple[datetime, str]:
    """Return when an article was published, and a warning where its source does not say so or cannot be right.

    An article without a date, or with one that has not come yet, is as old as the object that it came with.
    """
    if published is None:
        return seen, "the source gives no date that can be read"
    if published > seen + AHEAD:
        return seen, "the source gives a date that has not come yet"
    return published, ""
