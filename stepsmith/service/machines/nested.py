"""Nested executions: `states:startExecution` of a machine that is known here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.ports import StartTask, TaskFailed, TaskSubmitted, TaskSucceeded
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import UNDEFINED, Json
from stepsmith.integrations.dispatch import parsed
from stepsmith.integrations.failures import v1_cause
from stepsmith.integrations.resources import ServiceAction, parse_resource
from stepsmith.integrations.services.sdk_metadata import sdk_metadata

if TYPE_CHECKING:
    from stepsmith.service.driving.driver import Driver, LiveRun
    from stepsmith.service.machines.options import Startable

MOST_CAUSE = 32_768
"""Characters of a cause that AWS keeps. Causes in causes would otherwise double with each level."""
DEEPEST = 32
"""How many executions may be nested in each other."""

child_listeners: list[Callable[[Startable, Run], None]] = []
"""Are called with each execution that another one has started, when it has closed."""


class NestedExecutions:
    """Starts executions of local machines for the Task states that ask for them."""

    def __init__(self, machines: Mapping[str, Startable]) -> None:
        self._machines = machines
        self._names: set[str] = set()

    def start(self, driver: Driver, parent: LiveRun, command: StartTask) -> bool:
        """Start the execution that a command asks for, if its machine is here."""
        resource = parse_resource(command.resource)
        if not isinstance(resource, ServiceAction) or resource.service != "states":
            return False
        payload = command.payload
        if resource.action != "startExecution" or not isinstance(payload, dict):
            return False
        machine = self._find(str(payload.get("StateMachineArn", "")))
        if machine is None or parent.dispatcher.replaces(command):
            return False
        self._start(driver, parent, command, machine, resource.pattern)
        return True

    def _find(self, arn: str) -> Startable | None:
        name = arn.rpartition(":")[2] if arn.startswith("arn:") else arn
        return self._machines.get(arn) or self._machines.get(name.removeprefix("${").removesuffix("}"))

    def _start(
        self, driver: Driver, parent: LiveRun, command: StartTask, machine: Startable, pattern: str
    ) -> None:
        from uuid import NAMESPACE_URL, uuid5

        payload = cast("dict[str, Json]", command.payload)
        request_id = str(uuid5(NAMESPACE_URL, command.idempotency_token))
        name = str(payload.get("Name") or uuid5(NAMESPACE_URL, f"child of {command.idempotency_token}"))
        arn = f"{parent.run.settings.machine_arn.rpartition(':')[0]}:{machine.name}"
        refusal = self._refusal(arn, name, parent, request_id)
        if refusal is not None:
            stage = "submit" if pattern in ("sync", "sync:2") else "run"
            driver.answer(parent, TaskFailed(id=command.id, error=refusal[0], cause=refusal[1], stage=stage))
            return
        self._names.add(f"{arn}:{name}")
        given = payload.get("Input")
        value: Json = {} if given is None else _value(given)
        waits = pattern in ("sync", "sync:2")

        def closed(run: Run) -> None:
            for listener in list(child_listeners):
                listener(machine, run)
            if waits:
                driver.answer(parent, _outcome(command.id, run, values=pattern == "sync:2"))

        child = machine.child(value, name=name, parent=parent, now=driver.clock.now(), on_closed=closed)
        run = child.run
        submitted: dict[str, Json] = {
            "ExecutionArn": run.arn,
            **sdk_metadata({"Content-Type": "application/x-amz-json-1.0"}, request_id=request_id),
            "StartDate": int(run.started * 1000),
        }
        answer = TaskSucceeded if pattern == "request" else TaskSubmitted
        driver.answer(parent, answer(id=command.id, output=submitted))
        driver.add(child)

    def _refusal(self, arn: str, name: str, parent: LiveRun, request_id: str) -> tuple[str, str] | None:
        if f"{arn}:{name}" in self._names:
            execution = f"{arn.replace(':stateMachine:', ':execution:')}:{name}"
            code, text = "ExecutionAlreadyExists", f"Execution Already Exists: '{execution}'"
        elif parent.depth + 1 >= DEEPEST:
            code, text = "ExecutionLimitExceeded", f"More than {DEEPEST} executions are nested in each other"
        else:
            return None
        cause = v1_cause(text, service="AWSStepFunctions", status=400, code=code, request_id=request_id)
        return f"StepFunctions.{code}Exception", cause


def describe(run: Run) -> dict[str, Json]:
    """Return what DescribeExecution says about an ended execution, as `.sync` gives it."""
    ended = run.stopped if run.stopped is not None else run.now
    found: dict[str, Json] = {
        "ExecutionArn": run.arn,
        "Input": text_of(run.input),
        "InputDetails": {"Included": True},
        "Name": run.name,
        "RedriveCount": run.redrive_count,
        "RedriveStatus": "NOT_REDRIVABLE" if run.status == "SUCCEEDED" else "REDRIVABLE",
        "StartDate": int(run.started * 1000),
        "StateMachineArn": run.settings.machine_arn,
        "Status": run.status,
        "StopDate": int(ended * 1000),
    }
    if run.status == "SUCCEEDED" and run.output is not UNDEFINED:
        found["Output"] = text_of(cast("Json", run.output))
        found["OutputDetails"] = {"Included": True}
        found["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven"
    if run.error is not None:
        found["Error"] = run.error
    if run.cause is not None:
        found["Cause"] = run.cause[:MOST_CAUSE]
    return dict(sorted(found.items()))


def _outcome(command_id: int, child: Run, *, values: bool) -> TaskSucceeded | TaskFailed:
    description: Json = cast("Json", describe(child))
    if child.status != "SUCCEEDED":
        return TaskFailed(id=command_id, error="States.TaskFailed", cause=text_of(description)[:MOST_CAUSE])
    return TaskSucceeded(id=command_id, output=parsed(description) if values else description)


def _value(given: Json) -> Json:
    if not isinstance(given, str):
        return given
    try:
        return read(given, repeated_keys=True)
    except InvalidJson:
        return given
