"""Measuring a function at one memory size."""

from collections.abc import Sequence
from typing import Final

from tasks.errors import InvalidInput, NotFound, Rejected
from tasks.power_tuning.averages import deviation, percentile, standard_error, trimmed_mean
from tasks.power_tuning.aws import control_plane
from tasks.power_tuning.aws.control_plane import Invocation, LambdaIn, Sleep
from tasks.power_tuning.aws.function_arn import function_arn
from tasks.power_tuning.aws.invocations import Processor, Run, RunOptions, run_at_once, run_in_turn
from tasks.power_tuning.aws.logs import Report, decoded_log, report_in
from tasks.power_tuning.models import PowerMeasurement, PowerStatus, PowerVersions, TuningPlan, TuningRequest
from tasks.power_tuning.payloads import ObjectReader, payload_from_s3, payloads_for
from tasks.power_tuning.prices import lambda_price
from tasks.power_tuning.requests import runs_of

MOST_AT_ONCE: Final = 50
"""How many invocations of a run are under way at the same time."""
SIZES_AT_ONCE: Final = 5
"""How many memory sizes the workflow measures at the same time; each has its share of the invocations."""


def measure(
    plan: TuningPlan, published: PowerVersions, lambda_in: LambdaIn, s3: ObjectReader, sleep: Sleep
) -> PowerMeasurement:
    """Invoke the versions of one memory size and return the figures.

    A function that fails at this size is a result: the measurement says so. Raises Throttled and Unavailable
    when Lambda cannot be measured for now.
    """
    request, lambda_ = plan.request, lambda_in(plan.region)
    if published.failure is not None:
        return PowerMeasurement(power=published.power, status=PowerStatus.FAILED, failure=published.failure)
    payload = request.payload if request.payload_s3 is None else payload_from_s3(request.payload_s3, s3)
    sent = payloads_for(runs_of(request), payload)
    qualifiers = published.versions if request.only_cold_starts else published.versions * len(sent)
    options = _options(request, lambda_in)
    runs = [Run(qualifier, text) for qualifier, text in zip(qualifiers, sent, strict=True)]
    try:
        for number in published.versions:
            control_plane.wait_until_active(lambda_, request.lambda_arn, number)
        if request.parallel_invocation:
            answers = run_at_once(runs, options, lambda_, sleep, limit=MOST_AT_ONCE // SIZES_AT_ONCE)
        else:
            answers = run_in_turn(runs, options, lambda_, sleep)
    except (Rejected, InvalidInput, NotFound) as error:
        return PowerMeasurement(power=published.power, status=PowerStatus.FAILED, failure=str(error))
    return _figures(plan, published.power, answers)


def _options(request: TuningRequest, lambda_in: LambdaIn) -> RunOptions:
    def processor(arn: str | None) -> Processor | None:
        if arn is None:
            return None
        return Processor(arn, lambda_in(function_arn(arn, may_be_qualified=True).region))

    return RunOptions(
        arn=request.lambda_arn,
        pre_processor=processor(request.pre_processor_arn),
        post_processor=processor(request.post_processor_arn),
        allowed=frozenset(request.allowed_exceptions),
        is_discreet=request.disable_payload_logs,
        pause_ms=request.sleep_between_runs_ms,
        attempts=5,
    )


def _figures(plan: TuningPlan, power: int, answers: Sequence[Invocation]) -> PowerMeasurement:
    found = [report_in(decoded_log(answer.log or "")) for answer in answers]
    reports = [report for report in found if report is not None]
    if not reports:
        return PowerMeasurement(
            power=power,
            status=PowerStatus.FAILED,
            failure="no invocation left a report in its log",
            unreported=len(found),
        )
    return _measured(plan, power, reports, unreported=len(found) - len(reports))


def _measured(
    plan: TuningPlan, power: int, reports: Sequence[Report], *, unreported: int
) -> PowerMeasurement:
    discard = 0 if plan.request.only_cold_starts else plan.request.discard_top_bottom
    price = lambda_price(plan.region, plan.architecture)
    durations = [report.total for report in reports]
    billed = [report.total_billed for report in reports]
    return PowerMeasurement(
        power=power,
        status=PowerStatus.MEASURED,
        samples=len(reports),
        unreported=unreported,
        average_duration=trimmed_mean(durations, discard),
        average_error=standard_error(durations, discard),
        average_price=price.of(power, trimmed_mean(billed, discard)),
        total_cost=price.of(power, sum(billed), requests=len(reports) + unreported),
        deviation=deviation(durations),
        p50=percentile(durations, 0.5),
        p95=percentile(durations, 0.95),
        p99=percentile(durations, 0.99),
    )
