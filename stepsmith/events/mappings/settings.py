"""What an event source mapping can be told, with AWS's defaults and refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stepsmith.events.refusals import Refused

LARGEST_PAYLOAD: Final = 6 * 1024 * 1024
"""Bytes of a call; a batch ends before it."""
LARGEST_STATE: Final = 1024 * 1024
"""Bytes of a tumbling window's state; a window whose state grows beyond ends early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSettings:
    """A mapping of a Kinesis or DynamoDB stream."""

    batch_size: int = 100
    window: float = 0
    """Seconds to wait for a full batch, from the first record on."""
    retries: int = -1
    """How often a batch is tried again; -1 until its records are too old."""
    age: float = -1
    """Seconds after which a record is given up; -1 never."""
    bisect: bool = False
    """Whether a batch that fails is halved, which costs no attempt."""
    parallel: int = 1
    """How many batches of a shard are worked on at once; those of one key never are."""
    tumbling: float = 0
    """Seconds of a tumbling window; 0 for none."""
    reports_failures: bool = False
    """Whether the answer names records that failed (ReportBatchItemFailures)."""

    def __post_init__(self) -> None:
        _check("batchSize", self.batch_size, 1, 10_000)
        _check("maximumBatchingWindowInSeconds", self.window, 0, 300)
        _check("maximumRetryAttempts", self.retries, -1, 10_000)
        _check("maximumRecordAgeInSeconds", self.age, -1, 604_800)
        _check("parallelizationFactor", self.parallel, 1, 10)
        _check("tumblingWindowInSeconds", self.tumbling, 0, 900)
        if self.tumbling and self.parallel > 1:
            raise Refused(
                "InvalidParameterValueException",
                "Tumbling windows need the order of the shard: ParallelizationFactor must be 1.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """A mapping of a queue."""

    batch_size: int = 10
    window: float = 0
    fifo: bool = False
    reports_failures: bool = False
    concurrency: int = 1000
    """How many calls are under way at once (MaximumConcurrency)."""

    def __post_init__(self) -> None:
        _check("batchSize", self.batch_size, 1, 10_000)
        _check("maximumBatchingWindowInSeconds", self.window, 0, 300)
        if self.batch_size > 10 and self.window < 1:
            raise Refused(
                "InvalidParameterValueException",
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            )


def _check(name: str, value: float, least: float, most: float) -> None:
    if least <= value <= most:
        return
    bound = f"less than or equal to {most:g}" if value > most else f"greater than or equal to {least:g}"
    raise Refused(
        "ValidationException",
        f"1 validation error detected: Value '{value:g}' at '{name}' failed to satisfy constraint: "
        f"Member must have value {bound}",
    )
