import math
from datetime import UTC, datetime

import pytest

from tasks.errors import InvalidInput
from tasks.power_tuning.chart.runs import check_comparable, moment, names_of
from tests.tasks.power_tuning.chart.drawn import a_run, a_run_on_arm, a_size


def test_runs_are_named_by_the_first_thing_in_which_they_differ() -> None:
    later = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)

    assert names_of([a_run(), a_run_on_arm(function="other")]) == ["resize", "other"]
    assert names_of([a_run(), a_run_on_arm(region="us-east-1")]) == ["x86_64", "arm64"]
    assert names_of([a_run(), a_run(region="us-east-1")]) == ["eu-west-1", "us-east-1"]
    assert names_of([a_run(), a_run(measured_by="a model")]) == ["AWS Lambda", "a model"]
    assert names_of([a_run(), a_run(started=later)]) == ["2026-03-01 12:30 UTC", "2026-03-02 12:30 UTC"]


def test_runs_that_differ_in_nothing_known_are_numbered() -> None:
    assert names_of([a_run(), a_run()]) == ["run 1", "run 2"]
    assert names_of([a_run(started=None), a_run()]) == ["run 1", "run 2"]
    assert names_of([a_run(function=None, architecture=None), a_run_on_arm(started=None)]) == [
        "run 1",
        "run 2",
    ]


def test_a_size_is_found_by_its_memory() -> None:
    run = a_run(128, 512)

    assert run.size(512) is run.sizes[1]
    assert run.size(640) is None
    assert run.size(None) is None


def test_extremes_are_of_the_figures_that_are_numbers() -> None:
    odd = a_size(128, duration=math.inf, cost=math.nan)
    low, high = a_size(256, duration=5, cost=1e-6), a_size(512, duration=9, cost=2e-6)

    run = a_run(sizes=(odd, high, low))

    assert (run.cheapest, run.dearest, run.fastest, run.slowest) == (low, high, low, high)
    alone = a_run(sizes=(odd,))
    assert {alone.cheapest, alone.dearest, alone.fastest, alone.slowest} == {None}


def test_costs_in_two_currencies_are_not_compared() -> None:
    check_comparable(a_run(), a_run_on_arm())
    with pytest.raises(InvalidInput, match="costs in USD and CNY cannot be compared"):
        check_comparable(a_run(), a_run(currency="CNY"))


def test_a_moment_is_told_to_the_minute() -> None:
    assert moment(datetime(2026, 3, 1, 7, 5, 59, tzinfo=UTC)) == "2026-03-01 07:05 UTC"
