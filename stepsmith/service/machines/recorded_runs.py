"""Starts executions that a journal holds, with whoever answers their tasks in this process."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from stepsmith.engine.kernel.settings import ACCOUNT
from stepsmith.engine.values.payload import text_of
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.integrations import Dispatcher
from stepsmith.service.clock import VIRTUAL_START
from stepsmith.service.durable.background import Background
from stepsmith.service.durable.execution import JournalExecution
from stepsmith.service.durable.live import Means
from stepsmith.service.durable.recorded import Origin, start_of
from stepsmith.service.machines.machine import Machine, check_input, registry_of

if TYPE_CHECKING:
    from stepsmith.service.executions.declared import Declared
    from stepsmith.service.executions.options import RunOptions


def start_recorded(
    machine: Machine,
    value: Json,
    options: RunOptions,
    *,
    declared: Declared[Any],
    origin: Origin,
    attended: bool = True,
    input_text: str | None = None,
) -> JournalExecution[Any]:
    """Record an execution, drive it in the background, and return it; other processes may go on with it later.

    Raises InvalidInput for options and inputs that it cannot have, ExecutionAlreadyExists, and JournalError.
    """
    path = _journal(machine, options)
    check_input(value)
    clients = registry_of(options.get("clients"))
    dispatcher = Dispatcher(
        clients, options.get("tasks"), http=options.get("http"), mocked=options.get("mocked")
    )
    means = Means(
        dispatcher=dispatcher,
        responders=options.get("responders") or {},
        machines=options.get("machines") or {},
        watcher=options.get("watcher"),
    )
    is_virtual = not options.get("real_time")
    start = start_of(
        machine.definition.to_json(),
        text_of(value) if input_text is None else input_text,
        machine=machine.name,
        name=options.get("name") or str(uuid4()),
        started=VIRTUAL_START.timestamp() if is_virtual else time.time(),
        virtual=is_virtual,
        attended=attended,
        origin=origin,
        seed=options.get("seed"),
        account=ACCOUNT,
        region=clients.region,
    )
    id = Background.of(path).start(start, means)
    return JournalExecution(path, id, declared, lambda start: means.machines)


def _journal(machine: Machine, options: RunOptions) -> Path:
    for option in ("clock", "delays"):
        if options.get(option) is not None:
            raise InvalidInput(
                f"an execution in a journal takes no {option}: whoever goes on with it has none"
            )
    if machine.type == "EXPRESS":
        raise InvalidInput(
            "an Express execution keeps no history, so no journal holds it; run it as Standard"
        )
    journal = options.get("journal")
    if journal is None:
        raise InvalidInput("name the journal, as in local(journal='jobs.db')")
    return Path(journal)
