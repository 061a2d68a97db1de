"""Errors of tasks as answers to HTTP requests."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from stepsmith import WorkflowError
from stepsmith.http import Refused
from tasks.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Rejected,
    Throttled,
    TooLarge,
    Unavailable,
)

STATUSES: Final[tuple[tuple[type[WorkflowError], int], ...]] = (
    (InvalidInput, 422),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Rejected, 409),
    (TooLarge, 422),
    (Throttled, 503),
    (Unavailable, 503),
)
"""Error, with those below it -> status; every other error is a fault of ours, and stays one."""
LATER: Final = {"retry-after": "1"}


@contextmanager
def answered() -> Generator[None]:
    """Answer what a task refuses with its status and its words, and tell when to come again."""
    try:
        yield
    except WorkflowError as error:
        for kind, status in STATUSES:
            if isinstance(error, kind):
                raise Refused(status, str(error), headers=LATER if status == 503 else {}) from error
        raise
