"""Finds what answers the tasks of an execution: the workflow that it was started from, or functions that are given."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from stepsmith.errors import NotFound
from stepsmith.integrations import ClientRegistry, Dispatcher
from stepsmith.service.durable.live import Means
from stepsmith.service.durable.recorded import Origin, ends_of, origin_of
from stepsmith.service.machines.machine import Machine, registry_of
from stepsmith.store import Start

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow


def find_workflow(name: str) -> Workflow[..., Any]:
    """Return the workflow of such a name; raises NotFound where its module has none."""
    from stepsmith.authoring.workflows.workflow import Workflow

    module_name, _, wanted = name.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not (module_name == error.name or module_name.startswith(f"{error.name}.")):
            raise
        raise NotFound(f"the workflow {wanted} is not here: there is no module {module_name}") from None
    for value in vars(module).values():
        if isinstance(value, Workflow) and value.name == wanted:
            return cast("Workflow[..., Any]", value)
    raise NotFound(f"the workflow {wanted} is not here: the module {module_name} has none of this name")


def known_workflow(start: Start) -> Workflow[..., Any] | None:
    """Return the workflow that an execution was started from, where its module is imported already."""
    name = origin_of(start).workflow
    if name is None or name.partition(":")[0] not in sys.modules or start.options.get("parent") is not None:
        return None
    try:
        found = find_workflow(name)
    except NotFound:
        return None
    return found if ends_of(start) is None else found.ended


def machines_of(start: Start) -> Mapping[str, Machine]:
    """Return the machines of the workflow that an execution was started from; none where it is not here."""
    from stepsmith.service.machines.workflow_runs import workflow_machines

    name = origin_of(start).workflow
    try:
        return {} if name is None else workflow_machines(find_workflow(name))
    except NotFound:
        return {}


class WorkflowResolver:
    """Finds the workflow that an execution was started from; functions that are given come first."""

    def __init__(
        self,
        *,
        tasks: Mapping[str, object] | None = None,
        clients: ClientRegistry | Mapping[str, object] | None = None,
    ) -> None:
        self._tasks = tasks or {}
        self._clients = registry_of(clients)
        self._found: dict[Origin, Means] = {}

    def means(self, id: int, start: Start) -> Means:
        """Return what an execution is driven with; raises NotFound where its workflow is not here."""
        origin = origin_of(start)
        found = self._found.get(origin)
        if found is None:
            found = self._found[origin] = self._find(origin)
        return Means(
            dispatcher=found.dispatcher.for_run(), responders=found.responders, machines=found.machines
        )

    def _find(self, origin: Origin) -> Means:
        if origin.workflow is None:
            return Means(dispatcher=Dispatcher(self._clients, self._tasks))
        from stepsmith.service.machines.provided import provided
        from stepsmith.service.machines.workflow_runs import workflow_machines, workflow_tasks

        workflow = find_workflow(origin.workflow)
        tasks = {**workflow_tasks(workflow), **self._tasks}
        clients = registry_of(provided(workflow, self._clients))
        return Means(dispatcher=Dispatcher(clients, tasks), machines=workflow_machines(workflow))
