"""Ctrl-C told from a task that raises KeyboardInterrupt itself: one ends the run, the other fails the task."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn


class _Notes:
    """What is known of interrupts; signals come to the main thread only, so there is one."""

    listening = False
    """Whether a signal is noted before it is raised."""
    interrupted = False
    """Whether one was."""


def interrupt(*arguments: object) -> NoReturn:
    """Raise the KeyboardInterrupt of somebody outside who wants the run to end."""
    _Notes.interrupted = True
    raise KeyboardInterrupt(*arguments)


def is_from_outside() -> bool:
    """Say whether the KeyboardInterrupt that was just caught on this thread came by a signal."""
    if threading.current_thread() is not threading.main_thread():
        return False
    if not _Notes.listening:
        # who takes the signals is not known here, nor what he raises; in a background job nobody does, and none come
        return signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, signal.SIG_DFL)
    return _Notes.interrupted


@contextmanager
def listening() -> Generator[None]:
    """Take notice of Ctrl-C inside the `with` block, where Python's own handler would only raise."""
    on_main = threading.current_thread() is threading.main_thread()
    if not on_main or _Notes.listening or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, lambda number, frame: interrupt())
    _Notes.listening, _Notes.interrupted = True, False
    try:
        yield
    finally:
        _Notes.listening = False
        signal.signal(signal.SIGINT, signal.default_int_handler)
