"""Drives the executions that this process has started in a journal, on a thread of its own."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from stepsmith.errors import JournalError, NotFound, StepsmithError
from stepsmith.service.durable.conductor import Conductor
from stepsmith.service.durable.live import Means
from stepsmith.service.durable.recorded import ends_of, parent_of
from stepsmith.service.durable.starting import begin
from stepsmith.store import Reader, Start, Store

_journals: Final[dict[Path, Background]] = {}
_guard: Final = threading.Lock()


class Background:
    """The executions of one journal that this process drives; each with the means that it was started with."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._means: dict[int, Means] = {}
        self._conductor: Conductor | None = None
        self._only: set[int] = set()
        self._problems: dict[int, StepsmithError] = {}
        self._problem: JournalError | None = None

    @classmethod
    def of(cls, path: Path) -> Background:
        """Return the one of a journal in this process."""
        resolved = path.resolve()
        with _guard:
            return _journals.setdefault(resolved, cls(resolved))

    def problem(self, id: int) -> StepsmithError | None:
        """Return why an execution that was started here is not driven any more."""
        if id not in self._only:
            return None
        return self._problem or self._problems.get(id)

    def drives(self, id: int) -> bool:
        """Say whether an execution was started here, or follows from one that was."""
        return id in self._only

    def start(self, start: Start, means: Means) -> int:
        """Record an execution, drive it on, and give its id; raises ExecutionAlreadyExists."""
        store = Store(self._path, create=True)
        try:
            reader = Reader(self._path)
            try:
                id = begin(store, reader, start)
            finally:
                reader.close()
        finally:
            store.close()
        with self._lock:
            self._means[id] = means
            self._only.add(id)
            if self._conductor is None:
                self._drive()
            else:
                self._conductor.want(id)
        return id

    def means(self, id: int, start: Start) -> Means:
        """Return what an execution of this process, or one that follows from it, is driven with."""
        found = self._means.get(id)
        parent, ends = parent_of(start), ends_of(start)
        if found is None and parent is not None:
            found = self._means.get(parent.execution)
        if found is None and ends is not None:
            found = self._means.get(ends)
        if found is None:
            raise NotFound(f"execution {start.name} was not started by this process")
        self._means[id] = found
        return Means(
            dispatcher=found.dispatcher.for_run(),
            responders=found.responders,
            machines=found.machines,
            watcher=found.watcher,
        )

    def _drive(self) -> None:
        """Drive on a thread that ends when nothing is left; called with the lock held."""
        store = Store(self._path)
        conductor = self._conductor = Conductor(store, self, only=self._only)
        self._problems, self._problem = conductor.problems, None
        threading.Thread(
            target=self._run, args=(conductor, store), name="stepsmith-conductor", daemon=True
        ).start()

    def _run(self, conductor: Conductor, store: Store) -> None:
        try:
            conductor.run(is_over=self._is_over)
        except JournalError as error:
            self._problem = error
            with self._lock:
                self._conductor = None
        finally:
            store.close()

    def _is_over(self) -> bool:
        """Let the conductor end, unless something was started since it looked."""
        with self._lock:
            if self._conductor is not None and self._conductor.has_news:
                return False
            self._conductor = None
            return True
