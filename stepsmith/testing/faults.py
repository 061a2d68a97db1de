"""Tasks that fail, return or take time as a test says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from stepsmith.authoring.clients import using_clients
from stepsmith.authoring.tasks import Task
from stepsmith.errors import NotFound
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from stepsmith.authoring.workflows import Workflow
    from stepsmith.integrations import ClientRegistry

Failure: TypeAlias = BaseException | type[BaseException] | None
Failures: TypeAlias = Failure | Mapping[int, Failure] | Sequence[Failure]
"""One failure for every attempt, failures by attempt counted from 1, or a list of them for the first attempts."""
TaskKey: TypeAlias = "Task[..., Any] | str"


class AfterEffect(Exception):
    """Wraps a failure that comes after the task has done its work: a crash or a lost answer."""

    def __init__(self, failure: BaseException | type[BaseException]) -> None:
        super().__init__(failure)
        self.failure = failure


def faulty_tasks(
    tasks: Mapping[str, object],
    clients: ClientRegistry,
    *,
    fail: Mapping[TaskKey, Failures] | None = None,
    returns: Mapping[TaskKey, object] | None = None,
) -> dict[str, Callable[[Json], Json]]:
    """Give the tasks that do not behave as written; the others are left out.

    Raises NotFound for a task that the workflow does not have.
    """
    failing = {_name(key, tasks): failures for key, failures in (fail or {}).items()}
    returning = {_name(key, tasks): value for key, value in (returns or {}).items()}
    return {
        name: _FaultyTask(tasks[name], clients, failing.get(name), returning)
        for name in tasks
        if name in failing or name in returning
    }


def _name(key: TaskKey, tasks: Mapping[str, object]) -> str:
    name = key if isinstance(key, str) else key.function_name
    if name not in tasks:
        raise NotFound(f"the workflow calls no task {name!r}; it calls {', '.join(sorted(tasks))}")
    return name


class _FaultyTask:
    """A task with a plan."""

    def __init__(
        self, task: object, clients: ClientRegistry, failures: Failures, returning: Mapping[str, object]
    ) -> None:
        self._task = task
        self._clients = clients
        self._failures = failures
        self._returning = returning
        self._attempt = 0

    def __call__(self, payload: Json) -> Json:
        self._attempt += 1
        failure = _failure(self._failures, self._attempt)
        if isinstance(failure, AfterEffect):
            self._work(payload)
            raise failure.failure
        if failure is not None:
            raise failure
        return self._work(payload)

    def _work(self, payload: Json) -> Json:
        task = self._task
        if not isinstance(task, Task):
            return cast("Callable[[Json], Json]", task)(payload)
        if task.function_name in self._returning:
            value = self._returning[task.function_name]
            return task.result.to_json(value(payload) if callable(value) else value)
        with using_clients(self._clients):
            return task.handle(payload)


def _failure(failures: Failures, attempt: int) -> Failure:
    if isinstance(failures, Mapping):
        return failures.get(attempt)
    if isinstance(failures, Sequence):
        return failures[attempt - 1] if attempt <= len(failures) else None
    return failures


def fault_plans(
    workflow: Workflow[..., Any], *, errors: Sequence[BaseException], attempts: int = 4
) -> SearchStrategy[dict[str, list[Failure]]]:
    """Draw what `fail=` takes: for any of the tasks, failures of its first attempts, before or after its effect."""
    from hypothesis import strategies as st

    failure = st.one_of(
        st.none(), st.sampled_from(list(errors)), st.sampled_from(list(errors)).map(AfterEffect)
    )
    names = sorted(name for name, task in workflow.tasks.items() if task.kind == "function")
    if not names:
        return st.just({})
    return st.dictionaries(st.sampled_from(names), st.lists(failure, max_size=attempts))
