"""Points in time, as seconds since 1970, in the forms that AWS writes."""

from __future__ import annotations

from datetime import UTC, datetime


def iso_seconds(at: float) -> str:
    """Write a time cut to seconds: `2024-01-01T00:00:00Z`."""
    return datetime.fromtimestamp(int(at // 1), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_milliseconds(at: float) -> str:
    """Write a time with milliseconds: `2024-01-01T00:00:00.000Z`."""
    milliseconds = round(at * 1000)
    return f"{iso_seconds(milliseconds // 1000)[:-1]}.{milliseconds % 1000:03}Z"
