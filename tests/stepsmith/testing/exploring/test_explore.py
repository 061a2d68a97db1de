"""What an exploration tries, finds, recognises and leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from stepsmith.errors import InvalidInput, NotFound
from stepsmith.testing import Ending, Exploration, Mishap, PropertyBroken, explore, follow
from tests.stepsmith.testing.exploring.bakery import (
    Bakery,
    ClosedBakery,
    ask,
    bake,
    bake_carefully,
    bake_for_two,
    charge,
    nobody_pays_without_bread,
    nothing_is_taken_twice,
    say_yes,
)

ORDER = {"cents": 300}
Plans = list[tuple[Mishap, ...]]


def tried(inputs: Any = ORDER, **options: Any) -> tuple[list[Ending[Bakery]], Exploration]:
    """Explore without a property, and give how each plan ended that was played to its end."""
    endings: list[Ending[Bakery]] = []
    covered = explore(bake, inputs, holds=endings.append, world=Bakery, answers=say_yes, **options)
    return endings, covered


def everything_at(at: str, inputs: Any = ORDER) -> list[str]:
    """Give all that is tried at a state with one mishap, also what joins another play."""
    found: list[str] = []
    explore(bake, inputs, holds=str, world=Bakery, answers=say_yes, skip=lambda each: _note(each, at, found))
    return found


def _note(mishap: Mishap, at: str, found: list[str]) -> bool:
    if mishap.at == at:
        found.append(mishap.does)
    return True


def test_the_happy_path_comes_first_and_then_what_is_one_mishap_away() -> None:
    endings, covered = tried()

    assert [len(ending.plan) for ending in endings] == [0, *[1] * (len(endings) - 1)]
    assert (covered.depth, covered.plans - covered.joined) == (1, len(endings))


def test_a_task_fails_by_each_of_its_errors_before_and_after_its_effect_for_once_and_for_good() -> None:
    assert everything_at("Charge") == [
        "fails with TooDear",
        "fails with Busy",
        "keeps failing with Busy",
        "fails with Busy after its effect",
        "keeps failing with Busy after its effect",
        "fails with Runtime.ExitError",
        "fails with Runtime.ExitError after its effect",
        "fails to answer in time",
        "fails to answer in time after its effect",
        "works when it has timed out",
        "works twice",
        "works again later",
        "is aborted",
        "is aborted after its effect",
        "is aborted and works later",
    ]


def test_a_mistake_nobody_foresaw_is_tried_where_a_crash_is_treated_otherwise() -> None:
    found: list[str] = []

    explore(bake_carefully, ORDER, holds=str, world=Bakery, skip=lambda each: _note(each, "Hand out", found))

    assert "fails with Exception after its effect" not in everything_at("Charge")
    assert "fails with Exception after its effect" in found
    assert "keeps failing with Runtime.ExitError" in found


def test_a_task_without_a_limit_does_not_time_out() -> None:
    assert not [does for does in everything_at("Hand over") if "in time" in does or "timed out" in does]


def test_a_callback_is_answered_late_twice_or_not_at_all() -> None:
    assert everything_at("answer to Ask") == [
        "is not answered",
        "is answered twice",
        "is answered too late",
        "is aborted",
    ]


def test_an_execution_is_aborted_while_it_waits() -> None:
    assert everything_at("waiting in Wait 1 minute") == ["is aborted"]


def test_another_execution_starts_or_goes_first_at_any_moment() -> None:
    both = [ORDER, ORDER]

    assert "execution 2 starts" in everything_at("waiting in Wait 1 minute", both)
    plan = [
        Mishap("Charge", "execution 2 starts"),
        Mishap("Charge", "execution 1 goes first", execution=2),
    ]
    ending = follow(bake, both, plan=plan, world=Bakery, answers=say_yes)
    assert [execution.status for execution in ending.executions] == ["SUCCEEDED", "SUCCEEDED"]


@pytest.mark.parametrize(
    ("does", "status", "taken", "loaves"),
    [
        ("fails with Busy", "SUCCEEDED", 300, 1),
        ("fails with Busy after its effect", "SUCCEEDED", 600, 1),
        ("keeps failing with Busy", "FAILED", 0, 0),
        ("keeps failing with Busy after its effect", "FAILED", 900, 0),
        ("fails to answer in time", "FAILED", 0, 0),
        ("fails to answer in time after its effect", "FAILED", 300, 0),
        ("works when it has timed out", "FAILED", 300, 0),
        ("works twice", "SUCCEEDED", 600, 1),
        ("works again later", "SUCCEEDED", 600, 1),
        ("is aborted", "ABORTED", 0, 0),
        ("is aborted after its effect", "ABORTED", 300, 0),
        ("is aborted and works later", "ABORTED", 300, 0),
    ],
)
def test_a_mishap_does_what_it_says(does: str, status: str, taken: int, loaves: int) -> None:
    ending = follow(bake, ORDER, plan=[Mishap("Charge", does)], world=Bakery, answers=say_yes)

    till = ending.world.till
    assert (ending.executions[0].status, till.taken, len(till.loaves)) == (status, taken, loaves)


@pytest.mark.parametrize(
    ("does", "output", "questions"),
    [
        ("is not answered", "nobody there", 0),
        ("is answered twice", "sold", 2),
        ("is answered too late", "nobody there", 1),
    ],
)
def test_an_answer_does_what_it_says(does: str, output: str, questions: int) -> None:
    ending = follow(bake, ORDER, plan=[Mishap("answer to Ask", does)], world=Bakery, answers=say_yes)

    assert (ending.executions[0].output, ending.world.questions) == (output, questions)


def test_each_of_several_answers_is_given() -> None:
    loaves: set[str] = set()

    explore(
        bake,
        ORDER,
        holds=lambda ending: loaves.update(ending.world.till.loaves),
        world=Bakery,
        answers={ask: [{"yes": True}, {"yes": False}]},
    )

    assert loaves == {"sliced", "whole"}


def test_what_works_later_may_work_before_anything_else() -> None:
    plan = [Mishap("Charge", "works again later"), Mishap("Hand over", "Charge comes late")]
    taken: list[int] = []

    follow(bake, ORDER, plan=plan, world=Bakery, answers=say_yes, always=lambda b: taken.append(b.till.taken))

    assert taken[-2:] == [600, 600]


def test_branches_go_in_every_order() -> None:
    orders: set[tuple[str, ...]] = set()

    explore(
        bake_for_two, ORDER, holds=lambda ending: orders.add(tuple(ending.world.till.loaves)), world=Bakery
    )

    assert {("rye", "wheat"), ("wheat", "rye")} <= orders


def test_a_state_that_is_known_is_not_looked_at_twice_where_the_world_can_be_looked_into() -> None:
    _, open_one = tried(depth=2)
    closed = explore(bake, ORDER, holds=str, world=ClosedBakery, answers=say_yes, depth=2)

    assert open_one.joined > 0
    assert open_one.states < closed.states
    assert closed.plans > open_one.plans


@pytest.mark.parametrize(
    ("mishaps", "taken"),
    [
        ([Mishap("Hand out", "is aborted")], 0),
        ([Mishap("Hand out", "keeps failing with Runtime.ExitError")], 0),
        ([Mishap("Hand out", "is aborted"), Mishap("Refund", "fails to answer in time", execution=2)], 300),
    ],
)
def test_what_ends_the_records_of_an_execution_follows_it_and_may_fail_as_well(
    mishaps: list[Mishap], taken: int
) -> None:
    ending = follow(bake_carefully, ORDER, plan=mishaps, world=Bakery)

    assert (ending.world.till.taken, len(ending.executions)) == (taken, 1)


def test_what_was_carried_out_is_told_in_order_heard_or_not() -> None:
    ending = follow(bake, ORDER, plan=[Mishap("Charge", "works twice")], world=Bakery, answers=say_yes)

    assert [each.at for each in ending.work] == ["Charge", "Charge", "Ask", "answer to Ask", "Hand over"]
    assert ending.work[0].payload == ORDER


def test_it_stops_at_the_first_plan_that_breaks_a_property() -> None:
    with pytest.raises(PropertyBroken) as broken:
        explore(bake, ORDER, holds=nobody_pays_without_bread, world=Bakery, answers=say_yes, depth=3)

    assert broken.value.plan == (Mishap("Charge", "fails with Busy after its effect"),)
    assert broken.value.exploration.depth == 0


def test_what_holds_always_is_looked_at_after_everything_that_happens() -> None:
    with pytest.raises(PropertyBroken, match=r"^nothing_is_taken_twice: ") as broken:
        explore(bake, ORDER, always=nothing_is_taken_twice, world=Bakery, answers=say_yes)

    assert "always=nothing_is_taken_twice" in broken.value.test


def test_it_is_never_silent_about_what_it_left_out() -> None:
    _, covered = tried(depth=2, plans=50, skip=lambda mishap: mishap.does.startswith("is aborted"))

    lines = str(covered).splitlines()
    assert covered.plans == 50
    assert lines[1] == "all plans with up to 1 mishaps were tried, except for what is named here"
    assert f"{covered.skipped} plans left out because skip says so" in lines
    assert f"{covered.alike} plans left out: they differ from another in the name of an error" in str(covered)
    assert f"{covered.not_begun} plans with 2 mishaps not tried: the limit" in str(covered)
    assert min(covered.skipped, covered.alike, covered.not_begun, covered.joined) > 0


def test_errors_that_are_treated_alike_come_alone_and_one_of_them_with_others() -> None:
    endings: list[Ending[Bakery]] = []
    errors = {charge: ["Broken.One", "Broken.Two"]}
    covered = explore(bake_carefully, ORDER, holds=endings.append, world=Bakery, errors=errors, depth=2)

    alone = {each.plan[0].does for each in endings if len(each.plan) == 1}
    first_of_two = {each.plan[0].does for each in endings if len(each.plan) == 2}
    assert {"fails with Broken.One", "fails with Broken.Two"} <= alone
    assert "fails with Broken.One" in first_of_two
    assert "fails with Broken.Two" not in first_of_two
    assert covered.depth == 2
    assert f"{covered.not_combined} plans not gone on from with another mishap, for the same reason" in str(
        covered
    )


def test_it_stops_when_the_time_is_over() -> None:
    _, covered = tried(seconds=0)

    assert (covered.plans, covered.not_begun) == (0, 1)


def test_further_errors_can_be_named() -> None:
    def noted(mishap: Mishap) -> bool:
        found.append(mishap.does)
        return True

    found: list[str] = []
    explore(
        bake,
        ORDER,
        holds=str,
        world=Bakery,
        answers=say_yes,
        errors={charge: [KeyError, "No.Way"]},
        skip=noted,
    )

    assert {"fails with KeyError", "fails with No.Way"} <= set(found)


def test_mishaps_that_cannot_happen_are_refused_with_those_that_can() -> None:
    with pytest.raises(
        InvalidInput, match="cannot be made to do 'explodes' at 'Charge'; what can happen: fails"
    ):
        follow(bake, ORDER, plan=[Mishap("Charge", "explodes")], world=Bakery, answers=say_yes)
    with pytest.raises(InvalidInput, match="it never came to execution 1, Refund: works twice"):
        follow(bake, ORDER, plan=[Mishap("Refund", "works twice")], world=Bakery, answers=say_yes)
    with pytest.raises(InvalidInput, match="counted from 1"):
        Mishap("Charge", "works twice", time=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": []}, "inputs is empty"),
        ({"inputs": {"cents": "many"}}, "cents"),
        ({"depth": -1}, "depth is -1"),
        ({"holds": None}, "neither holds= nor always="),
        ({"world": lambda: 7}, "world gives int, which has no `clients`"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"inputs": ORDER, "holds": str, "world": Bakery, "answers": say_yes, **options}

    with pytest.raises(InvalidInput, match=message):
        explore(bake, given.pop("inputs"), **given)


def test_answers_of_what_waits_for_none_are_refused() -> None:
    with pytest.raises(NotFound):
        explore(bake, ORDER, holds=str, world=Bakery, answers={"asked": True})
    with pytest.raises(InvalidInput, match="waits for no answer"):
        explore(bake, ORDER, holds=str, world=Bakery, answers={charge: 1})
