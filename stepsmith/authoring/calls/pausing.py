"""Waiting a little inside a function: on the machine's clock, or on that of the cloud it runs in."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import TypeAlias

Pause: TypeAlias = Callable[[float], object]
"""Waits as many seconds."""

_current: ContextVar[Pause] = ContextVar("pause", default=time.sleep)


def pause(for_: timedelta) -> None:
    """Wait, as `time.sleep` does; in a `LocalCloud` its clock goes on, and what is due happens meanwhile.

    For functions that ask again and again whether something has ended. A workflow waits by a Wait state, which nobody
    pays for. Raises ValueError for a negative time.
    """
    if for_ < timedelta():
        raise ValueError(f"nobody can wait for {for_}")
    _current.get()(for_.total_seconds())


@contextmanager
def pausing_by(wait: Pause) -> Generator[None]:
    """Let `pause` wait in this context by what is given."""
    before = _current.set(wait)
    try:
        yield
    finally:
        _current.reset(before)
