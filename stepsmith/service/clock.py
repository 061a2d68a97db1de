"""Time as a parameter: virtual for local runs, of the wall where asked for."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final, Protocol

VIRTUAL_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When virtual time begins, unless it is told otherwise: the same for every run, so that histories are the same."""

VIRTUAL_START_SECONDS: Final = VIRTUAL_START.timestamp()


class Clock(Protocol):
    """Tells the time of an execution, in seconds since 1970."""

    @property
    def is_virtual(self) -> bool:
        """Whether time stands still until it is moved."""
        ...

    def now(self) -> float:
        """Return the present instant."""
        ...

    def move_to(self, instant: float) -> None:
        """Let a virtual clock jump to a later instant; other clocks take no notice."""
        ...


class VirtualClock:
    """Stands still while things happen, and jumps when nothing else can."""

    is_virtual = True

    def __init__(self, start: datetime = VIRTUAL_START) -> None:
        self._now = VIRTUAL_START_SECONDS if start is VIRTUAL_START else start.timestamp()

    def now(self) -> float:
        """Return the virtual instant."""
        return self._now

    def move_to(self, instant: float) -> None:
        """Jump to a later instant; earlier ones are ignored."""
        self._now = max(self._now, instant)


class WallClock:
    """Wall time at its start, and from then on as monotonic as the machine's clock: set back, it goes on.

    Where the system says so, as Linux does, time passes while the machine sleeps, too.
    """

    is_virtual = False

    def __init__(self) -> None:
        self._offset = time.time() - _ticks()

    def now(self) -> float:
        """Return the instant of the wall."""
        return self._offset + _ticks()

    def move_to(self, instant: float) -> None:
        """Do nothing: the wall's time passes by itself."""


if hasattr(time, "CLOCK_BOOTTIME"):

    def _ticks() -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

else:

    def _ticks() -> float:
        return time.monotonic()
