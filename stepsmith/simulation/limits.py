"""What an account allows at once: buckets that refill, and functions that run side by side."""

from __future__ import annotations

from stepsmith.simulation.model import Bucket


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


class Slots:
    """Functions that run at once: who finds no slot is refused, as Lambda refuses."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._taken = 0
        self.highest = 0
        self.refused = 0

    def take(self) -> bool:
        """Take a slot, and tell whether there was one."""
        if self._most is not None and self._taken >= self._most:
            self.refused += 1
            return False
        self._taken += 1
        self.highest = max(self.highest, self._taken)
        return True

    def give_back(self) -> None:
        """Give a slot back."""
        self._taken -= 1


class Warmth:
    """Environments of functions that are ready: a call that finds none has to start one first."""

    def __init__(self, kept_seconds: float) -> None:
        self._kept = kept_seconds
        self._free: dict[str, list[float]] = {}
        """By function, since when each is free; the one that was used last is taken first, as Lambda does."""

    def take(self, function: str, now: float) -> bool:
        """Take an environment of a function, and tell whether it had to be started."""
        free = self._free.get(function)
        if free and now - free[-1] <= self._kept:
            free.pop()
            return False
        if free:
            free.clear()  # the others have been idle for longer
        return True

    def give_back(self, function: str, now: float) -> None:
        """Let an environment be free from now on."""
        self._free.setdefault(function, []).append(now)
