"""Tasks that fail, return or take time as a test says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeGuard, cast

from stepsmith.authoring.calls.clients import using_clients
from stepsmith.authoring.calls.converter import Converter
from stepsmith.authoring.tasks.task import Task
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.integrations.services.calling import call_service
from stepsmith.testing.task_names import TaskNames

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from stepsmith.authoring.workflows.workflow import Workflow
    from stepsmith.integrations import ClientRegistry

Failure: TypeAlias = BaseException | type[BaseException] | None
Failures: TypeAlias = Failure | Mapping[int, Failure] | Sequence[Failure]
"""One failure for every attempt, failures by attempt counted from 1, or a list of them for the first attempts."""


_REQUEST_ID: Final = "00000000-0000-0000-0000-000000000000"


class AfterEffect(Exception):
    """Wraps a failure that comes after the task has done its work: a crash or a lost answer."""

    def __init__(self, failure: BaseException | type[BaseException]) -> None:
        if not is_exception(failure):
            raise InvalidInput(f"AfterEffect wraps an exception, not {failure!r}")
        super().__init__(failure)
        self.failure = failure


def is_exception(value: object) -> TypeGuard[BaseException | type[BaseException]]:
    """Say whether a value can be raised."""
    return isinstance(value, BaseException) or (isinstance(value, type) and issubclass(value, BaseException))


def faulty_tasks(
    tasks: Mapping[str, object],
    clients: ClientRegistry,
    *,
    fail: Mapping[str, Failures],
    returns: Mapping[str, object],
    mistakes: list[Exception],
) -> dict[str, Callable[[Json], Json]]:
    """Give the tasks that do not behave as written; the others are left out.

    What a test gives in the place of a task and is not of its type is added to `mistakes` when it is given. Raises
    InvalidInput for failures that are none, and for values that do not fit.
    """
    for name, failures in fail.items():
        _check_failures(name, failures)
    for name, value in returns.items():
        if not callable(value):
            checked_json(tasks[name], value, f"returns: {name}")
    return {
        _known_as(name, tasks[name]): _FaultyTask(
            name, tasks[name], clients, fail.get(name), returns, mistakes
        )
        for name in tasks
        if name in fail or name in returns
    }


def _known_as(name: str, task: object) -> str:
    """Give what a run finds a task by: a function by its name, a service integration by its resource."""
    return task.resource if isinstance(task, Task) and task.kind == "integration" else name


def checked_json(task: object, value: object, place: str) -> Json:
    """Give the JSON of what stands for a task's result. Raises InvalidInput where it is not of the task's type."""
    from pydantic import ValidationError

    if not isinstance(task, Task):
        return cast("Json", value)
    result: Converter = task.result
    try:
        return result.to_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(
            f"{place} cannot give {value!r:.200}: {where and f'{where}: '}{first['msg']}"
        ) from None


def _check_failures(name: str, failures: object) -> None:
    place = f"fail: {name}"
    if isinstance(failures, Mapping):
        for attempt, failure in cast("Mapping[object, object]", failures).items():
            if type(attempt) is not int or attempt < 1:
                raise InvalidInput(f"{place} by attempt {attempt!r}; attempts are counted from 1")
            _check_failure(place, failure)
    elif isinstance(failures, Sequence) and not isinstance(failures, str | bytes):
        for failure in cast("Sequence[object]", failures):
            _check_failure(place, failure)
    else:
        _check_failure(place, failures)


def _check_failure(place: str, failure: object) -> None:
    if failure is not None and not is_exception(failure):
        raise InvalidInput(f"{place} with {failure!r}, which is no exception")


class _FaultyTask:
    """A task with a plan."""

    def __init__(
        self,
        name: str,
        task: object,
        clients: ClientRegistry,
        failures: Failures,
        returning: Mapping[str, object],
        mistakes: list[Exception],
    ) -> None:
        self._name = name
        self._task = task
        self._clients = clients
        self._failures = failures
        self._returning = returning
        self._mistakes = mistakes
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
        if self._name in self._returning:
            value = self._returning[self._name]
            return self._checked(value(payload) if callable(value) else value)
        task = self._task
        if not isinstance(task, Task):
            return cast("Callable[[Json], Json]", task)(payload)
        if task.kind == "integration":
            return call_service(self._clients, task.resource, payload, _REQUEST_ID)
        with using_clients(self._clients):
            return task.handle(payload)

    def _checked(self, value: Any) -> Json:
        try:
            return checked_json(self._task, value, f"returns: {self._name}")
        except InvalidInput as error:
            self._mistakes.append(error)
            raise


def _failure(failures: Failures, attempt: int) -> Failure:
    if isinstance(failures, Mapping):
        return failures.get(attempt)
    if isinstance(failures, Sequence):
        return failures[attempt - 1] if attempt <= len(failures) else None
    return failures


def fault_plans(
    workflow: Workflow[..., Any], *, errors: Sequence[BaseException], attempts: int = 4
) -> SearchStrategy[dict[str, list[Failure]]]:
    """Draw what `fail=` takes: for any of the tasks, failures of its first attempts, before or after its effect.

    Raises InvalidInput without errors to draw from.
    """
    from hypothesis import strategies as st

    if not errors or not all(is_exception(error) for error in errors):
        raise InvalidInput("fault_plans draws from errors=[...], a list of exceptions")
    failure = st.one_of(
        st.none(), st.sampled_from(list(errors)), st.sampled_from(list(errors)).map(AfterEffect)
    )
    tasks = TaskNames.of(workflow).tasks
    names = sorted(name for name, task in tasks.items() if isinstance(task, Task) and task.kind == "function")
    if not names:
        return st.just({})
    return st.dictionaries(st.sampled_from(names), st.lists(failure, max_size=attempts))
