"""Records an execution in a journal, from a workflow of the project or any definition."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from stepsmith.cli.arguments.targets import DefinitionFile, find_target
from stepsmith.engine.values.payload import text_of
from stepsmith.frozen import frozen
from stepsmith.service.durable.recorded import Origin, start_of
from stepsmith.service.durable.starting import begin
from stepsmith.store import Reader, Start, Store

if TYPE_CHECKING:
    from stepsmith.cli.arguments.substitutions import GivenValues
    from stepsmith.expressions.types import Json
    from stepsmith.store import Synchronous


@frozen(kw_only=True)
class Asked:
    """What a call says of the input."""

    input: str | None
    pairs: tuple[str, ...]
    upload: Path | None = None


def record(path: Path, start: Start, synchronous: Synchronous = "FULL") -> int:
    """Record an execution and return its id; raises ExecutionAlreadyExists."""
    store = Store(path, create=True, synchronous=synchronous)
    try:
        reader = Reader(path)
        try:
            return begin(store, reader, start)
        finally:
            reader.close()
    finally:
        store.close()


def start_from(
    target: Any,
    value: Json,
    text: str | None,
    *,
    name: str | None,
    tasks: str | None,
    virtual: bool,
    attended: bool = True,
    seed: int | None = None,
) -> Start:
    """Return how an execution of a target begins; raises InvalidInput for a name or an input that it cannot have."""
    from stepsmith.service.executions.options import check_name
    from stepsmith.service.machines.machine import check_input

    check_input(value)
    if name is not None:
        check_name(name)
    machine = target.machine
    return start_of(
        machine.definition.to_json(),
        text_of(value) if text is None else text,
        machine=machine.name,
        name=name or str(uuid4()),
        started=time.time(),
        virtual=virtual,
        attended=attended,
        origin=_origin(target, tasks),
        seed=seed,
    )


def _origin(target: Any, tasks: str | None) -> Origin:
    named = str(Path(tasks).resolve()) if tasks is not None and tasks.endswith(".py") else tasks
    if isinstance(target, DefinitionFile):
        return Origin(file=str(target.path.resolve()), tasks=named)
    workflow = target.found.workflow
    return Origin(workflow=f"{workflow.function.__module__}:{workflow.name}", tasks=named)


def find(name: str, given: GivenValues) -> Any:
    """Return the workflow or the definition that a name means, with values for its placeholders."""
    return find_target(name, given=given)
