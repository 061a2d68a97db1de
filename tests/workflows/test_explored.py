"""SC-01 to SC-06, ON-05, VP-04, W-04, W-05: what must hold does, whatever single thing goes wrong, in whatever order.

Here the first case of each workflow fails in every way, and all are overtaken and aborted: before and after the effect
of any task, and with what it does late. `make explore` tries all of them with two mishaps at once, and with every name
of an error.
"""

import pytest

from stepsmith.testing import Mishap
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
