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
    run_in_turn(RUNS, RunOptions(ARN, pause_ms=1), lambda_, lambda_.sleep)
    assert lambda_.model.slept == pytest.approx(1.005)


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
    assert str(caught.value) == "invocation error (running in series): error type 'Boom', message 'no'"


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


@pytest.mark.parametrize("role", ["pre", "post"])
@pytest.mark.parametrize("is_discreet", [False, True])
def test_w_08_what_a_processor_was_given_is_told_unless_payloads_are_kept_out(
    role: str, is_discreet: bool
) -> None:
    lambda_ = FaultyLambda(run=lambda call: echo(call) if call.arn == ARN else failing()(call))
    processor = Processor(PRE, lambda_)
    pre, post = (processor, None) if role == "pre" else (None, processor)
    options = RunOptions(ARN, pre_processor=pre, post_processor=post, is_discreet=is_discreet)

    with pytest.raises(Rejected) as caught:
        run_in_turn([Run("live", '"secret"')], options, lambda_, lambda_.sleep)

    failure = '{"errorType": "Boom", "errorMessage": "no"}'
    assert str(caught.value) == f"the {role}-processor {PRE} failed with {failure}" + (
        "" if is_discreet else ' and payload "secret"'
    )


def test_runs_in_turn_neither_pause_nor_wait_nor_try_again_unless_they_are_to() -> None:
    slept: list[float] = []
    lambda_ = FaultyLambda(run=echo)
    busy = FaultyLambda(fault=lambda number, method: throttled())

    run_in_turn(RUNS, RunOptions(ARN), lambda_, slept.append)
    with pytest.raises(Throttled):
        run_in_turn(RUNS, RunOptions(ARN), busy, slept.append)

    assert slept == []
    assert lambda_.made("get_waiter") == []
    assert len(busy.made("invoke")) == 1


def test_a_version_is_waited_for_when_its_turn_comes() -> None:
    lambda_ = FaultyLambda(run=echo)

    run_in_turn(RUNS[:2], RunOptions(ARN, waits=True), lambda_, lambda_.sleep)

    assert [method for method, _ in lambda_.calls] == ["get_waiter", "invoke"] * 2


@pytest.mark.parametrize("key", ["trace", "stackTrace"])
def test_the_trace_of_a_failure_is_told(key: str) -> None:
    with pytest.raises(Rejected, match=r"error type 'E', message 'm', trace \[\"line 1\"\]$"):
        refuse_failed("failed", json.dumps({"errorType": "E", "errorMessage": "m", key: ["line 1"]}))


def test_without_a_trace_and_a_message_the_answer_itself_is_told() -> None:
    with pytest.raises(Rejected) as caught:
        refuse_failed("failed", "[1]")

    assert str(caught.value) == "failed with payload null: error type 'unknown', message '[1]'"


@pytest.mark.parametrize(("length", "told"), [(2000, "x" * 2000), (2001, "x" * 2000 + "...")])
def test_what_is_told_of_a_failure_is_no_longer_than_2000_characters(length: int, told: str) -> None:
    with pytest.raises(Rejected) as caught:
        refuse_failed("failed", json.dumps({"errorType": "E", "errorMessage": "x" * length}))

    assert str(caught.value) == f"failed with payload null: error type 'E', message {told!r}"


@pytest.mark.parametrize("payload", ["", "null", "{", '{"errorMessage": "late"}', '{"stackTrace": ["a"]}'])
def test_any_failed_answer_is_told(payload: str) -> None:
    with pytest.raises(Rejected, match="error type 'unknown'"):
        refuse_failed("failed", payload)


def test_a_long_answer_is_cut_in_messages() -> None:
    with pytest.raises(Rejected) as caught:
        refuse_failed("failed", "x" * 100_000, "y" * 100_000)
    assert len(str(caught.value)) < 5000
