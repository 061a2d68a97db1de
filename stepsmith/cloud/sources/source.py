"""What is the same for every source: when it looks, when it waits, and that it ends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final, Generic, TypeVar

from stepsmith.cloud.agenda import Agenda, Reminder
from stepsmith.cloud.sources.consumer import Consumer

BUSY_SECONDS: Final = 1.0
"""When to ask again whether a consumer has time."""
L = TypeVar("L")


class Source(ABC, Generic[L]):
    """Reads a queue or a stream for one consumer; `L` is what these tell that something has come."""

    def __init__(self, agenda: Agenda, consumer: Consumer, listeners: list[L]) -> None:
        self._agenda = agenda
        self._consumer = consumer
        self._is_closed = False
        self._reminder = Reminder(agenda, self._pull)
        self._listeners = listeners
        self._heard = self._hearing()  # the very same each time, to be taken out again
        listeners.append(self._heard)

    @abstractmethod
    def _hearing(self) -> L:
        """Return what is told that something has come."""

    @abstractmethod
    def _read(self, now: float) -> None:
        """Read what there is, and hand on the batches that are due."""

    def close(self) -> None:
        """Read nothing any more."""
        self._is_closed = True
        if self._heard in self._listeners:
            self._listeners.remove(self._heard)

    def look(self) -> None:
        """See soon what there is: something may have come, or something about the consumer has changed."""
        self._reminder.at(self._agenda.now())

    def _pull(self) -> None:
        if self._is_closed or not self._consumer.is_working:
            return
        now = self._agenda.now()
        if self._consumer.is_busy:
            self._reminder.at(now + BUSY_SECONDS)
        else:
            self._read(now)
