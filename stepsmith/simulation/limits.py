"""What an account allows at once: buckets that refill, and functions that run side by side."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from stepsmith.simulation.model import Bucket

W = TypeVar("W")


class Allowance:
    """A bucket of tokens that refills with time."""

    def __init__(self, bucket: Bucket) -> None:
        self._size, self._rate = float(bucket.size), bucket.per_second
        self._left, self._at = self._size, 0.0

    def take(self, now: float, tokens: float = 1.0) -> float:
        """Take tokens, and give how many seconds it is until they are there; 0 where they are."""
        self._left = min(self._size, self._left + (now - self._at) * self._rate)
        self._at = max(self._at, now)
        self._left -= tokens
        return 0.0 if self._left >= 0 else -self._left / self._rate


class Slots(Generic[W]):
    """Functions that run at once: who finds no slot waits for one, as Lambda's callers do that try again."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._taken = 0
        self._waiting: deque[W] = deque()
        self.highest = 0

    def take(self, who: W) -> bool:
        """Take a slot; where there is none, wait for one and tell so."""
        if self._most is not None and self._taken >= self._most:
            self._waiting.append(who)
            return False
        self._taken += 1
        self.highest = max(self.highest, self._taken)
        return True

    def give_back(self) -> W | None:
        """Give a slot back, and name who has it now."""
        if self._waiting:
            return self._waiting.popleft()
        self._taken -= 1
        return None
