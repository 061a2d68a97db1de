"""§0.4 over every workflow with `ended`: aborted inside any task, before or after its effect, its records end."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from stepsmith.service.machines.workflow_runs import local, run_workflow
from tests.workflows.faults import FaultyTasks, failing
from tests.workflows.scenes import SCENES, World
from tests.workflows.scenes.scene import Scene

ENDED = {name: scene for name, scene in SCENES.items() if scene.workflow.ended is not None}
WAITING = ("escalated", "expired")
"""Nobody answers on these, so that virtual time would stand still for whoever could abort them."""
ROUTES = [(name, route) for name, scene in ENDED.items() for route in scene.routes if route not in WAITING]
MOMENTS = ("before", "after", "later")


def aborted(scene: Scene, world: World, number: int, moment: str) -> tuple[Any, list[str]]:
    """Run a scene that is aborted in its n-th call of a task; `later` the task works after its records were ended."""
    tasks = FaultyTasks(scene.workflow, failing(*world.failing), world.clients)
    begun, count, execution = threading.Event(), [0], None

    def stopping(call: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def work(payload: Any) -> Any:
            count[0] += 1
            if count[0] != number:
                return call(payload)
            begun.wait(5)
            assert execution is not None
            if moment == "after":
                with suppress(Exception):
                    call(payload)
            execution.stop("Stopped", "by hand")
            if moment == "later":
                execution.wait(5)
                with suppress(Exception):
                    call(payload)
            return None

        return work

    options = local(
        clients=world.clients,
        tasks={name: stopping(call) for name, call in tasks.tasks.items()},
        responders=world.responders,
    )
    checked = scene.workflow.check_input(world.input)
    execution = run_workflow(scene.workflow, checked, options, background=True)
    begun.set()
    return execution.wait(20), tasks.calls


# A record of a photograph is written by its first task, which leaves no mark to be found before: when that works after
# the end, the next upload takes the record over.
CASES = [
    (name, route, moment)
    for name, route in ROUTES
    for moment in MOMENTS
    if (name, moment) != ("image_recognition", "later")
]


@pytest.mark.slow
@pytest.mark.parametrize(("scene_name", "route", "moment"), CASES)
def test_an_execution_that_is_aborted_inside_any_task_leaves_nothing_open(
    scene_name: str, route: str, moment: str
) -> None:
    scene, number = ENDED[scene_name], 0
    while True:
        number += 1
        with scene.routes[route]() as world:
            execution, calls = aborted(scene, world, number, moment)
            if execution.status != "ABORTED":
                break
            world.aborted(calls)
    assert number > 1
