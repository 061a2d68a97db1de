import json
import threading
from typing import Any

import pytest

from tasks.errors import Rejected, Throttled
from tasks.power_tuning.aws.invocations import (
    Processor,
    Run,
    RunOptions,
    refuse_failed,
    run_at_once,
    run_in_turn,
)
from tasks.power_tuning.local.model_plane import ModelCall, ModelOutcome
from tests.tasks.power_tuning.worlds import ARN, POST, PRE, FaultyLambda, throttled

RUNS = [Run("live", json.dumps(index)) for index in range(5)]


def echo(call: ModelCall) -> ModelOutcome:
    return ModelOutcome(call.payload)


def failing(error_type: str = "Boom") -> Any:
    return lambda call: ModelOutcome(
        json.dumps({"errorType": error_type, "errorMessage": "no"}), "", "Unhandled"
    )


def test_runs_in_turn_are_answered_in_order_with_pauses_between() -> None:
    lambda_ = FaultyLambda(run=echo)

    answers = run_in_turn(RUNS, RunOptions(ARN, pause_ms=200), lambda_, lambda_.sleep)

    assert [answer.payload for answer in answers] == ["0", "1", "2", "3", "4"]
    assert lambda_.model.slept == pytest.approx(1)


def test_runs_at_once_are_answered_in_order_and_no_more_than_the_limit_at_a_time() -> None:
    running, most, lock = set[str](), list[int](), threading.Lock()
    full = threading.Barrier(2)

    def run(call: ModelCall) -> ModelOutcome:
        with lock:
            running.add(call.payload)
            most.append(len(running))
        full.wait(10)
        with lock:
            running.discard(call.payload)
        return ModelOutcome(call.payload)

    lambda_ = FaultyLambda(run=run)

    answers = run_at_once(RUNS[:4], RunOptions(ARN), lambda_, lambda_.sleep, limit=2)

    assert [answer.payload for answer in answers] == ["0", "1", "2", "3"]
    assert max(most) == 2


def test_no_runs_have_no_answers() -> None:
    lambda_ = FaultyLambda()

    assert run_at_once([], RunOptions(ARN), lambda_, lambda_.sleep, limit=5) == []


def test_the_first_failure_ends_runs_in_turn() -> None:
    lambda_ = FaultyLambda(run=failing())

    with pytest.raises(
        Rejected, match=r"\(running in series\) with payload 0: error type 'Boom', message 'no'"
    ):
        run_in_turn(RUNS, RunOptions(ARN), lambda_, lambda_.sleep)
    assert len(lambda_.made("invoke")) == 1


def test_all_runs_at_once_are_made_before_a_failure_is_raised() -> None:
    lambda_ = FaultyLambda(run=failing())

    with pytest.raises(Rejected, match="running in parallel"):
        run_at_once(RUNS, RunOptions(ARN), lambda_, lambda_.sleep, limit=2)
    assert len(lambda_.made("invoke")) == 5


def test_an_allowed_error_is_a_result() -> None:
    lambda_ = FaultyLambda(run=failing("Expected"))

    answers = run_in_turn(RUNS, RunOptions(ARN, allowed=frozenset({"Expected"})), lambda_, lambda_.sleep)

    assert len(answers) == 5


def test_a_payload_can_be_kept_out_of_messages() -> None:
    lambda_ = FaultyLambda(run=failing())

    with pytest.raises(Rejected) as caught:
        run_in_turn([Run("live", '"secret"')], RunOptions(ARN, is_discreet=True), lambda_, lambda_.sleep)
    assert "secret" not in str(caught.value)


def test_the_pre_processor_replaces_the_payload_unless_it_answers_nothing() -> None:
    def run(call: ModelCall) -> ModelOutcome:
        return ModelOutcome("" if call.payload == "0" else "[1]") if call.arn == PRE else echo(call)

    lambda_ = FaultyLambda(run=run)

    answers = run_in_turn(
        RUNS[:2], RunOptions(ARN, pre_processor=Processor(PRE, lambda_)), lambda_, lambda_.sleep
    )

    assert [answer.payload for answer in answers] == ["0", "[1]"]


def test_the_post_processor_gets_what_the_function_answered() -> None:
    lambda_ = FaultyLambda(run=lambda call: ModelOutcome("[2]"))

    run_in_turn(RUNS[:1], RunOptions(ARN, post_processor=Processor(POST, lambda_)), lambda_, lambda_.sleep)

    assert [call["FunctionName"] for call in lambda_.made("invoke")] == [ARN, POST]
    assert lambda_.made("invoke")[1]["Payload"] == "[2]"


@pytest.mark.parametrize("role", ["pre", "post"])
def test_a_processor_that_fails_is_named(role: str) -> None:
    lambda_ = FaultyLambda(run=lambda call: echo(call) if call.arn == ARN else failing()(call))
    options = (
        RunOptions(ARN, pre_processor=Processor(PRE, lambda_))
        if role == "pre"
        else RunOptions(ARN, post_processor=Processor(POST, lambda_))
    )

    with pytest.raises(Rejected, match=f"the {role}-processor arn:aws:lambda"):
        run_in_turn(RUNS, options, lambda_, lambda_.sleep)


def test_a_run_that_is_throttled_is_tried_again_after_growing_waits() -> None:
    refused = iter([True, True, False])
    lambda_ = FaultyLambda(run=echo, fault=lambda _, method: throttled() if next(refused) else None)

    answers = run_in_turn(RUNS[:1], RunOptions(ARN, attempts=3), lambda_, lambda_.sleep)

    assert len(answers) == 1
    assert lambda_.model.slept == 1 + 2


def test_a_run_that_stays_throttled_is_given_up() -> None:
    lambda_ = FaultyLambda(fault=lambda number, method: throttled())

    with pytest.raises(Throttled):
        run_in_turn(RUNS[:1], RunOptions(ARN, attempts=3), lambda_, lambda_.sleep)
    assert len(lambda_.made("invoke")) == 3


@pytest.mark.parametrize("payload", ["", "null", "{", '{"errorMessage": "late"}', '{"stackTrace": ["a"]}'])
def test_any_failed_answer_is_told(payload: str) -> None:
    with pytest.raises(Rejected, match="error type 'unknown'"):
        refuse_failed("failed", payload)


def test_a_long_answer_is_cut_in_messages() -> None:
    with pytest.raises(Rejected) as caught:
        refuse_failed("failed", "x" * 100_000, "y" * 100_000)
    assert len(str(caught.value)) < 5000
