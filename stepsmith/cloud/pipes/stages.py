"""What enrichments and targets of pipes are called by, each by its own kind of ARN."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from stepsmith.cloud.actions.service import StepFunctions
from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.deliveries import Deliveries, Parcel, service_of
from stepsmith.cloud.functions.calling import Outcome
from stepsmith.cloud.functions.service import Functions
from stepsmith.cloud.pipes.pipe import Pipe
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.events.pipes import path_text
from stepsmith.expressions.types import Json


@dataclass(frozen=True, slots=True)
class Answered:
    """What a stage has answered; `is_failure` says that it did not take what it was given."""

    value: Json = None
    is_failure: bool = False


Ended: TypeAlias = Callable[[Answered], None]
FAILED: Final = Answered(is_failure=True)
TAKEN: Final = Answered()


@dataclass(frozen=True, slots=True)
class Stages:
    """Calls what stands behind ARNs."""

    agenda: Agenda
    functions: Functions
    states: StepFunctions
    deliveries: Deliveries
    log: Callable[[str, str, str], None]
    """Puts a line into a log group: group, stream, text."""
    ask: Callable[[str, Parcel], tuple[int, str]]
    """Sends a request to a REST API, by the ARN of what is called; gives status and body."""

    def call(self, pipe: Pipe, arn: str, text: str, ended: Ended) -> None:
        """Call a function, an Express state machine or a REST API, and wait for what it answers."""
        match service_of(arn):
            case "lambda":
                self._call_function(arn, text, ended)
            case "states":
                self._run(arn, text, ended)
            case _:
                status, body = self.ask(arn, Parcel(text, sender=pipe.arn))
                ended(Answered(_read(body)) if status < 400 else FAILED)

    def _call_function(self, arn: str, text: str, ended: Ended) -> None:
        found = self.functions.find_version(arn)
        if found is None:
            ended(FAILED)
            return

        def end(outcome: Outcome) -> None:
            ended(FAILED if outcome.error else Answered(json.loads(outcome.payload)))

        self.functions.calls.begin(*found, text, end)

    def _run(self, arn: str, text: str, ended: Ended) -> None:
        def end(answer: Mapping[str, Any]) -> None:
            ended(Answered(_read(answer["output"])) if answer["status"] == "SUCCEEDED" else FAILED)

        try:
            self.states.run_express({"stateMachineArn": arn, "input": text}, _owner(arn), end)
        except ServiceError:
            ended(FAILED)

    def start(self, arn: str, text: str, ended: Ended) -> None:
        """Call a function or a state machine, and do not wait for it."""
        if service_of(arn) == "lambda":
            ended(TAKEN if self.functions.accept(arn, text) else FAILED)
            return
        try:
            self.states.call("StartExecution", {"stateMachineArn": arn, "input": text}, _owner(arn))
        except ServiceError:
            ended(FAILED)
        else:
            ended(TAKEN)

    def send(self, pipe: Pipe, texts: Sequence[str], events: Sequence[Json]) -> list[int]:
        """Give each event to a target of its own; returns the places of those that it has not taken."""
        parameters: Mapping[str, Any] = pipe.settings.get("TargetParameters") or {}
        return [
            place
            for place, (text, event) in enumerate(zip(texts, events, strict=True))
            if not self._send(pipe, parameters, text, event)
        ]

    def _send(self, pipe: Pipe, parameters: Mapping[str, Any], text: str, event: Json) -> bool:
        arn = pipe.target
        match service_of(arn):
            case "sqs":
                own: Mapping[str, str] = parameters.get("SqsQueueParameters") or {}
                group = path_text(own.get("MessageGroupId"), event)
                deduplication = path_text(own.get("MessageDeduplicationId"), event)
                return self.deliveries.send(arn, Parcel(text, group=group, deduplication=deduplication))
            case "kinesis":
                own = parameters.get("KinesisStreamParameters") or {}
                key = path_text(own.get("PartitionKey"), event) or str(uuid.uuid4())
                return self.deliveries.send(arn, Parcel(text, key=key))
            case "events":
                return self._put(pipe, parameters.get("EventBridgeEventBusParameters") or {}, text, event)
            case "logs":
                own = parameters.get("CloudWatchLogsParameters") or {}
                stream = path_text(own.get("LogStreamName"), event) or str(uuid.uuid4())
                self.log(arn.split(":")[6], stream, text)
                return True
            case "execute-api":
                return self.ask(arn, Parcel(text, sender=pipe.arn))[0] < 400
            case _:
                return self.deliveries.send(arn, Parcel(text))

    def _put(self, pipe: Pipe, own: Mapping[str, Any], text: str, event: Json) -> bool:
        """Put an event on a bus, with the source and detail type that the guide names where none are given."""
        if not isinstance(_read(text), dict):
            return False
        entry: dict[str, Any] = {
            "Source": path_text(own.get("Source"), event) or f"Pipe {pipe.name}",
            "DetailType": path_text(own.get("DetailType"), event) or f"Event from aws:{pipe.kind}",
            "Detail": text,
            "Resources": [path_text(each, event) or "" for each in own.get("Resources") or ()],
        }
        return self.deliveries.send(pipe.target, Parcel(json.dumps(entry)))

    def is_standard(self, arn: str) -> bool:
        """Say whether a state machine is one that nobody can wait for."""
        if service_of(arn) != "states":
            return False
        machine = ":".join(arn.split(":")[:7])  # without version or alias
        try:
            found = self.states.call("DescribeStateMachine", {"stateMachineArn": machine}, _owner(arn))
        except ServiceError:
            return False
        return found["type"] == "STANDARD"


def _owner(arn: str) -> Caller:
    parts = arn.split(":")
    return Caller(parts[3], parts[4])


def _read(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text
