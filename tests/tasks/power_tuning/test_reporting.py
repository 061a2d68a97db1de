from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import Rejected
from tasks.power_tuning.chart.address import points_in
from tasks.power_tuning.models import PowerMeasurement, PowerStatus, TuningPlan
from tasks.power_tuning.reporting import report
from tests.tasks.power_tuning.worlds import ARN, RUN, FaultyLambda, plan_for


def plan(**fields: Any) -> TuningPlan:
    return plan_for(FaultyLambda(), **fields)


def one(
    power: int, duration: float = 100, price: float = 1e-6, error: float = 0.1, **more: Any
) -> PowerMeasurement:
    return PowerMeasurement(
        power=power,
        status=PowerStatus.MEASURED,
        samples=10,
        average_duration=duration,
        average_price=price,
        average_error=error,
        total_cost=price * 10,
        **more,
    )


def failed(power: int) -> PowerMeasurement:
    return PowerMeasurement(power=power, status=PowerStatus.FAILED, failure="out of memory")


def test_the_best_size_is_reported_with_what_it_costs_and_takes() -> None:
    found = report(plan(), [one(128, 800, 2e-6), one(512, 200, 1e-6)], transitions=16)

    assert (found.power, found.cost, found.duration) == (512, 1e-6, 200)
    assert found.state_machine.lambda_cost == pytest.approx(3e-5)
    assert found.state_machine.execution_cost == pytest.approx(16 * 0.000025)


def test_failed_sizes_are_reported_beside_the_good_ones() -> None:
    """PT-05."""
    found = report(plan(), [failed(128), one(512)], transitions=16)

    assert found.power == 512
    assert [(failure.power, failure.failure) for failure in found.failed] == [(128, "out of memory")]
    assert "128 MB could not be measured" in found.warnings


def test_a_run_without_a_single_good_size_fails() -> None:
    """PT-05."""
    with pytest.raises(Rejected, match="no memory size could be measured: 128 MB: out of memory; 512 MB"):
        report(plan(), [failed(128), failed(512)], transitions=16)


@pytest.mark.parametrize(("strategy", "power"), [("cost", 128), ("speed", 3008), ("balanced", 512)])
def test_the_strategy_decides(strategy: str, power: int) -> None:
    measurements = [one(128, 1000, 1e-6), one(512, 250, 1.1e-6), one(3008, 240, 9e-6)]

    assert report(plan(strategy=strategy), measurements, 16).power == power


def test_a_difference_within_the_noise_is_a_tie() -> None:
    found = report(
        plan(strategy="speed"), [one(512, 100, error=2), one(1024, 101, error=2), one(128, 400)], 16
    )

    assert (found.power, found.is_tie, found.tied_with) == (512, True, [1024])
    assert "the difference from 1024 MB is within the noise" in found.warnings


def test_a_difference_beyond_the_noise_is_none() -> None:
    found = report(plan(strategy="speed"), [one(512, 100, error=2), one(1024, 110, error=2)], 16)

    assert (found.is_tie, found.tied_with) == (False, [])


@pytest.mark.parametrize(("duration", "is_tie"), [(105.8, True), (107, False)])
def test_noise_is_two_standard_errors_of_both(duration: float, is_tie: bool) -> None:
    measurements = [one(512, 100, error=2), one(1024, duration, error=duration * 0.02)]

    assert report(plan(strategy="speed"), measurements, 16).is_tie is is_tie


def test_of_many_sizes_that_failed_five_are_told_with_300_characters_each() -> None:
    reasons = {128 + number: f"{number}" + "x" * 400 for number in range(6)}
    measurements = [
        PowerMeasurement(power=power, status=PowerStatus.FAILED, failure=reason)
        for power, reason in reasons.items()
    ]

    with pytest.raises(Rejected) as refused:
        report(plan(), measurements, 16)

    told = [f"{power} MB: {reason[:300]}" for power, reason in reasons.items()][:5]
    assert str(refused.value) == f"no memory size could be measured: {'; '.join(told)}"


def test_a_run_of_no_size_at_all_fails() -> None:
    with pytest.raises(Rejected, match="no memory size could be measured: none was tried"):
        report(plan(), [], 16)


def test_a_size_that_failed_without_a_reason_may_have_timed_out() -> None:
    silent = PowerMeasurement(power=128, status=PowerStatus.FAILED)

    assert report(plan(), [silent, one(512)], 16).failed[0].failure == (
        "no reason was given; the step may have timed out"
    )


@given(st.floats(1, 1e5), st.floats(1, 1e5))
def test_without_noise_only_equals_tie_and_in_enough_noise_everything_does(
    first: float, second: float
) -> None:
    silent = [one(128, first, error=0), one(256, second, error=0)]
    loud = [one(128, first, error=first * 1e6), one(256, second, error=second * 1e6)]

    assert report(plan(strategy="speed"), silent, 1).is_tie == (first == second)
    assert report(plan(strategy="speed"), loud, 1).is_tie


def test_figures_of_a_model_say_so() -> None:
    found = report(plan(), [one(128)], transitions=16)

    assert found.measured_by == "a performance model"
    assert "the figures come from a performance model, not from AWS Lambda" in found.warnings


@pytest.mark.parametrize(("power", "unreported", "count"), [(128, 0, 0), (128, 1, 1)])
def test_only_what_holds_is_warned_of(power: int, unreported: int, count: int) -> None:
    measured_on_aws = plan().model_copy(update={"measured_by": "AWS Lambda"})

    found = report(measured_on_aws, [one(power, unreported=unreported)], transitions=16)

    assert found.warnings == ["1 invocation left no report in its log and does not count"] * count


def test_a_size_that_takes_no_time_has_no_noise() -> None:
    idle = [one(512, 0, price=1e-6, error=5), one(1024, 0, price=2e-6, error=5)]

    assert report(plan(), idle, 16).is_tie is False


def test_sizes_that_take_less_than_a_millisecond_have_noise_like_others() -> None:
    quick = [one(512, 0.5, error=0.05), one(1024, 0.51, error=0.05)]

    assert report(plan(strategy="speed"), quick, 16).is_tie is True


def test_runs_without_a_report_are_mentioned() -> None:
    found = report(plan(), [one(128, unreported=2), one(256, unreported=1)], transitions=16)

    assert "3 invocations left no report in their logs and do not count" in found.warnings


def test_prices_that_are_not_exact_are_mentioned() -> None:
    abroad = plan().model_copy(update={"region": "cn-north-1"})

    found = report(abroad, [one(128)], transitions=16)

    assert found.currency == "CNY"
    assert "the prices of cn-north-1 are known only approximately" in found.warnings
    assert "?currency=CNY#" in found.state_machine.visualization


def test_the_figures_of_each_size_are_in_the_output_on_request() -> None:
    assert report(plan(), [one(128)], 16).stats is None
    stats = report(plan(includeOutputResults=True), [one(128, 100), failed(256)], 16).stats
    assert stats is not None
    assert [(row.value, row.average_duration, row.samples) for row in stats] == [(128, 100, 10)]


def test_the_chart_address_has_the_sizes_that_were_measured() -> None:
    found = report(plan(), [one(512), failed(128), one(256)], 16)

    assert [point.power for point in points_in(found.state_machine.visualization)] == [256, 512]


def test_the_output_has_the_names_of_the_reference() -> None:
    found = report(plan(includeOutputResults=True), [one(128)], 16).model_dump(by_alias=True)

    assert {"power", "cost", "duration", "stateMachine", "stats"} <= found.keys()
    assert found["stateMachine"].keys() == {"executionCost", "lambdaCost", "visualization"}
    assert {"value", "averagePrice", "averageDuration"} <= found["stats"][0].keys()


def test_the_tuning_costs_what_it_costs_where_it_runs_and_the_function_where_that_is() -> None:
    abroad = plan().model_copy(update={"region": "us-gov-west-1", "home": "sa-east-1"})

    found = report(abroad, [one(128)], transitions=16)

    assert found.state_machine.execution_cost == pytest.approx(16 * 0.0000375)
    assert (found.region, found.currency) == ("us-gov-west-1", "USD")


def test_a_report_says_what_was_measured_where_when_and_how_often() -> None:
    found = report(plan(num=7, onlyColdStarts=True), [one(128, p95=140, deviation=3), failed(256)], 16)

    assert (found.lambda_arn, found.region, found.architecture) == (ARN, "eu-west-1", "x86_64")
    assert (found.started, found.num, found.only_cold_starts) == (RUN.started, 7, True)
    assert [(size.value, size.p95, size.deviation, size.samples) for size in found.sizes] == [
        (128, 140, 3, 10)
    ]
