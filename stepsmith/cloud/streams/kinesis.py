"""Kinesis: its operations on the streams of all accounts and regions."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import count, pairwise
from typing import Any, Final, TypeAlias

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.answers import add_tags, carry_out, listed_tags, remove_tags
from stepsmith.cloud.deliveries import Deliveries, Parcel
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.cloud.streams.iterators import Place, find_place, read_place
from stepsmith.cloud.streams.log import Entry, Shard, Stream
from stepsmith.events.records.instants import instant_or_none
from stepsmith.events.records.streams import StreamedRecord, stream_record
from stepsmith.expressions.types import Json

Parameters: TypeAlias = Mapping[str, Any]
ITERATOR_SECONDS: Final = 300.0
LARGEST_RECORD: Final = 1_048_576
_HASHES: Final = 2**128
_FIRST_SEQUENCE: Final = 49_600_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000
_ON_DEMAND_SHARDS: Final = 4
_PAGE: Final = 100


class _Shard(Shard):
    """A shard with the range of hashes that it takes, and where it comes from."""

    def __init__(self, number: int, start: int, end: int, sequence: int, parents: tuple[str, ...]) -> None:
        super().__init__(f"shardId-{number:012d}")
        self.start = start
        self.end = end
        self.first = str(sequence)
        self.last: str | None = None
        self.parents = parents

    def shown(self) -> dict[str, Any]:
        sequences = {"StartingSequenceNumber": self.first}
        if self.last is not None:
            sequences["EndingSequenceNumber"] = self.last
        found: dict[str, Any] = {
            "ShardId": self.id,
            "HashKeyRange": {"StartingHashKey": str(self.start), "EndingHashKey": str(self.end)},
            "SequenceNumberRange": sequences,
        }
        for name, parent in zip(("ParentShardId", "AdjacentParentShardId"), self.parents, strict=False):
            found[name] = parent
        return found


class _Kinesis(Stream):
    def __init__(self, name: str, arn: str, now: datetime, is_on_demand: bool) -> None:
        super().__init__(arn, "kinesis")
        self.name = name
        self.created = now
        self.is_on_demand = is_on_demand
        self.retention = 24
        self.tags: dict[str, str] = {}
        self.consumers: dict[str, dict[str, Any]] = {}

    @property
    def own(self) -> list[_Shard]:
        return [each for each in self.shards.values() if isinstance(each, _Shard)]

    @property
    def open(self) -> list[_Shard]:
        return [each for each in self.own if each.is_open]


class Kinesis:
    """The service."""

    def __init__(self, agenda: Agenda, deliveries: Deliveries) -> None:
        self._agenda = agenda
        self._lock = threading.RLock()
        self._streams: dict[str, _Kinesis] = {}
        self._sequences = count(_FIRST_SEQUENCE)
        deliveries.register("kinesis", self._delivered)
        self._operations: dict[str, Callable[[Parameters, Caller], dict[str, Any]]] = {
            "AddTagsToStream": self._tag,
            "CreateStream": self._create,
            "DecreaseStreamRetentionPeriod": self._retain,
            "DeleteStream": self._delete,
            "DeregisterStreamConsumer": self._deregister,
            "DescribeLimits": lambda given, caller: {
                "ShardLimit": 500,
                "OpenShardCount": sum(len(each.open) for each in self._streams.values()),
            },
            "DescribeStream": self._describe,
            "DescribeStreamConsumer": lambda given, caller: {
                "ConsumerDescription": self._consumer(given, caller)[1]
            },
            "DescribeStreamSummary": self._summary,
            "GetRecords": self._records,
            "GetShardIterator": self._iterator,
            "IncreaseStreamRetentionPeriod": self._retain,
            "ListShards": self._list_shards,
            "ListStreamConsumers": self._list_consumers,
            "ListStreams": self._list,
            "ListTagsForStream": self._list_tags,
            "MergeShards": self._merge,
            "PutRecord": self._put,
            "PutRecords": self._put_all,
            "RegisterStreamConsumer": self._register,
            "RemoveTagsFromStream": self._untag,
            "SplitShard": self._split,
            "SubscribeToShard": self._subscribe,
            "UpdateShardCount": self._resize,
        }

    def call(self, operation: str, parameters: Parameters, caller: Caller) -> dict[str, Any]:
        """Carry out an operation of Kinesis. Raises ServiceError."""
        with self._lock:
            return carry_out(self._operations, operation, parameters, caller)

    def find(self, arn: str) -> Stream | None:
        """Return the stream of an ARN; None where there is none."""
        return self._streams.get(arn)

    def _delivered(self, arn: str, parcel: Parcel) -> bool:
        with self._lock:
            stream = self._streams.get(arn)
            if stream is None:
                return False
            self._append(stream, parcel.text.encode(), parcel.key or parcel.group or "0", None)
            return True

    # -- streams ------------------------------------------------------------------------

    def _create(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        name = str(given["StreamName"])
        arn = caller.arn("kinesis", f"stream/{name}")
        if arn in self._streams:
            text = f"Stream {name} under account {caller.account} already exists."
            raise ServiceError("ResourceInUseException", text)
        mode: Mapping[str, str] = given.get("StreamModeDetails") or {}
        on_demand = mode.get("StreamMode") == "ON_DEMAND" or not given.get("ShardCount")
        stream = self._streams[arn] = _Kinesis(name, arn, self._agenda.today(), on_demand)
        self._divide(stream, _ON_DEMAND_SHARDS if on_demand else given["ShardCount"], ())
        tags: Mapping[str, str] = given.get("Tags") or {}
        stream.tags.update(tags)
        return {}

    def _divide(self, stream: _Kinesis, shards: int, parents: tuple[str, ...]) -> None:
        bounds = [_HASHES * each // shards for each in range(shards + 1)]
        for start, end in pairwise(bounds):
            self._open(stream, start, end - 1, parents)

    def _open(self, stream: _Kinesis, start: int, end: int, parents: tuple[str, ...]) -> None:
        shard = _Shard(len(stream.shards), start, end, next(self._sequences), parents)
        stream.shards[shard.id] = shard

    def _of(self, given: Parameters, caller: Caller) -> _Kinesis:
        arn = given.get("StreamARN") or caller.arn("kinesis", f"stream/{given.get('StreamName')}")
        found = self._streams.get(arn)
        if found is None:
            name = given.get("StreamName") or str(arn).rpartition("/")[2]
            text = f"Stream {name} under account {caller.account} not found."
            raise ServiceError("ResourceNotFoundException", text)
        return found

    def _delete(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        del self._streams[self._of(given, caller).arn]
        return {}

    def _shown(self, stream: _Kinesis) -> dict[str, Any]:
        return {
            "StreamName": stream.name,
            "StreamARN": stream.arn,
            "StreamStatus": "ACTIVE",
            "StreamModeDetails": {"StreamMode": "ON_DEMAND" if stream.is_on_demand else "PROVISIONED"},
            "RetentionPeriodHours": stream.retention,
            "StreamCreationTimestamp": stream.created,
            "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
            "EncryptionType": "NONE",
        }

    def _describe(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream = self._of(given, caller)
        shards = [each.shown() for each in stream.own]
        return {"StreamDescription": {**self._shown(stream), "Shards": shards, "HasMoreShards": False}}

    def _summary(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream = self._of(given, caller)
        counts = {"OpenShardCount": len(stream.open), "ConsumerCount": len(stream.consumers)}
        return {"StreamDescriptionSummary": {**self._shown(stream), **counts}}

    def _list(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        start = caller.arn("kinesis", "stream/")
        names = sorted(each.name for arn, each in self._streams.items() if arn.startswith(start))
        after = given.get("ExclusiveStartStreamName") or ""
        left = [name for name in names if name > after]
        most = given.get("Limit") or _PAGE
        return {"StreamNames": left[:most], "HasMoreStreams": len(left) > most}

    def _list_shards(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return {"Shards": [each.shown() for each in self._of(given, caller).own]}

    def _retain(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        self._of(given, caller).retention = given["RetentionPeriodHours"]
        return {}

    def _tag(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return add_tags(self._of(given, caller).tags, given["Tags"])

    def _untag(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return remove_tags(self._of(given, caller).tags, given["TagKeys"])

    def _list_tags(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return {"Tags": listed_tags(self._of(given, caller).tags), "HasMoreTags": False}

    # -- shards -------------------------------------------------------------------------

    def _shard(self, stream: _Kinesis, id: str, caller: Caller) -> _Shard:
        found = stream.shards.get(id)
        if not isinstance(found, _Shard):
            text = f"Could not find shard {id} in stream {stream.name} under account {caller.account}."
            raise ServiceError("ResourceNotFoundException", text)
        return found

    def _close(self, *shards: _Shard) -> None:
        for shard in shards:
            shard.is_open = False
            shard.last = str(next(self._sequences))

    def _split(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream = self._of(given, caller)
        shard = self._shard(stream, given["ShardToSplit"], caller)
        middle = int(given["NewStartingHashKey"])
        if not shard.start < middle <= shard.end:
            raise ServiceError(
                "InvalidArgumentException",
                f"NewStartingHashKey {middle} used in SplitShard() on shard {shard.id} is not both greater than one "
                "plus the shard's StartingHashKey and less than the shard's EndingHashKey.",
            )
        self._close(shard)
        self._open(stream, shard.start, middle - 1, (shard.id,))
        self._open(stream, middle, shard.end, (shard.id,))
        return {}

    def _merge(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream = self._of(given, caller)
        one = self._shard(stream, given["ShardToMerge"], caller)
        other = self._shard(stream, given["AdjacentShardToMerge"], caller)
        first, second = sorted((one, other), key=lambda each: each.start)
        if first.end + 1 != second.start:
            raise ServiceError(
                "InvalidArgumentException",
                f"Shards {one.id} and {other.id} in stream {stream.name} are not an adjacent pair of shards eligible "
                "for merging",
            )
        self._close(one, other)
        self._open(stream, first.start, second.end, (one.id, other.id))
        return {}

    def _resize(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream = self._of(given, caller)
        before, after = stream.open, given["TargetShardCount"]
        self._close(*before)
        self._divide(stream, after, (before[0].id,))
        counts = {"CurrentShardCount": len(before), "TargetShardCount": after}
        return {"StreamName": stream.name, "StreamARN": stream.arn, **counts}

    # -- records ------------------------------------------------------------------------

    def _append(self, stream: _Kinesis, data: bytes, key: str, explicit: str | None) -> tuple[str, str]:
        if len(data) + len(key.encode()) > LARGEST_RECORD:
            raise ServiceError(
                "ValidationException",
                "1 validation error detected: Value at 'data' failed to satisfy constraint: "
                f"Member must have length less than or equal to {LARGEST_RECORD}.",
            )
        digest = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
        place = int(explicit) if explicit is not None else int(digest, 16)
        shard = next(each for each in stream.open if each.start <= place <= each.end)
        sequence, now = str(next(self._sequences)), self._agenda.now()
        record = StreamedRecord(sequence_number=sequence, partition_key=key, data=data, at=now)
        region = stream.arn.split(":")[3]

        def value(role: str) -> dict[str, Json]:
            return stream_record(
                record, stream_arn=stream.arn, shard_id=shard.id, role_arn=role, region=region
            )

        stream.append(shard, Entry(sequence, key, now, value, len(data) * 4 // 3, data))
        return shard.id, sequence

    def _put(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream = self._of(given, caller)
        shard, sequence = self._append(
            stream, _bytes(given["Data"]), str(given["PartitionKey"]), given.get("ExplicitHashKey")
        )
        return {"ShardId": shard, "SequenceNumber": sequence}

    def _put_all(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream = self._of(given, caller)
        found: list[dict[str, str]] = []
        for each in given["Records"]:
            shard, sequence = self._append(
                stream, _bytes(each["Data"]), str(each["PartitionKey"]), each.get("ExplicitHashKey")
            )
            found.append({"SequenceNumber": sequence, "ShardId": shard})
        return {"FailedRecordCount": 0, "Records": found}

    def _iterator(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream = self._of(given, caller)
        shard = self._shard(stream, given["ShardId"], caller)
        place = find_place(
            shard,
            given["ShardIteratorType"],
            sequence=given.get("StartingSequenceNumber"),
            timestamp=instant_or_none(given.get("Timestamp")),
        )
        if place is None:
            raise ServiceError(
                "InvalidArgumentException",
                f"StartingSequenceNumber {given.get('StartingSequenceNumber')} used in GetShardIterator on shard "
                f"{shard.id} in stream {stream.name} under account {caller.account} is invalid.",
            )
        return {"ShardIterator": Place(stream.arn, shard.id, place, self._agenda.now()).text()}

    def _records(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        place, now = read_place(str(given["ShardIterator"])), self._agenda.now()
        stream = self._streams.get(place.stream) if place else None
        if place is None or stream is None:
            raise ServiceError("InvalidArgumentException", "Invalid ShardIterator.")
        if now - place.made > ITERATOR_SECONDS:
            raise ServiceError(
                "ExpiredIteratorException",
                f"Iterator expired. The iterator was created at time {_at(place.made)} while right now it is "
                f"{_at(now)} which is further in the future than the tolerated delay of 300000 milliseconds.",
            )
        shard = stream.shards[place.shard]
        entries = shard.entries[place.place : place.place + (given.get("Limit") or 10_000)]
        after = place.place + len(entries)
        late = now - entries[-1].at if entries and after < len(shard.entries) else 0.0
        found: dict[str, Any] = {
            "Records": [_shown(entry) for entry in entries],
            "MillisBehindLatest": round(late * 1000),
        }
        if shard.is_open or after < len(shard.entries):
            found["NextShardIterator"] = Place(stream.arn, shard.id, after, now).text()
        return found

    # -- consumers ----------------------------------------------------------------------

    def _register(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream = self._of(given, caller)
        name, now = str(given["ConsumerName"]), self._agenda.today()
        if name in stream.consumers:
            text = f"Consumer {name} under stream {stream.name} already exists for account {caller.account}."
            raise ServiceError("ResourceInUseException", text)
        consumer = stream.consumers[name] = {
            "ConsumerName": name,
            "ConsumerARN": f"{stream.arn}/consumer/{name}:{int(now.timestamp())}",
            "ConsumerStatus": "ACTIVE",
            "ConsumerCreationTimestamp": now,
            "StreamARN": stream.arn,
        }
        told = {key: value for key, value in consumer.items() if key != "StreamARN"}
        return {"Consumer": {**told, "ConsumerStatus": "CREATING"}}

    def _consumer(self, given: Parameters, caller: Caller) -> tuple[_Kinesis, dict[str, Any]]:
        for stream in self._streams.values():
            for each in stream.consumers.values():
                named = (each["StreamARN"], each["ConsumerName"]) == (
                    given.get("StreamARN"),
                    given.get("ConsumerName"),
                )
                if named or each["ConsumerARN"] == given.get("ConsumerARN"):
                    return stream, each
        name = given.get("ConsumerARN") or given.get("ConsumerName")
        text = f"Consumer {name} under account {caller.account} not found."
        raise ServiceError("ResourceNotFoundException", text)

    def _deregister(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream, consumer = self._consumer(given, caller)
        del stream.consumers[consumer["ConsumerName"]]
        return {}

    def _list_consumers(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream = self._of(given, caller)
        hidden = "StreamARN"
        return {
            "Consumers": [
                {key: value for key, value in each.items() if key != hidden}
                for each in stream.consumers.values()
            ]
        }

    def _subscribe(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream, _ = self._consumer(given, caller)
        shard = self._shard(stream, given["ShardId"], caller)
        start = given["StartingPosition"]
        place = find_place(
            shard,
            start["Type"],
            sequence=start.get("SequenceNumber"),
            timestamp=instant_or_none(start.get("Timestamp")),
        )
        return {"EventStream": _Subscription(shard, place or 0)}


class _Subscription:
    """What a consumer is told of a shard: all that there is when it looks."""

    def __init__(self, shard: Shard, place: int) -> None:
        self._shard = shard
        self._place = place

    def __iter__(self) -> Iterator[dict[str, Any]]:
        entries = self._shard.entries[self._place :]
        self._place += len(entries)
        last = entries[-1].sequence if entries else "0"
        event = {
            "Records": [_shown(entry) for entry in entries],
            "ContinuationSequenceNumber": last,
            "MillisBehindLatest": 0,
        }
        yield {"SubscribeToShardEvent": event}


def _shown(entry: Entry) -> dict[str, Any]:
    return {
        "SequenceNumber": entry.sequence,
        "ApproximateArrivalTimestamp": datetime.fromtimestamp(entry.at, UTC),
        "Data": entry.data,
        "PartitionKey": entry.key,
    }


def _bytes(given: Any) -> bytes:
    return given.encode() if isinstance(given, str) else bytes(given)


def _at(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
