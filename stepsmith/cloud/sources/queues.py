"""Reads a queue: receives messages, hands them on in batches, deletes what was done with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.queues.queue import Queue
from stepsmith.cloud.sources.consumer import Consumer
from stepsmith.cloud.sources.reading import delete, received
from stepsmith.cloud.sources.source import Source
from stepsmith.events.filters import RecordFilter
from stepsmith.events.mappings import Answer, QueueCall, QueueReader, QueueSettings


class QueueSource(Source[Callable[[float], None]]):
    """Receives messages for one consumer."""

    def __init__(
        self,
        agenda: Agenda,
        queue: Queue,
        settings: QueueSettings,
        filters: RecordFilter | None,
        consumer: Consumer,
    ) -> None:
        super().__init__(agenda, consumer, queue.listeners)
        self._queue = queue
        self._reader = QueueReader(settings, filters)
        self.look()

    def _hearing(self) -> Callable[[float], None]:
        return self._reminder.at

    def _read(self, now: float) -> None:
        """Receive as much as there is room for, and hand on the batches that are due."""
        room = self._reader.room
        if room:
            collected = self._reader.settings.window > 0
            messages = [
                received(each, self._queue.arn, collected=collected)
                for each in self._queue.receive(room, now)
            ]
            delete(self._queue, self._reader.arrive(messages, now))
        for call in self._reader.step(now):
            self._consumer.take(call.event(), partial(self._ended, call))
        self._reminder.at(self._reader.next_time())
        self._reminder.at(self._queue.next_change(now))

    def _ended(self, call: QueueCall, answer: Answer, request_id: str) -> None:
        delete(self._queue, self._reader.finish(call, answer).delete)
        self.look()
