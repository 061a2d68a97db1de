"""What the engine does with each kind of answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from stepsmith.engine.kernel.frames import Execution
from stepsmith.engine.ports import (
    Answer,
    ItemsRead,
    ReadFailed,
    ResultsWritten,
    TaskFailed,
    TaskHeartbeat,
    TaskStarted,
    TaskSubmitted,
    TaskTimedOut,
    WriteFailed,
)
from stepsmith.engine.values.failures import StateFailure


def take(run: Execution, receiver: Any, answer: Answer) -> None:
    """Let the attempt or Map Run that waits for an answer have it."""
    _TAKERS[type(answer)](run, receiver, answer)


def _started(run: Execution, attempt: Any, answer: TaskStarted) -> None:
    if not attempt.started:
        attempt.start(run, answer.worker_name)


def _submitted(run: Execution, attempt: Any, answer: TaskSubmitted) -> None:
    attempt.submit(run, answer.output)


def _failed(run: Execution, attempt: Any, answer: TaskFailed) -> None:
    kind = attempt.kind
    event = {"schedule": kind.schedule_failed, "start": kind.start_failed, "submit": kind.submit_failed}
    if answer.stage in ("submit", "run") and not attempt.started:
        attempt.start(run)
    attempt.fail(run, event.get(answer.stage, kind.failed), StateFailure(answer.error, answer.cause))


def _timed_out(run: Execution, attempt: Any, answer: TaskTimedOut) -> None:
    attempt.time_out(run, answer.error, answer.cause)


def _heartbeat(run: Execution, attempt: Any, answer: TaskHeartbeat) -> None:
    attempt.beat(run)


def _items_read(run: Execution, map_run: Any, answer: ItemsRead) -> None:
    map_run.items_read(run, answer)


def _read_failed(run: Execution, map_run: Any, answer: ReadFailed) -> None:
    map_run.read_failed(run, answer)


def _written(run: Execution, map_run: Any, answer: ResultsWritten) -> None:
    map_run.written(run, answer)


def _write_failed(run: Execution, map_run: Any, answer: WriteFailed) -> None:
    map_run.write_failed(run, answer)


_TAKERS: Final[dict[type, Callable[[Any, Any, Any], None]]] = {
    TaskStarted: _started,
    TaskSubmitted: _submitted,
    TaskFailed: _failed,
    TaskTimedOut: _timed_out,
    TaskHeartbeat: _heartbeat,
    ItemsRead: _items_read,
    ReadFailed: _read_failed,
    ResultsWritten: _written,
    WriteFailed: _write_failed,
}
