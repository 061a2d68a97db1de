"""W-05 over every workflow, every task and every error: a documented end, a terminal record, nothing left half done."""

import pytest

from tests.workflows.faults import EVERY_FAULT
from tests.workflows.scenes import SCENES, play, route_through

TASKS = [(name, task) for name, scene in SCENES.items() for task in sorted(scene.workflow.tasks)]
TRANSIENT = ("throttled", "unavailable")


@pytest.mark.parametrize("fault", EVERY_FAULT)
@pytest.mark.parametrize(("scene_name", "task"), TASKS)
def test_w_05_whatever_fails_for_good_leaves_nothing_half_done(
    scene_name: str, task: str, fault: str
) -> None:
    scene = SCENES[scene_name]
    with scene.routes[route_through(scene_name, task)]() as world:
        ran = play(scene, world, task, fault)

        assert ran.tasks.failures > len(world.failing) - 1
        assert ran.execution.status in ("SUCCEEDED", "FAILED")
        world.check(ran)


@pytest.mark.parametrize("fault", [f"{when} {what}" for when in ("before", "after") for what in TRANSIENT])
@pytest.mark.parametrize(("scene_name", "task"), TASKS)
def test_w_05_what_passes_with_time_changes_nothing(scene_name: str, task: str, fault: str) -> None:
    scene = SCENES[scene_name]
    route = scene.routes[route_through(scene_name, task)]
    with route() as world:
        usual = play(scene, world).execution
    with route() as world:
        ran = play(scene, world, task, fault, times=1)
        world.check(ran)

    again = ran.execution
    if task in NEVER_REPEATED:
        return
    assert (again.status, again.error) == (usual.status, usual.error)


NEVER_REPEATED = ("release_product", "shape_metadata")
"""A can that may have dropped is not dropped twice, and what only thinks would think the same again."""


@pytest.mark.parametrize(
    ("scene_name", "route"), [(name, route) for name, scene in SCENES.items() for route in scene.routes]
)
def test_each_route_ends_as_it_should(scene_name: str, route: str) -> None:
    scene = SCENES[scene_name]
    with scene.routes[route]() as world:
        ran = play(scene, world)

        world.check(ran)


def test_a_compensation_that_fails_is_called_so_in_every_workflow_that_has_one() -> None:
    for scene in SCENES.values():
        if "stuck" in scene.routes:
            with scene.routes["stuck"]() as world:
                ran = play(scene, world)

                assert ran.execution.error == "CompensationFailed", scene.name
                assert world.attention() == 1, scene.name
