"""What the engine asks of the outside, and what the outside answers.

The engine is pure: it hands out commands and takes answers. Whoever drives it carries the commands out, on whatever
threads and clocks it likes, and gives each answer back with the id of the command it belongs to.

StartTask and TaskSucceeded are no more changed than the others, but not frozen: they are made for every task, and
freezing the two costs a microsecond of the six that a task takes. `starting` and `succeeded` make them, in a third of
the time that it takes to call the classes by names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen


@dataclass(slots=True, kw_only=True)
class StartTask:
    """Begin one attempt of a Task state."""

    id: int
    state: str
    resource: str
    """The Resource as the definition gives it."""
    payload: Json
    """Parameters or Arguments, evaluated; never to be changed."""
    execution_arn: str
    token: str | None = None
    """The task token, where the resource waits for one."""
    timeout_seconds: int | None = None
    heartbeat_seconds: int | None = None
    role_arn: str | None = None
    """Credentials.RoleArn, evaluated."""
    attempt: int = 0
    """Retries of this state so far."""
    idempotency_token: str = ""
    """Execution ARN, branch path, visit and attempt: the same again only for a repeated attempt."""


def starting(
    id: int,
    state: str,
    resource: str,
    payload: Json,
    execution_arn: str,
    token: str | None,
    limits: tuple[int | None, int | None],
    role_arn: str | None,
    attempt: int,
    idempotency_token: str,
) -> StartTask:
    """Make the command that begins a task; `limits` are its timeout and its heartbeat."""
    task = StartTask.__new__(StartTask)
    task.id = id
    task.state = state
    task.resource = resource
    task.payload = payload
    task.execution_arn = execution_arn
    task.token = token
    task.timeout_seconds, task.heartbeat_seconds = limits
    task.role_arn = role_arn
    task.attempt = attempt
    task.idempotency_token = idempotency_token
    return task


@frozen(kw_only=True)
class CancelTask:
    """Forget an attempt: it timed out, or its branch was aborted. Answers to it are ignored."""

    id: int


@frozen(kw_only=True)
class ReadItems:
    """Open the source of a distributed Map and answer with ItemsRead, a page at a time."""

    id: int
    state: str
    resource: str
    arguments: Json
    config: Mapping[str, Json] = field(default_factory=dict[str, Json])
    """The ReaderConfig with ASL's field names, paths and expressions evaluated."""
    limit: int = 1000
    """Most items wanted in the first page; later pages are asked for with MoreItems."""


@frozen(kw_only=True)
class MoreItems:
    """Give the next page of an open reader."""

    id: int
    limit: int = 1000


@frozen(kw_only=True)
class WriteResults:
    """Export one page of child execution records of a distributed Map; the last page closes the export."""

    id: int
    state: str
    resource: str
    arguments: Json
    config: Mapping[str, Json]
    map_run_arn: str
    records: tuple[Mapping[str, Json], ...]
    last: bool


Command: TypeAlias = StartTask | CancelTask | ReadItems | MoreItems | WriteResults


@frozen(kw_only=True)
class TaskStarted:
    """A worker took the task (activities) or the function began."""

    id: int
    worker_name: str | None = None


@frozen(kw_only=True)
class TaskSubmitted:
    """The start call of a .sync or .waitForTaskToken task answered; the task goes on."""

    id: int
    output: Json


@dataclass(slots=True, kw_only=True)
class TaskSucceeded:
    """The attempt ended well."""

    id: int
    output: Json
    text: str = ""
    """The output as compact JSON, where whoever answers has it already."""


def succeeded(id: int, output: Json, text: str = "") -> TaskSucceeded:
    """Make the answer of a task that ended well."""
    answer = TaskSucceeded.__new__(TaskSucceeded)
    answer.id = id
    answer.output = output
    answer.text = text
    return answer


@frozen(kw_only=True)
class TaskFailed:
    """The attempt failed; absent error or cause are None."""

    id: int
    error: str | None
    cause: str | None
    stage: Literal["schedule", "start", "submit", "run"] = "run"


@frozen(kw_only=True)
class TaskTimedOut:
    """The attempt was seen to time out by the outside, not by the engine's own timer."""

    id: int
    error: str = "States.Timeout"
    cause: str | None = None


@frozen(kw_only=True)
class TaskHeartbeat:
    """The worker is alive: the heartbeat timer starts anew."""

    id: int


@frozen(kw_only=True)
class ItemsRead:
    """A page of items; `last` closes the reader."""

    id: int
    items: tuple[Json, ...]
    last: bool
    source: str = "STATE_DATA"
    """Map.Item.Source of these items, for example `S3://bucket/key`."""
    total: int | None = None


@frozen(kw_only=True)
class ReadFailed:
    """The source could not be read: States.ItemReaderFailed with this cause."""

    id: int
    cause: str


@frozen(kw_only=True)
class ResultsWritten:
    """A page was written; after the last one `details` is what the state gives as ResultWriterDetails."""

    id: int
    details: Mapping[str, Json] | None = None


@frozen(kw_only=True)
class WriteFailed:
    """The destination could not be written: States.ResultWriterFailed with this cause."""

    id: int
    cause: str


Answer: TypeAlias = (
    TaskStarted
    | TaskSubmitted
    | TaskSucceeded
    | TaskFailed
    | TaskTimedOut
    | TaskHeartbeat
    | ItemsRead
    | ReadFailed
    | ResultsWritten
    | WriteFailed
)
