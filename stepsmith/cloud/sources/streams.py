"""Reads a stream, each shard on its own, and hands records on in batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.sources.consumer import Consumer
from stepsmith.cloud.sources.source import Source
from stepsmith.cloud.streams.log import Entry, Shard, Stream
from stepsmith.events.filters import RecordFilter
from stepsmith.events.mappings import Answer, Call, ShardReader, StreamRecord, StreamSettings, starts_with
from stepsmith.events.records.instants import instant_or_none


@dataclass(frozen=True, slots=True)
class Start:
    """Where a stream is read from."""

    position: str
    """`LATEST`, `TRIM_HORIZON` or `AT_TIMESTAMP`."""
    created: float
    """When the reader was made."""
    timestamp: datetime | float | None = None


class StreamSource(Source[Callable[[Shard], None]]):
    """Reads the shards of a stream for one consumer, and goes on as records come."""

    def __init__(
        self,
        agenda: Agenda,
        stream: Stream,
        settings: StreamSettings,
        filters: RecordFilter | None,
        start: Start,
        consumer: Consumer,
    ) -> None:
        super().__init__(agenda, consumer, stream.listeners)
        self._stream = stream
        self._settings = settings
        self._filters = filters
        self._start = start
        self._readers: dict[str, ShardReader] = {}
        self._places: dict[str, int] = {}
        for shard in stream.shards.values():
            self._open(shard, is_new=False)
        self.look()

    def _hearing(self) -> Callable[[Shard], None]:
        return self._hear

    def change(self, settings: StreamSettings, filters: RecordFilter | None) -> None:
        """Go on with other settings, from where it stands."""
        self._settings, self._filters = settings, filters
        for id in self._readers:
            self._readers[id] = ShardReader(settings, filters)
        self.look()

    def _open(self, shard: Shard, *, is_new: bool) -> None:
        self._readers[shard.id] = ShardReader(self._settings, self._filters)
        self._places[shard.id] = 0 if is_new else self._begin(shard)

    def _begin(self, shard: Shard) -> int:
        """Find the first record that is read of a shard that was there before."""
        start = self._start
        if start.position == "LATEST":
            return len(shard.entries)
        at = instant_or_none(start.timestamp)
        for place, entry in enumerate(shard.entries):
            if starts_with(entry.at, position=start.position, created=start.created, timestamp=at):
                return place
        return len(shard.entries)

    def _hear(self, shard: Shard) -> None:
        if shard.id not in self._readers:
            self._open(shard, is_new=True)
        self.look()

    def _read(self, now: float) -> None:
        """Read what is new, and hand on the batches that are due."""
        role = self._consumer.role
        for shard in list(self._stream.shards.values()):
            reader = self._readers[shard.id]
            place = self._places[shard.id]
            new = shard.entries[place:]
            self._places[shard.id] = place + len(new)
            reader.arrive([_shown(entry, role) for entry in new], now)
            step = reader.step(now)
            for given_up in step.given_up:
                self._consumer.give_up(shard.id, given_up, "")
            for call in step.calls:
                event = call.event(shard_id=shard.id, source_arn=self._stream.arn)
                self._consumer.take(event, partial(self._ended, shard, reader, call))
            self._reminder.at(reader.next_time())

    def _ended(self, shard: Shard, reader: ShardReader, call: Call, answer: Answer, request_id: str) -> None:
        for given_up in reader.finish(call, answer, self._agenda.now()):
            self._consumer.give_up(shard.id, given_up, request_id)
        self._reminder.at(reader.next_time())


def _shown(entry: Entry, role: str) -> StreamRecord:
    return StreamRecord(entry.sequence, entry.key, entry.at, entry.value(role), entry.size)
