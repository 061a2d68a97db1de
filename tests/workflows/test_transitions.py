"""No route through a workflow of the repository costs more transitions than a machine drawn by hand."""

import pytest

from tests.workflows.transitions import BY_HAND, path_of, routes, tuning_by_hand, tuning_compiled


@pytest.mark.parametrize(("workflow", "route"), list(routes()))
def test_a_route_enters_no_more_states_than_one_drawn_by_hand(workflow: str, route: str) -> None:
    path = path_of(workflow, route)

    assert len(path) <= BY_HAND[workflow][route], path


def test_power_tuning_enters_no_more_states_than_the_reference() -> None:
    ours, theirs = tuning_compiled(), tuning_by_hand()

    assert len(ours) <= len(theirs), (ours, theirs)
