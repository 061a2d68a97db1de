"""Environment variables of functions, which are set here while one that declares them is called."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stepsmith.authoring.tasks.provisions import Parameter

_lock: Final = threading.Lock()
_users: Final[dict[str, int]] = {}
"""Variables that were set here -> how many calls need them."""


@contextmanager
def variables(declared: Mapping[str, str | Parameter]) -> Generator[None]:
    """Set variables for the time of a call; what the environment has already stays.

    Calls that overlap share a variable: the first one says its value, and the last one takes it away.
    """
    own: list[str] = []
    with _lock:
        for name, value in declared.items():
            if name in _users:
                _users[name] += 1
            elif name in os.environ:
                continue
            else:
                os.environ[name] = value if isinstance(value, str) else value.value()
                _users[name] = 1
            own.append(name)
    try:
        yield
    finally:
        with _lock:
            for name in own:
                _users[name] -= 1
                if not _users[name]:
                    del _users[name]
                    os.environ.pop(name, None)
