"""W-04 over every workflow and route: what is delivered again changes nothing, whatever breaks while it is handled.

Two deliveries at once are explored: in every order, and with calls of tasks that are carried out twice or late.
"""

from typing import Any

import pytest

from stepsmith.testing import Ending, Mishap, explore, follow
from tests.workflows.explored.all import CASES
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


AT_ONCE = (
    "shopping_cart: the same checkout twice",
    "customer_onboarding: the same application twice",
    "vending_pass: the same swipe twice",
    "vending_pass: the same swipe in another execution",
    "image_recognition: the same event twice",
)
OF_ONE = ("ended_at", "verification_token", "confirmation_code", "execution")
"""Attributes that say when and which of the deliveries has done something."""


def records(ending: Ending[Any]) -> dict[str, Any]:
    """Give what lies in the tables at the end."""
    tables = ending.world.clients["dynamodb"].tables
    return {
        name: {
            key: {field: value for field, value in item.items() if field not in OF_ONE}
            for key, item in items.items()
        }
        for name, items in tables.items()
    }


AGAIN = ("goes first", "starts", "comes late", "works twice", "works again later", "is answered twice")


def is_more_than_again(mishap: Mishap) -> bool:
    """Leave out whatever fails, gives up or is aborted."""
    return not mishap.does.endswith(AGAIN)


@pytest.mark.parametrize("name", AT_ONCE)
def test_w_04_two_deliveries_at_once_in_any_order_leave_what_one_leaves(name: str) -> None:
    case = CASES[name]
    once = follow(case.workflow, case.inputs[:1], world=case.world, answers=case.answers)
    expected = records(once)

    def as_of_one(ending: Ending[Any]) -> None:
        assert records(ending) == expected

    covered = explore(
        case.workflow,
        case.inputs,
        holds=as_of_one,
        world=case.world,
        answers=case.answers,
        skip=is_more_than_again,
    )

    assert covered.depth == 1
    assert covered.plans > 20
