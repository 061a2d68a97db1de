from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.engine.kernel.retry import CompiledRetrier, backoff, matches
from stepsmith.engine.values.failures import StateFailure
from tests.stepsmith.engine.playing import Failing, details, kinds, one, play, task


class Script:
    """A worker that fails as it is told and then succeeds."""

    def __init__(self, *errors: str) -> None:
        self.errors = list(errors)

    def __call__(self, payload: Any) -> Any:
        if self.errors:
            raise Failing(self.errors.pop(0), "cause")
        return "done"


def test_delays_grow_by_the_rate_and_stop_at_the_maximum() -> None:
    retry = [
        {"ErrorEquals": ["E"], "IntervalSeconds": 1, "BackoffRate": 3, "MaxAttempts": 4, "MaxDelaySeconds": 5}
    ]

    run = play(one(task(Retry=retry)), {}, Script("E", "E", "E", "E"))

    assert run.output == "done"
    assert run.now == 1 + 3 + 5 + 5


def test_each_retrier_counts_for_itself() -> None:
    retry = [
        {"ErrorEquals": ["A", "B"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 2.0},
        {"ErrorEquals": ["C"], "IntervalSeconds": 5},
    ]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "T"}]

    run = play(
        one(task(Retry=retry, Catch=catch, Next="T"), T={"Type": "Succeed"}), {}, Script("A", "B", "C", "B")
    )

    assert run.output == {"Error": "B", "Cause": "cause"}
    assert run.now == 1 + 2 + 5


def test_jitter_draws_from_the_seed() -> None:
    retry = [{"ErrorEquals": ["E"], "IntervalSeconds": 100, "JitterStrategy": "FULL"}]

    first = play(one(task(Retry=retry)), {}, Script("E"))
    again = play(one(task(Retry=retry)), {}, Script("E"))

    assert 0 < first.now < 100
    assert first.now == again.now


def test_a_retry_leaves_no_event_and_hangs_below_the_failure() -> None:
    run = play(one(task(Retry=[{"ErrorEquals": ["States.TaskFailed"]}])), {}, Script("E"))

    scheduled, started = "LambdaFunctionScheduled", "LambdaFunctionStarted"
    assert kinds(run)[2:8] == [
        *(scheduled, started, "LambdaFunctionFailed"),
        *(scheduled, started, "LambdaFunctionSucceeded"),
    ]
    assert run.history.record(6)[2] == 5


def test_the_retry_count_is_in_the_context() -> None:
    counts: list[Any] = []

    def worker(payload: Any) -> Any:
        counts.append(payload["count"])
        if len(counts) < 3:
            raise Failing("E")

    play(one(task(Parameters={"count.$": "$$.State.RetryCount"}, Retry=[{"ErrorEquals": ["E"]}])), {}, worker)

    assert counts == [0, 1, 2]


def test_a_caught_error_is_placed_into_the_raw_input() -> None:
    catch = [{"ErrorEquals": ["E"], "ResultPath": "$.error", "Next": "T"}]

    run = play(
        one(task(InputPath="$.a", Catch=catch, Next="T"), T={"Type": "Succeed"}), {"a": 1}, Script("E")
    )

    assert run.output == {"a": 1, "error": {"Error": "E", "Cause": "cause"}}


def test_a_catcher_has_output_and_variables_of_its_own() -> None:
    state = task(
        Assign={"name": "state"},
        Catch=[
            {
                "ErrorEquals": ["E"],
                "Assign": {"name": "{% $states.errorOutput.Error %}"},
                "Output": {"caught": "{% $states.errorOutput.Cause %}"},
                "Next": "T",
            }
        ],
        Next="T",
    )
    end = {"Type": "Pass", "Output": {"input": "{% $states.input %}", "name": "{% $name %}"}, "End": True}

    run = play(one(state, language="JSONata", T=end), {}, Script("E"))

    assert run.output == {"input": {"caught": "cause"}, "name": "E"}


def test_a_catcher_that_fails_itself_fails_the_state() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Output": "{% $nothing %}", "Next": "T"}]

    run = play(one(task(Catch=catch, Next="T"), language="JSONata", T={"Type": "Succeed"}), {}, Script("E"))

    assert run.error == "States.QueryEvaluationError"
    assert "Catch[0]/Output" in (run.cause or "")


@pytest.mark.parametrize(
    ("resource", "cause"),
    [
        ("arn:aws:states:::lambda:invoke", ""),
        ("arn:aws:lambda:us-east-1:123456789012:function:work", None),
        ("arn:aws:states:::sqs:sendMessage", None),
    ],
)
def test_a_catcher_sees_an_empty_cause_of_an_invocation_that_timed_out(
    resource: str, cause: str | None
) -> None:
    parameters = {"FunctionName": "f", "QueueUrl": "q", "MessageBody": "b"}
    given = {"lambda": ("FunctionName",), "sqs": ("QueueUrl", "MessageBody")}
    names = given.get(resource.partition(":::")[2].partition(":")[0], ())
    state = task(
        Resource=resource,
        Parameters={name: parameters[name] for name in names},
        TimeoutSeconds=1,
        Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "T"}],
    )

    run = play(one({**state, "Next": "T"}, T={"Type": "Succeed"}), {}, carry=lambda command: [])

    assert run.output == {"Error": "States.Timeout", "Cause": cause}


def test_runtime_errors_are_neither_retried_nor_caught() -> None:
    state = {
        "Type": "Parallel",
        "Branches": [
            {"StartAt": "B", "States": {"B": {"Type": "Pass", "InputPath": "$.x", "End": True}}},
        ],
        "Retry": [{"ErrorEquals": ["States.Runtime"]}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "T"}],
        "Next": "T",
    }

    run = play(one(state, T={"Type": "Succeed"}), {})

    assert (run.status, run.error, run.now) == ("FAILED", "States.Runtime", 0.0)


@pytest.mark.parametrize(
    ("names", "error", "heartbeat", "expected"),
    [
        (["States.ALL"], "Anything", False, True),
        (["States.ALL"], "States.Runtime", False, False),
        (["States.Runtime"], "States.Runtime", False, False),
        (["States.TaskFailed"], "Anything", False, True),
        (["States.TaskFailed"], "States.Timeout", False, False),
        (["States.TaskFailed"], "States.QueryEvaluationError", False, False),
        (["States.QueryEvaluationError"], "States.QueryEvaluationError", False, True),
        (["States.Timeout"], "States.Timeout", True, True),
        (["States.HeartbeatTimeout"], "States.Timeout", True, True),
        (["States.HeartbeatTimeout"], "States.Timeout", False, False),
        (["State.ALL"], "E", False, False),
        (["e"], "E", False, False),
        (["States.ALL"], None, False, True),
    ],
)
def test_names_stand_for_errors_as_on_aws(
    names: list[str], error: str | None, heartbeat: bool, expected: bool
) -> None:
    assert matches(frozenset(names), StateFailure(error, None, heartbeat=heartbeat)) is expected


@given(
    st.integers(1, 99999999),
    st.floats(1, 1e6),
    st.integers(1, 31622400),
    st.integers(0, 99999999),
    st.booleans(),
)
def test_a_delay_is_never_negative_nor_above_its_maximum(
    interval: int, rate: float, longest: int, used: int, jitter: bool
) -> None:
    retrier = CompiledRetrier(frozenset({"E"}), interval, 99999999, rate, longest, jitter)

    assert 0 < backoff(retrier, used) <= longest


def test_details_of_the_exit_show_what_the_catcher_gave() -> None:
    run = play(
        one(task(Catch=[{"ErrorEquals": ["E"], "Next": "T"}], Next="T"), T={"Type": "Succeed"}),
        {},
        Script("E"),
    )

    assert details(run, "TaskStateExited")[0]["output"] == '{"Error":"E","Cause":"cause"}'
