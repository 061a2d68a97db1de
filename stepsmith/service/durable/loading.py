"""Takes an execution up again from its records."""

from __future__ import annotations

from stepsmith.integrations.dispatch import refusal
from stepsmith.service.durable.awaited import Awaited
from stepsmith.service.durable.live import Live, Resolver
from stepsmith.service.durable.recorded import is_attended, is_virtual, parent_of, run_of
from stepsmith.service.durable.steps import Stepper
from stepsmith.store import Reader, Start


def load(reader: Reader, id: int, resolver: Resolver) -> Live:
    """Return an execution as it stood after its last record.

    Raises JournalDamaged, JournalError where the engine comes to other events, and what the resolver raises.
    """
    with reader.snapshot():
        start, tail = reader.start(id), reader.tail(id)
        means = resolver.means(id, start)
        stepper, awaited = Stepper(run_of(start, refusal), keeps_events=means.watcher is not None), Awaited()
        _repeat(reader, id, start, stepper, awaited)
    live = Live(
        id=id,
        start=start,
        stepper=stepper,
        tail=tail,
        means=means,
        is_virtual=is_virtual(start),
        is_attended=is_attended(start),
        parent=parent_of(start),
        awaited=awaited,
    )
    live.tokens = {
        command.id: command.token for command in awaited.tasks.values() if command.token is not None
    }
    return live


def _repeat(reader: Reader, id: int, start: Start, stepper: Stepper, awaited: Awaited) -> None:
    """Take all steps that are recorded, and note what is waited for after them."""
    for number, record in enumerate(reader.records(id), 1):
        commands = stepper.repeat(record, number, start)
        awaited.take(record.inputs, commands)
        if stepper.run.status != "RUNNING":
            awaited.clear()
