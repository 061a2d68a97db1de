"""SC-01 to SC-06, ON-05, VP-04, W-04, W-05: what must hold does, whatever single thing goes wrong, in whatever order.

`make explore` tries two things at once, and every name of an error.
"""

import pytest

from tests.workflows.explored.all import BROKEN, CASES
from tests.workflows.explored.cases import is_about_order, is_for_the_night


@pytest.mark.slow
@pytest.mark.parametrize("name", [each for each in CASES if each not in BROKEN])
def test_nothing_that_goes_wrong_breaks_what_must_hold(name: str) -> None:
    case = CASES[name]
    several = len(case.inputs) > 1

    covered = case.explored(
        1,
        plans=case.most,
        skip=lambda mishap: is_for_the_night(mishap) or (several and not is_about_order(mishap)),
    )

    assert covered.depth == 1 or covered.plans == case.most
    assert covered.states > 4
