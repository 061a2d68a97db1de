"""What anybody may ask of an execution in a journal: it is recorded, and whoever drives the execution takes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from stepsmith.engine.ports import Answer, TaskHeartbeat
from stepsmith.errors import InvalidInput
from stepsmith.integrations import ClientRegistry, Dispatcher
from stepsmith.service.answers.tokens import TokenError
from stepsmith.service.durable.conductor import Conductor
from stepsmith.service.durable.live import Means
from stepsmith.service.durable.playback import Playback
from stepsmith.service.durable.recorded import is_virtual
from stepsmith.service.executions.started import Startable
from stepsmith.store import Reader, Redrive, Start, Stop, Store

_PULSE: Final = 0.02
_PATIENCE: Final = 10.0
"""Seconds after which somebody else's process is taken not to listen."""


Machines: TypeAlias = Callable[[Start], Mapping[str, Startable]]
"""Gives the machines that an execution, and what follows from it, are executions of."""


def no_machines(start: Start) -> Mapping[str, Startable]:
    """Give none."""
    return {}


class _NoMeans:
    """Drives an execution only as far as it is told something, and carries nothing out."""

    def __init__(self, machines: Machines) -> None:
        self._machines = machines

    def means(self, id: int, start: Start) -> Means:
        return Means(dispatcher=Dispatcher(ClientRegistry.local()), machines=self._machines(start))


def ask(path: Path, execution: int, given: Stop | Redrive, machines: Machines = no_machines) -> None:
    """Let an execution be stopped or redriven, and return when it is recorded; whoever owns it does it.

    What ends the records of a stopped one begins then, and goes on once somebody drives it. Raises InvalidInput for
    what cannot be redriven.
    """
    if isinstance(given, Redrive):
        check_redrive(path, execution)
    store, reader = Store(path), Reader(path)
    try:
        request = store.ask(execution, given, _now(reader.start(execution)))
        end = time.monotonic() + _PATIENCE
        while any(each.id == request for each in reader.requests(execution)):
            _take(store, execution, machines)
            if time.monotonic() > end:
                raise InvalidInput(
                    "whoever drives the execution does not answer; it will take this when it goes on"
                )
            time.sleep(_PULSE)
    finally:
        reader.close()
        store.close()


def _take(store: Store, execution: int, machines: Machines) -> None:
    """Take what is asked of an execution, if nobody else owns it."""
    conductor = Conductor(store, _NoMeans(machines), is_direct=True, only={execution})
    conductor.is_stopping = True
    try:
        conductor.take_up(execution)
        conductor.turn()
    finally:
        conductor.close()


def check_redrive(path: Path, execution: int) -> None:
    """Raise InvalidInput for an execution that cannot be redriven."""
    run = Playback(path, execution).run
    run.redrive(run.now)  # on what was played back: raises InvalidInput where it cannot be


def answer_token(
    path: Path,
    token: str,
    answer: Callable[[int], Answer],
) -> None:
    """Record the answer to a task token; of two answers the first one counts.

    Raises TokenError named InvalidToken or TaskTimedOut.
    """
    store, reader = Store(path), Reader(path)
    try:
        found = reader.token(token)
        if found is None:
            raise TokenError("InvalidToken", "Invalid Token: 'Invalid token'")
        given, at = answer(found.command), _now(reader.start(found.execution))
        if isinstance(given, TaskHeartbeat):
            is_taken = found.is_open
            if is_taken:
                store.ask(found.execution, given, at)
        else:
            is_taken = store.answer(token, found.execution, given, at)
        if not is_taken:
            raise TokenError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
    finally:
        reader.close()
        store.close()


def _now(start: Start) -> float:
    """Return when something is asked: 0 stands for the own time of an execution that has one."""
    return 0.0 if is_virtual(start) else time.time()
