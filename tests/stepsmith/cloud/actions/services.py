"""A Step Functions for a test: virtual time, no threads, functions in place of Lambda."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pytest

from stepsmith.cloud.actions.service import StepFunctions
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.integrations import ClientRegistry, Dispatcher
from stepsmith.service.clock import VirtualClock

CALLER: Final = Caller("eu-west-1", "111111111111")
ROLE: Final = "arn:aws:iam::111111111111:role/r"
PASS: Final = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}


@dataclass(slots=True)
class Here:
    """The service, with calls by keyword."""

    service: StepFunctions
    clock: VirtualClock

    def __call__(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return self.service.call(operation, parameters, CALLER)

    def refused(self, operation: str, **parameters: Any) -> tuple[str, str]:
        """Give code and message of a refusal."""
        with pytest.raises(ServiceError) as caught:
            self(operation, **parameters)
        return caught.value.code, caught.value.message

    def create(self, definition: Mapping[str, Any] | None = None, name: str = "m", **more: Any) -> str:
        text = json.dumps(PASS if definition is None else definition)
        answer = self("CreateStateMachine", name=name, definition=text, roleArn=ROLE, **more)
        return str(answer["stateMachineArn"])

    def start(self, machine: str, input: Any = None, **more: Any) -> str:
        answer = self("StartExecution", stateMachineArn=machine, input=json.dumps(input or {}), **more)
        return str(answer["executionArn"])

    def run(self, machine: str, input: Any = None, **more: Any) -> dict[str, Any]:
        """Start an execution, let everything happen that is due, and describe it."""
        arn = self.start(machine, input, **more)
        self.service.turn()
        return self("DescribeExecution", executionArn=arn)

    def status(self, execution: str) -> str:
        return str(self("DescribeExecution", executionArn=execution)["status"])

    def advance(self, seconds: float) -> None:
        end = self.clock.now() + seconds
        self.service.turn()
        while (due := self.service.next_due) is not None and due <= end:
            self.clock.move_to(due)
            self.service.turn()
        self.clock.move_to(end)


def here(**functions: Callable[[Any], Any]) -> Here:
    """Make a service whose Lambda functions are these."""
    clock, clients = VirtualClock(datetime.fromisoformat("2026-01-01T00:00:00+00:00")), ClientRegistry.local()
    service = StepFunctions(clock, lambda caller: Dispatcher(clients, dict(functions)), seed=7)
    return Here(service, clock)


def one(state: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Give a machine of one state."""
    return {"StartAt": "S", "States": {"S": {**state, "End": True}}, **more}


def invoke(function: str, **more: Any) -> dict[str, Any]:
    """Give a state that calls a function."""
    return {"Type": "Task", "Resource": f"arn:aws:lambda:eu-west-1:111111111111:function:{function}", **more}
