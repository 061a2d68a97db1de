"""Points in time, as seconds since 1970, in the forms that AWS writes and its clients send."""

from __future__ import annotations

from datetime import UTC, datetime


def iso_seconds(at: float) -> str:
    """Write a time cut to seconds: `2024-01-01T00:00:00Z`."""
    return datetime.fromtimestamp(int(at // 1), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_milliseconds(at: float) -> str:
    """Write a time with milliseconds: `2024-01-01T00:00:00.000Z`."""
    milliseconds = round(at * 1000)
    return f"{iso_seconds(milliseconds // 1000)[:-1]}.{milliseconds % 1000:03}Z"


def read_instant(given: datetime | float | str) -> float:
    """Read a point in time as botocore does: a datetime, seconds since 1970, or ISO text.

    What names no zone is the time of this machine. Raises ValueError for a text that is none.
    """
    if isinstance(given, str):
        given = datetime.fromisoformat(given)
    return given.timestamp() if isinstance(given, datetime) else float(given)


def instant_or_none(given: datetime | float | str | None) -> float | None:
    """Read a point in time that may be left out."""
    return None if given is None else read_instant(given)
