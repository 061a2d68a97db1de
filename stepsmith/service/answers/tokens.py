"""Task tokens that wait for an answer, and the answers SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from stepsmith.engine.ports import Answer, TaskFailed, TaskHeartbeat, TaskSucceeded
from stepsmith.errors import StepsmithError
from stepsmith.expressions.json_text import InvalidJson, read, unfit
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

MOST_BYTES = 262_144
LONGEST_TOKEN = 2_048
LONGEST_ERROR = 256
LONGEST_CAUSE = 32_768
_REMEMBERED = 10_000


class TokenError(StepsmithError):
    """An answer that no task takes; `code` is the name of AWS's exception."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@frozen
class WaitingTask:
    """A task that somebody outside has to answer."""

    token: str
    state: str
    execution_arn: str
    command_id: int
    payload: Json
    is_expected: bool
    """Whether the task ends by an answer only; a `.sync` task also ends by itself."""
    answer: Callable[[Answer], None]
    """Hands an answer to the execution; called from any thread."""


class TaskTokens:
    """The tokens of all executions in this process; each is good for one answer."""

    def __init__(self) -> None:
        self._waiting: dict[str, WaitingTask] = {}
        self._closed: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, task: WaitingTask) -> None:
        """Make a token known; raises StepsmithError for one that an execution of the same seed and name waits with."""
        with self._lock:
            if task.token in self._waiting:
                raise StepsmithError(
                    f"another execution {task.execution_arn} waits with the same token: give one another seed"
                )
            self._waiting[task.token] = task

    def close(self, token: str) -> None:
        """Take no more answers for a token."""
        with self._lock:
            if self._waiting.pop(token, None) is not None:
                self._remember(token)

    def find(self, token: str) -> WaitingTask | None:
        """Return the task that waits with this token."""
        return self._waiting.get(token)

    def send_success(self, token: str, output: str) -> None:
        """Answer with JSON text.

        Raises TokenError named InvalidOutput, InvalidToken, TaskTimedOut or ValidationException.
        """
        _check_length("taskToken", token, LONGEST_TOKEN)
        value = read_output(output)
        task = self._take(token)
        task.answer(TaskSucceeded(id=task.command_id, output=value))

    def send_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """Answer with a failure; raises TokenError named InvalidToken, TaskTimedOut or ValidationException."""
        _check_length("taskToken", token, LONGEST_TOKEN)
        check_failure(error, cause)
        task = self._take(token)
        task.answer(TaskFailed(id=task.command_id, error=error, cause=cause))

    def send_heartbeat(self, token: str) -> None:
        """Say that the work goes on; raises TokenError named InvalidToken, TaskTimedOut or ValidationException."""
        _check_length("taskToken", token, LONGEST_TOKEN)
        with self._lock:
            task = self._known(token)
        task.answer(TaskHeartbeat(id=task.command_id))

    def _take(self, token: str) -> WaitingTask:
        with self._lock:
            task = self._known(token)
            del self._waiting[token]
            self._remember(token)
            return task

    def _known(self, token: str) -> WaitingTask:
        task = self._waiting.get(token)
        if task is not None:
            return task
        if token in self._closed:
            raise TokenError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        raise TokenError("InvalidToken", "Invalid Token: 'Invalid token'")

    def _remember(self, token: str) -> None:
        self._closed[token] = None
        while len(self._closed) > _REMEMBERED:
            self._closed.popitem(last=False)


def _check_length(name: str, value: str | None, most: int) -> None:
    """Refuse a member of a request that is longer than the API's model allows, in AWS's words for hidden values."""
    if value is not None and len(value) > most:
        text = (
            f"1 validation error detected: Value at '{name}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {most}"
        )
        raise TokenError("ValidationException", text)


def read_output(text: str) -> Json:
    """Return the value that an answer gives as JSON text; raises TokenError named InvalidOutput."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise TokenError("InvalidOutput", "Invalid Output: 'The output is larger than 262144 bytes'")
    try:
        return read(text, repeated_keys=True)
    except InvalidJson as error:
        reason = error.message.partition("\n")[0]
        raise TokenError("InvalidOutput", f"Invalid Output: '{reason}'") from None


def check_failure(error: str | None, cause: str | None) -> None:
    """Raise TokenError named ValidationException for an error and a cause that no request of AWS's carries."""
    _check_length("error", error, LONGEST_ERROR)
    _check_length("cause", cause, LONGEST_CAUSE)
    _check_characters("error", error)
    _check_characters("cause", cause)


def _check_characters(name: str, value: str | None) -> None:
    """Refuse a member of a request that is no text."""
    reason = None if value is None or value.isascii() else unfit(value)
    if reason is not None:
        raise TokenError("ValidationException", f"Value at '{name}' holds {reason}")


TOKENS = TaskTokens()
"""The tokens of this process."""
