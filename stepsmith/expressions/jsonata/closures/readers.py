"""The smallest closures, of which the others are made."""

from __future__ import annotations

from stepsmith.expressions.jsonata.runtime.values import Evaluate, Frame, Value


def constant(value: Value) -> Evaluate:
    """A closure that always yields the same value."""
    return lambda context, frame: value


def slot_reader(level: int, slot: int) -> Evaluate:
    """A closure that reads a slot of a frame so many levels out."""
    match level:
        case 0:
            return lambda context, frame: frame[slot]
        case 1:
            return lambda context, frame: frame[1][slot]
        case 2:
            return lambda context, frame: frame[1][1][slot]
        case _:
            return _far_reader(level, slot)


def _far_reader(level: int, slot: int) -> Evaluate:
    def read(context: Value, frame: Frame) -> Value:
        for _ in range(level):
            frame = frame[1]
        return frame[slot]

    return read
