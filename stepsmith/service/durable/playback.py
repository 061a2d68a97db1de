"""What is recorded of an execution, played back: its run as it stood at the last commit, with all its events."""

from __future__ import annotations

import threading
from pathlib import Path

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.ports import StartTask
from stepsmith.integrations.dispatch import refusal
from stepsmith.service.durable.awaited import Awaited
from stepsmith.service.durable.recorded import run_of
from stepsmith.service.durable.steps import Stepper
from stepsmith.store import Reader, Start, Summary, Tail


class Playback:
    """Follows one execution in a journal; whatever was committed meanwhile is added when somebody looks."""

    def __init__(self, path: Path, id: int) -> None:
        self._reader = Reader(path)
        self._id = id
        self._place = Tail()
        self._lock = threading.Lock()
        self.start: Start = self._reader.start(id)
        """How the execution began."""
        self._stepper = Stepper(run_of(self.start, refusal), keeps_events=True)
        self._awaited = Awaited()

    @property
    def run(self) -> Run:
        """The execution as it stands in the journal; raises JournalDamaged."""
        with self._lock:
            self._play()
            return self._stepper.run

    @property
    def callbacks(self) -> list[StartTask]:
        """The tasks that somebody outside has to answer."""
        with self._lock:
            self._play()
            return self._awaited.callbacks

    def _play(self) -> None:
        run = self._stepper.run
        for record in self._reader.records(self._id, self._place):
            commands = self._stepper.repeat(record, self._place.count, self.start)
            self._awaited.take(record.inputs, commands)
            if run.status != "RUNNING":
                self._awaited.clear()

    @property
    def summary(self) -> Summary:
        """What the journal says without playing anything back."""
        with self._lock:
            return self._reader.summary(self._id)
