"""What a run of a workflow takes place in, and what must hold however it ends."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.service import Execution
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tests.workflows.faults import FaultyTasks, failing

Plan = Callable[[str], str | None]
Responders = Mapping[str, Callable[[Any], Any]]


@dataclass(frozen=True, kw_only=True)
class World:
    """Where one run takes place."""

    clients: Mapping[str, Any]
    input: dict[str, Any]
    check: Callable[["Ran"], None]
    """Asserts that nothing is left half done, and that whoever asked can find out how it ended."""
    records: Callable[[], Any] = lambda: None
    """Gives what is stored, without what says which execution asked whom."""
    same: Callable[[Any], Any] = lambda output: output
    """Gives what of the output is the same however often a task was called."""
    attention: Callable[[], int] = lambda: 0
    """Counts what lies in the attention queue."""
    secrets: tuple[str, ...] = ()
    """What personal fields hold in this world."""
    responders: Responders = field(default_factory=dict[str, Callable[[Any], Any]])
    failing: tuple[str, ...] = ()
    """The tasks that fail on this route anyway."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One run, and what was made to fail in it."""

    execution: Execution[Any]
    tasks: FaultyTasks
    task: str | None = None
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A workflow and its routes."""

    workflow: Workflow[..., Any]
    routes: Mapping[str, Callable[[], AbstractContextManager[World]]]

    @property
    def name(self) -> str:
        return self.workflow.name


def play(
    scene: Scene,
    world: World,
    task: str | None = None,
    fault: str = "",
    times: int | None = None,
    *,
    seed: int = 0,
    plan: Plan = lambda name: None,
) -> Ran:
    """Run a scene in its world, with one task failing in one way."""
    usual = failing(*world.failing)
    planned = failing(task, fault=fault, times=times) if task is not None else lambda name: None
    tasks = FaultyTasks(
        scene.workflow, lambda name: planned(name) or plan(name) or usual(name), world.clients
    )
    options = local(clients=world.clients, tasks=tasks.tasks, responders=world.responders, seed=seed)
    checked = scene.workflow.check_input(world.input)
    return Ran(execution=run_workflow(scene.workflow, checked, options), tasks=tasks, task=task, fault=fault)
