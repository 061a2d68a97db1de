"""Records on their way to a function, calls of it, and what is given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from stepsmith.events.records.instants import iso_seconds
from stepsmith.expressions.types import Json

Condition: TypeAlias = Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """A record of a shard."""

    sequence: str
    key: str
    """Partition key, or the item's keys as text: records of one key keep their order."""
    at: float
    """When it arrived in the stream."""
    value: dict[str, Json]
    """The record as the function gets it."""
    size: int = 0
    """Its bytes as JSON."""


@dataclass(frozen=True, slots=True)
class Window:
    """A tumbling window, with the state that the calls so far have made."""

    start: float
    end: float
    state: Json
    final: bool = False
    """Whether this is the window's last call."""
    early: bool = False
    """Whether it ends before its time, because its state is too large."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the function that is due."""

    lane: int
    records: tuple[StreamRecord, ...]
    attempt: int
    """From 1; how often these records were given to the function, with this call."""
    window: Window | None = None

    def event(self, *, shard_id: str, source_arn: str) -> dict[str, Json]:
        """Build the event that the function gets."""
        records: list[Json] = [record.value for record in self.records]
        if self.window is None:
            return {"Records": records}
        return {
            "Records": records,
            "window": {"start": iso_seconds(self.window.start), "end": iso_seconds(self.window.end)},
            "state": self.window.state,
            "shardId": shard_id,
            "eventSourceARN": source_arn,
            "isFinalInvokeForWindow": self.window.final,
            "isWindowTerminatedEarly": self.window.early,
        }


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Records that are not tried again; they go to the on-failure destination."""

    condition: Condition
    records: tuple[StreamRecord, ...]
    count: int
    """How often they were tried; 1 for records that were too old before."""
    function_error: str | None
    """`Unhandled` after an exception, None after failures that the function reported."""
    answered: bool
    """Whether the function was called at all."""
