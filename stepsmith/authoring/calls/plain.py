"""What happens when a workflow function is called as plain Python: a virtual clock, JSON at each task, retries."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from stepsmith.authoring.calls.callee import Callee
from stepsmith.authoring.calls.retries import Retry, matches
from stepsmith.errors import StepsmithError, TaskTimeout, WorkflowError
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

__tracebackhide__ = True  # pytest shows the frames of tests, workflows and tasks, not those in between

VIRTUAL_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When a plain run begins, unless it is told otherwise."""


@frozen
class TaskCall:
    """One call of a task, each attempt counted."""

    task: str
    payload: Json
    at: datetime


class RetryCount(int):
    """Stands for how often a call has been tried before; what calls the task puts the number in its place."""

    __slots__ = ()


class Overdue(BaseException):
    """Ends what runs beyond a time limit."""


class PlainRun:
    """One run of a workflow function as plain Python; `clock` is its virtual time.

    `raw` answers instead of tasks, JSON in and out.
    """

    def __init__(
        self,
        *,
        start: datetime = VIRTUAL_START,
        responders: Mapping[str, Callable[..., object]] | None = None,
        raw: Mapping[str, Callable[[Json], Json]] | None = None,
        seed: int = 0,
        name: str = "execution",
    ) -> None:
        self.start = start
        self.clock = start
        self.name = name
        """The name of the execution that it stands for."""
        self.workflow = ""
        """The name of the workflow that is running."""
        self.input: dict[str, Json] = {}
        """What that workflow was given."""
        self.given: dict[str, Json] | None = None
        """The input of the first workflow as JSON came in, where that is not what its arguments are."""
        self.items: list[tuple[int, Json]] = []
        """Position and value of the items that are worked on, innermost last."""
        self.calls: list[TaskCall] = []
        """The calls of tasks so far, in order."""
        self.failures: list[Exception] = []
        """What tasks have raised so far, retried or not."""
        self._responders = dict(responders or {})
        self._raw = dict(raw or {})
        self._limits: list[datetime] = []
        self._random = random.Random(seed)  # noqa: S311 - repeatable identifiers, not secrets

    @property
    def elapsed(self) -> timedelta:
        """Virtual time since the start."""
        return self.clock - self.start

    def wait(self, duration: timedelta) -> None:
        """Let virtual time pass; none for a negative duration, and not beyond a time limit."""
        then = self.clock + max(duration, timedelta(0))
        if self._limits and then > min(self._limits):
            self.clock = min(self._limits)
            raise Overdue
        self.clock = then

    @contextmanager
    def limited(self, limit: timedelta | None, error: type[WorkflowError] = TaskTimeout) -> Generator[None]:
        """Run under a time limit; raises the error when it is over, whatever would catch it inside."""
        if limit is None:
            yield
            return
        end = self.clock + limit
        self._limits.append(end)
        try:
            yield
        except Overdue:
            if self.clock < end or end in self._limits[:-1]:
                raise
            raise error from None
        finally:
            self._limits.remove(end)

    def following(self) -> PlainRun:
        """Give a run that begins where this one has come to, with the same answers to its tasks and no time limit."""
        return PlainRun(
            start=self.clock, responders=self._responders, raw=self._raw, name=f"{self.name}-ended"
        )

    def uuid(self) -> str:
        """Give the next version 4 UUID of this run."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def token(self) -> str:
        """Give a task token."""
        return self.uuid()

    @contextmanager
    def inside(self, workflow: str, input: dict[str, Json]) -> Generator[None]:
        """Run a workflow in this run, as its own or as a child."""
        before = self.workflow, self.input
        self.workflow, self.input = workflow, input
        try:
            yield
        finally:
            self.workflow, self.input = before

    @contextmanager
    def item(self, index: int, value: Json) -> Generator[None]:
        """Work on an item of map_items()."""
        self.items.append((index, value))
        try:
            yield
        finally:
            self.items.pop()

    def call(self, task: Callee, arguments: Mapping[str, object]) -> Any:
        """Call a task as a Task state would: JSON in and out, retried on the run's clock."""
        retried = [name for name, value in arguments.items() if isinstance(value, RetryCount)]
        if self._limits and self.clock >= min(self._limits):
            raise Overdue
        payload = task.boundary.written(arguments)
        passed = {name: arguments[name] for name in task.boundary.clients if name in arguments}
        counts = [0] * len(task.retry)
        while True:
            try:
                answer = self._attempt(task, payload, passed)
                return task.result.checked(answer, "answer") if task.waits else task.result.read(answer)
            except Exception as error:
                self.failures.append(error)
                delay = next_delay(error, task.retry, counts)
                if delay is None:
                    raise
                self.wait(delay)
                payload = {**payload, **dict.fromkeys(retried, sum(counts))}

    def _attempt(self, task: Callee, payload: dict[str, Json], passed: Mapping[str, object]) -> Json:
        self.calls.append(TaskCall(task.function_name, payload, self.clock))
        token = _current.set(None)
        try:
            if task.waits:
                return self._answer(task, payload, passed)
            raw = self._raw.get(task.function_name)
            return task.handle(payload, **passed) if raw is None else raw(payload)
        finally:
            _current.reset(token)

    def _answer(self, task: Callee, payload: dict[str, Json], passed: Mapping[str, object]) -> Json:
        task.submit(self.token(), payload, **passed)
        raw = self._raw.get(task.function_name)
        if raw is not None:
            return raw(payload)
        responder = self._responders.get(task.function_name)
        if responder is not None:
            return task.result.to_json(responder(**task.boundary.from_json(payload)))
        # a beat that does not come ends a task as its time limit does: history shows `States.Timeout` for both
        limits = [limit for limit in (task.timeout, task.heartbeat) if limit is not None]
        if not limits:
            raise StepsmithError(
                f"nobody answers {task.function_name}: give plain_run() a responder, or the task a timeout"
            )
        self.wait(min(limits))
        raise TaskTimeout


def next_delay(error: Exception, policies: tuple[Retry, ...], counts: list[int]) -> timedelta | None:
    """Give the delay before the next attempt, and count it; None where there is none."""
    for index, policy in enumerate(policies):
        if matches(error, policy.names()):
            delay = policy.delay(counts[index])
            counts[index] += 1
            return delay
    return None


_current: ContextVar[PlainRun | None] = ContextVar("plain_run", default=None)


def current_run() -> PlainRun | None:
    """Give the plain run that is going on, if any."""
    return _current.get()


def need_run(what: str) -> PlainRun:
    """Give the plain run that is going on. Raises StepsmithError outside a workflow."""
    run = _current.get()
    if run is None:
        raise StepsmithError(f"{what}() was called outside a workflow")
    return run


@contextmanager
def entered(run: PlainRun) -> Generator[PlainRun]:
    """Make a run the current one."""
    token = _current.set(run)
    try:
        yield run
    finally:
        _current.reset(token)
