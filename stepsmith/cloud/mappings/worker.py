"""Lets a function take the batches of a mapping."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.deliveries import service_of
from stepsmith.cloud.functions.calling import Outcome
from stepsmith.cloud.functions.function import Function, Version
from stepsmith.cloud.functions.service import Functions
from stepsmith.cloud.mappings.mapping import Mapping
from stepsmith.cloud.sources.consumer import Ended
from stepsmith.events.mappings import Answer, GivenUp, Raised, Returned, failure_record
from stepsmith.expressions.types import Json

_PROBLEM: Final = "PROBLEM: Function call failed"


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker works with."""

    agenda: Agenda
    functions: Functions
    give_up: Callable[[Mapping, str, dict[str, Json]], None]
    """Takes a mapping, the id of the shard and the record of what is given up."""


class Worker:
    """Carries out the calls of one mapping: the consumer of its source."""

    def __init__(self, mapping: Mapping, means: Means) -> None:
        self.mapping = mapping
        self.means = means

    @property
    def is_working(self) -> bool:
        """Whether the mapping is enabled."""
        return self.mapping.is_enabled

    @property
    def is_busy(self) -> bool:
        """Whether the function takes no further call now."""
        found = self._target()
        return found is not None and found[0].is_busy

    @property
    def role(self) -> str:
        """The role of the function."""
        found = self._target()
        role = str(found[1].settings.get("Role") or "") if found else ""
        return role or f"arn:aws:iam::{self.mapping.function.split(':')[4]}:role/local"

    def take(self, event: dict[str, Json], ended: Ended) -> None:
        """Call the function with an event."""
        found = self._target()
        if found is None:
            self.mapping.settings["LastProcessingResult"] = _PROBLEM
            self.means.agenda.soon(lambda: ended(Raised(), ""))
            return

        def end(outcome: Outcome) -> None:
            answer: Answer = Raised() if outcome.error else Returned(json.loads(outcome.payload))
            if self.mapping.is_stream:
                self.mapping.settings["LastProcessingResult"] = _PROBLEM if outcome.error else "OK"
            ended(answer, outcome.request_id)

        function, version = found
        self.means.functions.calls.begin(function, version, json.dumps(event), end)

    def give_up(self, shard_id: str, given_up: GivenUp, request_id: str) -> None:
        """Let the on-failure destination hear of records that are not tried again."""
        target = self.mapping.on_failure
        if target is None:
            return
        record = failure_record(
            given_up,
            source="kinesis" if service_of(self.mapping.source) == "kinesis" else "dynamodb",
            stream_arn=self.mapping.source,
            shard_id=shard_id,
            function_arn=self.mapping.function,
            request_id=request_id,
            at=self.means.agenda.now(),
            payload=service_of(target) == "s3",
        )
        self.means.give_up(self.mapping, shard_id, record)

    def _target(self) -> tuple[Function, Version] | None:
        """Find the function, and the version that is called."""
        return self.means.functions.find_version(self.mapping.function)
