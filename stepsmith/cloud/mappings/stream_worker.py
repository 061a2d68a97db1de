"""Lets a function hear of the records of a stream, each shard on its own."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from stepsmith.cloud.mappings.mapping import Mapping
from stepsmith.cloud.mappings.worker import BUSY_SECONDS, Means, Worker
from stepsmith.cloud.streams.log import Entry, Shard, Stream
from stepsmith.events.mappings import (
    Answer,
    Call,
    GivenUp,
    ShardReader,
    StreamRecord,
    StreamSettings,
    failure_record,
    starts_with,
)


class StreamWorker(Worker):
    """Reads the shards of a stream from where the mapping says, and goes on as records come."""

    def __init__(self, mapping: Mapping, means: Means, stream: Stream, settings: StreamSettings) -> None:
        super().__init__(mapping, means)
        self._stream = stream
        self._settings = settings
        self._readers: dict[str, ShardReader] = {}
        self._places: dict[str, int] = {}
        stream.listeners.append(self._heard)
        for shard in stream.shards.values():
            self._open(shard, is_new=False)
        self.come_back(means.agenda.now())

    def close(self) -> None:
        """Read nothing any more."""
        super().close()
        if self._heard in self._stream.listeners:
            self._stream.listeners.remove(self._heard)

    def change(self, settings: StreamSettings) -> None:
        """Go on with other settings, from where it stands."""
        self._settings = settings
        for id in self._readers:
            self._readers[id] = ShardReader(settings, self.mapping.filters)

    def _open(self, shard: Shard, *, is_new: bool) -> None:
        self._readers[shard.id] = ShardReader(self._settings, self.mapping.filters)
        self._places[shard.id] = 0 if is_new else self._begin(shard)

    def _begin(self, shard: Shard) -> int:
        """Find the first record that is read of a shard that was there before the mapping."""
        settings = self.mapping.settings
        position, timestamp = settings["StartingPosition"], settings.get("StartingPositionTimestamp")
        if position == "LATEST":
            return len(shard.entries)
        at = timestamp.timestamp() if isinstance(timestamp, datetime) else timestamp
        for place, entry in enumerate(shard.entries):
            created = self.mapping.created.timestamp()
            if starts_with(entry.at, position=position, created=created, timestamp=at):
                return place
        return len(shard.entries)

    def _heard(self, shard: Shard) -> None:
        if shard.id not in self._readers:
            self._open(shard, is_new=True)
        self.come_back(self.means.agenda.now())

    def pull(self) -> None:
        """Read what is new, and make the calls that are due."""
        if not self.is_working:
            return
        now = self.means.agenda.now()
        if self.is_busy:
            self.come_back(now + BUSY_SECONDS)
            return
        for shard in list(self._stream.shards.values()):
            reader = self._readers[shard.id]
            place = self._places[shard.id]
            new = shard.entries[place:]
            self._places[shard.id] = place + len(new)
            reader.arrive([self._shown(entry) for entry in new], now)
            step = reader.step(now)
            for given_up in step.given_up:
                self._give_up(shard, given_up, "")
            for call in step.calls:
                event = call.event(shard_id=shard.id, source_arn=self._stream.arn)
                self.call(event, partial(self._ended, shard, reader, call))
            self.come_back(reader.next_time())

    def _ended(self, shard: Shard, reader: ShardReader, call: Call, answer: Answer, request_id: str) -> None:
        now = self.means.agenda.now()
        for given_up in reader.finish(call, answer, now):
            self._give_up(shard, given_up, request_id)
        self.come_back(reader.next_time())

    def _shown(self, entry: Entry) -> StreamRecord:
        found = self.target()
        role = str(found[1].settings.get("Role") or "") if found else ""
        account = self.mapping.function.split(":")[4]
        value = entry.value(role or f"arn:aws:iam::{account}:role/local")
        return StreamRecord(entry.sequence, entry.key, entry.at, value, entry.size)

    def _give_up(self, shard: Shard, given_up: GivenUp, request_id: str) -> None:
        target = self.mapping.on_failure
        if target is None:
            return
        record = failure_record(
            given_up,
            source=self._stream.kind,
            stream_arn=self._stream.arn,
            shard_id=shard.id,
            function_arn=self.mapping.function,
            request_id=request_id,
            at=self.means.agenda.now(),
            payload=target.startswith("arn:aws:s3:"),
        )
        self.means.give_up(self.mapping, shard.id, record)
