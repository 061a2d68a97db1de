"""The engine, and the public door to it, behind the interface of an engine benchmark.

`bench.py --module benchmarks.bench_module:factory --module benchmarks.bench_module:factory_door`
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import stepsmith
from stepsmith.asl import parse
from stepsmith.engine import Program, Run, Settings, compile
from stepsmith.engine.ports import StartTask, TaskSucceeded
from stepsmith.service import Machine

ROLE = "arn:aws:iam::123456789012:role/bench"
SETTINGS = Settings(state_machine_name="bench", role_arn=ROLE)
UNBOUNDED = Settings(state_machine_name="bench", role_arn=ROLE, quotas=False)


class Engine:
    """Runs a definition in virtual time with task functions in process."""

    virtual_time = True

    def __init__(self, settings: Settings = SETTINGS, type: str = "STANDARD") -> None:
        self.settings = settings
        self.type: Any = type

    def create(self, definition: dict[str, Any], tasks: dict[str, Callable[..., Any]]) -> tuple[Program, Any]:
        return compile(parse(definition), type=self.type), tasks

    def run(self, handle: tuple[Program, Any], input: Any) -> dict[str, Any]:
        program, tasks = handle
        run = Run(program, self.settings, input, now=0.0)
        drive(run, tasks)
        return {"status": run.status, "output": run.output, "events": len(run.history)}

    def run_many(self, handle: tuple[Program, Any], inputs: list[Any], concurrency: int) -> list[Any]:
        program, tasks = handle
        outputs = []
        for number, each in enumerate(inputs):
            run = Run(program, self.settings, each, now=0.0, name=f"run-{number}")
            drive(run, tasks)
            outputs.append(run.output)
        return outputs


class Door:
    """Runs a definition as a user does: `stepsmith.load(...).run(...)`."""

    virtual_time = True

    def __init__(self, type: str = "STANDARD") -> None:
        self.type: Any = type

    def create(self, definition: dict[str, Any], tasks: dict[str, Callable[..., Any]]) -> tuple[Machine, Any]:
        machine = stepsmith.load(definition, type=self.type, name="bench")
        assert machine.program is not None  # compiled here, as the engine's is
        return machine, tasks

    def run(self, handle: tuple[Machine, Any], input: Any) -> dict[str, Any]:
        machine, tasks = handle
        execution = machine.run(input, tasks=tasks)
        return {"status": execution.status, "output": execution.output, "events": len(execution.history)}

    def run_many(self, handle: tuple[Machine, Any], inputs: list[Any], concurrency: int) -> list[Any]:
        machine, tasks = handle
        return [machine.run(each, tasks=tasks).output for each in inputs]

    def close(self) -> None:
        return None


def drive(run: Run, tasks: dict[str, Callable[..., Any]], now: float = 0.0) -> None:
    """Take an execution to its end; time jumps to the next timer when nothing else can happen."""
    commands = run.advance(now)
    while run.status == "RUNNING":
        for command in commands:
            if isinstance(command, StartTask):
                output = tasks[command.resource](command.payload)
                run.apply(TaskSucceeded(id=command.id, output=output), now)
        if not commands and not run.busy:
            due = run.next_timer
            assert due is not None, "nothing can happen any more"
            now = due
        commands = run.advance(now)


def factory() -> Engine:
    """Quotas on, as a Standard execution."""
    return Engine()


def factory_unbounded() -> Engine:
    """Quotas off, for the cases that pass 25,000 events on purpose."""
    return Engine(UNBOUNDED)


def factory_express() -> Engine:
    """Quotas on, as an Express execution, whose history has no limit of 25,000 events."""
    return Engine(SETTINGS, "EXPRESS")


def factory_door() -> Door:
    """The public door, as a Standard execution."""
    return Door()


def factory_door_express() -> Door:
    """The public door, as an Express execution."""
    return Door("EXPRESS")
