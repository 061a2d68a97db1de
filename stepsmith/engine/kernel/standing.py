"""Where an execution stands, as a value that can be compared: its states, what they hold, what they wait for.

Instants are counted from now, and neither identifiers nor chance are part of it: two executions that stand alike go on
alike if they are answered alike, except for the time of day and for what they draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from stepsmith.engine.kernel.frames import Frame
from stepsmith.engine.kernel.timers import Timer
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Json, Undefined

if TYPE_CHECKING:
    from stepsmith.engine.kernel.run import Run

Standing: TypeAlias = "tuple[object, ...]"
"""Tuples of texts and numbers."""


def standing(run: Run) -> Standing:
    """Give where an execution stands, or how it has ended."""
    if run.status != "RUNNING":
        output = None if isinstance(run.output, Undefined) else text_of(run.output)
        return run.status, output, run.error, run.cause
    end = run.ends_at if run.program.timeout_seconds is not None else None
    return run.status, None if end is None else round(end - run.now, 3), _of_frame(run, run.root)


def waiting_states(run: Run) -> list[str]:
    """Name the states in which lines of control wait, the innermost, each once."""
    if run.status != "RUNNING":
        return []
    return list(dict.fromkeys(frame.node.name for frame in _leaves(run.root)))


def _leaves(frame: Frame) -> Iterator[Frame]:
    inner = _inner(frame)
    if not inner:
        yield frame
    for each in inner:
        yield from _leaves(each)


def _inner(frame: Frame) -> list[Frame]:
    """Give the running branches or iterations of a frame, in their order."""
    frames: list[Frame] | dict[int, Frame] = getattr(frame.work, "frames", [])
    found = [frames[index] for index in sorted(frames)] if isinstance(frames, dict) else frames
    return [each for each in found if each.live]


def _of_frame(run: Run, frame: Frame) -> Standing:
    # what an earlier state has used up is forgotten when the next one with retriers is entered
    retries = None if frame.retries is None or not frame.node.retriers else tuple(frame.retries)
    variables = text_of(dict(frame.variables)) if frame.variables else None
    return (
        frame.node.name,
        frame.index,
        frame.text if isinstance(frame.text, str) else text_of(frame.value),
        variables,
        retries,
        _of_work(run, frame.work),
    )


def _of_work(run: Run, work: Any) -> Standing:
    if work is None:
        return ()
    if isinstance(work, Timer):
        return "timer", round(work.due - run.now, 3)
    if hasattr(work, "frames"):
        results = text_of(cast("Json", work.results))
        begun = getattr(work, "next", None)
        return (
            "lines",
            begun,
            results,
            *(_of_frame(run, frame) for frame in _inner(cast("Frame", work.owner))),
        )
    if hasattr(work, "left"):
        return "task", work.started, *work.left(run)
    return "history", tuple(map(_without_time, run.history.rows))


def _without_time(member: object) -> object:
    return None if isinstance(member, float) else member
