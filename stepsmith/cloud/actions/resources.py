"""What the service keeps of an account: state machines with versions and aliases, executions, activities."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from stepsmith.asl import parse, variable_references
from stepsmith.cloud.actions.arns import Arn
from stepsmith.cloud.actions.recorders import Recorded, Recorder
from stepsmith.engine import Program, compile
from stepsmith.engine.kernel.children import DescribedMapRun
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.kernel.settings import MachineType, Status
from stepsmith.expressions.types import Json
from stepsmith.integrations.dispatch import refusal

MOST_CLOSED = 100_000
"""Executions that are remembered once they have ended; of more the oldest are forgotten."""


@dataclass
class Revision:
    """What an update of a state machine changes as a whole."""

    id: str | None
    """None for what a machine was created with."""
    type: MachineType
    definition: str
    role_arn: str
    logging: Mapping[str, Any]
    tracing: Mapping[str, Any]
    encryption: Mapping[str, Any]
    made: float

    @cached_property
    def program(self) -> Program:
        """The compiled form."""
        return compile(parse(self.definition, type=self.type), type=self.type)

    @cached_property
    def references(self) -> dict[str, list[str]]:
        """The states that read workflow variables, with the names of these."""
        return variable_references(self.definition)

    def holds(self, other: Revision) -> bool:
        """Say whether another revision would change nothing."""
        return (
            self.definition == other.definition
            and self.role_arn == other.role_arn
            and self.logging == other.logging
            and self.tracing == other.tracing
            and self.encryption == other.encryption
        )


@dataclass(slots=True)
class Version:
    """A published revision."""

    arn: str
    number: int
    revision: Revision
    made: float
    description: str | None = None


@dataclass(slots=True)
class Alias:
    """A name for one or two versions."""

    arn: str
    name: str
    number: int
    routing: list[dict[str, Any]]
    made: float
    updated: float
    description: str | None = None


@dataclass(slots=True)
class StateMachine:
    """A state machine by its name."""

    arn: str
    name: str
    number: int
    type: MachineType
    made: float
    revision: Revision
    tags: dict[str, str] = field(default_factory=dict[str, str])
    versions: dict[int, Version] = field(default_factory=dict[int, Version])
    last_version: int = 0
    aliases: dict[str, Alias] = field(default_factory=dict[str, Alias])
    executions: dict[int, Execution] = field(default_factory=dict[int, "Execution"])
    """By their numbers, the oldest first; those that are remembered."""
    is_going: bool = False
    """Whether it is being deleted."""

    @property
    def has_running(self) -> bool:
        """Whether an execution of it runs."""
        return any(each.status == "RUNNING" for each in self.executions.values())


@dataclass(slots=True, eq=False)
class Execution:
    """One execution, and how it was asked for."""

    played: Run | Recorded
    """The execution itself, or what is played back once somebody looks at it."""
    number: int
    machine: StateMachine
    revision: Revision
    input: str
    """The text that it was started with."""
    version_arn: str | None = None
    alias_arn: str | None = None
    trace_header: str | None = None
    depth: int = 0
    """How many executions it is nested in."""
    redrives: dict[str, float] = field(default_factory=dict[str, float])
    """Client tokens of redrives, with when these were."""
    awaited: threading.Event | None = None
    """Is set when it has ended, where somebody waits for that."""
    recorder: Recorder | None = None
    """Writes down what it is told."""
    kept: int = 0
    """Its number in the journal, once it has ended."""

    @property
    def run(self) -> Run:
        """The execution itself; raises StepsmithError where it cannot be played back."""
        if not isinstance(self.played, Run):
            self.played, self.recorder = self.played.play()
        return self.played

    @property
    def map_runs(self) -> tuple[DescribedMapRun, ...]:
        """Its Map Runs; what has none is not played back for them."""
        if not isinstance(self.played, Run) and "DISTRIBUTED" not in self.revision.definition:
            return ()
        return self.run.map_runs

    @property
    def arn(self) -> str:
        """The ARN of the execution."""
        return self.played.arn

    @property
    def status(self) -> Status:
        """How it stands, or how it has ended."""
        return self.played.status


@dataclass(slots=True)
class Activity:
    """An activity by its name."""

    arn: str
    name: str
    number: int
    made: float
    encryption: Mapping[str, Any]
    tags: dict[str, str] = field(default_factory=dict[str, str])


class Account:
    """Everything of one account in one region."""

    def __init__(self) -> None:
        self.machines: dict[str, StateMachine] = {}
        self.activities: dict[str, Activity] = {}
        self.executions: dict[str, Execution] = {}
        """Standard executions by ARN."""
        self.closed: dict[str, None] = {}
        """ARNs of those that have ended, the oldest first."""
        self.lock = threading.RLock()
        """Is held while something is looked up and changed accordingly."""
        self.refuse = self._refuse
        """Says why a task cannot be scheduled at all; the same for all executions."""
        self.pollers: dict[str, int] = {}
        """How many requests wait for tasks of an activity, by its ARN."""
        self.forgotten: Callable[[Execution], None] = lambda execution: None
        """Is called with each execution that is remembered no more."""
        self._number = 0

    def number(self) -> int:
        """Count on: whatever comes later has a higher number."""
        with self.lock:
            self._number += 1
            return self._number

    def _refuse(self, resource: str, payload: Json) -> str | None:
        if ":activity:" in resource:
            return None if resource in self.activities else f"The activity {resource} does not exist."
        return refusal(resource, payload)

    def machine(self, arn: Arn) -> StateMachine | None:
        """Return the state machine that an ARN of any kind belongs to."""
        return self.machines.get(arn.machine)

    def add(self, execution: Execution) -> None:
        """Remember an execution."""
        self.executions[execution.arn] = execution
        execution.machine.executions[execution.number] = execution

    def close(self, execution: Execution) -> None:
        """Note that an execution has ended; forget the oldest of those that have."""
        with self.lock:
            self.closed.pop(execution.arn, None)
            self.closed[execution.arn] = None
            if len(self.closed) > MOST_CLOSED:
                self._forget(next(iter(self.closed)))

    def _forget(self, arn: str) -> None:
        del self.closed[arn]
        found = self.executions.get(arn)
        if found is not None and found.status != "RUNNING":
            del self.executions[arn]
            found.machine.executions.pop(found.number, None)
            self.forgotten(found)
