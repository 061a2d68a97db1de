"""What rules, schedules and pipes can start: each kind of target with the parameters of its own."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stepsmith.cloud.deliveries import Deliveries, Parcel, service_of
from stepsmith.cloud.services import Caller, Service, ServiceError
from stepsmith.expressions.jsonpath import PathFailure, PathSyntaxError, compile_path
from stepsmith.expressions.types import Json

_THROTTLED: Final = frozenset({"ThrottlingException", "TooManyRequestsException", "ExecutionLimitExceeded"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a target did not take what it was sent."""

    code: str
    message: str
    is_final: bool
    """Whether trying again is in vain: there is no such target, or it may not be called."""


class Targets:
    """Sends inputs to targets; `service` finds the services that are called by their API."""

    def __init__(
        self, deliveries: Deliveries, service: Callable[[str], Service | None], put: Callable[..., None]
    ) -> None:
        self._deliveries = deliveries
        self._service = service
        self._put = put
        """Puts a line into a log group: group, stream, text."""

    def send(self, target: Mapping[str, Any], text: str, event: Json, sender: str) -> Problem | None:
        """Give a target its input; None where it has taken it. `sender` is the ARN of a rule or schedule."""
        arn = str(target["Arn"])
        match service_of(arn):
            case "states":
                return self._start(arn, text, event)
            case "events" if ":event-bus/" in arn:
                return _as_problem(self._deliveries.send(arn, Parcel(json.dumps(event))), arn)
            case "logs":
                self._put(arn.split(":")[6], str(uuid.uuid4()), text)
                return None
            case _:
                return _as_problem(self._deliveries.send(arn, _parcel(target, text, event, sender)), arn)

    def _start(self, arn: str, text: str, event: Json) -> Problem | None:
        """Start an execution, named after the event: one that is delivered twice starts it once."""
        states = self._service("stepfunctions")
        id = str(event.get("id", "")) if isinstance(event, dict) else ""
        # recorded: targets test_put_events_with_target_statefunction*, the name begins with the event's id
        name = f"{id}_{uuid.uuid4()}"[:80] if id else str(uuid.uuid4())
        parts = arn.split(":")
        if states is None:
            return Problem("NO_PERMISSIONS", "no Step Functions here", True)
        given = {"stateMachineArn": arn, "name": name, "input": text}
        try:
            states.call("StartExecution", given, Caller(parts[3], parts[4]))
        except ServiceError as error:
            return Problem(error.code, error.message, error.code not in _THROTTLED)
        return None


def _parcel(target: Mapping[str, Any], text: str, event: Json, sender: str) -> Parcel:
    queue: Mapping[str, str] = target.get("SqsParameters") or {}
    stream: Mapping[str, str] = target.get("KinesisParameters") or {}
    key = str(event.get("id", "")) if isinstance(event, dict) else None
    if stream.get("PartitionKeyPath"):
        key = _read(stream["PartitionKeyPath"], event)
    if stream.get("PartitionKey"):
        key = stream["PartitionKey"]
    return Parcel(
        text,
        group=queue.get("MessageGroupId"),
        deduplication=queue.get("MessageDeduplicationId"),
        key=key,
        sender=sender,
    )


def _read(path: str, event: Json) -> str | None:
    try:
        found = compile_path(path).read(event)
    except (PathSyntaxError, PathFailure):
        return None
    return found if isinstance(found, str) else json.dumps(found)


def _as_problem(was_taken: bool, arn: str) -> Problem | None:
    return (
        None
        if was_taken
        else Problem("RESOURCE_NOT_FOUND", f"{arn} is not there, or does not take this", True)
    )
