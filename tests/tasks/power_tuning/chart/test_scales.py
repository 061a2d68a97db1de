import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.power_tuning.chart.scales import LABEL, FigureScale, MemoryScale, difference, number, ticks


@given(st.floats(1e-9, 1e12))
def test_ticks_are_six_at_equal_steps_and_reach_the_highest_closely(highest: float) -> None:
    marks = ticks(highest)

    assert len(marks) == 6
    assert marks[0] == 0
    assert highest * (1 - 1e-6) <= marks[-1] <= highest * 1.34
    assert all(later - earlier == pytest.approx(marks[1]) for earlier, later in itertools.pairwise(marks))


@pytest.mark.parametrize(
    ("highest", "step"),
    [(500, 100), (501, 120), (87, 20), (12.4, 2.5), (601, 150), (2800, 600), (5.0, 1), (39, 8)],
)
def test_steps_are_round(highest: float, step: float) -> None:
    assert ticks(highest)[1] == pytest.approx(step)


@pytest.mark.parametrize("highest", [0, float("inf"), -1, float("nan")])
def test_there_are_ticks_for_nothing_too(highest: float) -> None:
    assert ticks(highest) == [0, 0.2, 0.4, 0.6, 0.8, 1]


@given(st.lists(st.integers(128, 10_240), min_size=2, max_size=60, unique=True))
def test_labels_do_not_touch_each_other_and_the_best_has_one(powers: list[int]) -> None:
    scale = MemoryScale.over(powers, 100, 700)

    labels = scale.labels([powers[0]])

    places = [scale.at(power) for power in labels]
    assert all(later - earlier >= LABEL for earlier, later in itertools.pairwise(places))
    assert powers[0] in labels


def test_the_smallest_size_is_at_the_left_the_largest_at_the_right_and_a_doubling_is_a_step() -> None:
    scale = MemoryScale.over([512, 128, 2048, 128], 100, 700)

    assert [scale.at(power) for power in (128, 256, 512, 1024, 2048)] == pytest.approx(
        [100, 250, 400, 550, 700]
    )
    assert scale.powers == (128, 512, 2048)


def test_a_single_size_is_in_the_middle() -> None:
    assert MemoryScale.over([512], 100, 700).at(512) == 400


def test_two_sizes_that_are_labels_apart_both_have_one() -> None:
    assert MemoryScale.over([128, 256], 0, LABEL).labels([]) == [128, 256]
    assert MemoryScale.over([128, 256], 0, LABEL - 1).labels([]) == [128]


def test_figures_are_between_the_bottom_and_the_top() -> None:
    scale = FigureScale.over([7, 100, float("inf"), float("nan")], 50, 350)

    assert (scale.highest, scale.at(0), scale.at(100), scale.at(50)) == (100, 350, 50, 200)
    assert scale.at(float("inf")) == scale.at(float("nan")) == 50
    assert FigureScale.over([], 50, 350).highest == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1234567.8, "1,234,568"),
        (469.4, "469"),
        (99.994, "99.99"),
        (12.5, "12.5"),
        (1, "1"),
        (0.999, "0.999"),
        (0.01234, "0.0123"),
        (0.0000312, "0.0000312"),
        (0.1, "0.1"),
        (0.000001, "0.000001"),
        (3e-12, "3e-12"),
        (1.23456e-7, "1.23e-07"),
        (float("inf"), "unknown"),
        (float("nan"), "unknown"),
    ],
)
def test_figures_have_the_digits_that_matter(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "before", "text"),
    [
        (110, 100, "+10 %"),
        (66, 100, "\u221234 %"),
        (100.4, 100, "0 %"),
        (3500, 100, "+3,400 %"),
        (0, 5, "\u2212100 %"),
        (5, 0, "unknown"),
        (5, -1, "unknown"),
        (float("nan"), 5, "unknown"),
        (5, float("inf"), "unknown"),
    ],
)
def test_a_difference_is_in_percent_of_what_was_before(value: float, before: float, text: str) -> None:
    assert difference(value, before) == text
