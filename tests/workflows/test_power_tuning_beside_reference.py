"""What aws-lambda-power-tuning gets wrong, one by one: its state machine beside ours, on the same model of Lambda."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.service import Machine, load
from tasks.errors import InvalidInput
from tasks.power_tuning import handlers
from tasks.power_tuning.aws.service_errors import ServiceError
from tasks.power_tuning.local.model_plane import ModelCall, ModelOutcome
from tasks.power_tuning.local.performance_model import PerformanceModel
from tasks.power_tuning.payloads import payloads_by_floor, payloads_for
from tasks.power_tuning.prices import TRANSITION_PRICES, base_price, lambda_price, reference_price
from tests.tasks.power_tuning.worlds import ARN, FaultyLambda, Objects, throttled, used_function
from workflows.power_tuning import power_tuning

REFERENCE = (Path(__file__).parent / "power_tuning_reference.asl.json").read_text(encoding="utf-8")
OURS = Machine(power_tuning.definition, name="power_tuning")
INPUT: dict[str, Any] = {"lambdaARN": ARN, "num": 5, "powerValues": [128, 512]}


def theirs(lambda_: Any, **fields: Any) -> Any:
    fixed, sleep = handlers.Settings(region="eu-west-1"), lambda_.sleep
    functions = {
        "initializer": lambda event: handlers.initializer(event, lambda_=lambda_, settings=fixed),
        "publisher": lambda event: handlers.publisher(event, lambda_=lambda_),
        "executor": lambda event: handlers.executor(
            event, lambda_=lambda_, s3=Objects(), settings=fixed, sleep=sleep
        ),
        "cleaner": lambda event: handlers.cleaner(event, lambda_=lambda_),
        "analyzer": lambda event: handlers.analyzer(event, settings=fixed),
        "optimizer": lambda event: handlers.optimizer(event, lambda_=lambda_),
    }
    return load(json.loads(REFERENCE)).run({**INPUT, **fields}, tasks=functions)


def ours(lambda_: Any, **fields: Any) -> Any:
    clients = {"lambda": lambda_, "s3": Objects()}
    return OURS.run({**INPUT, **fields}, tasks=power_tuning.tasks, clients=clients)


def unchanged(**more: Any) -> FaultyLambda:
    """A function that has the first memory size already, and has not changed since it was published."""
    return FaultyLambda(function=used_function(memory=128, **more))


def test_1_a_version_of_the_user_is_not_deleted() -> None:
    for_them, for_us = unchanged(aliases={}), unchanged(aliases={})

    assert theirs(for_them).status == ours(for_us).status == "SUCCEEDED"

    assert "7" not in for_them.function.versions
    assert list(for_us.function.versions) == ["7"]


def test_1_a_version_of_the_user_that_is_live_does_not_lose_the_results() -> None:
    for_them, for_us = unchanged(), unchanged()

    assert theirs(for_them).status == "FAILED"
    assert ours(for_us).output["power"] in (128, 512)


def test_2_after_a_failure_the_function_has_its_memory_size_again() -> None:
    def refuse(number: int, method: str) -> Exception | None:
        made = len(lambda_.made("publish_version"))
        return (
            ServiceError("AccessDeniedException", "no") if method == "publish_version" and made == 2 else None
        )

    left: list[int] = []
    for run in (theirs, ours):
        lambda_ = FaultyLambda(fault=refuse)
        run(lambda_, powerValues=[128, 1024])
        left.append(lambda_.function.memory)

    assert left == [1024, used_function().memory]


def test_2_a_run_that_succeeds_leaves_no_version_behind() -> None:
    for_them, for_us = FaultyLambda(), FaultyLambda()

    theirs(for_them, powerValues=[128, 1024])
    ours(for_us, powerValues=[128, 1024])

    assert len(for_them.function.versions) == 2
    assert list(for_us.function.versions) == ["7"]


def failing_below(memory: int) -> FaultyLambda:
    return FaultyLambda(run=PerformanceModel(needs_mb=memory).run)


def test_3_a_failed_run_has_failed() -> None:
    told = theirs(failing_below(10_000))
    execution = ours(failing_below(10_000))

    assert (told.status, told.output) == ("SUCCEEDED", {})
    assert (execution.status, execution.error) == ("FAILED", "Rejected")


def json_log(call: ModelCall) -> ModelOutcome:
    """A warm call of a function that logs in JSON, its log cut off at 4 KB."""
    metrics = {"durationMs": 100_000 / call.memory, "billedDurationMs": 1 + 100_000 // call.memory}
    report = {"type": "platform.report", "record": {"requestId": "r", "metrics": metrics}}
    return ModelOutcome("null", f'ing": "cut off"}}\n{json.dumps(report)}\n')


def test_4_json_logs_of_warm_calls_are_read_also_when_their_start_was_cut_off() -> None:
    execution = ours(FaultyLambda(run=json_log), strategy="speed", includeOutputResults=True)

    durations = {row["value"]: row["averageDuration"] for row in execution.output["stats"]}
    assert durations == {128: 781.25, 512: 195.3125}


def test_5_a_size_that_is_too_small_does_not_fail_the_others() -> None:
    told = theirs(failing_below(256))
    execution = ours(failing_below(256))

    assert told.output == {}
    assert execution.output["power"] == 512
    assert [one["power"] for one in execution.output["failed"]] == [128]


@pytest.mark.parametrize(
    ("architecture", "exact", "too_much"), [("x86_64", 0.0000166667, 0.8), ("arm64", 0.0000133334, 2.0)]
)
def test_6_prices_are_not_rounded_and_requests_have_one(
    architecture: str, exact: float, too_much: float
) -> None:
    price = lambda_price("eu-west-1", architecture)
    rounded = reference_price(base_price("eu-west-1", architecture), 128, 1024, 1000)

    assert price.of(1024, 1000, requests=0) == pytest.approx(exact)
    assert price.of(1024, 0) == 0.0000002
    assert (rounded / exact - 1) * 100 == pytest.approx(too_much, abs=0.06)


def test_6_arm64_has_prices_in_dear_regions_too() -> None:
    assert base_price("af-south-1", "arm64") == base_price("us-east-1", "arm64")
    assert lambda_price("af-south-1", "arm64").gb_second > lambda_price("us-east-1", "arm64").gb_second


def test_7_a_rare_payload_is_sent_once() -> None:
    payload: Any = [{"payload": "rare", "weight": 1}, {"payload": "usual", "weight": 99}]

    with pytest.raises(InvalidInput, match="too small"):
        payloads_by_floor(50, payload)
    assert payloads_for(50, payload) == ['"rare"', *['"usual"'] * 49]


def test_8_cleaning_is_tried_again() -> None:
    def busy_once(number: int, method: str) -> Exception | None:
        return throttled() if method == "delete_function" and len(lambda_.made(method)) == 1 else None

    ended: list[tuple[str, int]] = []
    for run in (theirs, ours):
        lambda_ = FaultyLambda(fault=busy_once)
        ended.append((run(lambda_).status, len(lambda_.function.versions)))

    assert ended[0][0] == "FAILED"
    assert ended[1] == ("SUCCEEDED", 1)


def test_8_versions_are_measured_a_few_at_a_time() -> None:
    told = json.loads(REFERENCE)["States"]["Branching"]["MaxConcurrency"]
    states = json.loads(power_tuning.definition.to_json())["States"].values()

    assert told == 0
    assert [state["MaxConcurrency"] for state in states if state["Type"] == "Map"] == [1, 5]


@pytest.mark.parametrize("powers", [[128], [128, 512], [128, 256, 512, 1024]])
def test_9_the_cost_is_that_of_the_transitions_that_were_made(powers: list[int]) -> None:
    told = theirs(FaultyLambda(), powerValues=powers)
    execution = ours(FaultyLambda(), powerValues=powers)

    price = TRANSITION_PRICES["default"]
    assert told.output["stateMachine"]["executionCost"] < len(told.path) * price
    assert execution.output["stateMachine"]["executionCost"] == pytest.approx(len(execution.path) * price)
