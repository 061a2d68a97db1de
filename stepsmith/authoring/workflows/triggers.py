"""What starts executions of a deployed workflow; declared beside it as `@workflow(triggers=[...])`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Final, TypeAlias

from stepsmith.authoring.tasks.provisions import Bucket, Queue
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

_QUEUE: Final = re.compile(r"arn:[a-z-]+:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}", re.ASCII)
_PATH: Final = re.compile(
    r"\$\.(?:body|messageId|attributes|messageAttributes)(?:\.[A-Za-z_][A-Za-z0-9_-]*)*", re.ASCII
)
_HTTP_PATH: Final = re.compile(r"(?:/[A-Za-z0-9_.-]+)+", re.ASCII)
_SCHEDULE: Final = re.compile(r"(?:rate|at|cron)\([^()]+\)")


@frozen(kw_only=True)
class S3Upload:
    """Starts an execution for each object that arrives in a bucket, by way of EventBridge.

    A bucket given by its name must send its events to EventBridge already.
    """

    bucket: Bucket | str
    keys: tuple[str, ...] = ("*",)
    """Which keys: patterns with `*`, of which one has to fit."""
    input: Mapping[str, str] = field(
        default_factory=lambda: {"bucket": "$.detail.bucket.name", "key": "$.detail.object.key"}
    )
    """Parameter -> the path in EventBridge's event that it is taken from."""


@frozen(kw_only=True)
class Event:
    """Starts an execution for each event of EventBridge's default bus that fits a pattern."""

    name: str
    pattern: Mapping[str, Json]
    input: Mapping[str, str]
    """Parameter -> the path in the event that it is taken from."""


@frozen(kw_only=True)
class Schedule:
    """Starts executions by the clock: `rate(1 hour)`, `cron(0 6 * * ? *)` or `at(2030-01-01T00:00:00)`."""

    expression: str
    input: Mapping[str, Json] = field(default_factory=dict[str, Json])
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        if not _SCHEDULE.fullmatch(self.expression):
            raise ValueError(
                f"{self.expression!r} is no schedule such as 'rate(1 hour)' or 'cron(0 6 * * ? *)'"
            )


@frozen(kw_only=True)
class QueueMessage:
    """Starts an execution for each message of an SQS queue, by way of EventBridge Pipes.

    The execution is called like the message, so that one that is delivered twice starts it once. A message whose
    execution cannot be started comes back and, after some attempts, goes to a dead-letter queue. A queue given by its
    ARN has its own.
    """

    queue: Queue | str
    """A queue that is deployed with the workflow, or the ARN of another."""
    input: Mapping[str, str]
    """Parameter -> the path in the message: `$.body` is its text, `$.body.key` a member of the JSON in it."""
    batch: int = 10
    """How many messages are taken at once, at most: 1 to 10, or to 10,000 with a window."""
    window: int = 0
    """The seconds for which a batch is collected, 0 to 300."""
    attempts: int = 5
    """How often a message is tried before it goes to the dead letters, 1 to 1,000."""
    filter: Mapping[str, Json] | None = None
    """An event pattern, such as `{"body": {"kind": ["order"]}}`; messages that do not fit are dropped."""

    def __post_init__(self) -> None:
        if isinstance(self.queue, str) and not _QUEUE.fullmatch(self.queue):
            raise ValueError(f"{self.queue!r} is no ARN of a queue")
        for name, path in self.input.items():
            if not _PATH.fullmatch(path):
                raise ValueError(f"{path!r} for {name} is no path into a message such as '$.body.key'")
        most = 10_000 if self.window else 10
        for what, value, least, greatest in (
            ("batch", self.batch, 1, most),
            ("window", self.window, 0, 300),
            ("attempts", self.attempts, 1, 1000),
        ):
            if not least <= value <= greatest:
                raise ValueError(f"{what} is {value}; it is {least} to {greatest:,}")


@frozen(kw_only=True)
class HttpRequest:
    """Starts an execution for each POST to a path of the stack's HTTP API; the body is the input, as JSON.

    Requests have to be signed with IAM credentials that may call the API.
    """

    path: str

    def __post_init__(self) -> None:
        if not _HTTP_PATH.fullmatch(self.path):
            raise ValueError(f"{self.path!r} is no path such as '/orders'")


Trigger: TypeAlias = S3Upload | Event | Schedule | QueueMessage | HttpRequest
