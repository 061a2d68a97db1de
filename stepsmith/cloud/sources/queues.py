"""Reads a queue: receives messages, hands them on in batches, deletes what was done with."""

from __future__ import annotations

from functools import partial

from stepsmith.cloud.agenda import Agenda, Reminder
from stepsmith.cloud.queues.queue import Queue
from stepsmith.cloud.sources.consumer import BUSY_SECONDS, Consumer
from stepsmith.cloud.sources.reading import delete, received
from stepsmith.events.filters import RecordFilter
from stepsmith.events.mappings import Answer, QueueCall, QueueReader, QueueSettings


class QueueSource:
    """Receives messages for one consumer."""

    def __init__(
        self,
        agenda: Agenda,
        queue: Queue,
        settings: QueueSettings,
        filters: RecordFilter | None,
        consumer: Consumer,
    ) -> None:
        self._agenda = agenda
        self._queue = queue
        self._consumer = consumer
        self._is_closed = False
        self._reader = QueueReader(settings, filters)
        self._reminder = Reminder(agenda, self._pull)
        self._heard = self._reminder.at  # the very same each time, to be taken out again
        queue.listeners.append(self._heard)
        self.look()

    def close(self) -> None:
        """Receive nothing any more."""
        self._is_closed = True
        if self._heard in self._queue.listeners:
            self._queue.listeners.remove(self._heard)

    def look(self) -> None:
        """See soon what there is."""
        self._reminder.at(self._agenda.now())

    def _pull(self) -> None:
        """Receive as much as there is room for, and hand on the batches that are due."""
        if self._is_closed or not self._consumer.is_working:
            return
        now = self._agenda.now()
        if self._consumer.is_busy:
            self._reminder.at(now + BUSY_SECONDS)
            return
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
