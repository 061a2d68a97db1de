"""Executions that other executions start: each has a place of its own in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from stepsmith.engine.ports import Answer, StartTask, TaskFailed, TaskSubmitted, TaskSucceeded
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Json
from stepsmith.integrations.resources import ServiceAction, parse_resource
from stepsmith.service.durable.live import Driving, Live
from stepsmith.service.durable.recorded import Parent, origin_of, start_of
from stepsmith.service.executions.started import child_name, find_machine, input_of, refusal_of, started
from stepsmith.store import Start, Tail, Unit

if TYPE_CHECKING:
    from stepsmith.service.executions.started import Startable


class Children:
    """Starts executions for the Task states that ask for them; their outcome comes as a request to the parent."""

    def __init__(self, driving: Driving) -> None:
        self._driving = driving

    def waits(self, live: Live, command: StartTask) -> bool:
        """Say whether a task waits for an execution here, which goes on by itself."""
        if self._machine(live, command) is None:
            return False
        live.children.add(command.id)
        return True

    def start(self, live: Live, command: StartTask) -> bool:
        """Start the execution that a command asks for, if its machine is here."""
        machine = self._machine(live, command)
        if machine is None:
            return False
        pattern = cast("ServiceAction", parse_resource(command.resource)).pattern
        start = self._start(live, command, machine, pattern)
        taken = self._driving.find(start.arn)
        depth = 0 if live.parent is None else live.parent.depth
        refusal = refusal_of(start.arn, command, is_taken=taken is not None, depth=depth)
        if refusal is not None:
            stage = "run" if pattern == "request" else "submit"
            self._driving.tell(
                live, TaskFailed(id=command.id, error=refusal[0], cause=refusal[1], stage=stage)
            )
            return True
        live.children.add(command.id)
        output = started(start.arn, start.started, command)
        answer: Answer = (TaskSucceeded if pattern == "request" else TaskSubmitted)(
            id=command.id, output=output
        )

        def written(unit: Unit) -> None:
            if unit.refused:  # somebody else was as quick
                self.start(live, command)

        self._driving.put(
            Unit(tail=Tail(), start=start, at=start.started, posted=((live.id, answer),), written=written)
        )
        return True

    def _machine(self, live: Live, command: StartTask) -> Startable | None:
        if not live.means.machines or live.means.dispatcher.replaces(command):
            return None
        return find_machine(live.means.machines, command)

    def _start(self, live: Live, command: StartTask, machine: Startable, pattern: str) -> Start:
        payload = cast("Mapping[str, Json]", command.payload)
        given = payload.get("Input")
        options = live.start.options
        depth = 1 if live.parent is None else live.parent.depth + 1
        return start_of(
            machine.definition.to_json(),
            text_of({} if given is None else input_of(given)),
            machine=machine.name,
            name=child_name(command),
            started=self._driving.now(live),
            virtual=live.is_virtual,
            attended=live.is_attended,
            origin=origin_of(live.start),
            seed=cast("int", options["seed"]),
            account=str(options["account"]),
            region=str(options["region"]),
            parent=Parent(
                execution=live.id,
                command=command.id,
                pattern=pattern,
                token=command.idempotency_token,
                depth=depth,
            ),
        )
