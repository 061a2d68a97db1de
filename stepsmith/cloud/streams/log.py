"""A stream as its readers see it: shards with records, each with a sequence number, and word of new ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from stepsmith.expressions.types import Json

Value: TypeAlias = Callable[[str], dict[str, Json]]
"""Gives a record as functions get it; takes the ARN of the role that reads."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of a shard."""

    sequence: str
    key: str
    """Records of one key keep their order."""
    at: float
    value: Value
    size: int
    """Its bytes, about."""
    data: bytes = b""
    """What a producer has put, for Kinesis."""


@dataclass(slots=True)
class Shard:
    """One shard: its records, and whether more may come."""

    id: str
    entries: list[Entry] = field(default_factory=list[Entry])
    is_open: bool = True


class Stream:
    """A stream; listeners are told of each shard that has something new."""

    def __init__(self, arn: str, kind: Literal["kinesis", "dynamodb"]) -> None:
        self.arn = arn
        self.kind: Literal["kinesis", "dynamodb"] = kind
        self.shards: dict[str, Shard] = {}
        self.listeners: list[Callable[[Shard], None]] = []

    def append(self, shard: Shard, entry: Entry) -> None:
        """Add a record to a shard, and tell everybody."""
        shard.entries.append(entry)
        for listener in list(self.listeners):
            listener(shard)
