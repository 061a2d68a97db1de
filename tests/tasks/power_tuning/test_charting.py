import math
from typing import Any

import pytest

from tasks.errors import InvalidInput
from tasks.power_tuning.chart.address import Point, chart_address
from tasks.power_tuning.charting import chart_of, charted
from tasks.power_tuning.models import PowerMeasurement, PowerStatus, TuningReport
from tasks.power_tuning.reporting import report
from tests.tasks.power_tuning.worlds import RUN, FaultyLambda, plan_for

ADDRESS = chart_address([Point(512, 200, 1e-6), Point(128, 800, 2e-6)])


def a_report(**fields: Any) -> TuningReport:
    measured = [
        PowerMeasurement(
            power=power,
            status=PowerStatus.MEASURED,
            samples=5,
            average_duration=100_000 / power,
            average_price=power * 1e-9,
            p95=150,
            deviation=2,
        )
        for power in (512, 128)
    ]
    failed = PowerMeasurement(power=1024, status=PowerStatus.FAILED, failure="out of memory")
    return report(plan_for(FaultyLambda(), **fields), [*measured, failed], 16)


def as_json(one: TuningReport) -> dict[str, Any]:
    return one.model_dump(mode="json", by_alias=True)


def test_a_report_is_charted_with_all_that_it_tells() -> None:
    run = charted(a_report(num=7, strategy="speed", onlyColdStarts=True))

    assert [(size.power, size.duration, size.cost) for size in run.sizes] == [
        (128, 781.25, 128e-9),
        (512, 195.3125, 512e-9),
    ]
    assert [(size.p95, size.deviation, size.samples) for size in run.sizes] == [(150, 2, 5)] * 2
    assert (run.best, run.strategy, run.currency) == (512, "speed", "USD")
    assert (run.function, run.region, run.architecture) == ("target", "eu-west-1", "x86_64")
    assert (run.started, run.runs, run.is_cold) == (RUN.started, 7, True)
    assert [(one.power, one.failure) for one in run.failed] == [(1024, "out of memory")]
    assert run.measured_by == "a performance model"
    assert "1024 MB could not be measured" in run.warnings


def test_sizes_within_the_noise_are_charted_as_such() -> None:
    assert charted(a_report().model_copy(update={"tied_with": [512]})).tied == (512,)


def test_the_json_of_a_report_is_charted_like_the_report() -> None:
    one = a_report()

    assert charted(as_json(one)) == charted(one)
    assert charted({"status": "SUCCEEDED", "output": as_json(one), "elapsed": 0}) == charted(one)


@pytest.mark.parametrize(
    "result",
    [ADDRESS, {"power": "512", "stateMachine": {"visualization": ADDRESS}}],
    ids=["address", "output"],
)
def test_what_the_original_gives_is_charted(result: Any) -> None:
    run = charted(result)

    assert [(size.power, size.duration) for size in run.sizes] == [(128, 800), (512, 200)]
    assert [size.cost for size in run.sizes] == pytest.approx([2e-6, 1e-6])
    assert (run.best, run.function, run.currency) == (512 if isinstance(result, dict) else None, None, "USD")


def test_an_address_says_that_its_costs_are_in_yuan() -> None:
    address = chart_address([Point(512, 200, 1e-6)], region="cn-north-1")

    assert charted(address).currency == "CNY"
    assert charted({"power": 512, "stateMachine": {"visualization": address}}).best == 512


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (None, "a dry run has no figures to draw"),
        ({"status": "SUCCEEDED", "output": None}, "the execution SUCCEEDED and has no figures to draw"),
        ({"status": "FAILED", "error": "x"}, "this is no result of power tuning"),
        ({}, "this is no result of power tuning"),
        ([], "this is no result of power tuning"),
        (5, "this is no result of power tuning"),
        ({"sizes": []}, "the report cannot be drawn: power: Field required"),
        ("https://lambda-power-tuning.show/", "is no chart address"),
        ("https://lambda-power-tuning.show/#;;", "the result has no memory sizes of Lambda"),
        (chart_address([Point(0, 1, 1)]), "the result has no memory sizes of Lambda"),
        (chart_address([Point(10_241, 1, 1)]), "the result has no memory sizes of Lambda"),
        (chart_address([Point(40_000, 1, 1)]), "the result has no memory sizes of Lambda"),
        (chart_address([Point(512, -1, 1)]), "the result has figures below 0"),
        (chart_address([Point(512, 1, -1)]), "the result has figures below 0"),
        (as_json(a_report()) | {"sizes": []}, "the result has no memory sizes of Lambda"),
        (as_json(a_report()) | {"failed": [{"power": 0, "failure": "x"}]}, "has no memory sizes of Lambda"),
        (as_json(a_report()) | {"lambdaARN": "x"}, "lambdaARN: 'x' is not the ARN of a Lambda function"),
        ({"power": {}, "stateMachine": {"visualization": "x"}}, "'x' is no chart address"),
    ],
)
def test_what_has_no_figures_is_refused(result: Any, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        chart_of(result)


def test_an_address_with_the_smallest_and_the_largest_size_is_charted() -> None:
    address = chart_address([Point(128, 0, 0), Point(10_240, math.inf, math.nan)])

    assert [size.power for size in charted(address).sizes] == [128, 10_240]
    assert "unknown" in chart_of(address).page()


def test_a_report_with_a_p95_below_0_is_refused_and_without_one_is_not() -> None:
    one = as_json(a_report())
    one["sizes"][0]["p95"] = -1

    with pytest.raises(InvalidInput, match="the result has figures below 0"):
        charted(one)
    one["sizes"][0]["p95"] = 0
    assert charted(one).sizes[1].p95 == 0


def test_the_smallest_size_that_can_be_drawn_is_one_megabyte() -> None:
    assert charted(chart_address([Point(1, 5, 1)])).sizes[0].power == 1


def test_two_results_are_charted_beside_each_other_whatever_they_are() -> None:
    chart = chart_of(a_report(), ADDRESS)

    assert chart.runs == (charted(a_report()), charted(ADDRESS))
    assert "run 1" in chart.page()


def test_results_in_two_currencies_are_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot be compared"):
        chart_of(a_report(), chart_address([Point(512, 200, 1e-6)], region="cn-north-1"))


def test_a_notebook_shows_a_chart_and_a_report_as_the_same_figure() -> None:
    one = a_report()

    assert chart_of(one)._repr_html_() == one._repr_html_()
    assert chart_of(one)._repr_html_() in chart_of(one).page().replace("h1>", "h2>")
