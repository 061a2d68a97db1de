"""W-05 over every workflow, every task and every error: a documented end, a terminal record, nothing left half done."""

import pytest

from tests.workflows.faults import EVERY_FAULT
from tests.workflows.scenes import SCENES, play, route_through

FIRST = {name: next(iter(scene.workflow.tasks)) for name, scene in SCENES.items()}
"""The tasks that check the input: their InvalidInput says that nothing has begun, see `test_inputs`."""


def is_treated_by_name(workflow: str, fault: str) -> bool:
    """Say whether some state treats an error otherwise than a crash that nobody foresaw."""
    error = fault.partition(" ")[2]
    return error in ("timeout", "crash") or f'"{error}"' in DEFINITIONS[workflow]


DEFINITIONS = {name: scene.workflow.definition.to_json().lower() for name, scene in SCENES.items()}
FAILING = [
    (name, task, fault)
    for name, scene in SCENES.items()
    for task in sorted(scene.workflow.tasks)
    for fault in EVERY_FAULT
    if is_treated_by_name(name, fault) and not (task == FIRST[name] and fault.endswith("invalidinput"))
]


@pytest.mark.parametrize(("scene_name", "task", "fault"), FAILING)
def test_w_05_whatever_fails_for_good_leaves_nothing_half_done(
    scene_name: str, task: str, fault: str
) -> None:
    scene = SCENES[scene_name]
    with scene.routes[route_through(scene_name, task)]() as world:
        ran = play(scene, world, task, fault)

        assert ran.tasks.failures > len(world.failing) - 1
        assert ran.execution.status in ("SUCCEEDED", "FAILED")
        world.check(ran)


NEVER_REPEATED = ("release_product", "shape_metadata", "recommend")
"""A can that may have dropped is not dropped twice, and what only thinks would think the same again."""


ROUTES = [(name, route) for name, scene in SCENES.items() for route in scene.routes]


@pytest.mark.parametrize(("scene_name", "route"), ROUTES)
def test_w_05_what_passes_with_time_changes_nothing_on_any_route(scene_name: str, route: str) -> None:
    scene = SCENES[scene_name]
    with scene.routes[route]() as world:
        usual = play(scene, world)
        world.check(usual)
        tasks = set(usual.tasks.calls) - {*world.failing, *NEVER_REPEATED}

    for task in sorted(tasks):
        for fault in ("before unavailable", "after throttled"):
            with scene.routes[route]() as world:
                ran = play(scene, world, task, fault, times=1)
                world.check(ran)

            ends = [(each.execution.status, each.execution.error) for each in (usual, ran)]
            assert ends[0] == ends[1], f"{task} {fault}"


def test_a_compensation_that_fails_is_called_so_in_every_workflow_that_has_one() -> None:
    for scene in SCENES.values():
        if "stuck" in scene.routes:
            with scene.routes["stuck"]() as world:
                ran = play(scene, world)

                assert ran.execution.error == "CompensationFailed", scene.name
                assert world.attention() == 1, scene.name


def test_a_compensation_that_fails_is_called_so_although_nobody_can_be_told() -> None:
    for scene in SCENES.values():
        if "stuck" in scene.routes:
            with scene.routes["stuck"]() as world:
                ran = play(scene, world, "call_attention", "before crash")

                assert ran.execution.error == "CompensationFailed", scene.name
                assert "nobody was told" in (ran.execution.cause or ""), scene.name
