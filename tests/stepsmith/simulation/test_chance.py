"""Chance from a seed."""

from __future__ import annotations

from statistics import fmean

from hypothesis import given
from hypothesis import strategies as st

from stepsmith.simulation.chance import Chance, exponential, lognormal


@given(seed=st.integers(), execution=st.integers(-1, 10**9), what=st.text(max_size=8))
def test_a_draw_depends_on_nothing_but_what_it_is_for(seed: int, execution: int, what: str) -> None:
    one, other = Chance(seed, execution), Chance(seed, execution)
    other.draw(f"{what}!")

    draws = [one.draw(what) for _ in range(3)]

    assert draws == [other.draw(what) for _ in range(3)]
    assert all(0 <= each < 1 for each in draws)


def test_draws_are_spread_evenly() -> None:
    draws = [Chance(7, number).draw("x") for number in range(4000)]

    assert 0.48 < fmean(draws) < 0.52
    assert 0.08 < sum(each < 0.1 for each in draws) / 4000 < 0.12
    assert len(set(draws)) == 4000


@given(draw=st.floats(0, 1, exclude_max=True), median=st.floats(0.001, 1e6), more=st.floats(0, 1e6))
def test_durations_are_never_negative(draw: float, median: float, more: float) -> None:
    assert exponential(draw, median) >= 0
    assert lognormal(draw, median, median + more) >= 0
