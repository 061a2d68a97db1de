"""How lines of control end because of a failure beside or above them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stepsmith.engine.frames import Frame

if TYPE_CHECKING:
    from stepsmith.engine.run import Run

_ABORTED: Final = frozenset({"Task", "Wait", "Parallel", "Map"})
"""The Types of states whose end by abortion is recorded."""


def abort_frame(run: Run, frame: Frame, cause: int) -> None:
    """End a frame and all below it because of the event with id `cause`; records the states it ends.

    With 0 as the cause nothing is recorded: the execution itself ends.
    """
    frame.live = False
    work, frame.work = frame.work, None
    if work is not None:
        work.abort(run, cause)
    if cause and frame.entered and frame.node.kind in _ABORTED:
        run.event(f"{frame.node.kind}StateAborted", cause)
