"""What starts executions of a deployed workflow; declared beside it as `@workflow(triggers=[...])`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from stepsmith.authoring.provisions import Bucket
from stepsmith.expressions.types import Json

_SCHEDULE: Final = re.compile(r"(?:rate|at|cron)\([^()]+\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Upload:
    """Starts an execution for each object that arrives in a bucket, by way of EventBridge.

    A bucket given by its name must send its events to EventBridge already.
    """

    bucket: Bucket | str
    keys: tuple[str, ...] = ("*",)
    """Which keys: patterns with `*`, of which one has to fit."""
    input: Mapping[str, str] = field(
        default_factory=lambda: {"bucket": "$.detail.bucket.name", "key": "$.detail.object.key"}
    )
    """Parameter -> the path in EventBridge's event that it is taken from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Starts an execution for each event of EventBridge's default bus that fits a pattern."""

    name: str
    pattern: Mapping[str, Json]
    input: Mapping[str, str]
    """Parameter -> the path in the event that it is taken from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Starts executions by the clock: `rate(1 hour)`, `cron(0 6 * * ? *)` or `at(2030-01-01T00:00:00)`."""

    expression: str
    input: Mapping[str, Json] = field(default_factory=dict[str, Json])
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        if not _SCHEDULE.fullmatch(self.expression):
            raise ValueError(
                f"{self.expression!r} is no schedule such as 'rate(1 hour)' or 'cron(0 6 * * ? *)'"
            )


Trigger: TypeAlias = S3Upload | Event | Schedule
