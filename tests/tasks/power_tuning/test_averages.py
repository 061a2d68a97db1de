import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import InvalidInput
from tasks.power_tuning.averages import clamped, deviation, percentile, standard_error, trimmed_mean

DURATIONS = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=100)


def test_the_share_is_cut_from_each_end() -> None:
    assert trimmed_mean([1, 2, 3, 4, 2000], 0.2) == 3


def test_values_are_sorted_as_numbers() -> None:
    assert trimmed_mean([10, 9, 100, 1], 0.25) == 9.5


def test_the_count_cut_off_is_truncated() -> None:
    assert trimmed_mean([*range(1, 100), 10_000], 0.29) == trimmed_mean([*range(1, 100), 10_000], 0.285)


def test_nothing_has_the_mean_0() -> None:
    assert trimmed_mean([], 0.2) == 0


@pytest.mark.parametrize("discard", [-0.1, 0.5, float("nan")])
def test_a_share_that_leaves_nothing_is_refused(discard: float) -> None:
    with pytest.raises(InvalidInput, match="discardTopBottom"):
        trimmed_mean([1], discard)


@given(DURATIONS, st.floats(0, 0.49))
def test_the_mean_lies_between_the_extremes_and_ignores_order(values: list[float], discard: float) -> None:
    mean = trimmed_mean(values, discard)

    assert min(values) * (1 - 1e-9) <= mean <= max(values) * (1 + 1e-9)
    assert mean == trimmed_mean(values[::-1], discard)


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(100, 0, -1)]

    assert [percentile(values, share) for share in (0, 0.5, 0.95, 0.99, 1)] == [1, 50, 95, 99, 100]


@given(DURATIONS)
def test_the_deviation_is_that_of_a_sample(values: list[float]) -> None:
    expected = statistics.stdev(values) if len(values) > 1 else 0

    assert deviation(values) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_without_trimming_the_error_is_the_usual_one() -> None:
    values = [3.0, 5.0, 8.0, 9.0]

    assert standard_error(values, 0) == pytest.approx(statistics.stdev(values) / 2)


def test_an_outlier_that_is_cut_off_does_not_blow_the_error_up() -> None:
    values = [100.0, 101.0, 99.0, 100.5, 99.5, 100.2, 99.8, 100.1, 99.9, 5000.0]

    assert standard_error(values, 0.1) < 1 < standard_error(values, 0)


def test_too_few_values_have_no_error() -> None:
    assert standard_error([5.0], 0) == 0


@pytest.mark.parametrize(("value", "kept"), [(-1, 0), (0.3, 0.3), (9, 0.4)])
def test_a_value_beyond_a_bound_becomes_the_bound(value: float, kept: float) -> None:
    assert clamped(value, 0, 0.4) == kept


def test_the_standard_error_is_that_of_the_mean_of_what_is_kept() -> None:
    assert standard_error([1, 3], 0) == pytest.approx(1)
    assert standard_error([5], 0) == standard_error([1, 2, 3], 0.4) == 0


def test_what_is_cut_off_counts_as_what_is_next_to_it() -> None:
    # Tukey and McLaughlin: 2, 2, 3, 4, 4 deviate by 1; by 5 values of which 3 are kept
    assert standard_error([100, 1, 3, 2, 4], 0.2) == pytest.approx(math.sqrt(5) / 3)
    # 3, 3, 3, 5, 9, 9, 9
    assert standard_error([1, 2, 3, 5, 9, 50, 60], 0.3) == pytest.approx(
        deviation([3, 3, 3, 5, 9, 9, 9]) * math.sqrt(7) / 3
    )
