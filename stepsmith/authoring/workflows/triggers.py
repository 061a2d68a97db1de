"""What starts executions of a deployed workflow; declared beside it as `@workflow(triggers=[...])`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Final, Literal, TypeAlias

from stepsmith.authoring.tasks.provisions import FIFO, Bucket, Queue, Stream, Table, Topic
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

_QUEUE: Final = re.compile(r"arn:[a-z-]+:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}(?:\.fifo)?", re.ASCII)
_PATH: Final = re.compile(
    r"\$\.(?:body|messageId|attributes|messageAttributes)(?:\.[A-Za-z_][A-Za-z0-9_-]*)*", re.ASCII
)
_STREAM: Final = re.compile(
    r"arn:[a-z-]+:(?:kinesis:[a-z0-9-]+:[0-9]{12}:stream/[A-Za-z0-9_.-]{1,128}"
    r"|dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]{3,255}/stream/[0-9T:.-]+)",
    re.ASCII,
)
_TOPIC: Final = re.compile(r"arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}", re.ASCII)
_MEMBERS: Final = r"(?:\.[A-Za-z_][A-Za-z0-9_-]*)*"
_RECORD_PATHS: Final = {
    "kinesis": re.compile(
        rf"\$\.(?:data{_MEMBERS}|partitionKey|sequenceNumber|approximateArrivalTimestamp|eventID)", re.ASCII
    ),
    "dynamodb": re.compile(rf"\$\.(?:dynamodb{_MEMBERS}|eventName|eventID)", re.ASCII),
}
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
        if self.is_fifo and self.window:
            raise ValueError(f"window is {self.window}; batches of a FIFO queue are not collected")
        _check_messages(self)

    @property
    def is_fifo(self) -> bool:
        """Whether its queue is a FIFO queue, whose messages keep their order."""
        return self.queue.endswith(FIFO) if isinstance(self.queue, str) else self.queue.is_fifo


@frozen(kw_only=True)
class TopicMessage:
    """Starts an execution for each message of an SNS topic, by way of a queue of its own and EventBridge Pipes.

    What is said of `QueueMessage` holds here, too; `$.body` is the message that was published.
    """

    topic: Topic | str
    """A topic that is deployed with the workflow, or the ARN of another; not a FIFO topic."""
    input: Mapping[str, str]
    """Parameter -> the path in the message: `$.body` is its text, `$.body.key` a member of the JSON in it."""
    batch: int = 10
    window: int = 0
    attempts: int = 5
    filter: Mapping[str, Json] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.topic, str) and not _TOPIC.fullmatch(self.topic):
            raise ValueError(f"{self.topic!r} is no ARN of a topic, or of a FIFO topic")
        if isinstance(self.topic, Topic) and self.topic.is_fifo:
            raise ValueError(f"{self.topic.name} is a FIFO topic, whose messages start nothing")
        _check_messages(self)


@frozen(kw_only=True)
class StreamRecord:
    """Starts an execution for each record of a Kinesis stream, or of a table's stream, by way of EventBridge Pipes.

    The execution is called like the record, so that one that is delivered twice starts it once. Records whose
    executions cannot be started are tried again, while those behind them in their shard wait, and after some attempts
    the place where they are in the stream goes to a dead-letter queue.
    """

    stream: Stream | Table | str
    """A stream, or a table that has one, deployed with the workflow; or the ARN of another stream."""
    input: Mapping[str, str]
    """Parameter -> the path in the record: `$.data` is what was put into a Kinesis stream, as text, `$.data.key` a
    member of the JSON in it; `$.dynamodb.NewImage.id.S` is an attribute of a changed item."""
    start: Literal["LATEST", "TRIM_HORIZON"] = "LATEST"
    """Whether it begins with what comes, or with what is there."""
    batch: int = 100
    window: int = 0
    """The seconds for which a batch is collected, 0 to 300."""
    attempts: int = 5
    """How often a record is tried before it is given up, 1 to 1,000."""
    filter: Mapping[str, Json] | None = None
    """An event pattern, such as `{"eventName": ["INSERT"]}`; records that do not fit are dropped."""

    def __post_init__(self) -> None:
        if isinstance(self.stream, str) and not _STREAM.fullmatch(self.stream):
            raise ValueError(f"{self.stream!r} is no ARN of a stream")
        if isinstance(self.stream, Table) and self.stream.stream is None:
            raise ValueError(f'{self.stream.name} has no stream: Table(..., stream="NEW_AND_OLD_IMAGES")')
        for name, path in self.input.items():
            if not _RECORD_PATHS[self.kind].fullmatch(path):
                like = "$.data.key" if self.kind == "kinesis" else "$.dynamodb.NewImage.id.S"
                raise ValueError(f"{path!r} for {name} is no path into a record such as {like!r}")
        if self.start not in ("LATEST", "TRIM_HORIZON"):
            raise ValueError(f"start is {self.start!r}; it is 'LATEST' or 'TRIM_HORIZON'")
        _check_numbers(self, 10_000)

    @property
    def kind(self) -> Literal["kinesis", "dynamodb"]:
        """The service whose stream it is."""
        if isinstance(self.stream, str):
            return "kinesis" if self.stream.split(":")[2] == "kinesis" else "dynamodb"
        return "kinesis" if isinstance(self.stream, Stream) else "dynamodb"


@frozen(kw_only=True)
class HttpRequest:
    """Starts an execution for each POST to a path of the stack's HTTP API; the body is the input, as JSON.

    Requests have to be signed with IAM credentials that may call the API.
    """

    path: str

    def __post_init__(self) -> None:
        if not _HTTP_PATH.fullmatch(self.path):
            raise ValueError(f"{self.path!r} is no path such as '/orders'")


PipeTrigger: TypeAlias = QueueMessage | TopicMessage | StreamRecord
"""What starts executions by way of a pipe."""
Trigger: TypeAlias = S3Upload | Event | Schedule | PipeTrigger | HttpRequest


def _check_messages(trigger: QueueMessage | TopicMessage) -> None:
    for name, path in trigger.input.items():
        if not _PATH.fullmatch(path):
            raise ValueError(f"{path!r} for {name} is no path into a message such as '$.body.key'")
    _check_numbers(trigger, 10_000 if trigger.window else 10)


def _check_numbers(trigger: PipeTrigger, most: int) -> None:
    for what, value, least, greatest in (
        ("batch", trigger.batch, 1, most),
        ("window", trigger.window, 0, 300),
        ("attempts", trigger.attempts, 1, 1000),
    ):
        if not least <= value <= greatest:
            raise ValueError(f"{what} is {value}; it is {least} to {greatest:,}")
