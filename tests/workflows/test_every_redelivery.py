"""W-04 over every workflow and route: what is delivered again changes nothing, whatever breaks while it is handled."""

import pytest

from tests.workflows.scenes import SCENES, play

ROUTES = [
    (name, route)
    for name, scene in SCENES.items()
    for route in scene.routes
    if name
    != "delayed_vending"  # a purchase has no identity: its execution is named after the machine's own event
]
NOT_ENDED = (
    ("shopping_cart", "not recorded"),
    ("shopping_cart", "refusal not recorded"),
    ("power_tuning", "not cleaned up"),
)
"""Where nobody could write how it ended, or put things back, the next delivery goes on."""


@pytest.mark.parametrize(("scene_name", "route"), [each for each in ROUTES if each not in NOT_ENDED])
def test_w_04_the_same_event_again_leaves_the_same_records(scene_name: str, route: str) -> None:
    scene = SCENES[scene_name]
    with scene.routes[route]() as world:
        play(scene, world)
        before = world.records()

        for seed in (1, 2):
            play(scene, world, seed=seed)

        assert world.records() == before


@pytest.mark.parametrize("fault", ["before crash", "after crash"])
@pytest.mark.parametrize(
    ("scene_name", "route"),
    [
        ("customer_onboarding", "approved"),
        ("customer_onboarding", "approved by hand"),
        ("shopping_cart", "bought"),
        ("shopping_cart", "confirmed"),
        ("vending_pass", "free drink"),
    ],
)
def test_w_04_what_was_completed_stays_completed_whatever_breaks_in_the_next_delivery(
    scene_name: str, route: str, fault: str
) -> None:
    scene = SCENES[scene_name]
    for task in sorted(scene.workflow.tasks):
        with scene.routes[route]() as world:
            play(scene, world)
            before = world.records()

            play(scene, world, task, fault, seed=1)

            assert world.records() == before, task


@pytest.mark.parametrize(
    "task", ["price_cart", "reserve_stock", "authorise_payment", "create_order", "capture_payment"]
)
def test_w_04_a_delivery_that_breaks_never_undoes_what_another_completes_meanwhile(task: str) -> None:
    scene = SCENES["shopping_cart"]
    with scene.routes["bought"]() as world:
        completed: list[str] = []

        def overtaken(name: str) -> str | None:
            if name != task or completed:
                return None
            completed.append("by another")
            completed.append(play(scene, world, seed=1).execution.status)
            return "before crash"

        ran = play(scene, world, plan=overtaken)

        checkouts = world.records()["checkouts"]
    ends = [checkouts["k1", step]["status"]["S"] for step in ("outcome", "payment", "order")]
    assert (completed[1], ran.execution.error) == ("SUCCEEDED", "Crash")
    assert ends == ["SUCCEEDED", "settled", "done"]


def test_w_04_a_checkout_that_another_delivery_has_undone_at_the_last_moment_is_not_called_completed() -> (
    None
):
    scene = SCENES["shopping_cart"]
    with scene.routes["bought"]() as world:
        undone: list[str | None] = []

        def overtaken(name: str) -> None:
            if name == "record_outcome" and not undone:
                undone.append("by another")
                undone.append(play(scene, world, "price_cart", "before crash", seed=1).execution.error)

        ran = play(scene, world, plan=overtaken)

        checkouts = world.records()["checkouts"]
        stock = world.records()["products"]["tea", ""]["stock"]
    ends = [checkouts["k1", step]["status"]["S"] for step in ("outcome", "payment", "order", "stock")]
    assert (undone[1], ran.execution.error) == ("Crash", "Conflict")
    assert (ends, stock) == (["REJECTED", "undone", "undone", "undone"], {"N": "10"})
