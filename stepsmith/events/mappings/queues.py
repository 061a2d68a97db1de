"""A mapping's reader of one queue: messages that were received become batches, answers say which are deleted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from stepsmith.events.filters import RecordFilter
from stepsmith.events.mappings.answers import Answer, failed_places
from stepsmith.events.mappings.settings import LARGEST_PAYLOAD, QueueSettings
from stepsmith.expressions.types import Json


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """A message that was received."""

    message_id: str
    receipt: str
    group: str
    """Of a FIFO queue; anything else for a standard one."""
    value: dict[str, Json]
    """The record as the function gets it."""
    size: int = 0


@dataclass(frozen=True, slots=True)
class QueueCall:
    """A call of the function that is due."""

    number: int
    group: str
    messages: tuple[QueueMessage, ...]

    def event(self) -> dict[str, Json]:
        """Build the event that the function gets."""
        return {"Records": [message.value for message in self.messages]}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of messages: the receipts to delete; the others come back when their visibility time is up."""

    delete: tuple[str, ...]
    left: tuple[str, ...]


_Held: TypeAlias = "dict[str, tuple[QueueMessage, float]]"
"""Messages of one group that wait, by their ids, and since when."""


class QueueReader:
    """Reads one queue for one mapping.

    The shell receives messages (at most `room`), gives them in (`arrive`), asks for calls (`step`), tells the answers
    (`finish`), deletes what a Verdict says and comes back at `next_time`. A standard queue's batches are filled as
    messages come; a FIFO queue has one call at a time for each group, with messages of that group alone.
    """

    def __init__(self, settings: QueueSettings, filters: RecordFilter | None = None) -> None:
        self.settings = settings
        self._filters = filters
        self._waiting: OrderedDict[str, _Held] = OrderedDict()
        self._under_way: dict[int, str] = {}
        self._number = 0

    @property
    def room(self) -> int:
        """How many messages to receive: what fills the next batches, no more."""
        held = sum(len(messages) for messages in self._waiting.values())
        calls = self.settings.concurrency - len(self._under_way)
        return max(0, min(calls, 10) * self.settings.batch_size - held)

    @property
    def idle(self) -> bool:
        """Whether no message waits and no call is under way."""
        return not self._waiting and not self._under_way

    def arrive(self, messages: Iterable[QueueMessage], now: float) -> tuple[str, ...]:
        """Take messages that were received; gives the receipts of those to delete, for they pass no filter.

        A message that is received again while it waits, because its visibility was up, is held once.
        """
        dropped: list[str] = []
        for message in messages:
            if self._filters is not None and not self._filters.passes(message.value):
                dropped.append(message.receipt)
            else:
                group = message.group if self.settings.fifo else ""
                held = self._waiting.setdefault(group, {})
                _, since = held.get(message.message_id, (message, now))
                held[message.message_id] = message, since
        return tuple(dropped)

    def step(self, now: float) -> tuple[QueueCall, ...]:
        """Give the calls that are due."""
        calls: list[QueueCall] = []
        for group in list(self._waiting):
            while (
                len(self._under_way) < self.settings.concurrency
                and group in self._waiting
                and not self._is_blocked(group)
                and now >= self._ready_at(self._waiting[group])
            ):
                calls.append(self._call(group))
        return tuple(calls)

    def finish(self, call: QueueCall, answer: Answer) -> Verdict:
        """Take the answer to a call."""
        del self._under_way[call.number]
        identifiers = [message.message_id for message in call.messages]
        failed = failed_places(answer, identifiers, reports_failures=self.settings.reports_failures)
        left = set(failed)
        return Verdict(
            tuple(m.receipt for place, m in enumerate(call.messages) if place not in left),
            (
                *(m.receipt for place, m in enumerate(call.messages) if place in left),
                *(self._release(call.group) if failed and self.settings.fifo else ()),
            ),
        )

    def _release(self, group: str) -> tuple[str, ...]:
        """Let go of what waits behind a failure of a FIFO group: it must not overtake it."""
        return tuple(message.receipt for message, _ in self._waiting.pop(group, {}).values())

    def next_time(self) -> float | None:
        """Say when `step` has something to do, if nothing arrives and no call ends before; None if never."""
        if len(self._under_way) >= self.settings.concurrency:
            return None
        return min(
            (self._ready_at(held) for group, held in self._waiting.items() if not self._is_blocked(group)),
            default=None,
        )

    def _is_blocked(self, group: str) -> bool:
        return self.settings.fifo and group in self._under_way.values()

    def _ready_at(self, waiting: _Held) -> float:
        _, since = next(iter(waiting.values()))
        full = len(waiting) >= self.settings.batch_size or (
            self.settings.window > 0 and sum(each.size for each, _ in waiting.values()) >= LARGEST_PAYLOAD
        )
        return since if full else since + self.settings.window

    def _call(self, group: str) -> QueueCall:
        waiting, taken, size = self._waiting[group], list[QueueMessage](), 0
        for message, _ in islice(waiting.values(), self.settings.batch_size):
            size += message.size
            if taken and size > LARGEST_PAYLOAD:
                break
            taken.append(message)
        for message in taken:
            del waiting[message.message_id]
        if not waiting:
            del self._waiting[group]
        self._number += 1
        self._under_way[self._number] = group
        return QueueCall(self._number, group, tuple(taken))
