"""Runs of workflow functions: their compiled form on the local engine, with their own tasks and types."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, cast

from stepsmith.errors import InvalidInput, WorkflowError
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry, HttpAccess
from stepsmith.integrations.dispatch import Mocked
from stepsmith.service.clock import Clock
from stepsmith.service.driving.driver import Responder, Watcher
from stepsmith.service.executions.execution import Execution
from stepsmith.service.machines.machine import Machine, RunOptions
from stepsmith.service.personal import workflow_marks

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow

_options: ContextVar[RunOptions] = ContextVar("options", default=RunOptions())  # noqa: B039 - frozen


class Backend(Protocol):
    """Somewhere else that runs workflows, such as AWS."""

    def start(self, workflow: Workflow[..., Any], input: Mapping[str, Json]) -> Any:
        """Start an execution and return it."""
        ...


def local(
    *,
    clients: ClientRegistry | Mapping[str, object] | None = None,
    responders: Mapping[str, Responder] | None = None,
    tasks: Mapping[str, object] | None = None,
    mocked: Mocked | None = None,
    http: HttpAccess | None = None,
    clock: Clock | None = None,
    real_time: bool = False,
    seed: int | None = None,
    name: str | None = None,
    watcher: Watcher | None = None,
) -> RunOptions:
    """Return how to run a workflow here: for `start(backend=...)`, and for `running(...)`."""
    return RunOptions(
        clients=clients,
        responders=responders,
        tasks=tasks,
        mocked=mocked,
        http=http,
        clock=clock,
        real_time=real_time,
        seed=seed,
        name=name,
        watcher=watcher,
    )


@contextmanager
def running(options: RunOptions) -> Generator[RunOptions]:
    """Run workflows with these options inside the `with` block."""
    token = _options.set(options)
    try:
        yield options
    finally:
        _options.reset(token)


@lru_cache(maxsize=256)
def workflow_machine(workflow: Workflow[..., Any]) -> Machine:
    """Return the state machine of a workflow; compiled once."""
    return Machine(workflow.definition, name=workflow.name)


def workflow_machines(workflow: Workflow[..., Any]) -> dict[str, Machine]:
    """Return the machines that a workflow may start, and those that they may, by name."""
    found: dict[str, Machine] = {}
    waiting = list(workflow.children.items())
    while waiting:
        name, child = waiting.pop()
        if name not in found:
            found[name] = workflow_machine(child)
            waiting.extend(child.children.items())
    return found


def workflow_tasks(workflow: Workflow[..., Any]) -> dict[str, object]:
    """Return the tasks of a workflow and of those it may start, by function name."""
    found: dict[str, object] = dict(workflow.tasks)
    seen = {workflow.name}
    waiting = list(workflow.children.values())
    while waiting:
        child = waiting.pop()
        if child.name not in seen:
            seen.add(child.name)
            found.update(child.tasks)
            waiting.extend(child.children.values())
    return found


def run_workflow(
    workflow: Workflow[..., Any],
    input: Mapping[str, Json],
    options: RunOptions | None = None,
    *,
    background: bool = False,
) -> Execution[Any]:
    """Run or start the compiled form of a workflow; `options` default to those of `running`."""
    chosen = options or _options.get()
    complete = replace(
        chosen,
        tasks={**workflow_tasks(workflow), **(chosen.tasks or {})},
        machines={**workflow_machines(workflow), **(chosen.machines or {})},
    )
    return workflow_machine(workflow).execute(
        cast("Json", dict(input)),
        complete,
        background=background,
        convert=workflow.boundary.result.from_json,
        errors=error_classes(workflow),
        spans=workflow.spans,
        marks=lambda: workflow_marks(workflow),
    )


def error_classes(workflow: Workflow[..., Any]) -> dict[str, type[Exception]]:
    """Return the classes of named errors by the name they fail with.

    Where two classes have one name, the one that the workflow's module knows comes first, then those that the modules
    of its tasks know.
    """
    found: dict[str, type[Exception]] = {}
    functions = [workflow.function, *(task.function for task in workflow.tasks.values())]
    known = [value for function in functions for value in getattr(function, "__globals__", {}).values()]
    for kind in (*known, *_all_errors()):
        if isinstance(kind, type) and issubclass(kind, WorkflowError):
            found.setdefault(kind.error_name or kind.__name__, kind)
    return found


def _all_errors() -> list[type[WorkflowError]]:
    found: list[type[WorkflowError]] = []
    waiting: list[type[WorkflowError]] = [WorkflowError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting.extend(kind.__subclasses__())
    return found


class WorkflowRunner:
    """What `workflow.run` and `workflow.start` call."""

    def run(
        self, workflow: Workflow[..., Any], input: Mapping[str, Json], options: Mapping[str, Any]
    ) -> Execution[Any]:
        """Run to the end; `options` are fields of RunOptions. Raises InvalidInput for one that does not exist."""
        try:
            chosen = replace(_options.get(), **options)
        except TypeError:
            raise InvalidInput(f"no options of a run: {', '.join(options)}") from None
        return run_workflow(workflow, input, chosen)

    def start(self, workflow: Workflow[..., Any], input: Mapping[str, Json], backend: object) -> Any:
        """Start in the background here, or wherever `backend` runs workflows."""
        if backend is None or isinstance(backend, RunOptions):
            return run_workflow(workflow, input, backend, background=True)
        if callable(getattr(backend, "start", None)):
            return cast("Backend", backend).start(workflow, input)
        raise InvalidInput(f"backend is {type(backend).__name__}; it is local(...) or aws(...)")

    def show(self, workflow: Workflow[..., Any]) -> dict[str, str]:
        """Show a notebook the graph."""
        from stepsmith.service.executions.shown import machine_bundle

        return machine_bundle(workflow.definition, workflow.name)
