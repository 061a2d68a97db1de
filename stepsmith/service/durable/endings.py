"""The execution that ends the records of another: it begins in the transaction in which that one's end is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Json
from stepsmith.service.durable.recorded import is_attended, is_virtual, origin_of, start_of
from stepsmith.service.executions.started import ending_input, ending_name, ending_of

if TYPE_CHECKING:
    from stepsmith.service.executions.started import Ending, Startable
    from stepsmith.store import Start


def ending_start(
    id: int, start: Start, run: Run, machines: Mapping[str, Startable], *, at: float
) -> Start | None:
    """Return how that execution begins, now that one has ended; None where nothing begins."""
    found = None if origin_of(start).file is not None else ending_of(machines.get(start.machine), run)
    return None if found is None else _start(id, start, run, found, at)


def _start(id: int, start: Start, run: Run, ending: Ending, at: float) -> Start:
    return start_of(
        ending.machine.definition.to_json(),
        text_of(cast("Json", ending_input(ending, run))),
        machine=ending.machine.name,
        name=ending_name(run),
        started=at,
        virtual=is_virtual(start),
        attended=is_attended(start),
        origin=origin_of(start),
        seed=cast("int", start.options["seed"]),
        account=str(start.options["account"]),
        region=str(start.options["region"]),
        ends=id,
    )
