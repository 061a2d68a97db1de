"""The stream of items of a Map Run, grouped into the inputs of its child executions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeAlias

from stepsmith.engine.maps.distributed_fields import Batching
from stepsmith.engine.values.payload import size_of, text_of
from stepsmith.expressions.types import Json, Undefined

Chosen: TypeAlias = tuple[Json, str | None, str | None]
"""An item with its key and its source."""
Select: TypeAlias = Callable[[int, Json, str | None, str | None], Json]
"""Gives what an iteration gets from index, item, key and source."""


class ItemStream:
    """Takes items in pages, gives child inputs one by one, and holds no more than what lies between."""

    __slots__ = ("_batching", "_held", "_index", "_left", "_select", "closed", "fed", "pending")

    def __init__(self, select: Select | None, batching: Batching | None, most: int | None) -> None:
        self._select = select
        self._batching = batching
        self._left = most or None
        self.pending: deque[Chosen] = deque()
        self._index = 0
        self._held: Json | Undefined = Undefined()
        self.fed = 0
        """How many items have been taken."""
        self.closed = False
        """True once no more items will come."""

    def feed(self, items: Iterable[Chosen], *, last: bool) -> None:
        """Take the next items."""
        for item in items:
            if self._left is not None:
                if self._left == 0:
                    last = True
                    break
                self._left -= 1
            self.pending.append(item)
            self.fed += 1
        if last or self._left == 0:
            self.closed = True

    def next(self) -> tuple[Json, int] | None:
        """Give the next child input and how many items it holds; None if more items are needed first."""
        if self._batching is None:
            return (self._take(), 1) if self.pending else None
        most = self._batching.items
        if not self.closed and (most is None or len(self.pending) < most):
            return None
        return self._batch(self._batching) if self.pending else None

    def _take(self) -> Json:
        if not isinstance(self._held, Undefined):
            held, self._held = self._held, Undefined()
            self.pending.popleft()
            self._index += 1
            return held
        value, key, source = self.pending.popleft()
        if self._select is not None:
            value = self._select(self._index, value, key, source)
        elif key is not None:
            value = {"Key": key, "Value": value}
        self._index += 1
        return value

    def _peek(self) -> Json:
        value, key, source = self.pending[0]
        if isinstance(self._held, Undefined):
            if self._select is not None:
                value = self._select(self._index, value, key, source)
            elif key is not None:
                value = {"Key": key, "Value": value}
            self._held = value
        return self._held

    def _batch(self, batching: Batching) -> tuple[Json, int]:
        batch: dict[str, Json] = {}
        if not isinstance(batching.input, Undefined):
            batch["BatchInput"] = batching.input
        items: list[Json] = []
        batch["Items"] = items
        size = size_of(text_of(batch))
        while self.pending and (batching.items is None or len(items) < batching.items):
            if batching.size is not None:
                size += size_of(text_of(self._peek())) + (1 if items else 0)
                if items and size > batching.size:
                    break
            items.append(self._take())
        return batch, len(items)
