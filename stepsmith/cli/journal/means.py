"""What drives the executions of a journal from the command line: the project around, or a module of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.substitutions import GivenValues
from stepsmith.errors import StepsmithError
from stepsmith.integrations import ClientRegistry, Dispatcher
from stepsmith.service.durable.live import Means
from stepsmith.service.durable.recorded import Origin, origin_of

if TYPE_CHECKING:
    from stepsmith.service import Machine
    from stepsmith.store import Start


class ProjectResolver:
    """Finds the workflow or the file that an execution was started from; `tasks` comes first."""

    def __init__(self, tasks: str | None, clients: ClientRegistry | None = None) -> None:
        self._tasks = tasks
        self._clients = clients
        self._found: dict[Origin, Means] = {}

    def means(self, id: int, start: Start) -> Means:
        """Return what an execution is driven with; raises StepsmithError where its workflow is not here."""
        origin = origin_of(start)
        found = self._found.get(origin)
        if found is None:
            found = self._found[origin] = self._find(origin)
        return Means(dispatcher=found.dispatcher.for_run(), machines=found.machines)

    def _find(self, origin: Origin) -> Means:
        if origin.workflow is not None:
            return self._of_workflow(origin.workflow)
        return self._of_file(origin)

    def _of_workflow(self, name: str) -> Means:
        from stepsmith.cli.arguments.project import Project
        from stepsmith.cli.arguments.targets import WorkflowTarget

        project = Project.here()
        target = WorkflowTarget(project, project.find(name.partition(":")[2]), express=False)
        clients = self._clients or ClientRegistry.local(target.local_clients(None))
        target.provide(clients)
        return Means(dispatcher=Dispatcher(clients, target.tasks(self._tasks)), machines=target.machines())

    def _of_file(self, origin: Origin) -> Means:
        from stepsmith.cli.arguments.targets import Neighbours
        from stepsmith.cli.arguments.task_modules import load_tasks

        machines: Mapping[str, Machine] = {}
        tasks: Mapping[str, object] = {}
        named = self._tasks or origin.tasks
        if named is not None:
            tasks = load_tasks(named)
        if origin.file is not None and Path(origin.file).parent.is_dir():
            machines = Neighbours(Path(origin.file).parent, GivenValues())
            if named is None:
                tasks = _project_tasks(Path(origin.file))
        return Means(dispatcher=Dispatcher(self._clients or ClientRegistry.local(), tasks), machines=machines)


def _project_tasks(file: Path) -> Mapping[str, object]:
    """Return the tasks of the workflow that a definition was compiled from, where it is in its project."""
    from stepsmith.cli.arguments.targets import DefinitionFile

    try:
        return DefinitionFile(file, express=False, given=GivenValues()).tasks(None)
    except StepsmithError:
        return {}
