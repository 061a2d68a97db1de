"""The six Lambda functions of aws-lambda-power-tuning 4.4.0, event in and value out, over our modules.

With these behind it, that tool's own state machine runs unchanged. They keep its behaviour, also where the
workflow of this project does better: aliases named RAM<power>, prices rounded, the first failure ends the run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from stepsmith import WorkflowError
from stepsmith.expressions.types import Json
from tasks.errors import InvalidInput, NotFound
from tasks.power_tuning import averages, payloads, prices, selection
from tasks.power_tuning.aws import control_plane, logs
from tasks.power_tuning.aws.control_plane import Invocation, LambdaClient, Sleep
from tasks.power_tuning.aws.function_arn import region_of
from tasks.power_tuning.aws.invocations import Processor, Run, RunOptions, run_at_once, run_in_turn
from tasks.power_tuning.chart import address as chart_address
from tasks.power_tuning.ecmascript import is_truthy, parse_int, to_number, to_text, total_of
from tasks.power_tuning.models import ALL_POWERS

MOST_AT_ONCE: Final = 100
"""How many invocations are under way at the same time."""

Event = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deployment of the tool fixes."""

    region: str = "us-east-1"
    smallest: int = prices.SMALLEST_MEMORY
    default_powers: tuple[str, ...] = ("128", "256", "512", "1024", "1536", "3008")
    page: str = chart_address.PAGE
    tables: prices.PriceTables = field(default_factory=prices.PriceTables)


def initializer(event: Event, *, lambda_: LambdaClient, settings: Settings) -> Json:
    """Check the input and list the configurations to publish, the last one to go back to."""
    arn = _arn(event)
    num = parse_int(event.get("num"))
    if num is None or num < 5:
        raise InvalidInput("num is missing or below 5")
    region_of(arn)
    powers = _powers(event, settings)
    only_cold_starts = is_truthy(event.get("onlyColdStarts"))
    latest = control_plane.read_configuration(lambda_, arn)
    configurations: list[Json] = []
    was = "undefined" if latest.description is None else latest.description
    for power in powers:
        for alias in _aliases(power, num, only_cold_starts):
            planned: dict[str, Json] = {"powerValue": power, "alias": alias}
            # Another description forces another version, whose first run starts cold.
            configurations.append(
                planned | {"description": f"{was} - {alias}"} if only_cold_starts else planned
            )
    original: dict[str, Json] = {"powerValue": latest.memory}
    if latest.description is not None:
        original["description"] = latest.description
    configurations.append(original)
    iterator: Json = {"index": 0, "count": len(configurations), "continue": True}
    return {"initConfigurations": configurations, "iterator": iterator, "powerValues": powers}


def publisher(event: Event, *, lambda_: LambdaClient) -> Json:
    """Publish the configuration whose turn it is, under its alias if it has one, and advance."""
    arn = _arn(event)
    configurations = event.get("lambdaConfigurations")
    match configurations:
        case {
            "iterator": {"index": int(index), "count": int(count)},
            "initConfigurations": list(planned),
            "powerValues": list(powers),
        } if 0 <= index < len(planned):
            current = planned[index]
        case _:
            raise InvalidInput("lambdaConfigurations has no configuration whose turn it is")
    power = parse_int(current.get("powerValue")) if isinstance(current, dict) else None
    if not isinstance(current, dict) or not power:
        raise InvalidInput(f"lambdaConfigurations.initConfigurations[{index}] has no powerValue")
    alias, description = current.get("alias"), current.get("description")
    _publish(
        lambda_,
        arn,
        power,
        alias if isinstance(alias, str) else None,
        description if isinstance(description, str) else None,
    )
    goes_on = index + 1 < count
    result: dict[str, Json] = {
        "powerValues": powers,
        "iterator": {"index": index + 1, "count": count, "continue": goes_on},
    }
    if goes_on:
        result["initConfigurations"] = planned
    return result


def executor(
    event: Event, *, lambda_: LambdaClient, s3: payloads.ObjectReader, settings: Settings, sleep: Sleep
) -> Json:
    """Invoke the function `num` times with one memory size and return the averages."""
    given = event.get("input")
    if not isinstance(given, dict):
        raise InvalidInput("input is missing")
    payload = _payload(given, s3)
    power = parse_int(event.get("value"))
    num = parse_int(given.get("num"))
    arn = _arn(given)
    if not power:
        raise InvalidInput("value is no memory size")
    if not num:
        raise InvalidInput("num is no number of invocations")
    only_cold_starts = is_truthy(given.get("onlyColdStarts"))
    aliases = [alias_name(f"RAM{power}", only_cold_starts, index) for index in range(num)]
    latest = control_plane.read_configuration(lambda_, arn, aliases[0])
    sent = payloads.payloads_by_floor(1 if given.get("dryRun") is True else num, payload)
    if latest.is_pending and not only_cold_starts:
        control_plane.wait_until_active(lambda_, arn, aliases[0])
    runs = [Run(alias, text) for alias, text in zip(aliases, sent, strict=False)]
    options = RunOptions(
        arn=arn,
        pre_processor=_processor(given, "preProcessorARN", lambda_),
        post_processor=_processor(given, "postProcessorARN", lambda_),
        allowed=_texts(given.get("allowedExceptions")),
        is_discreet=is_truthy(given.get("disablePayloadLogs")),
        pause_ms=_pause_ms(given),
        waits=only_cold_starts,
    )
    if is_truthy(given.get("parallelInvocation")):
        answers = run_at_once(runs, options, lambda_, sleep, limit=MOST_AT_ONCE)
    else:
        answers = run_in_turn(runs, options, lambda_, sleep)
    base = prices.base_price(region_of(arn), latest.architecture, settings.tables.per_ms)
    return _statistics(base, answers, power, _discard(given), settings)


def cleaner(event: Event, *, lambda_: LambdaClient) -> Json:
    """Delete the aliases and the versions they name; go on after a failure and report the first."""
    configurations = event.get("lambdaConfigurations")
    powers = configurations.get("powerValues") if isinstance(configurations, dict) else None
    arn = _arn(event)
    if not isinstance(powers, list) or not powers:
        raise InvalidInput("lambdaConfigurations.powerValues is missing or empty")
    only_cold_starts = is_truthy(event.get("onlyColdStarts"))
    num = parse_int(event.get("num"))
    if only_cold_starts and num is None:
        raise InvalidInput("num is missing, it says how many versions there are")
    failures: list[Exception] = []
    for alias in [name for power in powers for name in _aliases(power, num or 0, only_cold_starts)]:
        try:
            _remove(lambda_, arn, alias)
        except WorkflowError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return "OK"


def analyzer(event: Event, *, settings: Settings) -> Json:
    """Choose the best of the averages; null for a dry run."""
    stats = event.get("stats")
    if not isinstance(stats, list) or not stats:
        raise InvalidInput("stats is not a non-empty list")
    if is_truthy(event.get("dryRun")):
        return None
    rows = [row for row in stats if isinstance(row, dict) and is_truthy(row.get("averageDuration"))]
    measured = [
        selection.Candidate(
            power=parse_int(row.get("value")) or 0,
            duration=to_number(row.get("averageDuration")) or 0,
            cost=to_number(row.get("averagePrice")) or 0,
        )
        for row in rows
    ]
    strategy = event.get("strategy")
    weight = to_number(event.get("balancedWeight", 0.5))
    ranked = selection.ranked(
        measured,
        selection.strategy_named(strategy if is_truthy(strategy) else "cost"),
        averages.clamped(0.5 if weight is None else weight, 0, 1),
    )
    best = ranked[0]
    per_transition = prices.regional_price(settings.tables.per_transition, settings.region)
    result: dict[str, Json] = {
        "power": rows[measured.index(best)].get("value"),
        "cost": best.cost,
        "duration": best.duration,
        "stateMachine": {
            "executionCost": prices.reference_execution_cost(
                per_transition,
                len(stats),
                only_cold_starts=is_truthy(event.get("onlyColdStarts")),
                runs=parse_int(event.get("num")) or 0,
            ),
            "lambdaCost": total_of(to_number(row.get("totalCost")) or 0 for row in rows),
            "visualization": chart_address.chart_address(
                [chart_address.Point(row.power, row.duration, row.cost) for row in ranked],
                settings.page,
                region=settings.region,
            ),
        },
    }
    if is_truthy(event.get("includeOutputResults")):
        shown = ("value", "averagePrice", "averageDuration")
        result["stats"] = [
            {key: row[key] for key in shown if key in row} for row in stats if isinstance(row, dict)
        ]
    return result


def optimizer(event: Event, *, lambda_: LambdaClient) -> Json:
    """Set the chosen memory size if that was asked for, on an alias if one is named."""
    if is_truthy(event.get("dryRun")):
        return None
    arn = _arn(event)
    analysis = event.get("analysis")
    power = parse_int(analysis.get("power")) if isinstance(analysis, dict) else None
    if not power:
        raise InvalidInput("analysis.power is missing")
    if not is_truthy(event.get("autoOptimize")):
        return None
    alias = event.get("autoOptimizeAlias")
    if isinstance(alias, str) and alias:
        _publish(lambda_, arn, power, alias, None)
    else:
        control_plane.set_memory(lambda_, arn, power)
    return "OK"


def alias_name(alias: str, is_numbered: bool = False, index: int = 0) -> str:
    """Return the name of an alias, numbered if each run has a version of its own."""
    return f"{alias}-{index}" if is_numbered else alias


def durations(answers: Sequence[Event]) -> list[float]:
    """Return what each invocation answer took in milliseconds, 0 for one without a log."""
    fields = ("durationMs", "initDurationMs", "restoreDurationMs")
    return [_sum_of(fields, _text_or_none(answer, "LogResult")) for answer in answers]


def billed_durations(answers: Sequence[Event]) -> list[float]:
    """Return what each invocation answer is billed for in milliseconds, 0 for one without a log."""
    fields = ("billedDurationMs", "billedRestoreDurationMs")
    return [_sum_of(fields, _text_or_none(answer, "LogResult")) for answer in answers]


def _sum_of(fields: Sequence[str], encoded: str | None) -> float:
    log = logs.decoded_log(encoded or "")
    return total_of(logs.duration_in(log, field) for field in fields)


def _statistics(
    base: float, answers: Sequence[Invocation], power: int, discard: float, settings: Settings
) -> Json:
    results: list[Event] = [{"LogResult": answer.log} for answer in answers]
    billed = billed_durations(results)
    mean_billed = averages.trimmed_mean(billed, discard)
    return {
        "averagePrice": prices.reference_price(base, settings.smallest, power, mean_billed),
        "averageDuration": averages.trimmed_mean(durations(results), discard),
        "totalCost": prices.reference_total(base, settings.smallest, power, billed),
        "value": power,
    }


def _publish(lambda_: LambdaClient, arn: str, power: int, alias: str | None, description: str | None) -> None:
    control_plane.set_memory(lambda_, arn, power, description)
    control_plane.wait_until_updated(lambda_, arn)
    number = control_plane.publish(lambda_, arn)
    if alias is not None:
        control_plane.point_alias(lambda_, arn, alias, number)


def _remove(lambda_: LambdaClient, arn: str, alias: str) -> None:
    number = control_plane.alias_version(lambda_, arn, alias)
    if number is None:
        return
    try:
        control_plane.delete_alias(lambda_, arn, alias)
        control_plane.delete_version(lambda_, arn, number)
    except NotFound:
        return


def _arn(event: Event) -> str:
    arn = event.get("lambdaARN")
    if not isinstance(arn, str) or not arn:
        raise InvalidInput("lambdaARN is missing or empty")
    return arn


def _powers(event: Event, settings: Settings) -> list[Json]:
    given = event.get("powerValues")
    if given == "ALL":
        return list(ALL_POWERS)
    return given if isinstance(given, list) and given else list(settings.default_powers)


def _aliases(power: Json, num: int, only_cold_starts: bool) -> list[str]:
    alias = f"RAM{to_text(power)}"
    return [alias_name(alias, True, index) for index in range(num)] if only_cold_starts else [alias]


def _payload(given: Event, s3: payloads.ObjectReader) -> Json:
    if is_truthy(given.get("payloadS3")):
        return payloads.payload_from_s3(given.get("payloadS3"), s3)
    payload = given.get("payload")
    return payload if is_truthy(payload) else None


def _processor(given: Event, field: str, lambda_: LambdaClient) -> Processor | None:
    arn = _text_or_none(given, field)
    return None if arn is None else Processor(arn, lambda_)


def _discard(given: Event) -> float:
    """The share to cut off; cold starts are few and all count."""
    if is_truthy(given.get("onlyColdStarts")):
        return 0
    discard = to_number(given.get("discardTopBottom", 0.2))
    return averages.clamped(0 if discard is None else discard, 0, 0.4)


def _pause_ms(given: Event) -> int:
    value = given.get("sleepBetweenRunsMs")
    return 0 if to_number(value) is None else parse_int(value) or 0


def _texts(value: Json) -> frozenset[str]:
    return frozenset(str(item) for item in value) if isinstance(value, list) else frozenset()


def _text_or_none(event: Event, key: str) -> str | None:
    value = event.get(key)
    return value if isinstance(value, str) and value else None
