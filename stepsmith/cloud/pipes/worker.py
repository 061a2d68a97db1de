"""Takes the batches of a pipe's source through its stages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import cast

from stepsmith.cloud.deliveries import Parcel, service_of
from stepsmith.cloud.pipes.pipe import Pipe
from stepsmith.cloud.pipes.stages import Answered, Stages
from stepsmith.cloud.sources.consumer import Ended
from stepsmith.events.mappings import Answer, GivenUp, Raised, Returned
from stepsmith.events.pipes import batch_input, enriched, letter, pipe_event, record_id
from stepsmith.expressions.types import Json


class Worker:
    """The consumer of a pipe's source."""

    def __init__(self, pipe: Pipe, stages: Stages) -> None:
        self._pipe = pipe
        self._stages = stages

    @property
    def is_working(self) -> bool:
        """Whether the pipe runs."""
        return self._pipe.is_running

    @property
    def is_busy(self) -> bool:
        """Whether a function of the pipe takes no further call now."""
        arns = (self._pipe.enrichment, self._pipe.target)
        found = [self._stages.functions.find(arn) for arn in arns if service_of(arn) == "lambda"]
        return any(each is not None and each.is_busy for each in found)

    @property
    def role(self) -> str:
        """The role of the pipe."""
        return str(self._pipe.settings["RoleArn"])

    def take(self, event: dict[str, Json], ended: Ended) -> None:
        """Take a batch through enrichment and target."""
        records = [pipe_event(each) for each in cast("list[dict[str, Json]]", event["Records"])]
        finish: Callable[[Answer], None] = lambda answer: ended(answer, "")  # noqa: E731 - half of `ended`
        if not self._pipe.enrichment:
            self._give(list(records), records, finish)
            return
        text = batch_input(list(records), self._pipe.plan.enrichment_input)
        if text is None:
            finish(Returned(None))
            return
        if service_of(self._pipe.enrichment) == "execute-api":
            text = text[1:-1]  # which takes one event, and no batch
        self._stages.call(self._pipe, self._pipe.enrichment, text, partial(self._enriched, records, finish))

    def _enriched(
        self, records: list[dict[str, Json]], finish: Callable[[Answer], None], answered: Answered
    ) -> None:
        if answered.is_failure:
            finish(Raised())
        else:
            self._give(enriched(answered.value), records, finish)

    def _give(
        self, events: list[Json], records: list[dict[str, Json]], finish: Callable[[Answer], None]
    ) -> None:
        """Give events to the target."""
        pipe, stages = self._pipe, self._stages
        if pipe.hands_over_batches:
            text = batch_input(events, pipe.plan.target_input)
            if text is None:
                finish(Returned(None))
            else:
                call = partial(stages.call, pipe) if pipe.waits else stages.start
                call(pipe.target, text, lambda answered: finish(_answer(answered)))
            return
        made = [(text, each) for each in events if (text := pipe.plan.target_input(each)) is not None]
        failed = stages.send(pipe, [text for text, _ in made], [each for _, each in made])
        if failed and (pipe.enrichment or len(made) < len(records)):
            finish(Raised())  # nobody can tell whose they were
        else:
            finish(_failures([records[place] for place in failed]))

    def give_up(self, shard_id: str, given_up: GivenUp, request_id: str) -> None:
        """Let the dead letters hear of records of a stream that are not tried again."""
        target: Mapping[str, str] = self._pipe.reading.get("DeadLetterConfig") or {}
        if target.get("Arn"):
            told = letter(
                given_up,
                pipe_arn=self._pipe.arn,
                shard_id=shard_id,
                stream=self._pipe.source,
                at=self._stages.agenda.now(),
            )
            self._stages.deliveries.send(target["Arn"], Parcel(json.dumps(told)))


def _answer(answered: Answered) -> Answer:
    return Raised() if answered.is_failure else Returned(answered.value)


def _failures(records: list[dict[str, Json]]) -> Answer:
    return Returned({"batchItemFailures": [{"itemIdentifier": record_id(each)} for each in records]})
