"""The operations of EventBridge Pipes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.answers import add_tags, carry_out, page, remove_tags
from stepsmith.cloud.pipes.pipe import RUNNING, STOPPED, Pipe, invalid
from stepsmith.cloud.pipes.stages import Stages
from stepsmith.cloud.pipes.worker import Worker
from stepsmith.cloud.queues.service import Queues
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.cloud.sources.queues import QueueSource
from stepsmith.cloud.sources.streams import Start, StreamSource
from stepsmith.cloud.streams.log import Stream
from stepsmith.events.mappings import QueueSettings, StreamSettings

Parameters: TypeAlias = Mapping[str, Any]


class Pipes:
    """All pipes; `find_stream` finds the stream of an ARN."""

    def __init__(
        self, agenda: Agenda, queues: Queues, stages: Stages, *, find_stream: Callable[[str], Stream | None]
    ) -> None:
        self._agenda = agenda
        self._queues = queues
        self._stages = stages
        self._find_stream = find_stream
        self._lock = threading.RLock()
        self._pipes: dict[str, Pipe] = {}
        """By their ARNs."""
        self._sources: dict[str, QueueSource | StreamSource] = {}
        self._operations: dict[str, Callable[[Parameters, Caller], dict[str, Any]]] = {
            "CreatePipe": self._create,
            "DeletePipe": self._delete,
            "DescribePipe": lambda given, caller: self._of(given, caller).shown(),
            "ListPipes": self._list,
            "ListTagsForResource": lambda given, caller: {"tags": dict(self._tagged(given).tags)},
            "StartPipe": lambda given, caller: self._switch(given, caller, RUNNING, "STARTING"),
            "StopPipe": lambda given, caller: self._switch(given, caller, STOPPED, "STOPPING"),
            "TagResource": lambda given, caller: add_tags(self._tagged(given).tags, given["tags"]),
            "UntagResource": lambda given, caller: remove_tags(self._tagged(given).tags, given["tagKeys"]),
            "UpdatePipe": self._update,
        }

    def call(self, operation: str, parameters: Parameters, caller: Caller) -> dict[str, Any]:
        """Carry out an operation of Pipes. Raises ServiceError."""
        with self._lock:
            return carry_out(self._operations, operation, parameters, caller)

    def _create(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        pipe = Pipe(given, caller, self._agenda.today())
        if pipe.arn in self._pipes:
            details = {"resourceId": pipe.name, "resourceType": "Pipe"}
            text = f"Pipe {pipe.name} already exists."
            raise ServiceError("ConflictException", text, status=409, more=details)
        self._check(pipe)
        self._pipes[pipe.arn] = pipe
        self._open(pipe)
        return pipe.brief("CREATING")

    def _check(self, pipe: Pipe) -> None:
        """Raise ServiceError for a stage that nobody can wait for."""
        waited = {
            "Enrichment": pipe.enrichment,
            "Target": pipe.target if pipe.hands_over_batches and pipe.waits else "",
        }
        for place, arn in waited.items():
            if arn and self._stages.is_standard(arn):
                raise invalid(place, f"{arn} is no Express state machine, so that it cannot be waited for")

    def _open(self, pipe: Pipe) -> None:
        """Read the source of a pipe, if it is there and is to be read."""
        source = self._sources.get(pipe.arn)
        if source is None:
            source = self._source(pipe)
            pipe.problem = None if source else f"the source {pipe.source} does not exist"
            if source is None:
                return
            self._sources[pipe.arn] = source
        source.look()

    def _source(self, pipe: Pipe) -> QueueSource | StreamSource | None:
        worker, reading, filters = Worker(pipe, self._stages), pipe.plan.reading, pipe.plan.filters
        if isinstance(reading, StreamSettings):
            stream = self._find_stream(pipe.source)
            if stream is None:
                return None
            given = pipe.reading
            start = Start(
                given["StartingPosition"], self._agenda.now(), given.get("StartingPositionTimestamp")
            )
            return StreamSource(self._agenda, stream, reading, filters, start, worker)
        queue = self._queues.find(pipe.source)
        return None if queue is None else QueueSource(self._agenda, queue, reading, filters, worker)

    def _update(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        pipe = self._of(given, caller)
        plan = pipe.change(given, self._agenda.today())
        source = self._sources.get(pipe.arn)
        if isinstance(source, StreamSource) and isinstance(plan.reading, StreamSettings):
            source.change(plan.reading, plan.filters)
        elif source is not None and isinstance(plan.reading, QueueSettings):
            self._sources.pop(pipe.arn).close()
        self._open(pipe)
        return pipe.brief("UPDATING")

    def _switch(self, given: Parameters, caller: Caller, desired: str, on_the_way: str) -> dict[str, Any]:
        pipe = self._of(given, caller)
        pipe.desired, pipe.modified = desired, self._agenda.today()
        self._open(pipe)
        return pipe.brief(on_the_way)

    def _delete(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        pipe = self._of(given, caller)
        del self._pipes[pipe.arn]
        source = self._sources.pop(pipe.arn, None)
        if source is not None:
            source.close()
        pipe.desired = STOPPED
        return {**pipe.brief("DELETING"), "DesiredState": "DELETED"}

    def _list(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        start = caller.arn("pipes", f"pipe/{given.get('NamePrefix') or ''}")
        found = [
            pipe.listed()
            for arn, pipe in sorted(self._pipes.items())
            if arn.startswith(start)
            and given.get("DesiredState") in (None, pipe.desired)
            and given.get("CurrentState") in (None, pipe.state)
            and pipe.source.startswith(given.get("SourcePrefix") or "")
            and pipe.target.startswith(given.get("TargetPrefix") or "")
        ]
        return page(found, "Pipes", given)

    def _of(self, given: Parameters, caller: Caller) -> Pipe:
        return self._find(caller.arn("pipes", f"pipe/{given['Name']}"), str(given["Name"]))

    def _tagged(self, given: Parameters) -> Pipe:
        arn = str(given["resourceArn"])
        return self._find(arn, arn.rpartition("/")[2])

    def _find(self, arn: str, name: str) -> Pipe:
        found = self._pipes.get(arn)
        if found is None:
            raise ServiceError("NotFoundException", f"Pipe {name} does not exist.", status=404)
        return found
