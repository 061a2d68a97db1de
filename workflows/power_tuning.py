"""Find the memory size at which a Lambda function is cheapest, fastest, or the best of both.

Started by hand or by a pipeline, with the input of aws-lambda-power-tuning: `lambdaARN` and `num` (5 or more
invocations for each size) are required, the rest has that tool's defaults. Gives the best size with its cost and
duration, the address of a chart, the sizes that failed, and what to know about the figures; null for a dry run.

It stores nothing. For the time of the run the function has another memory size and description, and versions that
say so in theirs. On every route they are gone afterwards, and nothing else is touched: published versions and
aliases of others, the function's own memory size and description. With autoOptimize the best size is kept, on the
function or under the alias asked for.

It fails with InvalidInput, NotFound, Forbidden or Conflict before anything is changed, with Rejected when no size
could be measured, and with the error of the service when that stays. An execution that is aborted cleans nothing
up: run `clean_up` with the plan that is in its history, at any time. It has no time limit of its own, which would end
it without cleaning up: nothing waits, and every task has one.

Without AWS, `stepsmith run power_tuning` tunes a performance model, and with `--local-function module:handler` a Python
function, in processes of this machine. Either way the report says that it is no measurement of AWS.
"""

from pydantic import JsonValue

from stepsmith import context, map_items, now, uuid, workflow
from tasks.errors import Conflict, InvalidInput, NotFound, Rejected
from tasks.power_tuning.charting import chart_of
from tasks.power_tuning.local.function import local_lambda
from tasks.power_tuning.local.performance_model import modelled_lambda
from tasks.power_tuning.measuring import SIZES_AT_ONCE
from tasks.power_tuning.models import (
    Count,
    Flag,
    PowerMeasurement,
    PowerStatus,
    PowerVersions,
    Share,
    TuningReport,
)
from tasks.power_tuning.tasks import (
    clean_up,
    measure_power,
    optimise_function,
    plan_tuning,
    publish_versions,
    recommend,
    restore_function,
)

# ruff: noqa: N803 (the input has the names of aws-lambda-power-tuning, so that its inputs run unchanged)


@workflow(checked=True, refusals=(InvalidInput, NotFound, Conflict, Rejected))
def power_tuning(
    lambdaARN: str,
    num: Count,
    powerValues: list[int] | str | None = None,
    payload: JsonValue = None,
    payloadS3: str | None = None,
    parallelInvocation: Flag = False,
    strategy: str = "cost",
    balancedWeight: Share = 0.5,
    autoOptimize: Flag = False,
    autoOptimizeAlias: str | None = None,
    dryRun: Flag = False,
    preProcessorARN: str | None = None,
    postProcessorARN: str | None = None,
    discardTopBottom: Share = 0.2,
    sleepBetweenRunsMs: Count = 0,
    disablePayloadLogs: Flag = False,
    includeOutputResults: Flag = False,
    onlyColdStarts: Flag = False,
    allowedExceptions: list[str] | None = None,
) -> TuningReport | None:
    """Measure a Lambda function at several memory sizes, put everything back, and recommend one."""
    plan = plan_tuning(
        lambdaARN,
        num,
        powerValues,
        payload,
        payloadS3,
        parallelInvocation,
        strategy,
        balancedWeight,
        autoOptimize,
        autoOptimizeAlias,
        dryRun,
        preProcessorARN,
        postProcessorARN,
        discardTopBottom,
        sleepBetweenRunsMs,
        disablePayloadLogs,
        includeOutputResults,
        onlyColdStarts,
        allowedExceptions,
        run_id=uuid(),
        started=now(),
        execution=context.execution.id,
    )

    def published_at(power: int) -> PowerVersions:
        return publish_versions(plan, power)

    def measured(size: PowerVersions) -> PowerMeasurement:
        try:
            return measure_power(plan, size)
        except Exception as error:
            return PowerMeasurement(power=size.power, status=PowerStatus.FAILED, failure=str(error))

    try:
        published = map_items(plan.powers, published_at, max_concurrency=1)
        restore_function(plan)
        measurements = map_items(published, measured, max_concurrency=SIZES_AT_ONCE)
    except Exception:
        clean_up(plan)
        raise
    cleaned = clean_up(plan)
    if plan.request.dry_run:
        return None
    transitions = 9 + 2 * len(plan.powers)
    report = recommend(plan, measurements, transitions, cleaned.kept)
    if plan.request.auto_optimize:
        optimise_function(plan, report.power)
    return report


def local_clients(local_function: str | None = None) -> dict[str, object]:
    """Return the clients of a run without AWS: Lambda in memory, running by a performance model.

    With `local_function`, given as `module:handler`, that handler is run and measured instead. Either way the
    report says in `measuredBy` that it is no measurement of AWS. Raises InvalidInput and NotFound for a handler
    that cannot be imported.
    """
    return {"lambda": modelled_lambda() if local_function is None else local_lambda(local_function)}


def chart(output: JsonValue, other: JsonValue = None) -> str:
    """Return the page with the chart of a result, and of another one beside it if given.

    Either may also be an output of aws-lambda-power-tuning, or the address of its chart. Raises InvalidInput for what
    is neither.
    """
    return chart_of(output, other).page()
