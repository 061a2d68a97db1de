"""What EventBridge says of an execution that ended badly, read for whoever ends what it has left open."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, cast

from tasks.errors import InvalidInput

BADLY_ENDED: Final = ("FAILED", "TIMED_OUT", "ABORTED")
UNCAUGHT: Final = ("States.Runtime", "States.DataLimitExceeded")
"""Errors that no Catch gets. Source: Step Functions Developer Guide, "Handling errors in Step Functions workflows"."""


@dataclass(frozen=True, kw_only=True)
class EndedExecution:
    """An execution that did not succeed."""

    arn: str
    name: str
    status: str
    """FAILED, TIMED_OUT or ABORTED."""
    input: dict[str, Any]
    error: str | None
    cause: str
    """What it failed with, or that it was aborted or took too long."""

    @property
    def has_caught(self) -> bool:
        """Whether it may have caught what it failed with, and seen to the rest itself."""
        return self.status == "FAILED" and self.error not in UNCAUGHT


def read_ended(detail: object) -> EndedExecution | None:
    """Return the execution that an event is about, or None where that has succeeded or goes on.

    `detail` is that of EventBridge's "Step Functions Execution Status Change". Raises InvalidInput for any other, and
    for an execution whose input is no object.
    """
    given = object_at(detail, "detail")
    status = text_at(given.get("status"), "detail.status")
    if status not in BADLY_ENDED:
        return None
    try:
        input = object_at(json.loads(text_at(given.get("input"), "detail.input")), "detail.input")
    except (ValueError, RecursionError):
        raise InvalidInput("detail.input is not JSON") from None
    cause = given.get("cause") or f"the execution {status.lower().replace('_', ' ')}"
    arn = text_at(given.get("executionArn", ""), "detail.executionArn")
    return EndedExecution(
        arn=arn,
        name=text_at(given.get("name", ""), "detail.name"),
        status=status,
        input=input,
        error=None if given.get("error") is None else text_at(given["error"], "detail.error"),
        cause=_message(text_at(cause, "detail.cause")),
    )


def _message(cause: str) -> str:
    """Give what an error says: the message inside the object that Lambda makes of an exception, or the cause itself."""
    try:
        found: object = json.loads(cause)
    except (ValueError, RecursionError):
        return cause
    if not isinstance(found, dict):
        return cause
    return str(cast("dict[str, object]", found).get("errorMessage", cause))


def object_at(value: object, place: str) -> dict[str, Any]:
    """Return what stands at a place of an event. Raises InvalidInput, naming the place, where it is no object."""
    if not isinstance(value, dict):
        raise InvalidInput(f"{place} is {type(value).__name__}, and must be an object")
    return cast("dict[str, Any]", value)


def text_at(value: object, place: str) -> str:
    """Return what stands at a place of an event. Raises InvalidInput, naming the place, where it is no text."""
    if not isinstance(value, str):
        raise InvalidInput(f"{place} is {type(value).__name__}, and must be text")
    return value
