"""Find the memory size at which a Lambda function is cheapest, fastest, or the best of both."""

# pyright: strict

from enum import StrEnum

from pydantic import BaseModel

from stepsmith import Retry, task
from stepsmith.references import state_input, variable
from stepsmith.states import Choice, ErrorOutput, Fail, Map, Pass, StateMachine, Succeed


class Strategy(StrEnum):
    COST = "cost"
    SPEED = "speed"
    BALANCED = "balanced"


class Measurement(BaseModel):
    power: int
    average_cost: float
    average_duration: float


class Recommendation(BaseModel):
    power: int
    cost: float
    duration: float


@task
def publish_version(function_arn: str, power: int) -> str:
    return f"RAM{power}"


@task(retry=[Retry(max_attempts=2)])
def measure(function_arn: str, power: int, invocations: int) -> Measurement:
    return Measurement(power=power, average_cost=power / 1000, average_duration=10000 / power)


@task
def delete_versions(function_arn: str, aliases: list[str]) -> None: ...


@task
def recommend(measurements: list[Measurement], strategy: Strategy) -> Recommendation:
    best = min(
        measurements,
        key=lambda m: m.average_cost if strategy is Strategy.COST else m.average_duration,
    )
    return Recommendation(power=best.power, cost=best.average_cost, duration=best.average_duration)


@task
def set_power(function_arn: str, power: int) -> None: ...


def power_tuning() -> StateMachine:
    function_arn = variable("function_arn", str)
    power_values = variable("power_values", list[int])
    invocations = variable("invocations", int)
    strategy = variable("strategy", Strategy)
    apply = variable("apply", bool)
    aliases = variable("aliases", list[str])
    measurements = variable("measurements", list[Measurement])
    recommendation = variable("recommendation", Recommendation)
    error = variable("error", ErrorOutput)

    clean_up_on_error = delete_versions.state("Clean up on error", function_arn, aliases) >> Fail(
        "Measuring failed", error["Error"], error["Cause"]
    )
    start = (
        Pass("Start")
        .let(function_arn, state_input("function_arn", str))
        .let(power_values, state_input("power_values", list[int]))
        .let(invocations, state_input("invocations", int, default=50))
        .let(strategy, state_input("strategy", Strategy, default=Strategy.COST))
        .let(apply, state_input("apply", bool, default=False))
    )
    definition = (
        start
        >> Map(
            "Publish versions",
            power_values,
            lambda power: publish_version.state("Publish version", function_arn, power),
            max_concurrency=1,
        ).assign(aliases)
        >> Map(
            "Measure each power",
            power_values,
            lambda power: measure.state("Measure", function_arn, power, invocations),
            max_concurrency=10,
        )
        .assign(measurements)
        .catch(then=clean_up_on_error, error=error)
        >> delete_versions.state("Clean up", function_arn, aliases)
        >> recommend.state("Recommend", measurements, strategy).assign(recommendation)
        >> Choice("Apply?").when(apply, set_power.state("Set power", function_arn, recommendation.power))
        >> Succeed("Done").output(recommendation)
    )
    return StateMachine("power-tuning", definition)
