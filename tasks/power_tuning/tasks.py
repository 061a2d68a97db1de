"""The tasks of the power tuning workflow."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from pydantic import JsonValue

from stepsmith import Retry, client, client_by_region, task
from stepsmith.expressions.types import Json
from tasks.errors import Conflict
from tasks.power_tuning import changes, measuring, reporting, rights
from tasks.power_tuning.aws import control_plane
from tasks.power_tuning.aws.function_arn import function_arn
from tasks.power_tuning.models import (
    CleanUp,
    Count,
    Flag,
    PowerMeasurement,
    PowerVersions,
    Share,
    TuningPlan,
    TuningReport,
)
from tasks.power_tuning.payloads import ObjectReader, payload_from_s3, payloads_for
from tasks.power_tuning.requests import checked_request, powers_of, runs_of
from tasks.retries import PERSISTENT, TRANSIENT

if TYPE_CHECKING:
    from tasks.power_tuning.aws.control_plane import LambdaIn

LONGEST: Final = timedelta(minutes=15)
"""What Lambda allows."""


@task(retry=[TRANSIENT], timeout=timedelta(minutes=1), policies=rights.PLAN)
def plan_tuning(
    lambdaARN: str,  # noqa: N803 (here and below: the input has the names of aws-lambda-power-tuning)
    num: Count,
    powerValues: list[int] | str | None = None,  # noqa: N803
    payload: JsonValue = None,
    payloadS3: str | None = None,  # noqa: N803
    parallelInvocation: Flag = False,  # noqa: N803
    strategy: str = "cost",
    balancedWeight: Share = 0.5,  # noqa: N803
    autoOptimize: Flag = False,  # noqa: N803
    autoOptimizeAlias: str | None = None,  # noqa: N803
    dryRun: Flag = False,  # noqa: N803
    preProcessorARN: str | None = None,  # noqa: N803
    postProcessorARN: str | None = None,  # noqa: N803
    discardTopBottom: Share = 0.2,  # noqa: N803
    sleepBetweenRunsMs: Count = 0,  # noqa: N803
    disablePayloadLogs: Flag = False,  # noqa: N803
    includeOutputResults: Flag = False,  # noqa: N803
    onlyColdStarts: Flag = False,  # noqa: N803
    allowedExceptions: list[str] | None = None,  # noqa: N803
    *,
    run_id: str,
    started: datetime,
    execution: str,
    lambda_in: "LambdaIn" = client_by_region("lambda"),
    s3: ObjectReader = client("s3"),
) -> TuningPlan:
    """Check the whole input and read what is there, before anything is changed.

    Raises InvalidInput or TooLarge naming the field, NotFound without such a function or payload, Forbidden,
    and Conflict while another run is changing the function.
    """
    given: dict[str, Json] = {
        "lambdaARN": lambdaARN,
        "num": num,
        "powerValues": cast("Json", powerValues),
        "payload": payload,
        "payloadS3": payloadS3,
        "parallelInvocation": parallelInvocation,
        "strategy": strategy,
        "balancedWeight": balancedWeight,
        "autoOptimize": autoOptimize,
        "autoOptimizeAlias": autoOptimizeAlias,
        "dryRun": dryRun,
        "preProcessorARN": preProcessorARN,
        "postProcessorARN": postProcessorARN,
        "discardTopBottom": discardTopBottom,
        "sleepBetweenRunsMs": sleepBetweenRunsMs,
        "disablePayloadLogs": disablePayloadLogs,
        "includeOutputResults": includeOutputResults,
        "onlyColdStarts": onlyColdStarts,
        "allowedExceptions": cast("Json", allowedExceptions or []),
    }
    return planned(Start(run_id, started, execution), given, lambda_in, s3)


@dataclass(frozen=True, slots=True)
class Start:
    """Which run it is, when it began, and the ARN of its execution."""

    run_id: str
    started: datetime
    execution: str


def planned(start: Start, given: dict[str, Json], lambda_in: "LambdaIn", s3: ObjectReader) -> TuningPlan:
    """Return the plan of a run with this input; raises as `plan_tuning`."""
    request = checked_request(given)
    region = function_arn(request.lambda_arn).region
    if request.payload_s3 is not None:
        payloads_for(runs_of(request), payload_from_s3(request.payload_s3, s3))
    lambda_ = lambda_in(region)
    latest = control_plane.read_configuration(lambda_, request.lambda_arn)
    if changes.is_marked(latest.description):
        raise Conflict(
            "the function is being tuned, or was left so by a run that was aborted: "
            "wait for it, or run clean_up with the plan of that run"
        )
    return TuningPlan(
        run_id=start.run_id,
        request=request,
        started=start.started,
        region=region,
        home=start.execution.split(":")[3],
        architecture=latest.architecture,
        measured_by=latest.measured_by,
        powers=powers_of(request),
        versions_per_power=runs_of(request) if request.only_cold_starts else 1,
        memory=latest.memory,
        description=latest.description or "",
        last_version=changes.last_version(lambda_, request.lambda_arn),
    )


@task(retry=[TRANSIENT], timeout=LONGEST, policies=rights.PUBLISH)
def publish_versions(
    plan: TuningPlan, power: int, *, lambda_in: "LambdaIn" = client_by_region("lambda")
) -> PowerVersions:
    """Publish a version with this memory size, or one for each cold start; called again, it goes on.

    Raises Conflict, Forbidden, NotFound, TooLarge when code storage is full, Throttled and Unavailable.
    """
    return changes.publish(plan, power, lambda_in(plan.region))


@task(retry=[TRANSIENT], timeout=timedelta(minutes=5), policies=rights.RESTORE)
def restore_function(plan: TuningPlan, *, lambda_in: "LambdaIn" = client_by_region("lambda")) -> bool:
    """Give the unpublished function its memory size and description back; tell whether that was needed.

    Raises Conflict, Forbidden, NotFound, Throttled and Unavailable.
    """
    return changes.restore(plan, lambda_in(plan.region))


@task(retry=[Retry.never("Sandbox.Timedout"), TRANSIENT], timeout=LONGEST, policies=rights.MEASURE)
def measure_power(
    plan: TuningPlan,
    published: PowerVersions,
    *,
    lambda_in: "LambdaIn" = client_by_region("lambda"),
    s3: ObjectReader = client("s3"),
) -> PowerMeasurement:
    """Invoke the function with one memory size as often as asked for, and return the figures or why there are none.

    Raises Forbidden, Throttled and Unavailable.
    """
    return measuring.measure(plan, published, lambda_in, s3, control_plane.sleep_of(lambda_in(plan.region)))


@task(retry=[PERSISTENT], timeout=LONGEST, policies=rights.CLEAN_UP)
def clean_up(plan: TuningPlan, *, lambda_in: "LambdaIn" = client_by_region("lambda")) -> CleanUp:
    """Put everything back: the function's configuration, and no version of ours left. Called again, it goes on.

    Raises Forbidden, NotFound, Throttled and Unavailable.
    """
    return changes.clean_up(plan, lambda_in(plan.region))


@task(timeout=timedelta(minutes=1))
def recommend(
    plan: TuningPlan, measurements: list[PowerMeasurement], transitions: int, kept: list[str]
) -> TuningReport:
    """Choose the best memory size by the strategy asked for.

    `transitions` is what the run costs, `kept` are the versions that cleaning could not remove.
    Raises Rejected when no memory size could be measured.
    """
    return reporting.report(plan, measurements, transitions, kept)


@task(retry=[TRANSIENT], timeout=timedelta(minutes=5), policies=rights.OPTIMISE)
def optimise_function(
    plan: TuningPlan, power: int, *, lambda_in: "LambdaIn" = client_by_region("lambda")
) -> str | None:
    """Set the memory size, or publish it under the alias asked for, and return the number of that version.

    Raises Conflict, Forbidden, NotFound, Throttled and Unavailable.
    """
    return changes.optimise(plan, power, lambda_in(plan.region))
