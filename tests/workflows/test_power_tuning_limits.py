"""The workflow at the limits of an account: PT-05 and PT-09."""

import json
import threading
from typing import Any

import pytest

from tasks.power_tuning.aws.service_errors import ServiceError
from tasks.power_tuning.local.model_plane import ModelCall, ModelOutcome
from tasks.power_tuning.local.performance_model import report_log
from tasks.power_tuning.measuring import MOST_AT_ONCE, SIZES_AT_ONCE
from tests.tasks.power_tuning.worlds import FaultyLambda
from tests.workflows.test_power_tuning import run
from workflows.power_tuning import power_tuning


def over_the_limit(lambda_: FaultyLambda, most: int) -> FaultyLambda:
    """Let the account have a lower limit of memory than Lambda."""

    def fault(number: int, method: str) -> Exception | None:
        _, parameters = lambda_.calls[-1]
        if method == "update_function_configuration" and parameters.get("MemorySize", 0) > most:
            text = f"'MemorySize' value failed to satisfy constraint: Member must be less than or equal to {most}"
            return ServiceError("InvalidParameterValueException", text)
        return None

    lambda_.fault = fault
    return lambda_


@pytest.mark.parametrize("more", [{}, {"onlyColdStarts": True}], ids=["warm", "cold"])
def test_pt_05_a_power_above_the_accounts_limit_is_reported_beside_the_good_ones(
    more: dict[str, Any],
) -> None:
    lambda_ = over_the_limit(FaultyLambda(), 3008)
    before = lambda_.state()

    execution = run(lambda_, powerValues=[128, 10240, 512], includeOutputResults=True, **more)

    assert execution.status == "SUCCEEDED"
    assert [failed["power"] for failed in execution.output["failed"]] == [10240]
    assert "3008" in execution.output["failed"][0]["failure"]
    assert [row["value"] for row in execution.output["stats"]] == [128, 512]
    assert lambda_.state() == before


def test_pt_05_powers_that_are_all_above_the_limit_are_refused_and_leave_nothing() -> None:
    lambda_ = over_the_limit(FaultyLambda(), 128)
    before = lambda_.state()

    execution = run(lambda_, powerValues=[512, 1024])

    assert execution.error == "Rejected"
    assert lambda_.state() == before


def test_sizes_are_published_one_by_one_and_five_are_measured_at_once() -> None:
    """PT-09: all of them together with at most 50 invocations under way; `test_measuring` has the ten of one."""
    states = json.loads(power_tuning.definition.to_json())["States"]

    assert [state["MaxConcurrency"] for state in states.values() if state["Type"] == "Map"] == [1, 5]
    assert (MOST_AT_ONCE, SIZES_AT_ONCE) == (50, 5)


@pytest.mark.slow
def test_fifty_invocations_are_under_way_at_once_and_never_more() -> None:
    """PT-09: five sizes of ten at a time, though ten sizes of twenty were asked for.

    The first fifty wait for each other; the rest is counted.
    """
    fifty, lock = threading.Barrier(50, timeout=60), threading.Lock()
    active, most, begun = [0], [0], [0]

    def invoked(call: ModelCall) -> ModelOutcome:
        with lock:
            begun[0] += 1
            active[0] += 1
            most[0] = max(most[0], active[0])
            is_early = begun[0] <= 50
        if is_early:
            fifty.wait()
        with lock:
            active[0] -= 1
        return ModelOutcome("null", report_log("r", call.memory, 10))

    execution = run(
        FaultyLambda(run=invoked),
        num=20,
        powerValues=[*range(128, 1408, 128)],
        parallelInvocation=True,
        includeOutputResults=True,
    )

    assert execution.status == "SUCCEEDED", execution.cause
    assert {row["samples"] for row in execution.output["stats"]} == {20}
    assert most == [50]


@pytest.mark.slow
def test_a_thousand_cold_starts_fit_into_the_state() -> None:
    """PT-09."""
    powers = [128, 256, 384, 512, 768, 1024, 1536, 1769, 2048, 3008]

    execution = run(
        FaultyLambda(), num=100, powerValues=powers, onlyColdStarts=True, includeOutputResults=True
    )

    assert execution.status == "SUCCEEDED"
    assert {row["samples"] for row in execution.output["stats"]} == {100}
    exits = execution.history.of("TaskStateExited", "MapStateExited")
    outputs = [event["stateExitedEventDetails"]["output"] for event in exits]
    assert max(len(output.encode()) for output in outputs) < 256 * 1024
