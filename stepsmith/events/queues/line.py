"""The messages of a queue in the order in which they can be taken."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from typing import Protocol

from stepsmith.events.queues.messages import Stored


class Line(Protocol):
    """Messages waiting; one that was taken is put back or removed."""

    def add(self, stored: Stored) -> None:
        """Take a new message."""
        ...

    def take(self, now: float) -> Stored | None:
        """Take the next message that is visible out of the order."""
        ...

    def put_back(self, taken: Iterable[Stored]) -> None:
        """Put messages back, hidden until their `visible_at`."""
        ...

    def hide(self, stored: Stored) -> None:
        """Notice that a message's `visible_at` has changed."""
        ...

    def remove(self, stored: Stored) -> None:
        """Let go of a message, taken or not."""
        ...

    def forget_expired(self, now: float) -> None:
        """Let go of messages that were kept for as long as the queue keeps them."""
        ...

    def messages(self) -> Iterator[Stored]:
        """Give all messages, hidden ones too."""
        ...


class _Kept:
    """All messages of a queue, and which of them expires next."""

    def __init__(self) -> None:
        self.all: dict[int, Stored] = {}
        self._expiring: list[tuple[float, int]] = []

    def keep(self, stored: Stored) -> None:
        self.all[stored.order] = stored
        heapq.heappush(self._expiring, (stored.expires_at, stored.order))

    def expired(self, now: float) -> list[Stored]:
        found: list[Stored] = []
        while self._expiring and self._expiring[0][0] <= now:
            _, order = heapq.heappop(self._expiring)
            if order in self.all:
                found.append(self.all[order])
        return found


class StandardLine:
    """Messages of a standard queue: those that are visible by the order of their sending."""

    def __init__(self) -> None:
        self._kept = _Kept()
        self._taken: set[int] = set()
        self._visible: list[int] = []
        self._hidden: list[tuple[float, int]] = []

    def add(self, stored: Stored) -> None:
        """Take a new message."""
        self._kept.keep(stored)
        self.hide(stored)

    def take(self, now: float) -> Stored | None:
        """Take the next message that is visible."""
        while self._hidden and self._hidden[0][0] <= now:
            at, order = heapq.heappop(self._hidden)
            stored = self._kept.all.get(order)
            # A message whose time was changed is there again with its new time.
            if stored is not None and stored.visible_at == at:
                heapq.heappush(self._visible, order)
        while self._visible:
            stored = self._kept.all.get(heapq.heappop(self._visible))
            if stored is not None and stored.visible_at <= now and stored.order not in self._taken:
                self._taken.add(stored.order)
                return stored
        return None

    def put_back(self, taken: Iterable[Stored]) -> None:
        """Put messages back, hidden until their time."""
        for stored in taken:
            self._taken.discard(stored.order)
            self.hide(stored)

    def hide(self, stored: Stored) -> None:
        """Notice a message's time."""
        heapq.heappush(self._hidden, (stored.visible_at, stored.order))

    def remove(self, stored: Stored) -> None:
        """Let go of a message."""
        self._kept.all.pop(stored.order, None)
        self._taken.discard(stored.order)

    def forget_expired(self, now: float) -> None:
        """Let go of what has expired."""
        for stored in self._kept.expired(now):
            stored.gone = True
            self.remove(stored)

    def messages(self) -> Iterator[Stored]:
        """Give all messages."""
        return iter(list(self._kept.all.values()))


class FifoLine:
    """Messages of a FIFO queue: of each group the first ones that are visible without a gap.

    A receive call empties one group before it turns to the next; a group that was taken from goes behind the others. A
    message in flight blocks what was sent after it; what was sent before it comes back alone (recorded).
    """

    def __init__(self) -> None:
        self._kept = _Kept()
        self._groups: dict[str, dict[int, Stored]] = {}
        self._taken: set[int] = set()

    def add(self, stored: Stored) -> None:
        """Take a new message."""
        self._kept.keep(stored)
        self._groups.setdefault(stored.group, {})[stored.order] = stored

    def take(self, now: float) -> Stored | None:
        """Take the next message."""
        for group in self._groups.values():
            for order, stored in group.items():
                if order in self._taken:
                    continue
                if stored.visible_at > now:
                    break
                self._taken.add(order)
                return stored
        return None

    def put_back(self, taken: Iterable[Stored]) -> None:
        """Put messages back; their groups go behind the others."""
        for stored in taken:
            self._taken.discard(stored.order)
            group = self._groups.pop(stored.group, None)
            if group is not None:
                self._groups[stored.group] = group

    def hide(self, stored: Stored) -> None:
        """Notice a message's time; it is looked at when the message is taken."""

    def remove(self, stored: Stored) -> None:
        """Let go of a message."""
        self._kept.all.pop(stored.order, None)
        self._taken.discard(stored.order)
        group = self._groups.get(stored.group)
        if group is not None:
            group.pop(stored.order, None)
            if not group:
                del self._groups[stored.group]

    def forget_expired(self, now: float) -> None:
        """Let go of what has expired."""
        for stored in self._kept.expired(now):
            stored.gone = True
            self.remove(stored)

    def messages(self) -> Iterator[Stored]:
        """Give all messages."""
        return iter(list(self._kept.all.values()))
