"""The operations of Lambda on event source mappings."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from collections.abc import Mapping as Given
from typing import Any, TypeAlias

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.answers import page
from stepsmith.cloud.deliveries import Deliveries, Parcel, service_of
from stepsmith.cloud.functions.function import called
from stepsmith.cloud.functions.service import Functions
from stepsmith.cloud.mappings.mapping import STREAMS, Mapping, check_position, invalid
from stepsmith.cloud.mappings.worker import Means, Worker
from stepsmith.cloud.queues.service import Queues
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.cloud.sources.queues import QueueSource
from stepsmith.cloud.sources.streams import Start, StreamSource
from stepsmith.cloud.streams.log import Stream
from stepsmith.events.mappings import failure_key
from stepsmith.expressions.types import Json

Parameters: TypeAlias = Given[str, Any]


class Mappings:
    """All mappings; `find_stream` finds the stream of an ARN, `store` puts a text into a bucket."""

    def __init__(
        self,
        agenda: Agenda,
        functions: Functions,
        queues: Queues,
        deliveries: Deliveries,
        *,
        find_stream: Callable[[str], Stream | None],
        store: Callable[[str, str, str], None],
    ) -> None:
        self._agenda = agenda
        self._functions = functions
        self._queues = queues
        self._deliveries = deliveries
        self._find_stream = find_stream
        self._store = store
        self._means = Means(agenda, functions, self._give_up)
        self._mappings: dict[str, Mapping] = {}
        self._sources: dict[str, QueueSource | StreamSource] = {}
        functions.more |= {
            "CreateEventSourceMapping": self._create,
            "DeleteEventSourceMapping": self._delete,
            "GetEventSourceMapping": lambda given, caller: self._of(given).shown(),
            "ListEventSourceMappings": self._list,
            "UpdateEventSourceMapping": self._update,
        }

    def _create(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function = self._function(str(given["FunctionName"]), caller)
        source = str(given.get("EventSourceArn") or "")
        if service_of(source) in STREAMS:
            check_position(given, source)
        elif service_of(source) != "sqs":
            raise invalid("Unrecognized event source.")
        if "FilterCriteria" in given and given["FilterCriteria"] is None:
            raise invalid("Invalid filter pattern definition.")
        mapping = Mapping(given, function, caller, self._agenda.today())
        self._check_new(mapping)
        source = self._source(mapping)
        self._mappings[mapping.id] = mapping
        self._sources[mapping.id] = source
        return mapping.shown("Creating" if mapping.is_enabled else "Disabled")

    def _function(self, text: str, caller: Caller) -> str:
        by = called(text)
        owner = Caller(by.region or caller.region, by.account or caller.account)
        arn = owner.arn("lambda", f"function:{by.name}")
        function = self._functions.find(arn)
        if function is None or function.version(by.qualifier) is None:
            raise invalid("Function does not exist")
        return f"{arn}:{by.qualifier}" if by.qualifier else arn

    def _check_new(self, new: Mapping) -> None:
        for each in self._mappings.values():
            if (each.source, each.function) != (new.source, new.function):
                continue
            name = new.function.split(":")[6]
            end = f"Please update or delete the existing mapping with UUID {each.id}"
            if new.is_stream:
                start = f'The event source arn (" {new.source} ") and function (" {name} ") provided mapping'
            else:
                start = f'An event source mapping with SQS arn (" {new.source} ") and function (" {name} ")'
            raise ServiceError("ResourceConflictException", f"{start} already exists. {end}", status=409)

    def _source(self, mapping: Mapping) -> QueueSource | StreamSource:
        worker = Worker(mapping, self._means)
        if mapping.stream_settings is not None:
            stream = self._find_stream(mapping.source)
            if stream is None:
                raise invalid(f"Stream not found: {mapping.source}")
            settings = mapping.settings
            start = Start(
                settings["StartingPosition"],
                mapping.created.timestamp(),
                settings.get("StartingPositionTimestamp"),
            )
            return StreamSource(self._agenda, stream, mapping.stream_settings, mapping.filters, start, worker)
        queue = self._queues.find(mapping.source)
        if queue is None or mapping.queue_settings is None:
            raise invalid(
                "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
                "SQS Error Message: The specified queue does not exist."
            )
        return QueueSource(self._agenda, queue, mapping.queue_settings, mapping.filters, worker)

    def _of(self, given: Parameters) -> Mapping:
        found = self._mappings.get(given["UUID"])
        if found is None:
            text = "The resource you requested does not exist."
            raise ServiceError("ResourceNotFoundException", text, status=404)
        return found

    def _update(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        mapping = self._of(given)
        function = mapping.function
        if given.get("FunctionName"):
            function = self._function(str(given["FunctionName"]), caller)
        mapping.change(given, self._agenda.today())
        mapping.function = function
        was, now = mapping.is_enabled, given.get("Enabled")
        if now is not None:
            mapping.is_enabled = bool(now)
        self._renew(mapping)
        if now is None or was == mapping.is_enabled:
            return mapping.shown("Updating")
        return mapping.shown("Enabling" if mapping.is_enabled else "Disabling")

    def _renew(self, mapping: Mapping) -> None:
        """Let the source be read with what the settings are now."""
        source = self._sources[mapping.id]
        if isinstance(source, StreamSource) and mapping.stream_settings is not None:
            source.change(mapping.stream_settings, mapping.filters)
        else:
            source.close()
            self._sources[mapping.id] = self._source(mapping)

    def _delete(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        mapping = self._of(given)
        del self._mappings[mapping.id]
        self._sources.pop(mapping.id).close()
        return mapping.shown("Deleting")

    def _list(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        source, name = given.get("EventSourceArn"), given.get("FunctionName")
        function = self._function(str(name), caller) if name else None
        every = [
            each.shown()
            for each in self._mappings.values()
            if (not source or each.source == source) and (function is None or each.function == function)
        ]
        return page(every, "EventSourceMappings", given, most="MaxItems", after="Marker", onward="NextMarker")

    def _give_up(self, mapping: Mapping, shard: str, record: dict[str, Json]) -> None:
        target, text = mapping.on_failure or "", json.dumps(record)
        if service_of(target) == "s3":
            key = failure_key(
                mapping_id=mapping.id, shard_id=shard, at=self._agenda.now(), id_=str(uuid.uuid4())
            )
            self._store(target.rpartition(":")[2], key, text)
        else:
            self._deliveries.send(target, Parcel(text))
