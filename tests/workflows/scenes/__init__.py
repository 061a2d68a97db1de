"""A world for each workflow, the routes through it, and what must hold however a run of it ends.

A scene knows nothing of single tasks: which of its routes goes through a task is found out by running them, so a new
task is in every test over scenes without a line here, or fails because no route goes through it.
"""

from collections.abc import Mapping
from functools import cache

from tests.workflows.scenes import content
from tests.workflows.scenes.cart import CART
from tests.workflows.scenes.images import ENDED, IMAGES, LIKENESS
from tests.workflows.scenes.media import MEDIA
from tests.workflows.scenes.onboarding import ONBOARDING
from tests.workflows.scenes.scene import Ran, Scene, World, play
from tests.workflows.scenes.tuning import TUNING
from tests.workflows.scenes.vending import PASSING, VENDING

__all__ = ["SCENES", "Ran", "Scene", "World", "play", "route_through"]

SCENES: Mapping[str, Scene] = {
    scene.name: scene
    for scene in (ONBOARDING, CART, PASSING, VENDING, IMAGES, ENDED, LIKENESS, TUNING, MEDIA, *content.SCENES)
}


@cache
def route_through(scene_name: str, task: str) -> str:
    """Give the first route on which a task is called."""
    scene = SCENES[scene_name]
    for name, calls in _calls(scene_name).items():
        if task in calls:
            return name
    raise AssertionError(f"no route of {scene.name} goes through {task}")


@cache
def _calls(scene_name: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, open_world in SCENES[scene_name].routes.items():
        with open_world() as world:
            found[name] = frozenset(play(SCENES[scene_name], world).tasks.calls)
    return found
