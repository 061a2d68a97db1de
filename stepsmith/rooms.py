"""Rooms that open as far as they are entered: a name is imported when somebody first asks the room for it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def opened(room: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return the `__getattr__` of a package: public name -> the module it lives in."""

    def find(name: str) -> object:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        value: object = getattr(import_module(home), name)
        setattr(sys.modules[room], name, value)
        return value

    return find
