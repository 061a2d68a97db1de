"""One execution shown while it runs: a figure that is redrawn in place, at most ten times a second.

The figure is an ordinary output of its cell, so that the last frame stays in the saved notebook.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from stepsmith.engine.kernel.run import Run
from stepsmith.errors import StepsmithError
from stepsmith.notebook.frames import Moment, frame
from stepsmith.service import Execution
from stepsmith.service.executions.shown import AnyExecution, shown_error, shown_message

PERIOD = 0.1
"""Seconds between two frames."""
PULSE = 1.0
"""Seconds after which a frame is drawn although nothing has happened, for the sake of the clock in it."""
SHARE = 5
"""A frame that takes long to draw is followed by a pause of this many times as long."""
ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


class Display(Protocol):
    """A place in a notebook that can be drawn again."""

    def update(self, bundle: Mapping[str, str]) -> None:
        """Show something else in the same place."""
        ...


class Live:
    """Shows one execution from its beginning to its end; a watcher of executions."""

    def __init__(self, execution: Execution[Any], show: Callable[[Mapping[str, str]], Display]) -> None:
        self._execution = execution
        self._begun = time.monotonic()
        self._news = threading.Event()
        self._ended = False
        self._drawing = threading.Lock()
        self._display = show(frame(self._moment()))
        threading.Thread(target=self._keep_drawing, name="stepsmith figure", daemon=True).start()

    def changed(self, run: Run) -> None:
        """Have the figure drawn again soon."""
        self._news.set()

    def end(self) -> None:
        """Draw the last frame."""
        self._ended = True
        self._news.set()
        with self._drawing:
            self._draw()

    def _keep_drawing(self) -> None:
        while not self._ended:
            self._news.wait(PULSE)
            self._news.clear()
            begun = time.monotonic()
            with self._drawing:
                if self._ended:
                    return
                self._draw()
            time.sleep(max(PERIOD, SHARE * (time.monotonic() - begun)))

    def _draw(self) -> None:
        self._display.update(frame(self._moment()))

    def _moment(self) -> Moment:
        execution = self._execution
        return Moment(
            machine=execution.definition,
            machine_name=execution.machine_name,
            status=execution.status,
            error=shown_error(execution),
            message=shown_message(execution),
            events=execution.outline(),
            map_runs=execution.item_counts,
            waiting=tuple(task.state for task in execution.waiting),
            real_seconds=time.monotonic() - self._begun,
        )


class Watching:
    """Shows an execution on AWS or in a journal while somebody waits, and says so where the waiting ends before it."""

    def __init__(self, execution: AnyExecution, show: Callable[[Mapping[str, str]], Display]) -> None:
        self._execution = execution
        self._show = show
        self._begun = time.monotonic()
        self._display: Display | None = None

    def changed(self) -> None:
        """Draw the figure as it stands now."""
        self._draw("")

    def end(self) -> None:
        """Draw the last frame; what cannot be asked any more stays as it was."""
        if self._display is not None:
            with suppress(StepsmithError):
                self._draw("nobody watches it any more; it goes on: execution.stop() stops it")

    def _draw(self, note: str) -> None:
        execution = self._execution
        status = execution.status
        moment = Moment(
            machine=execution.definition,
            machine_name=execution.machine_name,
            status=status,
            error=shown_error(execution),
            message=shown_message(execution),
            events=execution.history,
            map_runs=execution.item_counts,
            waiting=(),
            real_seconds=time.monotonic() - self._begun,
            note=note if status not in ENDED else "",
        )
        if self._display is None:
            self._display = self._show(frame(moment))
        else:
            self._display.update(frame(moment))
