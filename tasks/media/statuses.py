"""What the status of an answer is, by what went wrong."""

from typing import Final

STATUSES: Final = {
    "InvalidInput": 400,
    "Forbidden": 403,
    "NotFound": 404,
    "TooLarge": 413,
    "Unsupported": 415,
    "Corrupt": 422,
    "Conflict": 503,
    "Throttled": 503,
    "Unavailable": 503,
}
"""The name of an error -> the status that says so; anything else is 502."""
