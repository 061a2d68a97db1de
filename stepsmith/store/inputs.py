"""What an execution is told in one step, as bytes and back: answers, and what users ask for."""

from __future__ import annotations

import json
from typing import Any, Final, TypeAlias, cast

from stepsmith.engine.ports import (
    Answer,
    ItemsRead,
    ReadFailed,
    ResultsWritten,
    TaskFailed,
    TaskHeartbeat,
    TaskStarted,
    TaskSubmitted,
    TaskSucceeded,
    TaskTimedOut,
    WriteFailed,
)
from stepsmith.frozen import frozen


@frozen
class Stop:
    """Abort the execution."""

    error: str | None
    cause: str | None


@frozen
class Redrive:
    """Let the ended execution go on where it failed."""


@frozen
class Begin:
    """A task that must not run twice is about to be called."""

    id: int


@frozen
class Update:
    """Change what bounds a Map Run; None changes nothing."""

    map_run: str
    """Its ARN."""
    concurrency: int | None
    count: int | None
    percentage: float | None


@frozen
class Refuse:
    """A task of this resource could not be scheduled in the step, for reasons that may be gone by now."""

    resource: str
    cause: str


Input: TypeAlias = Answer | Stop | Redrive | Begin | Update | Refuse

_encode: Final = json.JSONEncoder(separators=(",", ":")).encode
_decode: Final = json.JSONDecoder().decode


def encode(inputs: list[Input]) -> bytes:
    """Give the inputs of one step as bytes."""
    if not inputs:
        return b""
    given = inputs[0]
    if len(inputs) == 1 and type(given) is TaskSucceeded and given.text and given.text.isascii():
        return b'[["succeeded",%d,%s]]' % (given.id, given.text.encode("ascii"))
    return _encode([_row(each) for each in inputs]).encode("ascii")


def decode(body: bytes) -> list[Input]:
    """Give the inputs back."""
    return [_input(row) for row in _decode(body.decode("ascii"))] if body else []


def _row(given: Input) -> list[Any]:
    match given:
        case TaskSucceeded(id=id, output=output):
            return ["succeeded", id, output]
        case TaskFailed(id=id, error=error, cause=cause, stage=stage):
            return ["failed", id, error, cause, stage]
        case TaskSubmitted(id=id, output=output):
            return ["submitted", id, output]
        case TaskStarted(id=id, worker_name=worker):
            return ["started", id, worker]
        case TaskTimedOut(id=id, error=error, cause=cause):
            return ["timed out", id, error, cause]
        case TaskHeartbeat(id=id):
            return ["heartbeat", id]
        case ItemsRead(id=id, items=items, last=last, source=source, total=total):
            return ["read", id, items, last, source, total]
        case ReadFailed(id=id, cause=cause):
            return ["read failed", id, cause]
        case ResultsWritten(id=id, details=details):
            return ["written", id, details]
        case WriteFailed(id=id, cause=cause):
            return ["write failed", id, cause]
        case Stop(error=error, cause=cause):
            return ["stop", error, cause]
        case Redrive():
            return ["redrive"]
        case Begin(id=id):
            return ["begin", id]
        case Update(map_run=map_run, concurrency=concurrency, count=count, percentage=percentage):
            return ["update", map_run, concurrency, count, percentage]
        case Refuse(resource=resource, cause=cause):
            return ["refuse", resource, cause]


def _input(row: list[Any]) -> Input:
    match row:
        case ["succeeded", id, output]:
            return TaskSucceeded(id=id, output=output)
        case ["failed", id, error, cause, stage]:
            return TaskFailed(id=id, error=error, cause=cause, stage=stage)
        case ["submitted", id, output]:
            return TaskSubmitted(id=id, output=output)
        case ["started", id, worker]:
            return TaskStarted(id=id, worker_name=worker)
        case ["timed out", id, error, cause]:
            return TaskTimedOut(id=id, error=error, cause=cause)
        case ["heartbeat", id]:
            return TaskHeartbeat(id=id)
        case ["read", id, items, last, source, total]:
            return ItemsRead(id=id, items=tuple(items), last=last, source=source, total=total)
        case ["read failed", id, cause]:
            return ReadFailed(id=id, cause=cause)
        case ["written", id, details]:
            return ResultsWritten(id=id, details=details)
        case ["write failed", id, cause]:
            return WriteFailed(id=id, cause=cause)
        case ["stop", error, cause]:
            return Stop(error, cause)
        case ["redrive"]:
            return Redrive()
        case ["begin", id]:
            return Begin(id)
        case ["update", map_run, concurrency, count, percentage]:
            return Update(map_run, concurrency, count, percentage)
        case ["refuse", resource, cause]:
            return Refuse(resource, cause)
        case _:
            raise ValueError(f"no input of an execution: {str(cast('object', row))[:80]}")
