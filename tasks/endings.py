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
    given = _object(detail, "detail")
    status = _text(given.get("status"), "detail.status")
    if status not in BADLY_ENDED:
        return None
    try:
        input = _object(json.loads(_text(given.get("input"), "detail.input")), "detail.input")
    except (ValueError, RecursionError):
        raise InvalidInput("detail.input is not JSON") from None
    cause = given.get("cause") or f"the execution {status.lower().replace('_', ' ')}"
    arn = _text(given.get("executionArn", ""), "detail.executionArn")
    return EndedExecution(
        arn=arn,
        name=_text(given.get("name", ""), "detail.name"),
        status=status,
        input=input,
        error=None if given.get("error") is None else _text(given["error"], "detail.error"),
        cause=_message(_text(cause, "detail.cause")),
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


def _object(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(f"{place} is {type(value).__name__}, and must be an object")
    return cast("dict[str, Any]", value)


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"{place} is {type(value).__name__}, and must be text")
    return value
