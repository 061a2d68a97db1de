"""The names by which a test speaks of tasks: a misspelt one is refused, since it would change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from stepsmith.asl.model import Branch, ItemProcessor, Map, Parallel, State, StateMachine
from stepsmith.asl.model import Task as TaskState
from stepsmith.authoring.tasks import Task
from stepsmith.authoring.workflows import Workflow
from stepsmith.errors import InvalidInput, NotFound, nearest
from stepsmith.expressions.types import UNDEFINED
from stepsmith.integrations.resources import function_name
from stepsmith.service.workflow_runs import workflow_machines, workflow_tasks

T = TypeVar("T")
TaskKey: TypeAlias = "Task[..., Any] | str"
"""A task, or its name."""

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
            workflow_tasks(workflow), dict(found for machine in machines for found in _states(machine))
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

    def each(
        self, given: Mapping[TaskKey, T] | None, name: Callable[[TaskKey, str], str], argument: str
    ) -> dict[str, T]:
        """Give what an argument says by names. Raises InvalidInput for an argument that is no mapping."""
        if given is None:
            return {}
        if not isinstance(given, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]  # tests are not all typed
            raise InvalidInput(f"{argument} is {type(given).__name__}, not a dictionary by task")
        return {name(key, argument): value for key, value in given.items()}


def check_functions(names: Iterable[str], machines: Iterable[StateMachine], argument: str) -> None:
    """Raise NotFound where a function is given for what no state calls, by state, function name or ARN.

    Nothing is refused where an expression decides about a function.
    """
    states = [found for machine in machines for found in _states(machine)]
    called = [name for _, state in states for name in _called(state)]
    if any(name is None for name in called):
        return
    known = {*(name for name, _ in states), *(name for name in called if name is not None)}
    plain = {function_name(name) for name in known}
    for name in names:
        if name not in known and function_name(name) not in plain:
            raise NotFound(
                f"{argument}: no state calls {name!r}{nearest(name, known, otherwise='they call')}"
            )


def _called(state: TaskState) -> Iterator[str | None]:
    """Give what a state calls: its resource, and the function in its arguments, None where that is computed."""
    yield state.resource
    given = state.arguments if state.arguments is not UNDEFINED else state.parameters
    if isinstance(given, str):
        yield None
    if isinstance(given, dict):
        name = given.get("FunctionName")
        if "FunctionName.$" in given or (isinstance(name, str) and name.startswith("{%")):
            yield None
        elif isinstance(name, str):
            yield function_name(name)


def _text(key: object, argument: str) -> str:
    if isinstance(key, Task):
        return str(key.function_name)
    if isinstance(key, str):
        return key
    raise InvalidInput(f"{argument} is by task or the name of one, not by {type(key).__name__} {key!r}")


def _states(scope: StateMachine | Branch | ItemProcessor) -> Iterator[tuple[str, TaskState]]:
    for name, state in scope.states.items():
        if isinstance(state, TaskState):
            yield name, state
        for inner in _inner(state):
            yield from _states(inner)


def _inner(state: State) -> list[Branch] | list[ItemProcessor]:
    match state:
        case Parallel():
            return list(state.branches)
        case Map():
            return [state.item_processor]
        case _:
            return []
