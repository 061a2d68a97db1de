"""How a queue behaves as time passes: what may be received, what comes back, what is given up."""

from __future__ import annotations

import base64
import binascii
from collections import OrderedDict
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Final

from stepsmith.cloud.queues.message import Message
from stepsmith.cloud.queues.settings import Settings

DEDUPLICATION_SECONDS: Final = 300
_FIRST_SEQUENCE: Final = 18_849_496_460_467_696_128
_SEQUENCE_STEP: Final = 256


class Queue:
    """One queue. Every instant is an argument: nothing happens by itself."""

    def __init__(self, name: str, arn: str, url: str, settings: Settings, now: float) -> None:
        self.name = name
        self.arn = arn
        self.url = url
        self.settings = settings
        self.tags: dict[str, str] = {}
        self.created = self.modified = now
        self.purged: float | None = None
        self.find_queue: Callable[[str], Queue | None] = lambda arn: None
        """Finds the queue of an ARN, for what was received too often."""
        self.listeners: list[Callable[[float], None]] = []
        """Are told when there will be something to receive."""
        # What was seen is kept by the scope with which the queue was made, whatever its attribute says later:
        # recorded, sqs test_fifo_change_to_high_throughput_after_creation
        self._scope_is_group = settings.scope_is_group
        self._messages: dict[int, Message] = {}
        self._next_place = 0
        self._sequences = count(_FIRST_SEQUENCE, _SEQUENCE_STEP)
        self._visible: list[int] = []
        self._hidden: list[tuple[float, int]] = []
        self._kept_since: list[tuple[float, int]] = []
        self._groups: OrderedDict[str, dict[int, Message]] = OrderedDict()
        self._seen: OrderedDict[tuple[str, str], tuple[float, Message]] = OrderedDict()

    @property
    def is_fifo(self) -> bool:
        """Whether order is kept in each group, and what is sent twice arrives once."""
        return self.settings.is_fifo

    # -- sending ------------------------------------------------------------------------

    def send(self, message: Message, now: float, delay: float | None = None) -> Message:
        """Take a message in; return the one that was sent first, if this one is the same again."""
        self._tick(now)
        if self.is_fifo:
            before = self._sent_before(message, now)
            if before is not None:
                return before
            message.sequence = str(next(self._sequences))
        seconds = self.settings.delay if delay is None else delay
        message.is_delayed = seconds > 0
        message.visible_at = now + seconds
        self._put(message, now)
        return message

    def take_over(self, message: Message, now: float) -> None:
        """Take in a message that another queue has given up, or that is brought back."""
        self._tick(now)
        message.visible_at = now
        message.handle = None
        # A standard queue keeps a dead letter from its sending on, a FIFO queue from here on (SQS' guide).
        self._put(message, now if self.is_fifo else message.sent)

    def _put(self, message: Message, kept_since: float) -> None:
        message.place, self._next_place = self._next_place, self._next_place + 1
        heappush(self._kept_since, (kept_since, message.place))
        self._messages[message.place] = message
        if self.is_fifo:
            self._groups.setdefault(message.group or "", {})[message.place] = message
        self._hide(message, message.visible_at)

    def _sent_before(self, message: Message, now: float) -> Message | None:
        while self._seen:
            key, (until, _) = next(iter(self._seen.items()))
            if until > now:
                break
            del self._seen[key]
        scope = (message.group or "") if self._scope_is_group else ""
        key = (scope, message.deduplication or "")
        found = self._seen.get(key)
        if found is not None:
            return found[1]
        self._seen[key] = (now + DEDUPLICATION_SECONDS, message)
        return None

    # -- receiving ----------------------------------------------------------------------

    def receive(self, most: int, now: float, visibility: float | None = None) -> list[Message]:
        """Hand out up to `most` messages, which nobody else gets for `visibility` seconds.

        What was received too often goes where the redrive policy says instead.
        """
        self._tick(now)
        seconds = self.settings.visibility if visibility is None else visibility
        found: list[Message] = []
        for message in self._receivable(now):
            if not self._give_up(message, now):
                self._hand_out(message, now, seconds)
                found.append(message)
                if len(found) == most:
                    break
        if self.is_fifo:
            # groups take turns: recorded, sqs test_fifo_receive_message_with_zero_visibility_timeout
            for group in dict.fromkeys(message.group or "" for message in found):
                if group in self._groups:
                    self._groups.move_to_end(group)
        return found

    def _give_up(self, message: Message, now: float) -> bool:
        redrive = self.settings.redrive
        if redrive is None or message.received < redrive.most:
            return False
        target = self.find_queue(redrive.arn)
        if target is None:
            return False
        self._remove(message)
        message.from_queue = self.arn
        target.take_over(message, now)
        return True

    def _hand_out(self, message: Message, now: float, seconds: float) -> None:
        message.received += 1
        message.is_delayed = False
        if message.first_received is None:
            message.first_received = now
        message.handle = _handle(self.name, message.place, message.received)
        self._hide(message, now + seconds)

    def _hide(self, message: Message, until: float) -> None:
        message.visible_at = until
        heappush(self._hidden, (until, message.place))
        for listener in list(self.listeners):
            listener(until)

    def _receivable(self, now: float) -> Iterator[Message]:
        """Give what may be received, in order."""
        if not self.is_fifo:
            # One whose visibility was changed more than once lies here more than once.
            given: set[int] = set()
            while self._visible:
                place = heappop(self._visible)
                message = None if place in given else self._messages.get(place)
                if message is not None and message.visible_at <= now:
                    given.add(place)
                    yield message
            return
        for group in list(self._groups.values()):
            # a group stops at the first that somebody has: recorded, sqs test_fifo_message_group_visibility_*
            for message in list(group.values()):
                if message.visible_at > now:
                    break
                yield message

    def has_any(self, now: float) -> bool:
        """Say whether something may be received now."""
        self._tick(now)
        if self.is_fifo:
            return next(self._receivable(now), None) is not None
        found = (self._messages.get(place) for place in self._visible)
        return any(message is not None and message.visible_at <= now for message in found)

    def next_change(self, now: float) -> float | None:
        """Give the next instant at which something becomes visible; None where nothing will by itself."""
        self._tick(now)
        while self._hidden:
            until, place = self._hidden[0]
            message = self._messages.get(place)
            if message is not None and message.visible_at == until:
                return until
            heappop(self._hidden)  # it is gone, or its visibility was changed
        return None

    # -- receipt handles ----------------------------------------------------------------

    def find(self, handle: str) -> Message | None:
        """Return the message that a receipt handle was given out for; None where it is no longer there.

        Raises ValueError for what is no receipt handle of this queue.
        """
        place = _place(self.name, handle)
        if place >= self._next_place:
            raise ValueError(handle)
        return self._messages.get(place)

    def is_expired(self, message: Message, handle: str, now: float) -> bool:
        """Say whether the time of a receipt handle is up."""
        return message.handle != handle or message.visible_at <= now

    def delete(self, message: Message) -> None:
        """Let a message be done with, or be brought elsewhere."""
        self._remove(message)

    def change_visibility(self, message: Message, seconds: float, now: float) -> None:
        """Let a message that is in flight come back after some seconds from now."""
        self._hide(message, now + seconds)

    def purge(self, now: float) -> None:
        """Empty the queue, and forget what was seen."""
        self.purged = now
        for message in list(self._messages.values()):
            self._remove(message)
        self._seen.clear()

    def waiting(self) -> list[Message]:
        """Give all messages, in their order."""
        return list(self._messages.values())

    def counts(self, now: float) -> tuple[int, int, int]:
        """Count messages that may be received, that are in flight, and that are delayed."""
        self._tick(now)
        visible = flying = delayed = 0
        for message in self._messages.values():
            if message.visible_at <= now:
                visible += 1
            elif message.is_delayed:
                delayed += 1
            else:
                flying += 1
        return visible, flying, delayed

    def _remove(self, message: Message) -> None:
        del self._messages[message.place]
        if self.is_fifo:
            name = message.group or ""
            group = self._groups[name]
            del group[message.place]
            if not group:
                del self._groups[name]

    def _tick(self, now: float) -> None:
        """Forget what is too old, and see what has become visible."""
        oldest = now - self.settings.retention
        while self._kept_since and self._kept_since[0][0] <= oldest:
            message = self._messages.get(heappop(self._kept_since)[1])
            if message is not None:
                self._remove(message)
        while self._hidden and self._hidden[0][0] <= now:
            _, place = heappop(self._hidden)
            message = self._messages.get(place)
            if not self.is_fifo and message is not None and message.visible_at <= now:
                heappush(self._visible, place)


def _handle(queue: str, place: int, received: int) -> str:
    return base64.b64encode(f"{queue} {place} {received}".encode()).decode()


def _place(queue: str, handle: str) -> int:
    """Read a receipt handle; raises ValueError."""
    try:
        name, place, _ = base64.b64decode(handle, validate=True).decode().split(" ")
    except (binascii.Error, UnicodeDecodeError):
        raise ValueError(handle) from None
    if name != queue or not (place.isascii() and place.isdigit()):
        raise ValueError(handle)
    return int(place)
