"""The streams of tables: each change of an item is a record, for functions and for DynamoDB's own API of streams."""

from __future__ import annotations

import base64
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any, Final, TypeAlias

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.answers import carry_out
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.cloud.streams.iterators import Place, find_place, read_place
from stepsmith.cloud.streams.log import Entry, Shard, Stream
from stepsmith.events.records.streams import Change, change_record
from stepsmith.expressions.types import Json

Parameters: TypeAlias = Mapping[str, Any]
ITERATOR_SECONDS: Final = 900.0
_FIRST_SEQUENCE: Final = 100_000_000_000_000_000_000
_PAGE: Final = 100


class _Table(Stream):
    def __init__(self, arn: str, table: Any, now: datetime) -> None:
        super().__init__(arn, "dynamodb")
        self.table = table
        self.view: Any = table.stream_specification["StreamViewType"]
        self.created = now
        self.images: dict[str, dict[str, Json] | None] = {}
        """Items as they were after their last change, by key."""
        self.shard = Shard(f"shardId-{round(now.timestamp() * 1000):020d}-{uuid.uuid4().hex[:8]}")
        self.shards[self.shard.id] = self.shard


@dataclass(frozen=True, slots=True)
class _Pending:
    """A change that is not a record yet."""

    stream: _Table
    keys: dict[str, Json]
    before: dict[str, Json] | None
    after: dict[str, Json] | None


class Changes:
    """The streams of all tables; `tables` gives moto's tables of a caller, by name."""

    def __init__(self, agenda: Agenda, tables: Callable[[Caller], Mapping[str, Any]]) -> None:
        self._agenda = agenda
        self._tables = tables
        self._lock = threading.RLock()
        self._streams: dict[str, _Table] = {}
        self._pending: list[_Pending] = []
        self._sequences = count(_FIRST_SEQUENCE)
        self._operations: dict[str, Callable[[Parameters, Caller], dict[str, Any]]] = {
            "DescribeStream": self._describe,
            "GetRecords": self._records,
            "GetShardIterator": self._iterator,
            "ListStreams": self._list,
        }

    def call(self, operation: str, parameters: Parameters, caller: Caller) -> dict[str, Any]:
        """Carry out an operation of DynamoDB Streams. Raises ServiceError."""
        with self._lock:
            return carry_out(self._operations, operation, parameters, caller)

    def find(self, arn: str) -> Stream | None:
        """Return the stream of an ARN; None where no table has it."""
        with self._lock:
            found = self._streams.get(arn)
            if found is not None:
                return found
            parts = arn.split(":", 5)
            name = parts[5].split("/")[1] if len(parts) == 6 and parts[5].startswith("table/") else ""
            table = self._tables(Caller(parts[3], parts[4])).get(name) if name else None
            if table is None or _arn(table) != arn:
                return None
            return self._of_table(table)

    def heard(self, table: Any, old: Any, new: Any) -> None:
        """Take notice of a change that moto makes; it becomes a record once the whole call is answered."""
        with self._lock:
            before, after = _item(old), _item(new)
            keys = _keys(table, before if after is None else after)
            if not self._pending:
                self._agenda.soon(self.flush)  # whoever has called may be none of the cloud's own clients
            self._pending.append(_Pending(self._of_table(table), keys, before, after))

    def flush(self, order: Sequence[dict[str, Json]] = ()) -> None:
        """Make records of the changes of one call, in the order of these items or keys, where it is known.

        moto makes several changes of one, changes items in place, and sorts the items of a batch: what counts is each
        item before the call and after it. A write that changes nothing makes no record.
        """
        with self._lock:
            pending, self._pending = self._pending, []
            found: dict[tuple[str, str], _Pending] = {}
            for each in pending:
                key = (each.stream.arn, repr(each.keys))
                first = found.get(key)
                before = each.before if first is None else first.before
                if first is None and key[1] in each.stream.images:
                    before = each.stream.images[key[1]]
                found[key] = _Pending(each.stream, each.keys, before, each.after)
            for each in sorted(found.values(), key=lambda each: _place(each.keys, order)):
                each.stream.images[repr(each.keys)] = each.after
                if each.before != each.after:
                    self._append(each)

    def _append(self, pending: _Pending) -> None:
        stream, now = pending.stream, self._agenda.now()
        sequence = str(next(self._sequences))
        change = Change(
            event_id=uuid.uuid4().hex,
            sequence_number=sequence,
            at=now,
            keys=pending.keys,
            old=pending.before,
            new=pending.after,
        )
        record = change_record(
            change, stream_arn=stream.arn, view=stream.view, region=stream.arn.split(":")[3]
        )
        if record is not None:
            value = partial(_given, record)
            stream.append(stream.shard, Entry(sequence, repr(pending.keys), now, value, len(repr(record))))

    def _of_table(self, table: Any) -> _Table:
        arn = _arn(table)
        found = self._streams.get(arn)
        if found is None:
            found = self._streams[arn] = _Table(arn, table, self._agenda.today())
        return found

    # -- operations ---------------------------------------------------------------------

    def _of(self, arn: str) -> _Table:
        found = self.find(arn)
        if not isinstance(found, _Table):
            text = f"Requested resource not found: Stream: {arn} not found"
            raise ServiceError("ResourceNotFoundException", text)
        return found

    def _describe(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream = self._of(str(given["StreamArn"]))
        label = stream.arn.rpartition("/")[2]
        description: dict[str, Any] = {
            "StreamArn": stream.arn,
            "StreamLabel": label,
            "StreamStatus": "ENABLED",
            "StreamViewType": stream.view,
            "CreationRequestDateTime": stream.created,
            "TableName": stream.table.name,
            "KeySchema": stream.table.schema,
            "Shards": [
                {
                    "ShardId": stream.shard.id,
                    "SequenceNumberRange": {"StartingSequenceNumber": str(_FIRST_SEQUENCE - 1)},
                }
            ],
        }
        return {"StreamDescription": description}

    def _list(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        wanted = given.get("TableName")
        found: list[dict[str, str]] = []
        for name, table in self._tables(caller).items():
            if table.stream_shard is not None and wanted in (None, name):
                arn = _arn(table)
                found.append({"StreamArn": arn, "TableName": name, "StreamLabel": arn.rpartition("/")[2]})
        return {"Streams": found[: given.get("Limit") or _PAGE]}

    def _iterator(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        stream = self._of(str(given["StreamArn"]))
        if given["ShardId"] != stream.shard.id:
            text = f"Requested resource not found: Shard does not exist: {given['ShardId']}"
            raise ServiceError("ResourceNotFoundException", text)
        place = find_place(
            stream.shard, given["ShardIteratorType"], sequence=given.get("SequenceNumber"), timestamp=None
        )
        if place is None:
            text = "Invalid SequenceNumber: it is no number of this shard"
            raise ServiceError("ValidationException", text)
        return {"ShardIterator": Place(stream.arn, stream.shard.id, place, self._agenda.now()).text()}

    def _records(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        place, now = read_place(str(given["ShardIterator"])), self._agenda.now()
        if place is None or place.stream not in self._streams:
            raise ServiceError("ValidationException", "Invalid ShardIterator")
        if now - place.made > ITERATOR_SECONDS:
            raise ServiceError(
                "ExpiredIteratorException", "The iterator has expired: it is older than 15 minutes"
            )
        shard = self._streams[place.stream].shard
        entries = shard.entries[place.place : place.place + (given.get("Limit") or 1000)]
        after = Place(place.stream, shard.id, place.place + len(entries), now)
        return {"Records": [_shown(entry) for entry in entries], "NextShardIterator": after.text()}


def _arn(table: Any) -> str:
    return f"{table.table_arn}/stream/{table.latest_stream_label}"


def _given(record: dict[str, Json], role: str) -> dict[str, Json]:
    return record


def _item(item: Any) -> dict[str, Json] | None:
    return (
        None if item is None else {name: _text(each) for name, each in item.to_json()["Attributes"].items()}
    )


def _text(value: Any) -> Json:
    """Write bytes as Base64, as events have them."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: _text(each) for key, each in value.items()}  # pyright: ignore - what moto keeps
    return [_text(each) for each in value] if isinstance(value, list) else value  # pyright: ignore - what moto keeps


def _bytes(value: Json) -> Any:
    """Read Base64 back into bytes, as DynamoDB's own API has them."""
    if isinstance(value, list):
        return [_bytes(each) for each in value]
    if not isinstance(value, dict):
        return value
    inner = value.get("B")
    if len(value) == 1 and isinstance(inner, str):
        return {"B": base64.b64decode(inner)}
    return {key: _bytes(each) for key, each in value.items()}


def _place(keys: dict[str, Json], order: Sequence[dict[str, Json]]) -> int:
    for place, each in enumerate(order):
        if all(each.get(name) == value for name, value in keys.items()):
            return place
    return len(order)


def _keys(table: Any, item: dict[str, Json] | None) -> dict[str, Json]:
    names = [each["AttributeName"] for each in table.schema]
    return {name: (item or {})[name] for name in names}


def _shown(entry: Entry) -> dict[str, Any]:
    """Give a record as GetRecords answers it: without the ARN, with an instant."""
    record: dict[str, Any] = dict(entry.value(""))
    record.pop("eventSourceARN", None)
    inside = _bytes(record["dynamodb"])
    inside["ApproximateCreationDateTime"] = datetime.fromtimestamp(entry.at, UTC)
    return {**record, "dynamodb": inside}
