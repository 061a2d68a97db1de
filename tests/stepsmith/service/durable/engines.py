"""Journals that are driven in this process, die where a test wants them to, and go on."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry, Dispatcher
from stepsmith.service import Machine, load
from stepsmith.service.clock import WallClock
from stepsmith.service.durable.conductor import Conductor
from stepsmith.service.durable.live import Means
from stepsmith.service.durable.recorded import Origin, start_of
from stepsmith.service.durable.starting import begin
from stepsmith.service.journals.journal import Journal
from stepsmith.store import Reader, Start, Store


class Crash(KeyboardInterrupt):
    """The process ends here: a signal from outside, since whatever else a task raises fails the task."""


class Clock(WallClock):
    """A clock of the wall that is moved by the test."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.instant = now

    def now(self) -> float:
        return self.instant


class Answers:
    """Answers tasks with functions that are given, and counts the calls."""

    def __init__(
        self,
        tasks: Mapping[str, Callable[..., Any]] | None = None,
        *,
        machines: Mapping[str, Machine] | None = None,
        clients: ClientRegistry | None = None,
        responders: Mapping[str, Callable[[Json], Json]] | None = None,
    ) -> None:
        self._dispatcher = Dispatcher(clients or ClientRegistry.local(), dict(tasks or {}))
        self._machines = machines or {}
        self._responders = responders or {}

    def means(self, id: int, start: Start) -> Means:
        return Means(
            dispatcher=self._dispatcher.for_run(), machines=self._machines, responders=self._responders
        )


def started(
    path: Path,
    machine: Machine | dict[str, Any],
    input: Json = None,
    *,
    name: str = "one",
    virtual: bool = True,
    now: float = 1_800_000_000.0,
    seed: int = 5,
    attended: bool = True,
    origin: Origin | None = None,
) -> int:
    """Record an execution and return its id."""
    found = machine if isinstance(machine, Machine) else load(machine)
    start = start_of(
        found.definition.to_json(),
        text_of({} if input is None else input),
        machine=found.name,
        name=name,
        started=now,
        virtual=virtual,
        attended=attended,
        origin=origin or Origin(),
        seed=seed,
    )
    store = Store(path, create=True, synchronous="NORMAL")
    reader = Reader(path)
    try:
        return begin(store, reader, start)
    finally:
        reader.close()
        store.close()


def driven(
    path: Path, answers: Answers, *, clock: WallClock | None = None, store: Store | None = None
) -> Conductor:
    """Return a conductor that does everything on this thread, after it has done all that can be done now."""
    conductor = Conductor(store or Store(path, synchronous="NORMAL"), answers, clock=clock, is_direct=True)
    try:
        conductor.turn()
    except BaseException:
        conductor.close()
        raise
    return conductor


def finish(path: Path, answers: Answers, *, clock: WallClock | None = None) -> None:
    """Drive everything to its end."""
    store = Store(path, synchronous="NORMAL")
    conductor = Conductor(store, answers, clock=clock, is_direct=True)
    try:
        conductor.run()
        assert not conductor.problems, conductor.problems
    finally:
        store.close()


def shown(path: Path, name: str = "one") -> tuple[str, Json, list[dict[str, Json]]]:
    """Return status, output and events of an execution."""
    found = Journal(path).execution(name)
    return found.status, found.output, list(found.history)


def task(function: str, **more: Any) -> dict[str, Any]:
    """Return a Task state that calls a function."""
    resource = f"arn:aws:lambda:us-east-1:123456789012:function:{function}"
    return {"Type": "Task", "Resource": resource, **more}


class FailingConnection(sqlite3.Connection):
    """A connection on which one commit goes wrong."""

    commits = 0
    fails_at = 0
    how = ""

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        kind = type(self)
        if sql != "COMMIT" or kind.fails_at == 0 or not self.in_transaction:
            return super().execute(sql, *parameters)
        kind.commits += 1
        if kind.commits != kind.fails_at:
            return super().execute(sql, *parameters)
        if kind.how == "after":
            super().execute(sql, *parameters)
            raise Crash
        super().execute("ROLLBACK")
        if kind.how == "before":
            raise Crash
        raise sqlite3.OperationalError(kind.how)


def failing(fails_at: int, how: str) -> Callable[[Path], sqlite3.Connection]:
    """Return how to connect so that commit number `fails_at` goes wrong: `before`, `after`, or with an SQLite error."""
    kind = type("Failing", (FailingConnection,), {"fails_at": fails_at, "how": how})

    def connect(path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=kind)

    connect.kind = kind  # type: ignore[attr-defined]
    return connect


def elapsed(action: Callable[[], object], times: int = 5) -> float:
    """Return the least seconds that an action took."""
    found: list[float] = []
    for _ in range(times):
        begun = time.perf_counter()
        action()
        found.append(time.perf_counter() - begun)
    return min(found)
