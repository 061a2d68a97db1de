"""Choosing the best memory size and saying what to know about the choice."""

import math
from collections.abc import Sequence
from typing import Final

from tasks.errors import Rejected
from tasks.power_tuning.aws.control_plane import AWS
from tasks.power_tuning.chart.address import Point, chart_address
from tasks.power_tuning.models import (
    PowerAverages,
    PowerFailure,
    PowerMeasurement,
    PowerStatus,
    TuningCosts,
    TuningPlan,
    TuningReport,
)
from tasks.power_tuning.prices import TRANSITION_PRICES, lambda_price, regional_price
from tasks.power_tuning.selection import Candidate, best, ranking

NOISE: Final = 2
"""Standard errors within which two averages are not told apart."""


def report(
    plan: TuningPlan, measurements: Sequence[PowerMeasurement], transitions: int, kept: Sequence[str] = ()
) -> TuningReport:
    """Return the best memory size, with the failed ones beside it.

    Raises Rejected when no memory size could be measured.
    """
    measured = [one for one in measurements if one.status == PowerStatus.MEASURED]
    failed = [
        PowerFailure(
            power=one.power, failure=one.failure or "no reason was given; the step may have timed out"
        )
        for one in measurements
        if one.status == PowerStatus.FAILED
    ]
    if not measured:
        reasons = "; ".join(f"{one.power} MB: {one.failure[:300]}" for one in failed[:5])
        raise Rejected(f"no memory size could be measured: {reasons or 'none was tried'}")
    request = plan.request
    candidates = [Candidate(one.power, one.average_duration, one.average_price) for one in measured]
    chosen = best(candidates, request.strategy, request.balanced_weight)
    tied = _tied(plan, measured, candidates, chosen)
    sizes = [_averages(one) for one in measured]
    price = lambda_price(plan.region, plan.architecture)
    return TuningReport(
        power=chosen.power,
        cost=chosen.cost,
        duration=chosen.duration,
        strategy=request.strategy,
        currency=price.currency,
        measured_by=plan.measured_by,
        is_tie=bool(tied),
        tied_with=tied,
        failed=failed,
        warnings=_warnings(plan, measured, failed, tied, kept, is_approximate=price.is_approximate),
        lambdaARN=request.lambda_arn,
        region=plan.region,
        architecture=plan.architecture,
        started=plan.started,
        num=request.num,
        only_cold_starts=request.only_cold_starts,
        sizes=sizes,
        state_machine=TuningCosts(
            execution_cost=transitions * regional_price(TRANSITION_PRICES, plan.home),
            lambda_cost=math.fsum(one.total_cost for one in measured),
            visualization=chart_address(
                [Point(one.power, one.duration, one.cost) for one in candidates], region=plan.region
            ),
        ),
        stats=sizes if request.include_output_results else None,
    )


def _tied(
    plan: TuningPlan,
    measured: Sequence[PowerMeasurement],
    candidates: Sequence[Candidate],
    chosen: Candidate,
) -> list[int]:
    """Return the sizes whose figure differs from the best by less than the noise of both.

    Price and duration of one size are proportional, so the relative error of its mean duration holds for both.
    """
    key = ranking(candidates, plan.request.strategy, plan.request.balanced_weight)
    errors = {one.power: _relative_error(one) for one in measured}
    lowest = key(chosen)[0]
    tied: list[int] = []
    for candidate in candidates:
        value = key(candidate)[0]
        noise = math.hypot(lowest * errors[chosen.power], value * errors[candidate.power])
        if candidate.power != chosen.power and value - lowest <= NOISE * noise:
            tied.append(candidate.power)
    return tied


def _relative_error(one: PowerMeasurement) -> float:
    return one.average_error / one.average_duration if one.average_duration > 0 else 0


def _warnings(
    plan: TuningPlan,
    measured: Sequence[PowerMeasurement],
    failed: Sequence[PowerFailure],
    tied: Sequence[int],
    kept: Sequence[str],
    *,
    is_approximate: bool,
) -> list[str]:
    unreported = sum(one.unreported for one in measured)
    cases = {
        f"the figures come from {plan.measured_by}, not from {AWS}": plan.measured_by != AWS,
        f"{_sizes([one.power for one in failed])} could not be measured": bool(failed),
        f"the difference from {_sizes(tied)} is within the noise": bool(tied),
        _left_no_report(unreported): unreported > 0,
        f"the prices of {plan.region} are known only approximately": is_approximate,
    }
    stay = [f"version {number} stays, because an alias refers to it" for number in kept]
    return [text for text, holds in cases.items() if holds] + stay


def _left_no_report(count: int) -> str:
    if count == 1:
        return "1 invocation left no report in its log and does not count"
    return f"{count} invocations left no report in their logs and do not count"


def _sizes(powers: Sequence[int]) -> str:
    return ", ".join(f"{power} MB" for power in sorted(powers))


def _averages(one: PowerMeasurement) -> PowerAverages:
    return PowerAverages(
        value=one.power,
        average_price=one.average_price,
        average_duration=one.average_duration,
        samples=one.samples,
        deviation=one.deviation,
        p50=one.p50,
        p95=one.p95,
        p99=one.p99,
    )
