"""The names by which a test speaks of tasks: a misspelt one is refused, since it would change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar, cast

from stepsmith.asl.model import Task as TaskState
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.errors import InvalidInput, NotFound, nearest
from stepsmith.service.definitions.task_names import task_states
from stepsmith.service.machines.workflow_runs import workflow_machines, workflow_tasks

T = TypeVar("T")
V_co = TypeVar("V_co", covariant=True)
TaskKey: TypeAlias = "Task[..., Any] | str"
"""A task, or its name."""


class ByTask(Protocol[V_co]):
    """A dictionary by tasks, by their names, or by both."""

    def items(self) -> Iterable[tuple[TaskKey, V_co]]:
        """Give what it says about each."""
        ...


_WAITS = (".waitForTaskToken", ":activity:")


@dataclass(frozen=True, slots=True)
class TaskNames:
    """The tasks that a workflow calls and those of its states that call tasks, by name, with those of its children."""

    tasks: Mapping[str, object]
    states: Mapping[str, TaskState]

    @classmethod
    def of(cls, workflow: Workflow[..., Any]) -> TaskNames:
        """Give the names of a workflow. Raises InvalidInput for what is none."""
        if isinstance(workflow, Task):
            raise InvalidInput(f"{workflow.function_name} is a task: call it; run(...) is for workflows")
        if not isinstance(workflow, Workflow):  # pyright: ignore[reportUnnecessaryIsInstance]  # tests are not all typed
            raise InvalidInput(f"run(...) takes a workflow, not {type(workflow).__name__}")
        machines = [workflow.definition, *(one.definition for one in workflow_machines(workflow).values())]
        return cls(
            workflow_tasks(workflow), dict(found for machine in machines for found in task_states(machine))
        )

    def task(self, key: TaskKey, argument: str) -> str:
        """Give the name of a task. Raises NotFound for one that is not called."""
        name = _text(key, argument)
        if name not in self.tasks:
            hint = nearest(name, self.tasks, otherwise="it calls")
            raise NotFound(f"{argument}: the workflow calls no task {name!r}{hint}")
        return name

    def task_or_state(self, key: TaskKey, argument: str) -> str:
        """Give the name of a task or of a state that calls one. Raises NotFound for what is neither."""
        name = _text(key, argument)
        if name not in self.tasks and name not in self.states:
            hint = nearest(name, [*self.tasks, *self.states], otherwise="it calls")
            raise NotFound(f"{argument}: the workflow calls no task {name!r}{hint}")
        return name

    def waiting(self, key: TaskKey, argument: str) -> str:
        """Give the name of a task or state that waits for an answer. Raises NotFound or InvalidInput."""
        name = self.task_or_state(key, argument)
        found = self.states.get(name) or self.tasks.get(name)
        resource = str(getattr(found, "resource", ""))
        if resource and not any(part in resource for part in _WAITS):
            raise InvalidInput(f"{argument}: {name!r} waits for no answer; returns= says what it gives")
        return name

    def waiting_task(self, key: TaskKey, argument: str) -> str:
        """Give the name of a task that waits for an answer. Raises NotFound or InvalidInput."""
        return self.task(self.waiting(key, argument), argument)

    def in_run(self, name: str) -> list[str]:
        """Give the names by which a run knows a task: its own, or of a service integration those of its states."""
        task = self.tasks.get(name)
        if not isinstance(task, Task) or task.kind != "integration":
            return [name]
        return [state for state, called in self.states.items() if called.resource == task.resource]

    def each(
        self, given: ByTask[T] | None, name: Callable[[TaskKey, str], str], argument: str
    ) -> dict[str, T]:
        """Give what an argument says by names. Raises InvalidInput for an argument that is no mapping."""
        if given is None:
            return {}
        if not isinstance(given, Mapping):
            raise InvalidInput(f"{argument} is {type(given).__name__}, not a dictionary by task")
        return {name(key, argument): value for key, value in cast("ByTask[T]", given).items()}


def _text(key: object, argument: str) -> str:
    if isinstance(key, Task):
        return str(key.function_name)
    if isinstance(key, str):
        return key
    raise InvalidInput(f"{argument} is by task or the name of one, not by {type(key).__name__} {key!r}")
