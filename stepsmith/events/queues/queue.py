"""One queue: what is sent, received, deleted and given up, at which time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from stepsmith.events.queues.attributes import QueueAttributes
from stepsmith.events.queues.line import FifoLine, Line, StandardLine
from stepsmith.events.queues.messages import NewMessage, Received, Stored
from stepsmith.events.queues.sending import check_message
from stepsmith.events.refusals import Refused

DEDUPLICATION: Final = 300.0
"""Seconds for which a FIFO queue knows what was sent."""
PURGES_APART: Final = 60.0
LONGEST_VISIBILITY: Final = 43_200

Receipt: TypeAlias = str


@dataclass(frozen=True, slots=True)
class Counts:
    """Messages that can be received, that somebody works on, and that are delayed."""

    visible: int
    in_flight: int
    delayed: int


class Queue:
    """A queue at a time that its caller tells; `new_id` makes identifiers of messages and receipts."""

    def __init__(self, name: str, arn: str, attributes: QueueAttributes, new_id: Callable[[], str]) -> None:
        self.name = name
        self.arn = arn
        self.attributes = attributes
        self._new_id = new_id
        # Recorded: changing the scope of a queue that exists does not change what it does.
        self._scope = attributes.scope
        self._line: Line = FifoLine() if attributes.fifo else StandardLine()
        self._by_receipt: dict[Receipt, Stored] = {}
        self._seen: dict[tuple[str, str], tuple[float, Stored]] = {}
        self._order = 0
        self._purged = float("-inf")

    def send(self, message: NewMessage, now: float) -> Stored:
        """Take a message; raises Refused. A duplicate gives the message that was sent before."""
        check_message(message, self.attributes)
        self._line.forget_expired(now)
        deduplication = self._deduplication(message)
        key = (message.group or "" if self._scope == "messageGroup" else "", deduplication or "")
        known = self._seen.get(key)
        if deduplication is not None and known is not None and now < known[0] + DEDUPLICATION:
            return known[1]
        delay = message.delay if message.delay and not self.attributes.fifo else None
        if message.delay is None or self.attributes.fifo:
            delay = self.attributes.delay
        stored = Stored(
            id=self._new_id(),
            new=message,
            sent=now,
            order=self._next_order(),
            visible_at=now + (delay or 0),
            expires_at=now + self.attributes.retention,
            deduplication=deduplication,
        )
        if self.attributes.fifo:
            stored.sequence_number = f"{18_849_496_460_467_696_128 + 256 * stored.order}"
        if deduplication is not None:
            self._remember(key, stored, now)
        self._line.add(stored)
        return stored

    def receive(self, now: float, *, most: int = 1, visibility: float | None = None) -> Received:
        """Hand out up to `most` messages, which nobody else gets for a time; gives dead letters, too.

        A message that was received as often as the redrive policy allows does not come again: it is in `dead`, for the
        policy's target to `accept`.
        """
        self._line.forget_expired(now)
        hidden = self.attributes.visibility if visibility is None else visibility
        redrive, taken, dead = self.attributes.redrive, list[tuple[Stored, Receipt]](), list[Stored]()
        back: list[Stored] = []
        while len(taken) < most and (stored := self._line.take(now)) is not None:
            if redrive is not None and stored.receives >= redrive.most_receives:
                self._remove(stored)
                dead.append(stored)
                continue
            stored.receives += 1
            stored.first_received = now if stored.first_received is None else stored.first_received
            receipt = self._new_id()
            stored.receipts.append(receipt)
            self._by_receipt[receipt] = stored
            stored.visible_at = now + hidden
            taken.append((stored, receipt))
            back.append(stored)
        self._line.put_back(back)
        return Received(tuple(taken), tuple(dead))

    def accept(self, dead: Stored, source_arn: str, now: float) -> Stored:
        """Take a dead letter of another queue: with its id, its time and its count (recorded)."""
        stored = Stored(
            id=dead.id,
            new=dead.new,
            sent=dead.sent,
            order=self._next_order(),
            visible_at=now,
            # A standard queue counts from the sending, a FIFO queue from here on (SQS' guide on dead-letter queues).
            expires_at=(now if self.attributes.fifo else dead.sent) + self.attributes.retention,
            receives=dead.receives,
            first_received=dead.first_received,
            sequence_number=dead.sequence_number,
            deduplication=dead.deduplication,
            dead_from=source_arn,
        )
        self._line.add(stored)
        return stored

    def delete(self, receipt: Receipt, now: float) -> None:
        """Delete a message; an unknown receipt is nothing, one of a FIFO queue whose time is up raises Refused."""
        stored = self._by_receipt.get(receipt)
        if stored is None or stored.gone:
            return
        if self.attributes.fifo and (receipt != stored.receipts[-1] or stored.visible_at <= now):
            raise Refused(
                "InvalidParameterValue",
                f"Value {receipt} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.",
            )
        self._remove(stored)

    def change_visibility(self, receipt: Receipt, seconds: float, now: float) -> None:
        """Hide a message for so many seconds from now on; 0 lets it be received at once. Raises Refused."""
        if not 0 <= seconds <= LONGEST_VISIBILITY:
            raise Refused(
                "InvalidParameterValue",
                f"Value {seconds:g} for parameter VisibilityTimeout is invalid. "
                "Reason: VisibilityTimeout must be an integer between 0 and 43200.",
            )
        stored = self._by_receipt.get(receipt)
        if stored is None or stored.gone:
            raise Refused(
                "InvalidParameterValue",
                f"Value {receipt} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not "
                "available for visibility timeout change.",
            )
        expired = stored.visible_at <= now
        if expired and self.attributes.fifo:
            raise Refused(
                "InvalidParameterValue",
                f"Value {receipt} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.",
            )
        stored.visible_at = now + seconds
        self._line.hide(stored)

    def purge(self, now: float) -> None:
        """Forget all messages and what was seen; raises Refused within a minute of the last time."""
        if now < self._purged + PURGES_APART:
            raise Refused(
                "AWS.SimpleQueueService.PurgeQueueInProgress",
                f"Only one PurgeQueue operation on {self.name} is allowed every 60 seconds.",
            )
        self._purged = now
        for stored in self._line.messages():
            stored.gone = True
        self._line = FifoLine() if self.attributes.fifo else StandardLine()
        self._by_receipt.clear()
        self._seen.clear()

    def take_for_move(self, now: float) -> Stored | None:
        """Take the next visible message out of the queue, for a move task."""
        self._line.forget_expired(now)
        stored = self._line.take(now)
        if stored is not None:
            self._remove(stored)
        return stored

    def counts(self, now: float) -> Counts:
        """Count the messages."""
        self._line.forget_expired(now)
        visible = in_flight = delayed = 0
        for stored in self._line.messages():
            if stored.visible_at <= now:
                visible += 1
            elif stored.receives:
                in_flight += 1
            else:
                delayed += 1
        return Counts(visible, in_flight, delayed)

    def next_time(self, now: float) -> float | None:
        """Say when a message can be received that cannot now; None if no time brings one."""
        return min((s.visible_at for s in self._line.messages() if s.visible_at > now), default=None)

    def _remove(self, stored: Stored) -> None:
        stored.gone = True
        for receipt in stored.receipts:
            self._by_receipt.pop(receipt, None)
        self._line.remove(stored)

    def _deduplication(self, message: NewMessage) -> str | None:
        if not self.attributes.fifo:
            return None
        if message.deduplication is not None:
            return message.deduplication
        return hashlib.sha256(message.body.encode(errors="surrogatepass")).hexdigest()

    def _remember(self, key: tuple[str, str], stored: Stored, now: float) -> None:
        """Note what was sent; the oldest notes come first and are dropped when their time is up."""
        self._seen.pop(key, None)
        while self._seen:
            first = next(iter(self._seen))
            if now < self._seen[first][0] + DEDUPLICATION:
                break
            del self._seen[first]
        self._seen[key] = (now, stored)

    def _next_order(self) -> int:
        self._order += 1
        return self._order
