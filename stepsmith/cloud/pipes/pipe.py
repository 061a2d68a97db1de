"""One pipe: its settings, in the words of Pipes, and what is refused of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from stepsmith.cloud.deliveries import service_of
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.events.filters import RecordFilter, record_filter
from stepsmith.events.mappings import QueueSettings, StreamSettings
from stepsmith.events.pipes import Pipe as Names
from stepsmith.events.pipes import PipeInput, pipe_input
from stepsmith.events.records.instants import iso_seconds
from stepsmith.events.refusals import Refused

RUNNING: Final = "RUNNING"
STOPPED: Final = "STOPPED"
_NAME: Final = re.compile(r"[.\-_A-Za-z0-9]{1,64}", re.ASCII)
_MEMBERS: Final[Mapping[str, str]] = {
    "sqs": "SqsQueueParameters",
    "kinesis": "KinesisStreamParameters",
    "dynamodb": "DynamoDBStreamParameters",
}
"""Service of a source -> the member of SourceParameters that is for it."""
_CALLED: Final[Mapping[str, str]] = {
    "lambda": "LambdaFunctionParameters",
    "states": "StepFunctionStateMachineParameters",
}
"""Service of a target that takes a batch as one list -> the member of TargetParameters that is for it."""
_LARGEST: Final[Mapping[str, int]] = {
    "sqs": 10,
    "sns": 10,
    "events": 10,
    "kinesis": 500,
    "lambda": 10_000,
    "states": 10_000,
    "logs": 10_000,
}
"""Service of an enrichment or target -> how many events it takes at once; all others take one."""
_ENRICHING: Final = frozenset({"lambda", "states", "execute-api"})
_TAKING: Final = frozenset({*_LARGEST, "execute-api"})
_KEPT: Final = (
    *("Description", "Enrichment", "EnrichmentParameters", "KmsKeyIdentifier", "LogConfiguration", "RoleArn"),
    *("SourceParameters", "Target", "TargetParameters"),
)
_MOST_FILTERS: Final = 5
_QUEUE: Final[Mapping[str, Any]] = {"BatchSize": 10}
_STREAM: Final[Mapping[str, Any]] = {
    "BatchSize": 100,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What the settings of a pipe come to."""

    reading: QueueSettings | StreamSettings
    filters: RecordFilter | None
    enrichment_input: PipeInput
    target_input: PipeInput


class Pipe:
    """A pipe as it is now."""

    def __init__(self, given: Mapping[str, Any], caller: Caller, now: datetime) -> None:
        self.name, self.source = str(given.get("Name", "")), str(given.get("Source", ""))
        if _NAME.fullmatch(self.name) is None:
            raise invalid("Name", f"{self.name!r} is no name: 1 to 64 characters of A-Z a-z 0-9 . - _")
        if service_of(self.source) not in _MEMBERS:
            raise invalid(
                "Source",
                f"{self.source} is no queue and no stream of Kinesis or of a table, which are read here",
            )
        self.caller = caller
        self.arn = caller.arn("pipes", f"pipe/{self.name}")
        self.desired = _desired(given) or RUNNING
        self.problem: str | None = None
        """Why it cannot run, if it should and cannot."""
        self.created = self.modified = now
        self.tags: dict[str, str] = dict(given.get("Tags") or {})
        self.settings: dict[str, Any] = {}
        self.plan = self.change(given, now)

    @property
    def kind(self) -> str:
        """The service whose records it reads: `sqs`, `kinesis` or `dynamodb`."""
        return service_of(self.source)

    @property
    def is_running(self) -> bool:
        """Whether it reads its source."""
        return self.desired == RUNNING and self.problem is None

    @property
    def state(self) -> str:
        """The state that it is in."""
        return self.desired if self.problem is None else "CREATE_FAILED"

    @property
    def reading(self) -> Mapping[str, Any]:
        """How it reads its source, defaults included."""
        return self.settings["SourceParameters"][_MEMBERS[self.kind]]

    @property
    def target(self) -> str:
        """The ARN of the target."""
        return str(self.settings["Target"])

    @property
    def enrichment(self) -> str:
        """The ARN of the enrichment; an empty text for none."""
        return str(self.settings.get("Enrichment") or "")

    @property
    def hands_over_batches(self) -> bool:
        """Whether the target gets a batch as one list."""
        return service_of(self.target) in _CALLED

    @property
    def waits(self) -> bool:
        """Whether it waits for what its target, which takes batches, answers."""
        parameters: Mapping[str, Any] = self.settings.get("TargetParameters") or {}
        own: Mapping[str, str] = parameters.get(_CALLED[service_of(self.target)]) or {}
        return own.get("InvocationType", "REQUEST_RESPONSE") == "REQUEST_RESPONSE"

    def change(self, given: Mapping[str, Any], now: datetime) -> Plan:
        """Set what is given. Raises ServiceError, and then nothing is changed.

        Members of parameters that are for one service are replaced as a whole: the reference of UpdatePipe.
        """
        settings = dict(self.settings)
        for name in _KEPT:
            value = given.get(name)
            if value is None:
                continue
            settings[name] = {**settings.get(name, {}), **value} if name.endswith("Parameters") else value
        settings["SourceParameters"] = self._reading(settings)
        plan, desired = self._plan(settings, now), _desired(given)
        self.settings, self.plan, self.modified = settings, plan, now
        self.desired = desired or self.desired
        return plan

    def _reading(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Fill in how the source is read, and check that the stages can take such batches."""
        given: Mapping[str, Any] = settings.get("SourceParameters") or {}
        for other in given:
            if other not in ("FilterCriteria", _MEMBERS[self.kind]):
                raise invalid(f"SourceParameters.{other}", f"it is not for a source such as {self.source}")
        own: Mapping[str, Any] = given.get(_MEMBERS[self.kind]) or {}
        stages = [str(settings.get(name) or "") for name in ("Enrichment", "Target")]
        most = min(_LARGEST.get(service_of(arn), 1) for arn in stages if arn)
        defaults: dict[str, Any] = dict(_QUEUE if self.kind == "sqs" else _STREAM)
        defaults["BatchSize"] = min(defaults["BatchSize"], most)
        found = {**defaults, **own}
        if found["BatchSize"] > most:
            place = f"SourceParameters.{_MEMBERS[self.kind]}.BatchSize"
            raise invalid(place, f"{found['BatchSize']} is more than enrichment and target take: {most}")
        if self.kind != "sqs" and self._position(own) is None:
            raise invalid(f"SourceParameters.{_MEMBERS[self.kind]}.StartingPosition", "it must not be null")
        if self.settings and self.kind != "sqs":
            # UpdatePipe has no position: the stream is read on from where it is
            for name in ("StartingPosition", "StartingPositionTimestamp"):
                if name in self.reading:
                    found[name] = self.reading[name]
        return {**given, _MEMBERS[self.kind]: found}

    def _position(self, own: Mapping[str, Any]) -> str | None:
        return self.reading["StartingPosition"] if self.settings else own.get("StartingPosition")

    def _plan(self, settings: Mapping[str, Any], now: datetime) -> Plan:
        target, enrichment = str(settings.get("Target") or ""), str(settings.get("Enrichment") or "")
        if service_of(target) not in _TAKING:
            raise invalid("Target", f"{target or 'null'} is nothing that a pipe reaches here")
        if enrichment and service_of(enrichment) not in _ENRICHING:
            raise invalid("Enrichment", f"{enrichment} is no function, state machine or REST API")
        names = Names(
            name=self.name,
            arn=self.arn,
            source_arn=self.source,
            target_arn=target,
            enrichment_arn=enrichment,
            ingestion_time=iso_seconds(now.timestamp()),
        )
        given: Mapping[str, Any] = settings["SourceParameters"]
        criteria: Mapping[str, Any] = given.get("FilterCriteria") or {}
        filters: Sequence[Mapping[str, str]] = criteria.get("Filters") or ()
        patterns = [each.get("Pattern") or "" for each in filters]
        if len(patterns) > _MOST_FILTERS:
            raise invalid("SourceParameters.FilterCriteria", f"more than {_MOST_FILTERS} filters")
        try:
            return Plan(
                self._settings(given[_MEMBERS[self.kind]]),
                record_filter(self.kind, patterns) if patterns else None,
                _input(settings, "EnrichmentParameters", names),
                _input(settings, "TargetParameters", names),
            )
        except Refused as refused:
            raise invalid("SourceParameters", refused.message) from None

    def _settings(self, own: Mapping[str, Any]) -> QueueSettings | StreamSettings:
        window = own.get("MaximumBatchingWindowInSeconds", 0)
        if self.kind == "sqs":
            fifo = self.source.endswith(".fifo")
            return QueueSettings(batch_size=own["BatchSize"], window=window, fifo=fifo, reports_failures=True)
        return StreamSettings(
            batch_size=own["BatchSize"],
            window=window,
            retries=own["MaximumRetryAttempts"],
            age=own["MaximumRecordAgeInSeconds"],
            bisect=own.get("OnPartialBatchItemFailure") == "AUTOMATIC_BISECT",
            parallel=own["ParallelizationFactor"],
            reports_failures=True,
        )

    def brief(self, state: str | None = None) -> dict[str, Any]:
        """Give what is answered to whoever changes it; `state` is what it is on its way through."""
        return {
            "Arn": self.arn,
            "Name": self.name,
            "DesiredState": self.desired,
            "CurrentState": state or self.state,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
        }

    def listed(self) -> dict[str, Any]:
        """Give the pipe as lists have it."""
        found = {**self.brief(), "Source": self.source, "Target": self.target}
        if self.enrichment:
            found["Enrichment"] = self.enrichment
        return found | self._reason()

    def shown(self) -> dict[str, Any]:
        """Give the pipe as DescribePipe answers it."""
        return {
            **self.brief(),
            **self._reason(),
            "Source": self.source,
            **{name: value for name, value in self.settings.items() if value != ""},
            "Tags": dict(self.tags),
        }

    def _reason(self) -> dict[str, str]:
        return {} if self.problem is None else {"StateReason": self.problem}


def invalid(place: str, text: str) -> ServiceError:
    """Refuse a parameter."""
    fields = [{"name": place, "message": text}]
    return ServiceError("ValidationException", f"{place}: {text}", more={"fieldList": fields})


def _desired(given: Mapping[str, Any]) -> str | None:
    desired = given.get("DesiredState")
    if desired not in (None, RUNNING, STOPPED):
        raise invalid("DesiredState", f"{desired!r} is neither RUNNING nor STOPPED")
    return desired


def _input(settings: Mapping[str, Any], name: str, names: Names) -> PipeInput:
    own: Mapping[str, Any] = settings.get(name) or {}
    return pipe_input(str(own.get("InputTemplate") or ""), names)
