"""Nested executions: `states:startExecution` of a machine that is known here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.ports import StartTask, TaskFailed, TaskSubmitted, TaskSucceeded
from stepsmith.expressions.types import Json
from stepsmith.integrations.resources import ServiceAction, parse_resource
from stepsmith.service.executions.started import (
    Startable,
    child_name,
    find_machine,
    input_of,
    outcome,
    refusal_of,
    started,
)

if TYPE_CHECKING:
    from stepsmith.service.driving.driver import Driver, LiveRun

child_listeners: list[Callable[[Startable, Run], None]] = []
"""Are called with each execution that another one has started, when it has closed."""


class NestedExecutions:
    """Starts executions of local machines for the Task states that ask for them."""

    def __init__(self, machines: Mapping[str, Startable]) -> None:
        self._machines = machines
        self._names: set[str] = set()

    def start(self, driver: Driver, parent: LiveRun, command: StartTask) -> bool:
        """Start the execution that a command asks for, if its machine is here."""
        machine = find_machine(self._machines, command)
        if machine is None or parent.dispatcher.replaces(command):
            return False
        self._start(driver, parent, command, machine)
        return True

    def _start(self, driver: Driver, parent: LiveRun, command: StartTask, machine: Startable) -> None:
        payload = cast("Mapping[str, Json]", command.payload)
        pattern = cast("ServiceAction", parse_resource(command.resource)).pattern
        name = child_name(command)
        arn = f"{parent.run.settings.machine_arn.rpartition(':')[0]}:{machine.name}"
        execution = f"{arn.replace(':stateMachine:', ':execution:')}:{name}"
        refusal = refusal_of(execution, command, is_taken=f"{arn}:{name}" in self._names, depth=parent.depth)
        if refusal is not None:
            stage = "submit" if pattern in ("sync", "sync:2") else "run"
            driver.answer(parent, TaskFailed(id=command.id, error=refusal[0], cause=refusal[1], stage=stage))
            return
        self._names.add(f"{arn}:{name}")
        given = payload.get("Input")
        value: Json = {} if given is None else input_of(given)
        waits = pattern in ("sync", "sync:2")

        def closed(run: Run) -> None:
            for listener in list(child_listeners):
                listener(machine, run)
            if waits:
                driver.answer(parent, outcome(command.id, run, values=pattern == "sync:2"))

        child = machine.child(value, name=name, parent=parent, now=driver.clock.now(), on_closed=closed)
        run = child.run
        answer = TaskSucceeded if pattern == "request" else TaskSubmitted
        driver.answer(parent, answer(id=command.id, output=started(run.arn, run.started, command)))
        driver.add(child)
