"""An execution of a local cloud, as its user sees it."""

from __future__ import annotations

from typing import Any

from stepsmith.cloud.actions.resources import Execution
from stepsmith.engine.kernel.run import Run
from stepsmith.service.executions.declared import NOTHING_DECLARED, Declared
from stepsmith.service.executions.of_run import OfRun


class CloudExecution(OfRun):
    """An execution that something in the cloud has started, or a client of it."""

    def __init__(self, execution: Execution, declared: Declared[Any] = NOTHING_DECLARED) -> None:
        self._run: Run = execution.run
        self._declared = declared
        self.name: str = execution.run.name
        """The name of the execution."""
        self.arn: str = execution.run.arn
        """Its ARN, for the client of Step Functions."""
        self.machine_name: str = execution.machine.name
        """The name of its state machine."""

    def __repr__(self) -> str:
        return f"<CloudExecution {self.machine_name} {self.name} {self.status}>"

    def result(self) -> Any:
        """Return the output as the workflow declares it.

        Raises the error that the workflow raised where its class is known, and ExecutionFailed otherwise.
        """
        return self._declared.result_of(self)
