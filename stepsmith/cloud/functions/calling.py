"""What a call of a function gives: its answer, or the error that it ended with."""

from __future__ import annotations

import json
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.functions.function import Context, Function, Version
from stepsmith.expressions.types import Json

LARGEST_ANSWER: Final = 6_291_556
UNHANDLED: Final = "Unhandled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call has ended."""

    request_id: str
    version: str
    payload: str
    """The answer as JSON text; for an error, an object with `errorType` and `errorMessage`."""
    error: str | None = None
    """`Unhandled`, where the function has failed."""

    @property
    def message(self) -> str:
        """The text of the error."""
        found: Json = json.loads(self.payload)
        return str(found.get("errorMessage", "")) if isinstance(found, dict) else ""


Ended: TypeAlias = Callable[[Outcome], None]


class Calls:
    """Calls functions on the cloud's clock."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self.aside: Callable[[Callable[[], None]], None] | None = None
        """Does something on another thread, where a cloud is served: nothing waits for a function then."""
        self._under_way = 0

    @property
    def is_busy(self) -> bool:
        """Whether functions are being called on other threads."""
        return self._under_way > 0

    def outcome(self, function: Function, version: Version, payload: str) -> Outcome:
        """Call a function, and tell at once how it has ended."""
        return _call(function, version, payload, _context(function, version, str(uuid.uuid4())))[0]

    def begin(
        self,
        function: Function,
        version: Version,
        payload: str,
        ended: Ended,
        *,
        request_id: str | None = None,
    ) -> float:
        """Call a function: its effects are there at once, how it has ended is told when its time is over.

        Returns the seconds that it takes. `ended` is called by the agenda, or at once for a call that takes no time.
        Where a cloud is served, it is called on another thread.
        """
        context = _context(function, version, request_id or str(uuid.uuid4()))
        if self.aside is not None:
            self._begin_aside(
                self.aside, function, partial(_call, function, version, payload, context), ended
            )
            return 0.0
        outcome, seconds = _call(function, version, payload, context)
        if not seconds:
            ended(outcome)
            return 0.0
        function.running += 1

        def end() -> None:
            function.running -= 1
            ended(outcome)

        self._agenda.after(seconds, end)
        return seconds

    def _begin_aside(
        self,
        aside: Callable[[Callable[[], None]], None],
        function: Function,
        call: Callable[[], tuple[Outcome, float]],
        ended: Ended,
    ) -> None:
        """Call a function on another thread; how it has ended is told by the agenda, on the thread of the cloud."""
        function.running += 1
        self._under_way += 1

        def work() -> None:
            outcome, seconds = call()
            self._agenda.after(seconds, lambda: end(outcome))

        def end(outcome: Outcome) -> None:
            function.running -= 1
            self._under_way -= 1
            ended(outcome)

        aside(work)


def _context(function: Function, version: Version, request_id: str) -> Context:
    return Context(
        aws_request_id=request_id,
        function_name=function.name,
        function_version=version.number,
        invoked_function_arn=function.arn,
        memory_limit_in_mb=str(version.settings.get("MemorySize", 128)),
        environment=version.environment,
        remaining_seconds=version.timeout,
        log_group_name=f"/aws/lambda/{function.name}",
    )


def _call(function: Function, version: Version, payload: str, context: Context) -> tuple[Outcome, float]:
    event: Json = json.loads(payload) if payload else {}
    seconds = version.code.duration(event, context)
    if seconds > version.timeout:
        text = f"Error: Task timed out after {version.timeout:.2f} seconds"
        return _failed(
            context, "Sandbox.Timedout", f"RequestId: {context.aws_request_id} {text}"
        ), version.timeout
    try:
        answer = version.code.handler(event, context)
        text = json.dumps(answer, separators=(",", ":"))
    except Exception as error:
        return _failed(context, _name(error), str(error), _trace(error)), seconds
    if len(text) > LARGEST_ANSWER:
        reason = f"Response payload size exceeded maximum allowed payload size ({LARGEST_ANSWER} bytes)."
        return _failed(context, "Function.ResponseSizeTooLarge", reason), seconds
    return Outcome(context.aws_request_id, context.function_version, text), seconds


def _failed(context: Context, name: str, message: str, trace: list[str] | None = None) -> Outcome:
    found: dict[str, Json] = {
        "errorMessage": message,
        "errorType": name,
        "requestId": context.aws_request_id,
        "stackTrace": [*(trace or [])],
    }
    return Outcome(context.aws_request_id, context.function_version, json.dumps(found), UNHANDLED)


def _name(error: Exception) -> str:
    return str(getattr(error, "error_type", type(error).__name__))


def _trace(error: Exception) -> list[str]:
    told: list[str] | None = getattr(error, "trace", None) if hasattr(error, "error_type") else None
    if told is not None:
        return told
    return traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
