"""SC-01 to SC-06, ON-05, VP-04, W-04, W-05: what must hold does, whatever single thing goes wrong, in whatever order.

Here the first case of each workflow fails in every way, and all are overtaken and aborted: before and after the effect
of any task, and with what it does late. `make explore` tries all of them with two mishaps at once, and with every name
of an error.
"""

import pytest

from stepsmith.testing import Exploration, Mishap, follow
from tests.workflows.explored.__main__ import summary
from tests.workflows.explored.all import CASES
from tests.workflows.explored.cases import is_about_order, is_for_the_night

FIRST = {name.partition(":")[0]: name for name in reversed(CASES)}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_nothing_that_goes_wrong_breaks_what_must_hold(name: str) -> None:
    case = CASES[name]
    everything = name in FIRST.values()

    def skip(mishap: Mishap) -> bool:
        return is_for_the_night(mishap) or not (everything or is_about_order(mishap))

    covered = case.explored(1, plans=case.most, skip=skip)

    assert covered.depth == 1 or covered.plans == case.most
    assert covered.states > 4


FOUND = {
    "what was captured late, before the second undo, goes back": (
        "shopping_cart: a checkout",
        Mishap(at="Capture payment", does="is aborted and works later"),
        Mishap(at="Refund payment", does="Capture payment comes late", execution=2),
    ),
    "what was captured late, before the first undo, goes back": (
        "shopping_cart: a checkout",
        Mishap(at="Capture payment", does="is aborted and works later"),
        Mishap(at="Void payment", does="Capture payment comes late", execution=2),
    ),
    "what nobody could be told of is ended by what ends records": (
        "shopping_cart: a checkout that the bank declines",
        Mishap(at="Record outcome after Exception", does="keeps failing with Runtime.ExitError"),
        Mishap(at="Call attention after CompensationFailed", does="keeps failing with Runtime.ExitError"),
    ),
}
"""Plans that broke something once, found by exploring two mishaps at once."""


@pytest.mark.parametrize("name", FOUND)
def test_what_two_mishaps_have_broken_holds(name: str) -> None:
    found, *plan = FOUND[name]
    case = CASES[found]

    ending = follow(
        case.workflow, case.inputs, plan=plan, world=case.world, answers=case.answers, always=case.always
    )

    case.holds(ending)


def test_a_summary_names_the_cases_that_were_not_finished_and_counts_no_broken_one() -> None:
    found = {
        "shop: a sale": Exploration(depth=2),
        "shop: two sales": Exploration(depth=1, not_begun=7),
        "shop: a theft": "it does not hold",
    }

    assert summary(found, 2) == "1 of 3 cases tried with up to 2 mishaps; not finished: two sales"
    assert summary({"shop: a sale": Exploration(depth=2)}, 2) == "1 of 1 cases tried with up to 2 mishaps"
