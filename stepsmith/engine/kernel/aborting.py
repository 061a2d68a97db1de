"""How lines of control end because of a failure beside or above them, and how a redrive starts them again."""

from __future__ import annotations

from typing import Final

from stepsmith.engine.kernel.frames import Execution, Frame

_ABORTED: Final = frozenset({"Task", "Wait", "Parallel", "Map"})
"""The Types of states whose end by abortion is recorded."""
_TRIED: Final = frozenset({"Task", "Parallel", "Map"})
"""The Types of states that are tried again without being entered again."""


def abort_frame(run: Execution, frame: Frame, cause: int) -> None:
    """End a frame and all below it because of the event with id `cause`; records the states it ends.

    With 0 as the cause nothing is recorded: the execution itself ends.
    """
    frame.live = False
    work, frame.work = frame.work, None
    if work is not None:
        frame.redo = work
        work.abort(run, cause)
    if cause and frame.entered and frame.node.kind in _ABORTED:
        run.event(f"{frame.node.kind}StateAborted", cause)


def revive_frame(run: Execution, frame: Frame, previous: int) -> None:
    """Let a frame that did not end well go on from its current state, after the event with id `previous`."""
    frame.live = True
    frame.retries = None
    frame.retry_count = 0
    frame.result = None
    redo, frame.redo = frame.redo, None
    tried = frame.node.kind in _TRIED
    if not tried or not frame.entered:
        frame.previous = previous
        frame.entered = 0
        run.scheduler.ready.append((run, frame, frame.node.enter))
        return
    frame.previous = previous
    if redo is not None and redo.revive(run, previous):
        frame.work = redo
    else:
        run.scheduler.ready.append((run, frame, frame.node.attempt))
