"""Runs one execution in a journal: recorded and driven in one command."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepsmith.cli.journal.starting import record, start_from
from stepsmith.cli.journal.work import conduct
from stepsmith.integrations import Dispatcher
from stepsmith.service.durable.conductor import Conductor
from stepsmith.service.durable.execution import JournalExecution
from stepsmith.service.durable.live import Means
from stepsmith.service.machines.machine import registry_of
from stepsmith.store import Start, Store

if TYPE_CHECKING:
    from stepsmith.expressions.types import Json
    from stepsmith.service import RunOptions


class _Given:
    """Drives with what the command line gave, the executions too that this one starts."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._dispatcher = Dispatcher(registry_of(options.get("clients")), options.get("tasks"))

    def means(self, id: int, start: Start) -> Means:
        return Means(
            dispatcher=self._dispatcher.for_run(),
            responders=self._options.get("responders") or {},
            machines=self._options.get("machines") or {},
            watcher=self._options.get("watcher"),
        )


def run_recorded(
    path: Path,
    target: Any,
    value: Json,
    text: str | None,
    options: RunOptions,
    *,
    name: str | None,
    tasks: str | None,
) -> JournalExecution[Any]:
    """Record an execution and drive it to its end.

    Raises KeyboardInterrupt with the number of the signal that ended it before, and a note that says how it goes on.
    """
    start = start_from(
        target,
        value,
        text,
        name=name,
        tasks=tasks,
        virtual=not options.get("real_time"),
        attended=False,
        seed=options.get("seed") or None,
    )
    id = record(path, start)
    conductor = Conductor(Store(path), _Given(options), only={id})
    conductor.want(id)  # an earlier run of the command may have handed out what is answered here
    number = conduct(conductor)
    for problem in conductor.problems.values():
        raise problem
    if number is not None:
        interrupt = KeyboardInterrupt(number)
        interrupt.add_note(f"it goes on with: stepsmith work --journal {path}")
        raise interrupt
    execution = JournalExecution(path, id, target.declared(), lambda start: options.get("machines") or {})
    while execution.status == "RUNNING":  # another process had it first
        time.sleep(0.05)
    return execution
