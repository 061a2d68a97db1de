"""Runs of workflow functions: their compiled form on the local engine, with their own tasks and types."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Protocol, Unpack, cast

from stepsmith.authoring.workflows.ended import parameter_of
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.service.executions.declared import declared_by
from stepsmith.service.executions.execution import Execution
from stepsmith.service.executions.options import RunOptions, check_options
from stepsmith.service.executions.started import Ending
from stepsmith.service.machines.machine import Machine
from stepsmith.service.machines.provided import provided

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow
    from stepsmith.service.durable.execution import JournalExecution

_options: ContextVar[RunOptions | None] = ContextVar("options", default=None)


class Backend(Protocol):
    """Somewhere else that runs workflows, such as AWS."""

    def start(self, workflow: Workflow[..., Any], input: Mapping[str, Json]) -> Any:
        """Start an execution and return it."""
        ...


def local(**options: Unpack[RunOptions]) -> RunOptions:
    """Return how to run a workflow here: for `start(backend=...)`, and for `running(...)`."""
    check_options(options)
    return options


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
    ended = workflow.ended
    ending = None if ended is None else Ending(workflow_machine(ended), parameter_of(ended.boundary))
    return Machine(
        workflow.definition, name=workflow.name, ending=ending, declares=partial(declared_by, workflow)
    )


def workflow_machines(workflow: Workflow[..., Any]) -> dict[str, Machine]:
    """Return the machines that a workflow may start, and those that they may, by name.

    One that has an ending is among them itself: whoever drives its executions finds the ending there.
    """
    own = [] if workflow.ended is None else [workflow]
    return {each.name: workflow_machine(each) for each in [*own, *_reached(workflow)]}


def _reached(workflow: Workflow[..., Any]) -> Iterator[Workflow[..., Any]]:
    """Give the workflows that executions of one may start, or that end their records."""
    seen = {workflow.name}
    waiting = _next(workflow)
    while waiting:
        found = waiting.pop()
        if found.name not in seen:
            seen.add(found.name)
            yield found
            waiting.extend(_next(found))


def _next(workflow: Workflow[..., Any]) -> list[Workflow[..., Any]]:
    ended = [] if workflow.ended is None else [workflow.ended]
    return [*workflow.children.values(), *ended]


def workflow_tasks(workflow: Workflow[..., Any]) -> dict[str, object]:
    """Return the tasks of a workflow and of those it may start, by function name."""
    found: dict[str, object] = dict(workflow.tasks)
    for each in _reached(workflow):
        found.update(each.tasks)
    return found


def run_workflow(
    workflow: Workflow[..., Any],
    input: Mapping[str, Json],
    options: RunOptions | None = None,
    *,
    background: bool = False,
) -> Execution[Any] | JournalExecution[Any]:
    """Run or start the compiled form of a workflow; `options` default to those of `running`."""
    chosen: RunOptions = options or _options.get() or {}
    complete: RunOptions = {
        **chosen,
        "tasks": {**workflow_tasks(workflow), **(chosen.get("tasks") or {})},
        "machines": {**workflow_machines(workflow), **(chosen.get("machines") or {})},
        "clients": provided(workflow, chosen.get("clients")),
    }
    machine, value, declared = workflow_machine(workflow), cast("Json", dict(input)), declared_by(workflow)
    if complete.get("journal") is None:
        return machine.execute(value, complete, background=background, declared=declared)
    from stepsmith.service.durable.recorded import Origin
    from stepsmith.service.machines.recorded_runs import start_recorded

    origin = Origin(workflow=f"{workflow.function.__module__}:{workflow.name}")
    started = start_recorded(machine, value, complete, declared=declared, origin=origin, attended=background)
    return started if background else started.wait()


class WorkflowRunner:
    """What `workflow.run` and `workflow.start` call."""

    def run(
        self, workflow: Workflow[..., Any], input: Mapping[str, Json], options: Mapping[str, Any]
    ) -> Execution[Any] | JournalExecution[Any]:
        """Run to the end; `options` are those of RunOptions. Raises InvalidInput for one that does not exist."""
        try:
            check_options(options)
        except TypeError as error:
            raise InvalidInput(str(error)) from None
        chosen = cast("RunOptions", {**(_options.get() or {}), **options})
        return run_workflow(workflow, input, chosen)

    def start(self, workflow: Workflow[..., Any], input: Mapping[str, Json], backend: object) -> Any:
        """Start in the background here, or wherever `backend` runs workflows."""
        if backend is None or isinstance(backend, dict):
            return run_workflow(workflow, input, cast("RunOptions | None", backend), background=True)
        if callable(getattr(backend, "start", None)):
            return cast("Backend", backend).start(workflow, input)
        raise InvalidInput(f"backend is {type(backend).__name__}; it is local(...) or aws(...)")

    def show(self, workflow: Workflow[..., Any]) -> dict[str, str]:
        """Show a notebook the graph."""
        from stepsmith.service.executions.shown import machine_bundle

        return machine_bundle(workflow.definition, workflow.name)
