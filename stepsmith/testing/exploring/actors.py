"""The executions on a stage, and what each of them waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stepsmith.asl.model import Task as TaskState
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.engine.kernel.standing import Standing, standing, waiting_states
from stepsmith.engine.ports import StartTask
from stepsmith.service.definitions.task_names import task_states
from stepsmith.service.driving.live import LiveRun
from stepsmith.service.machines.workflow_runs import workflow_machines, workflow_tasks
from stepsmith.testing.exploring.raised import Fault, faults_of, timeout_of
from stepsmith.testing.exploring.ways import Way


@dataclass(frozen=True, slots=True)
class Open:
    """A task that was not called yet, or a callback that was not answered yet."""

    command: StartTask
    is_asked: bool = False

    def __str__(self) -> str:
        return f"answer to {self.command.state}" if self.is_asked else self.command.state


@dataclass(slots=True)
class Actor:
    """An execution on the stage."""

    number: int
    live: LiveRun
    script: Script
    can_be_aborted: bool = True
    open: list[Open] = field(default_factory=list["Open"])
    """What it waits for and can happen now, in the order in which it came up."""
    lasting: dict[str, str] = field(default_factory=dict[str, str])
    """How a state goes on to fail, by its name."""

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.live.run.status == "RUNNING"

    def forget(self, command_id: int) -> None:
        """Let go of a task that is not waited for any more."""
        self.open = [each for each in self.open if each.command.id != command_id]

    def standing(self) -> Standing:
        """Give where it stands, as a value that can be compared."""
        run = self.live.run
        states = waiting_states(run) if self.lasting else ()
        self.lasting = {state: does for state, does in self.lasting.items() if state in states}
        return (
            standing(run),
            tuple((str(each), each.command.attempt) for each in self.open),
            tuple(sorted(self.lasting.items())),
        )


@dataclass(frozen=True, slots=True)
class Script:
    """What is known of a workflow before it runs."""

    workflow: Workflow[..., Any]
    tasks: Mapping[str, object]
    states: Mapping[str, TaskState]
    """The Task states, with those of the workflows that it starts."""
    faults: Mapping[str, tuple[Fault, ...]]
    """The errors by which the task of each state may fail."""
    timeouts: Mapping[str, Fault]
    """What each state does when its task does not answer in time."""
    ways: dict[tuple[str, bool], tuple[Way, ...]] = field(
        default_factory=dict[tuple[str, bool], "tuple[Way, ...]"]
    )
    """What can go wrong with the call of a state, with and without a deadline, once it was asked for."""

    @classmethod
    def of(cls, workflow: Workflow[..., Any], errors: Mapping[str, Sequence[str]]) -> Script:
        """Read a workflow; `errors` are further ones by the names of tasks."""
        tasks = workflow_tasks(workflow)
        machines = [workflow.definition, *(one.definition for one in workflow_machines(workflow).values())]
        states = dict(found for machine in machines for found in task_states(machine))
        faults: dict[str, tuple[Fault, ...]] = {}
        for name, state in states.items():
            task = _task_of(state, tasks)
            faults[name] = faults_of(tasks.get(task), state, errors.get(task, ()))
        return cls(workflow, tasks, states, faults, {name: timeout_of(each) for name, each in states.items()})


def _task_of(state: TaskState, tasks: Mapping[str, object]) -> str:
    """Give the name of the task that a state calls: its function, or its service integration."""
    for given in (state.arguments, state.parameters):
        name = given.get("FunctionName") if isinstance(given, dict) else None
        if isinstance(name, str):
            return name.removeprefix("${").removesuffix("}")
    for name, task in tasks.items():
        if getattr(task, "resource", None) == state.resource:
            return name
    return state.resource
