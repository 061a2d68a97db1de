"""Calls that nobody waits for: tried again after a minute and two, then given to whom the settings name."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any, Final

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.deliveries import Deliveries, Parcel, service_of
from stepsmith.cloud.functions.calling import Calls, Outcome
from stepsmith.cloud.functions.event_settings import EventSettings
from stepsmith.cloud.functions.function import LATEST, Function, Version
from stepsmith.expressions.types import Json

RETRY_SECONDS: Final = (60.0, 120.0)
_BUSY_SECONDS: Final = 1.0


@dataclass(slots=True)
class _Event:
    """An event that waits for its function to succeed."""

    function: Function
    version: Version
    qualifier: str
    payload: str
    request_id: str
    accepted: float
    attempts: int = 0


class Asynchronous:
    """Takes events for functions and sees to it that each is done with."""

    def __init__(self, agenda: Agenda, calls: Calls, settings: EventSettings, deliveries: Deliveries) -> None:
        self._agenda = agenda
        self._calls = calls
        self._settings = settings
        self._deliveries = deliveries

    def accept(self, function: Function, version: Version, qualifier: str | None, payload: str) -> str:
        """Take an event; return the id of the request. The function is called as soon as there is time."""
        event = _Event(function, version, qualifier or LATEST, payload, str(uuid.uuid4()), self._agenda.now())
        self._agenda.soon(lambda: self._try(event))
        return event.request_id

    def _try(self, event: _Event) -> None:
        if event.function.is_busy:
            self._agenda.after(_BUSY_SECONDS, lambda: self._try(event))
            return
        event.attempts += 1
        self._calls.begin(
            event.function,
            event.version,
            event.payload,
            lambda outcome: self._ended(event, outcome),
            request_id=event.request_id,
        )

    def _ended(self, event: _Event, outcome: Outcome) -> None:
        settings = self._settings.of(event.function, event.qualifier)
        if outcome.error is None:
            self._tell(event, outcome, "Success", settings.on_success)
            return
        if event.attempts > settings.retries:
            self._give_up(event, outcome, "RetriesExhausted", settings.on_failure)
            return
        seconds = RETRY_SECONDS[min(event.attempts, len(RETRY_SECONDS)) - 1]
        # a retry that would come too late is not waited for: recorded, destinations test_maxeventage
        if self._agenda.now() + seconds - event.accepted >= settings.age:
            self._give_up(event, outcome, "EventAgeExceeded", settings.on_failure)
            return
        self._agenda.after(seconds, lambda: self._try(event))

    def _give_up(self, event: _Event, outcome: Outcome, condition: str, destination: str | None) -> None:
        self._tell(event, outcome, condition, destination)
        letters: dict[str, Any] = event.version.settings.get("DeadLetterConfig") or {}
        target = letters.get("TargetArn")
        if target:
            attributes = {
                "RequestID": {"DataType": "String", "StringValue": event.request_id},
                "ErrorCode": {"DataType": "Number", "StringValue": "200"},
                "ErrorMessage": {"DataType": "String", "StringValue": outcome.message or " "},
            }
            self._deliveries.send(target, Parcel(event.payload, attributes=attributes))

    def _tell(self, event: _Event, outcome: Outcome, condition: str, destination: str | None) -> None:
        if not destination:
            return
        record = self._record(event, outcome, condition)
        text = json.dumps(record)
        if service_of(destination) == "events":
            kind = "Success" if condition == "Success" else "Failure"
            entry = {
                "Source": "lambda",
                "DetailType": f"Lambda Function Invocation Result - {kind}",
                "Detail": text,
                "Resources": [destination, f"{event.function.arn}:{event.qualifier}"],
            }
            text = json.dumps(entry)
        self._deliveries.send(destination, Parcel(text, trace=_trace()))

    def _record(self, event: _Event, outcome: Outcome, condition: str) -> dict[str, Json]:
        response: dict[str, Json] = {"statusCode": 200, "executedVersion": outcome.version}
        if outcome.error is not None:
            response["functionError"] = outcome.error
        return {
            "version": "1.0",
            "timestamp": stamp(self._agenda.today()),
            "requestContext": {
                "requestId": event.request_id,
                "functionArn": f"{event.function.arn}:{event.qualifier}",
                "condition": condition,
                "approximateInvokeCount": event.attempts,
            },
            "requestPayload": json.loads(event.payload) if event.payload else {},
            "responseContext": response,
            "responsePayload": json.loads(outcome.payload),
        }


def stamp(instant: Any) -> str:
    """Write an instant as records of destinations have it: milliseconds and `Z`."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _trace() -> str:
    root = uuid.uuid4().hex
    return f"Root=1-{root[:8]}-{root[8:]};Parent={uuid.uuid4().hex[:16]};Sampled=0"
