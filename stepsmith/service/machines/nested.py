"""Nested executions: tasks that start an execution of a machine that is known here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from stepsmith.asl.checks.values import is_resource_name
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.ports import StartTask, TaskFailed, TaskSubmitted, TaskSucceeded
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.integrations.failures import v1_cause, v2_cause
from stepsmith.integrations.resources import SdkAction, ServiceAction, parse_resource
from stepsmith.integrations.services.sdk_metadata import sdk_metadata
from stepsmith.service.executions.started import (
    DEEPEST,
    Startable,
    child_listeners,
    child_name,
    describe,
    input_of,
    iso,
    outcome,
    request_id_of,
    with_iso_dates,
)
from stepsmith.service.machines.sdk_calls import CALLS, Call

if TYPE_CHECKING:
    from stepsmith.service.driving.live import Driving, LiveRun

MOST_STARTED = 10_000
"""How many executions may be started by nested executions, all in all: two in each would be thousands of millions."""
MOST_KNOWN = 1_000
"""How many executions that have ended are remembered, so that others may ask for them."""


class NestedExecutions:
    """Plays Step Functions for the Task states that call it: starts executions of local machines and knows of them."""

    def __init__(self, machines: Mapping[str, Startable]) -> None:
        self.machines = machines
        self._names: set[str] = set()
        self._started = 0
        self._awaited: dict[tuple[str, int], LiveRun] = {}
        self._known: OrderedDict[str, LiveRun] = OrderedDict()
        self._parents: dict[str, str] = {}
        """Of those that are known, which one started them."""

    def start(self, driver: Driving, parent: LiveRun, command: StartTask) -> bool:
        """Do what a command asks of Step Functions, if it is about a machine or an execution that is here."""
        resource = parse_resource(command.resource)
        payload = command.payload
        if not isinstance(payload, dict) or not isinstance(resource, ServiceAction | SdkAction):
            return False
        if resource.service != ("sfn" if isinstance(resource, SdkAction) else "states"):
            return False
        if parent.dispatcher.replaces(command):
            return False
        self.keep(parent)
        if resource.action in ("startExecution", "startSyncExecution"):
            machine = self.machine(str(payload.get("StateMachineArn", "")))
            if machine is None:
                return False
            self._start(driver, parent, command, machine, resource)
            return True
        if isinstance(resource, ServiceAction):
            return False
        call = CALLS.get(resource.action)
        answer = None if call is None else call(Call(self, driver, parent, payload))
        if answer is None:
            return False
        driver.answer(parent, TaskSucceeded(id=command.id, output=answer))
        return True

    def starts(self, command: StartTask) -> bool:
        """Say whether a command starts an execution, as far as its resource tells."""
        action = command.resource.rpartition(":startExecution")
        return bool(action[1]) or command.resource.endswith(":startSyncExecution")

    def cancel(self, driver: Driving, parent: LiveRun, command_id: int) -> None:
        """Stop an execution that a task waits for and that nobody needs any more, as AWS does."""
        child = self._awaited.pop((parent.run.arn, command_id), None)
        if child is not None and child.run.status == "RUNNING":
            driver.stop(child, None, None)

    def machine(self, arn: str) -> Startable | None:
        """Find a machine by its ARN or name."""
        # a version or an alias may follow the name in an ARN
        name = next(iter(arn.split(":")[6:7]), arn) if arn.startswith("arn:") else arn
        return self.machines.get(arn) or self.machines.get(name.removeprefix("${").removesuffix("}"))

    def execution(self, arn: str) -> LiveRun | None:
        """Find an execution that this run began with or has started."""
        return self._known.get(arn)

    def executions(self, machine_arn: str) -> list[LiveRun]:
        """Give the executions of a machine that are known, the newest first."""
        return [
            each for each in reversed(self._known.values()) if each.run.settings.machine_arn == machine_arn
        ]

    def keep(self, live: LiveRun) -> None:
        """Know of an execution; of many that have ended, the oldest are forgotten."""
        self._known.setdefault(live.run.arn, live)
        while len(self._known) > MOST_KNOWN:
            ended = next((arn for arn, each in self._known.items() if each.run.status != "RUNNING"), None)
            if ended is None:
                return
            del self._known[ended]
            self._parents.pop(ended, None)

    def children(self, parent: LiveRun) -> list[LiveRun]:
        """Give the executions that one has started, as far as they are remembered, in the order of their start."""
        return [each for arn, each in self._known.items() if self._parents.get(arn) == parent.run.arn]

    def _start(
        self,
        driver: Driving,
        parent: LiveRun,
        command: StartTask,
        machine: Startable,
        resource: ServiceAction | SdkAction,
    ) -> None:
        payload = cast("dict[str, Json]", command.payload)
        pattern, synchronous = resource.pattern, resource.action == "startSyncExecution"
        request_id = request_id_of(command)
        name = child_name(command)
        given = payload.get("Input")

        def closed(run: Run) -> None:
            for listener in list(child_listeners):
                listener(machine, run)
            self._awaited.pop((parent.run.arn, command.id), None)
            if synchronous:
                driver.answer(parent, TaskSucceeded(id=command.id, output=_synchronous(run)))
            elif waits:
                driver.answer(parent, outcome(command.id, run, values=pattern == "sync:2"))

        waits = pattern in ("sync", "sync:2")
        value: Json = {} if given is None else input_of(given)
        stage = "submit" if waits else "run"
        try:
            child = machine.child(value, name=name, parent=parent, now=driver.clock.now(), on_closed=closed)
        except InvalidInput as unfilled:
            failed = TaskFailed(id=command.id, error="States.Runtime", cause=str(unfilled), stage=stage)
            driver.answer(parent, failed)
            return
        refusal = self._refusal(child, parent, synchronous=synchronous)
        if refusal is not None:
            error, cause = _failure(refusal, resource, request_id)
            driver.answer(parent, TaskFailed(id=command.id, error=error, cause=cause, stage=stage))
            return
        self._names.add(child.run.arn)
        self._started += parent.depth > 0
        self._parents[child.run.arn] = parent.run.arn
        self.keep(child)
        if waits or synchronous:
            self._awaited[parent.run.arn, command.id] = child
        if not synchronous:
            output = _started(child.run, resource, request_id)
            answer = TaskSucceeded if pattern == "request" else TaskSubmitted
            driver.answer(parent, answer(id=command.id, output=output))
        driver.add(child)

    def _refusal(self, child: LiveRun, parent: LiveRun, *, synchronous: bool) -> tuple[str, str] | None:
        """Give code and text of why Step Functions does not start an execution; None where it does."""
        if not is_resource_name(child.run.name):
            return "InvalidName", f"Invalid Name: '{child.run.name}'"
        if child.run.arn in self._names:
            return "ExecutionAlreadyExists", f"Execution Already Exists: '{child.run.arn}'"
        if synchronous and child.run.program.type != "EXPRESS":
            text = "This operation is not supported by this type of state machine"
            return "StateMachineTypeNotSupported", text
        if parent.depth + 1 >= DEEPEST:
            return "ExecutionLimitExceeded", f"More than {DEEPEST} executions are nested in each other"
        if self._started >= MOST_STARTED:
            text = f"Nested executions have started more than {MOST_STARTED} executions"
            return "ExecutionLimitExceeded", text
        return None


def _failure(
    refusal: tuple[str, str], resource: ServiceAction | SdkAction, request_id: str
) -> tuple[str, str]:
    code, text = refusal
    if isinstance(resource, SdkAction):
        cause = v2_cause(text, service="Sfn", status=400, request_id=request_id)
        return f"Sfn.{code}Exception", cause
    cause = v1_cause(text, service="AWSStepFunctions", status=400, code=code, request_id=request_id)
    return f"StepFunctions.{code}Exception", cause


def _started(run: Run, resource: ServiceAction | SdkAction, request_id: str) -> dict[str, Json]:
    if isinstance(resource, SdkAction):
        return {"ExecutionArn": run.arn, "StartDate": iso(run.started)}
    return {
        "ExecutionArn": run.arn,
        **sdk_metadata({"Content-Type": "application/x-amz-json-1.0"}, request_id=request_id),
        "StartDate": int(run.started * 1000),
    }


def _synchronous(run: Run) -> dict[str, Json]:
    """Return what StartSyncExecution says about an ended execution."""
    found = with_iso_dates(describe(run))
    for name in ("RedriveCount", "RedriveStatus", "RedriveStatusReason"):
        found.pop(name, None)
    lasted = ((run.stopped or run.now) - run.started) * 1000
    billed: Json = {
        "BilledDurationInMilliseconds": max(1, -(-int(lasted) // 100)) * 100,
        "BilledMemoryUsedInMB": 64,
    }
    return dict(sorted({**found, "BillingDetails": billed}.items()))
