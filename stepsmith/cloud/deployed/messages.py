"""Messages and records that start executions: each one starts one, called like it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final, cast

from stepsmith.authoring.workflows.starting import record_input
from stepsmith.authoring.workflows.triggers import PipeTrigger, StreamRecord
from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.services import Caller, Service, ServiceError
from stepsmith.cloud.sources.consumer import Ended
from stepsmith.events.filters import RecordFilter, record_filter
from stepsmith.events.mappings import GivenUp, QueueSettings, Returned, StreamSettings
from stepsmith.events.pipes import pipe_event, record_id
from stepsmith.expressions.types import Json

_THERE: Final = "ExecutionAlreadyExists"
GiveUp = Callable[[str, GivenUp], None]
"""Takes the id of a shard, and the records of it that are given up."""


class Starter:
    """Does what the pipe and the small state machine of a deployed stack do: the consumer of a trigger's source.

    What cannot start an execution, or is not what the trigger reads, is tried again: a message when its visibility is
    up, until its queue gives it up, and a record as often as the trigger says.
    """

    is_working = True
    is_busy = False

    def __init__(
        self,
        agenda: Agenda,
        trigger: PipeTrigger,
        machine: str,
        states: Service,
        caller: Caller,
        give_up: GiveUp | None = None,
    ) -> None:
        self._agenda = agenda
        self._trigger = trigger
        self._machine = machine
        self._states = states
        self._caller = caller
        self._give_up = give_up

    @property
    def role(self) -> str:
        """The role of the pipe."""
        return f"arn:aws:iam::{self._caller.account}:role/pipe"

    def take(self, event: dict[str, Json], ended: Ended) -> None:
        """Start an execution for each message or record of a batch."""
        failed: list[Json] = []
        for each in cast("list[dict[str, Json]]", event["Records"]):
            record = pipe_event(each)
            if not self._start(record):
                failed.append({"itemIdentifier": record_id(record)})
        answer = Returned({"batchItemFailures": failed})
        self._agenda.soon(lambda: ended(answer, ""))

    def give_up(self, shard_id: str, given_up: GivenUp, request_id: str) -> None:
        """Let the dead letters have the place of what is not tried again."""
        if self._give_up is not None:
            self._give_up(shard_id, given_up)

    def _start(self, record: Mapping[str, Json]) -> bool:
        name = str(record["messageId"] if "messageId" in record else record["eventID"]).replace(":", "-")
        try:
            given = record_input(self._trigger.input, record)
            request = {"stateMachineArn": self._machine, "name": name, "input": json.dumps(given)}
            self._states.call("StartExecution", request, self._caller)
        except ServiceError as error:
            return error.code == _THERE
        except ValueError:
            return False
        return True


def filter_of(trigger: PipeTrigger) -> RecordFilter | None:
    """Give the filter of a trigger."""
    if trigger.filter is None:
        return None
    kind = trigger.kind if isinstance(trigger, StreamRecord) else "sqs"
    return record_filter(kind, [json.dumps(dict(trigger.filter))])


def queue_settings(trigger: PipeTrigger, *, is_fifo: bool) -> QueueSettings:
    """Give how a trigger reads its queue."""
    return QueueSettings(batch_size=trigger.batch, window=trigger.window, fifo=is_fifo, reports_failures=True)


def stream_settings(trigger: StreamRecord) -> StreamSettings:
    """Give how a trigger reads its stream."""
    return StreamSettings(
        batch_size=trigger.batch, window=trigger.window, retries=trigger.attempts - 1, reports_failures=True
    )
