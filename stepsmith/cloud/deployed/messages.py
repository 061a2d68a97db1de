"""Messages of a queue that start executions: each one starts one, called like the message."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Final

from stepsmith.authoring.workflows.starting import message_input
from stepsmith.authoring.workflows.triggers import QueueMessage as Trigger
from stepsmith.cloud.agenda import Agenda, Reminder
from stepsmith.cloud.queues.queue import Queue
from stepsmith.cloud.queues.reading import delete, received
from stepsmith.cloud.services import Caller, Service, ServiceError
from stepsmith.events.filters import record_filter
from stepsmith.events.mappings import QueueMessage, QueueReader, QueueSettings, Returned
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    pass

_THERE: Final = "ExecutionAlreadyExists"


class MessageStarter:
    """Does what the pipe and the small state machine of a deployed stack do: see ADR 0014.

    A message whose execution cannot be started, or whose body is not what the trigger reads, comes back when its
    visibility is up, and goes to the dead letters after as many attempts as the trigger says.
    """

    def __init__(
        self, agenda: Agenda, queue: Queue, trigger: Trigger, machine: str, states: Service, caller: Caller
    ) -> None:
        self._agenda = agenda
        self._queue = queue
        self._trigger = trigger
        self._machine = machine
        self._states = states
        self._caller = caller
        self._reminder = Reminder(agenda, self._pull)
        filters = None if trigger.filter is None else [json.dumps(dict(trigger.filter))]
        settings = QueueSettings(
            batch_size=trigger.batch,
            window=trigger.window,
            fifo=queue.is_fifo,
            reports_failures=True,
        )
        self._reader = QueueReader(settings, record_filter("sqs", filters) if filters else None)
        queue.listeners.append(self._reminder.at)
        self._reminder.at(agenda.now())

    def _pull(self) -> None:
        now = self._agenda.now()
        room = self._reader.room
        if room:
            messages = [received(each, self._queue.arn) for each in self._queue.receive(room, now)]
            delete(self._queue, self._reader.arrive(messages, now))
        for call in self._reader.step(now):
            failed: list[Json] = [
                {"itemIdentifier": each.message_id} for each in call.messages if not self._start(each)
            ]
            self._agenda.soon(partial(self._ended, call, failed))
        self._reminder.at(self._reader.next_time())
        self._reminder.at(self._queue.next_change(now))

    def _ended(self, call: object, failed: list[Json]) -> None:
        verdict = self._reader.finish(call, Returned({"batchItemFailures": failed}))  # type: ignore[arg-type]
        delete(self._queue, verdict.delete)
        self._reminder.at(self._agenda.now())

    def _start(self, message: QueueMessage) -> bool:
        try:
            given = message_input(self._trigger.input, message.value)
            request = {
                "stateMachineArn": self._machine,
                "name": message.message_id,
                "input": json.dumps(given),
            }
            self._states.call("StartExecution", request, self._caller)
        except ServiceError as error:
            return error.code == _THERE
        except ValueError:
            return False
        return True
