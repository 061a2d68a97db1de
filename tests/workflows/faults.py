"""Tasks that fail on purpose: before or after their effect, by name, by timeout, or by a crash nobody foresaw."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stepsmith import TaskTimeout, WorkflowError
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.workflow import Workflow
from tasks import errors


class Crash(Exception):
    """A crash that nobody foresaw."""


NAMED: list[type[WorkflowError]] = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, WorkflowError)
    and kind not in (WorkflowError, errors.CompensationFailed)
]
"""Every error that tasks of this project raise by name; that a compensation failed is for workflows to say."""

FAULTS: Mapping[str, Callable[[], Exception]] = {
    **{kind.__name__.lower(): lambda kind=kind: kind("on purpose") for kind in NAMED},
    "timeout": lambda: TaskTimeout("too late"),
    "crash": lambda: Crash("the function died"),
}
EVERY_FAULT = [f"{when} {what}" for when in ("before", "after") for what in FAULTS]


class FaultyTasks:
    """The tasks of a workflow, each call of which first asks a plan whether and how to fail."""

    def __init__(
        self, workflow: Workflow[..., Any], plan: Callable[[str], str | None], clients: Mapping[str, object]
    ) -> None:
        self.plan = plan
        self.clients = clients
        self.failures = 0
        self.calls: list[str] = []
        self.tasks = {
            name: self._wrapped(name, task)
            for name, task in workflow.tasks.items()
            if task.kind != "integration"
        }

    def _wrapped(self, name: str, task: Task[..., Any]) -> Callable[[Any], Any]:
        wanted = {client: self.clients[client] for client in self.clients if client in task.boundary.clients}

        def call(payload: Any) -> Any:
            fault = self.plan(name)
            self.calls.append(name)
            moment, _, kind = (fault or "").partition(" ")
            if moment == "before":
                self.failures += 1
                raise FAULTS[kind]()
            result = task.handle(payload, **wanted)
            if moment == "after":
                self.failures += 1
                raise FAULTS[kind]()
            return result

        return call


def failing(
    *names: str, fault: str = "before crash", times: int | None = None
) -> Callable[[str], str | None]:
    """Plan that these tasks fail, each time or the first `times` times."""
    left = dict.fromkeys(names, times)

    def plan(name: str) -> str | None:
        if name not in left or left[name] == 0:
            return None
        remaining = left[name]
        left[name] = None if remaining is None else remaining - 1
        return fault

    return plan


def drawn(faults: Iterable[str | None]) -> Callable[[str], str | None]:
    """Plan the calls in their order, and no faults after the last."""
    waiting = iter(faults)
    return lambda name: next(waiting, None)
