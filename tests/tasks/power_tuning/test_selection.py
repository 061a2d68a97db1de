import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import InvalidInput
from tasks.power_tuning.selection import Candidate, Strategy, best, ranked, ranking, strategy_named

SMALL = Candidate(128, duration=1000, cost=1)
MIDDLE = Candidate(512, duration=250, cost=1.1)
LARGE = Candidate(3008, duration=240, cost=9)
CANDIDATES = st.lists(
    st.builds(Candidate, st.integers(128, 10_240), st.floats(0.01, 1e6), st.floats(1e-9, 1)), min_size=1
)


@pytest.mark.parametrize(
    ("strategy", "chosen"), [(Strategy.COST, SMALL), (Strategy.SPEED, LARGE), (Strategy.BALANCED, MIDDLE)]
)
def test_each_strategy_has_its_own_best(strategy: Strategy, chosen: Candidate) -> None:
    assert best([LARGE, SMALL, MIDDLE], strategy) == chosen


def test_equal_costs_are_decided_by_duration_and_equal_durations_by_cost() -> None:
    slow, fast = Candidate(128, 20, 1), Candidate(256, 10, 1)
    dear, cheap = Candidate(128, 20, 2), Candidate(256, 20, 1)

    assert best([slow, fast], Strategy.COST) == fast
    assert best([dear, cheap], Strategy.SPEED) == cheap


def test_of_equals_the_first_is_taken() -> None:
    assert best([Candidate(256, 1, 1), Candidate(128, 1, 1)], Strategy.BALANCED).power == 256


@given(CANDIDATES)
def test_a_weight_of_1_is_cost_and_of_0_is_speed(candidates: list[Candidate]) -> None:
    assert best(candidates, Strategy.BALANCED, 1).cost == min(one.cost for one in candidates)
    assert best(candidates, Strategy.BALANCED, 0).duration == min(one.duration for one in candidates)


def test_candidates_are_ranked_and_equal_ones_keep_their_order() -> None:
    twice = [Candidate(128, 20, 2), Candidate(256, 10, 1), Candidate(128, 10, 1)]

    assert [one.power for one in ranked(twice, Strategy.COST)] == [256, 128, 128]


def test_free_runs_are_compared_by_duration() -> None:
    assert best([Candidate(128, 2, 0), Candidate(256, 1, 0)], Strategy.BALANCED).power == 256


def test_of_none_there_is_no_best() -> None:
    with pytest.raises(InvalidInput, match="no memory size"):
        best([], Strategy.COST)


@pytest.mark.parametrize("name", ["fast", "COST", "", None, 5])
def test_an_unknown_strategy_is_refused_by_name(name: object) -> None:
    with pytest.raises(InvalidInput, match="is not one of cost, speed, balanced"):
        strategy_named(name)  # pyright: ignore[reportArgumentType] - any JSON


def test_what_costs_nothing_and_takes_no_time_ranks_at_zero() -> None:
    nothing = Candidate(128, 0, 0)

    assert ranking([nothing], Strategy.BALANCED, 0.5)(nothing) == (0, 0)


def test_balance_is_a_share_of_the_most_expensive_and_of_the_slowest() -> None:
    cheap, fast = Candidate(128, 400, 1), Candidate(512, 100, 4)

    key = ranking([cheap, fast], Strategy.BALANCED, 0.25)

    assert key(cheap) == (0.25 * 0.25 + 0.75, 0)
    assert key(fast) == (0.25 + 0.75 * 0.25, 0)
