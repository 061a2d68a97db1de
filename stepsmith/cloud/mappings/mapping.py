"""One event source mapping: its settings, in Lambda's words, and what is refused of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping as Given
from datetime import datetime
from typing import Any, Final

from stepsmith.cloud.deliveries import service_of
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.events.filters import RecordFilter
from stepsmith.events.filters.mappings import record_filter
from stepsmith.events.mappings import QueueSettings, StreamSettings
from stepsmith.events.refusals import Refused

STREAMS: Final = frozenset({"kinesis", "dynamodb"})
_POSITIONS: Final = ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")
_QUEUE: Final[Given[str, Any]] = {
    "BatchSize": 10,
    "MaximumBatchingWindowInSeconds": 0,
    "FunctionResponseTypes": [],
}
_STREAM: Final[Given[str, Any]] = {
    "BatchSize": 100,
    "MaximumBatchingWindowInSeconds": 0,
    "FunctionResponseTypes": [],
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "LastProcessingResult": "No records processed",
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "TumblingWindowInSeconds": 0,
}
_KEPT: Final = (
    "BatchSize", "MaximumBatchingWindowInSeconds", "FunctionResponseTypes", "BisectBatchOnFunctionError",
    "DestinationConfig", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "ParallelizationFactor",
    "TumblingWindowInSeconds", "StartingPosition", "StartingPositionTimestamp", "ScalingConfig", "FilterCriteria",
    "KMSKeyArn", "MetricsConfig",
)  # fmt: skip


class Mapping:
    """A mapping as it is now."""

    def __init__(self, given: Given[str, Any], function: str, caller: Caller, now: datetime) -> None:
        self.id = str(uuid.uuid4())
        self.source = str(given.get("EventSourceArn", ""))
        self.function = function
        """The ARN of what is called, with a version or an alias if one was named."""
        self.arn = caller.arn("lambda", f"event-source-mapping:{self.id}")
        self.is_enabled = given.get("Enabled") is not False
        self.created = now
        self.modified = now
        self.settings: dict[str, Any] = dict(_STREAM if self.is_stream else _QUEUE)
        self.change(given, now)

    @property
    def is_stream(self) -> bool:
        """Whether it reads a stream, and not a queue."""
        return service_of(self.source) in STREAMS

    def change(self, given: Given[str, Any], now: datetime) -> None:
        """Set what is given. Raises ServiceError, and then nothing is changed."""
        chosen = {name: given[name] for name in _KEPT if given.get(name) is not None}
        settings = {**self.settings, **chosen}
        if self.is_stream:
            targets: Given[str, Any] = settings["DestinationConfig"]
            settings["DestinationConfig"] = {"OnFailure": {}, **targets}
        elif chosen.get("DestinationConfig") is not None:
            text = "Unsupported DestinationConfig parameter for given event source mapping type."
            raise invalid(text)
        self.filters = _filters(settings, service_of(self.source))
        if not _patterns(settings):
            settings.pop("FilterCriteria", None)
        self.queue_settings, self.stream_settings = None, None
        try:
            if self.is_stream:
                self.stream_settings = _stream_settings(settings)
            else:
                self.queue_settings = _queue_settings(settings, is_fifo=self.source.endswith(".fifo"))
        except Refused as refused:
            raise ServiceError(refused.code, refused.message) from None
        self.settings, self.modified = settings, now

    @property
    def on_failure(self) -> str | None:
        """The ARN of who hears of records that are given up."""
        targets: Given[str, Any] = self.settings.get("DestinationConfig") or {}
        chosen: Given[str, str] = targets.get("OnFailure") or {}
        return chosen.get("Destination")

    def shown(self, state: str | None = None) -> dict[str, Any]:
        """Give the mapping as Lambda answers it."""
        return {
            "UUID": self.id,
            "EventSourceMappingArn": self.arn,
            "EventSourceArn": self.source,
            "FunctionArn": self.function,
            "LastModified": self.modified,
            "State": state or ("Enabled" if self.is_enabled else "Disabled"),
            "StateTransitionReason": "User action" if self.is_stream else "USER_INITIATED",
            **self.settings,
        }


def check_position(given: Given[str, Any], source: str) -> None:
    """Raise ServiceError for a position that a stream cannot be read from."""
    position = given.get("StartingPosition")
    if position is None:
        raise invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
            "Member must not be null."
        )
    if position not in _POSITIONS:
        raise ServiceError(
            "ValidationException",
            f"1 validation error detected: Value '{position}' at 'startingPosition' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(_POSITIONS)}]",
        )
    if position == "AT_TIMESTAMP" and service_of(source) == "dynamodb":
        raise invalid(f"Unsupported starting position for arn type: {source}")


def invalid(text: str) -> ServiceError:
    """Refuse a parameter."""
    return ServiceError("InvalidParameterValueException", text)


def _patterns(settings: Given[str, Any]) -> list[Any]:
    criteria = settings.get("FilterCriteria")
    if criteria is None:
        return []
    filters = criteria.get("Filters") if isinstance(criteria, dict) else None  # pyright: ignore - what was sent
    if not isinstance(filters, list):
        raise invalid("Invalid filter pattern definition.")
    return [each.get("Pattern") for each in filters]  # pyright: ignore - what was sent


def _filters(settings: Given[str, Any], source: str) -> RecordFilter | None:
    patterns = _patterns(settings)
    if not all(isinstance(pattern, str) for pattern in patterns):
        raise invalid("Invalid filter pattern definition.")
    try:
        return record_filter(source, patterns) if patterns else None
    except Refused as refused:
        raise ServiceError(refused.code, refused.message) from None


def _stream_settings(settings: Given[str, Any]) -> StreamSettings:
    return StreamSettings(
        batch_size=settings["BatchSize"],
        window=settings["MaximumBatchingWindowInSeconds"],
        retries=settings["MaximumRetryAttempts"],
        age=settings["MaximumRecordAgeInSeconds"],
        bisect=settings["BisectBatchOnFunctionError"],
        parallel=settings["ParallelizationFactor"],
        tumbling=settings["TumblingWindowInSeconds"],
        reports_failures="ReportBatchItemFailures" in settings["FunctionResponseTypes"],
    )


def _queue_settings(settings: Given[str, Any], *, is_fifo: bool) -> QueueSettings:
    scaling: Given[str, int] = settings.get("ScalingConfig") or {}
    return QueueSettings(
        batch_size=settings["BatchSize"],
        window=settings["MaximumBatchingWindowInSeconds"],
        fifo=is_fifo,
        reports_failures="ReportBatchItemFailures" in settings["FunctionResponseTypes"],
        concurrency=scaling.get("MaximumConcurrency", 1000),
    )
