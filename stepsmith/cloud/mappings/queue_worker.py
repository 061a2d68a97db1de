"""Lets a function hear of the messages of a queue."""

from __future__ import annotations

from functools import partial

from stepsmith.cloud.mappings.mapping import Mapping
from stepsmith.cloud.mappings.worker import BUSY_SECONDS, Means, Worker
from stepsmith.cloud.queues.queue import Queue
from stepsmith.cloud.queues.reading import delete, received
from stepsmith.events.mappings import Answer, QueueCall, QueueReader, QueueSettings


class QueueWorker(Worker):
    """Receives messages, calls the function, deletes what it was done with."""

    def __init__(self, mapping: Mapping, means: Means, queue: Queue, settings: QueueSettings) -> None:
        super().__init__(mapping, means)
        self._queue = queue
        self._reader = QueueReader(settings, mapping.filters)
        queue.listeners.append(self._heard)
        self.come_back(means.agenda.now())

    def close(self) -> None:
        """Receive nothing any more."""
        super().close()
        if self._heard in self._queue.listeners:
            self._queue.listeners.remove(self._heard)

    def _heard(self, visible_at: float) -> None:
        self.come_back(visible_at)

    def pull(self) -> None:
        """Receive as much as there is room for, and make the calls that are due."""
        if not self.is_working:
            return
        now = self.means.agenda.now()
        if self.is_busy:
            self.come_back(now + BUSY_SECONDS)
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
            self.call(call.event(), partial(self._ended, call))
        self.come_back(self._reader.next_time())
        self.come_back(self._queue.next_change(now))

    def _ended(self, call: QueueCall, answer: Answer, request_id: str) -> None:
        delete(self._queue, self._reader.finish(call, answer).delete)
        self.come_back(self.means.agenda.now())
