"""Tells the default bus how executions fare, as Step Functions does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.authoring.workflows.ended import ended_detail
from stepsmith.cloud.actions.resources import Execution
from stepsmith.cloud.services import Caller
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Undefined

if TYPE_CHECKING:
    from stepsmith.cloud.buses.service import Buses


class Statuses:
    """Listens to Step Functions; Express executions are not told of."""

    def __init__(self, buses: Buses) -> None:
        self._buses = buses

    def heard(self, execution: Execution, caller: Caller) -> None:
        """Put an event on the bus for an execution that has begun or ended."""
        run = execution.run
        if execution.machine.type != "STANDARD" or not self._buses.is_heard(caller):
            return
        is_running = run.status == "RUNNING"
        detail = ended_detail(
            execution=run.arn,
            machine=run.settings.machine_arn,
            name=run.name,
            status=run.status,
            started=run.started,
            stopped=run.now if run.stopped is None else run.stopped,
            input=execution.input,
            error=run.error,
            cause=run.cause,
        )
        if is_running:
            detail["stopDate"] = None
        if run.status == "SUCCEEDED":
            detail["output"] = None if isinstance(run.output, Undefined) else text_of(run.output)
            detail["outputDetails"] = {"included": True}
        kind = "Step Functions Execution Status Change"
        self._buses.emit(caller, "aws.states", kind, detail, [run.arn])
