"""How a state fails: the error name, the cause, and what follows from where it happened."""

from __future__ import annotations

from typing import Final

from stepsmith.errors import ExpressionError

RUNTIME: Final = "States.Runtime"
TIMEOUT: Final = "States.Timeout"
HEARTBEAT_TIMEOUT: Final = "States.HeartbeatTimeout"
QUERY_EVALUATION: Final = "States.QueryEvaluationError"
DATA_LIMIT: Final = "States.DataLimitExceeded"
TASK_FAILED: Final = "States.TaskFailed"
ALL: Final = "States.ALL"
TOO_MANY_FAILURES: Final = "States.ExceedToleratedFailureThreshold"
ITEM_READER: Final = "States.ItemReaderFailed"
RESULT_WRITER: Final = "States.ResultWriterFailed"


class StateFailure(Exception):
    """A state ends with an error; Retry and Catch decide what becomes of it."""

    def __init__(
        self,
        error: str | None,
        cause: str | None,
        *,
        located: bool = True,
        location: str | None = None,
        after_entry: bool = False,
        heartbeat: bool = False,
        recorded: bool = False,
        caught: str | None = None,
    ) -> None:
        super().__init__(error, cause)
        self.error = writable(error)
        """Name of the error; None where a callback gave none."""
        self.cause = writable(cause)
        """Text of the cause; None where there is none."""
        self.located = located
        """False while the cause still lacks the words that name the state and its entered event."""
        self.location = location
        """The field of a JSONata expression that failed, such as `Output/total`."""
        self.after_entry = after_entry
        """True if EvaluationFailed points to the entered event, as in Wait states."""
        self.heartbeat = heartbeat
        """True if a missing heartbeat is behind a States.Timeout."""
        self.caught = caught
        """The cause that a catcher sees where the event has none."""
        self.recorded = recorded
        """True once EvaluationFailed stands in the history."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names that ErrorEquals may list for this failure."""
        if self.error is None:
            return ()
        return (self.error, HEARTBEAT_TIMEOUT) if self.heartbeat else (self.error,)


def writable(text: str | None) -> str | None:
    """Give the text of an error or cause with halves of surrogate pairs as escapes: no history can hold them."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode()


def runtime(detail: str) -> StateFailure:
    """Make the States.Runtime failure of the state being executed."""
    return StateFailure(RUNTIME, detail, located=False)


def evaluation(detail: str, location: str | None = None, *, after_entry: bool = False) -> StateFailure:
    """Make the States.QueryEvaluationError failure of the state being executed."""
    return StateFailure(QUERY_EVALUATION, detail, located=False, location=location, after_entry=after_entry)


def data_limit(what: str) -> StateFailure:
    """Make the States.DataLimitExceeded failure of a state or task named `what`."""
    return StateFailure(
        DATA_LIMIT,
        f"The state/task '{what}' returned a result with a size exceeding the maximum number of bytes"
        " service limit.",
    )


def locate(failure: StateFailure, state: str, entered: int) -> None:
    """Say in the cause in which state, entered at which event, the failure happened."""
    if not failure.located:
        prefix = (
            f"An error occurred while executing the state '{state}' (entered at the event id #{entered}). "
        )
        failure.cause = prefix + (failure.cause or "")
        failure.located = True


def as_failure(problem: StateFailure | ExpressionError) -> StateFailure:
    """Give the failure that a problem with a path or intrinsic function means for the state."""
    if isinstance(problem, StateFailure):
        return problem
    error: str = getattr(problem, "error", RUNTIME)
    return StateFailure(error, str(problem), located=False)
