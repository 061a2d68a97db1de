from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from stepsmith.errors import WorkflowError
from stepsmith.expressions.types import Json
from stepsmith.integrations import TaskError
from tests.stepsmith.service.small_machines import callback, machine, parallel, task, wait


class Refused(WorkflowError):
    """What a person may answer."""


def test_branches_call_their_tasks_side_by_side() -> None:
    meeting = threading.Barrier(3, timeout=5)

    def meet(payload: Json) -> Json:
        meeting.wait()
        return 1

    execution = machine(("Both", parallel("a", "b", "c"))).run({}, tasks={"a": meet, "b": meet, "c": meet})

    assert execution.output == [1, 1, 1]


def test_answers_are_taken_in_the_order_of_the_branches_whoever_was_faster() -> None:
    second_is_done = threading.Event()

    def first(payload: Json) -> Json:
        second_is_done.wait(5)
        return "first"

    def second(payload: Json) -> Json:
        second_is_done.set()
        return "second"

    history = (
        machine(("Both", parallel("first", "second")))
        .run({}, tasks={"first": first, "second": second})
        .history
    )

    outputs = [
        event["lambdaFunctionSucceededEventDetails"] for event in history.of("LambdaFunctionSucceeded")
    ]
    assert [each["output"] for each in outputs if isinstance(each, dict)] == ['"first"', '"second"']


def test_a_single_task_is_called_on_the_threads_own() -> None:
    threads: list[threading.Thread] = []

    machine(("Call", task())).run({}, tasks={"work": lambda _: threads.append(threading.current_thread())})

    assert threads == [threading.current_thread()]


@pytest.mark.slow
def test_a_task_that_never_returns_times_out() -> None:
    release = threading.Event()

    execution = machine(("Call", task(TimeoutSeconds=1))).run({}, tasks={"work": lambda _: release.wait(60)})
    release.set()

    assert (execution.status, execution.error) == ("FAILED", "States.Timeout")
    assert execution.elapsed == timedelta(seconds=1)


def test_a_retry_waits_in_virtual_time() -> None:
    calls: list[int] = []

    def work(payload: Json) -> Json:
        calls.append(1)
        if len(calls) < 3:
            raise ConnectionError("again")
        return "done"

    retry = [{"ErrorEquals": ["ConnectionError"], "IntervalSeconds": 60, "BackoffRate": 2}]
    execution = machine(("Call", task(Retry=retry))).run({}, tasks={"work": work})

    assert (execution.output, len(calls)) == ("done", 3)
    assert execution.elapsed == timedelta(seconds=180)


def test_a_callback_that_nobody_answers_runs_into_its_time_limit() -> None:
    asked: list[Json] = []

    execution = machine(("Ask", callback(TimeoutSeconds=3600))).run({"q": 1}, tasks={"ask": asked.append})

    assert (execution.status, execution.error) == ("FAILED", "States.Timeout")
    assert execution.elapsed == timedelta(hours=1)
    assert isinstance(asked[0], dict)
    assert asked[0]["about"] == {"q": 1}


@pytest.mark.parametrize("name", ["Ask", "ask"])
def test_a_responder_answers_a_callback_by_state_or_function(name: str) -> None:
    seen: list[Json] = []

    def answer(payload: Json) -> Json:
        seen.append(payload)
        return {"approved": True}

    execution = machine(("Ask", callback())).run(
        {"q": 1}, tasks={"ask": lambda _: None}, responders={name: answer}
    )

    assert execution.output == {"approved": True}
    assert isinstance(seen[0], dict)
    assert seen[0]["about"] == {"q": 1}
    assert "TaskSubmitted" in [event["type"] for event in execution.history]


def test_a_responder_that_raises_sends_a_failure() -> None:
    def refuse(payload: Json) -> Json:
        raise Refused("not today")

    execution = machine(("Ask", callback())).run(
        {}, tasks={"ask": lambda _: None}, responders={"Ask": refuse}
    )

    assert (execution.error, execution.cause) == ("Refused", "not today")


def test_a_responder_may_fail_without_a_name() -> None:
    def refuse(payload: Json) -> Json:
        raise TaskError(None, None)

    execution = machine(("Ask", callback())).run(
        {}, tasks={"ask": lambda _: None}, responders={"Ask": refuse}
    )

    assert (execution.status, execution.error, execution.cause) == ("FAILED", None, None)


def test_a_task_answers_its_own_token_through_the_local_client() -> None:
    def ask(payload: Json) -> Json:
        from stepsmith.authoring.calls.clients import current_client

        assert isinstance(payload, dict)
        client = current_client("stepfunctions")
        client.send_task_success(taskToken=payload["token"], output='{"by": "itself"}')  # type: ignore[attr-defined]  # a client
        return None

    execution = machine(("Ask", callback())).run({}, tasks={"ask": ask})

    assert execution.output == {"by": "itself"}


def test_a_service_action_answers_a_token_of_another_branch() -> None:
    token: list[str] = []

    def ask(payload: Json) -> Json:
        assert isinstance(payload, dict)
        token.append(str(payload["token"]))
        return None

    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
        "Parameters": {"TaskToken.$": "$.token", "Output": {"a": 1}},
    }
    answering = {
        "StartAt": "Settle",
        "States": {
            "Settle": {**wait(5), "Next": "Look"},
            "Look": {**task("look"), "Next": "Send"},
            "Send": {**send, "End": True},
        },
    }
    asking = {"StartAt": "Ask", "States": {"Ask": {**callback(), "End": True}}}
    both = {"Type": "Parallel", "Branches": [asking, answering]}

    execution = machine(("Both", both)).run({}, tasks={"ask": ask, "look": lambda _: {"token": token[0]}})

    assert execution.output == [{"a": 1}, {}]


def test_ctrl_c_in_a_task_says_what_was_running() -> None:
    def work(payload: Json) -> Json:
        signal.raise_signal(signal.SIGINT)
        return None

    with pytest.raises(KeyboardInterrupt) as caught:
        machine(("Call", task())).run({}, tasks={"work": work})

    assert caught.value.__notes__ == ["running: Call"]


def test_where_signals_are_ignored_a_task_that_raises_keyboard_interrupt_only_fails() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        execution = machine(("Call", task())).run({}, tasks={"work": raising(KeyboardInterrupt())})
    finally:
        signal.signal(signal.SIGINT, before)

    assert (execution.status, execution.error) == ("FAILED", "KeyboardInterrupt")


def test_ctrl_c_while_nothing_runs_says_in_which_state_it_was() -> None:
    class Clock:
        is_virtual = True

        def now(self) -> float:
            return 0.0

        def move_to(self, instant: float) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        machine(("Before", {"Type": "Pass"}), ("Settle", wait(5))).run({}, clock=Clock())

    assert caught.value.__notes__ == ["in state Settle"]


def test_a_quick_task_of_many_items_keeps_few_threads() -> None:
    threads: set[int] = set()
    mapping = {
        "Type": "Map",
        "ItemProcessor": {"StartAt": "T", "States": {"T": {**task(), "End": True}}},
    }

    def work(payload: Json) -> Json:
        threads.add(threading.get_ident())
        return payload

    execution = machine(("Each", mapping)).run(list(range(300)), tasks={"work": work})

    assert execution.output == list(range(300))
    assert len(threads) <= 64


# -- tasks that raise what is no Exception ------------------------------------------------


def raising(error: BaseException) -> Callable[[Json], Json]:
    """A function that raises."""

    def work(payload: Json) -> Json:
        raise error

    return work


MISBEHAVED = [
    (SystemExit(3), "Runtime.ExitError"),
    (SystemExit(), "Runtime.ExitError"),
    (KeyboardInterrupt(), "KeyboardInterrupt"),
    (GeneratorExit(), "GeneratorExit"),
    (asyncio.CancelledError(), "CancelledError"),
]


@pytest.mark.parametrize(("error", "name"), MISBEHAVED, ids=lambda each: repr(each))
@pytest.mark.parametrize("more", [{}, {"TimeoutSeconds": 60}], ids=["alone", "limited"])
def test_a_task_fails_by_name_whatever_it_raises(
    error: BaseException, name: str, more: dict[str, Any]
) -> None:
    execution = machine(("Call", task(**more))).run({}, tasks={"work": raising(error)})

    assert (execution.status, execution.error) == ("FAILED", name)


@pytest.mark.parametrize("real_time", [False, True])
def test_a_branch_that_exits_is_caught(real_time: bool) -> None:
    both = parallel("leave", "stay")
    caught = {**both, "Catch": [{"ErrorEquals": ["Runtime.ExitError"], "Next": "After"}]}

    execution = machine(("Both", caught), ("After", {"Type": "Pass", "Result": "caught"})).run(
        {}, tasks={"leave": lambda _: sys.exit("enough"), "stay": lambda _: 1}, real_time=real_time
    )

    assert execution.output == "caught"


def test_an_exit_says_its_status_as_lambda_does() -> None:
    cause = machine(("Call", task())).run({}, tasks={"work": raising(SystemExit(3))}).cause

    assert '"errorType":"Runtime.ExitError"' in str(cause)
    assert str(cause).endswith('Error: Runtime exited with error: exit status 3"}')


def test_a_responder_fails_by_name_whatever_it_raises() -> None:
    execution = machine(("Ask", callback())).run(
        {}, tasks={"ask": lambda _: None}, responders={"Ask": raising(SystemExit(1))}
    )

    assert (execution.status, execution.error) == ("FAILED", "SystemExit")


def test_an_interrupt_inside_a_run_inside_a_task_stops_both() -> None:
    def interrupted(payload: Json) -> Json:
        signal.raise_signal(signal.SIGINT)
        return None

    inner = machine(("Inner", task()))

    with pytest.raises(KeyboardInterrupt):
        machine(("Outer", task())).run(
            {}, tasks={"work": lambda _: inner.run({}, tasks={"work": interrupted}).output}
        )

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


# -- tasks that do not return -------------------------------------------------------------


@pytest.fixture
def hang() -> Iterator[Callable[[Json], Json]]:
    """A function that does not return before the test has ended."""
    release = threading.Event()

    def work(payload: Json) -> Json:
        release.wait(60)
        return None

    yield work
    release.set()


@pytest.mark.slow
@pytest.mark.parametrize("real_time", [False, True])
@pytest.mark.parametrize(
    ("more", "whole"),
    [
        ({"TimeoutSeconds": 1}, {}),
        ({"HeartbeatSeconds": 1, "TimeoutSeconds": 600}, {}),
        ({}, {"TimeoutSeconds": 1}),
    ],
    ids=["timeout", "heartbeat", "machine"],
)
def test_limits_end_a_task_that_never_returns(
    hang: Callable[[Json], Json], more: dict[str, Any], whole: dict[str, Any], real_time: bool
) -> None:
    execution = machine(("Call", task(**more)), **whole).run({}, tasks={"work": hang}, real_time=real_time)

    assert execution.status == ("TIMED_OUT" if whole else "FAILED")
    assert [event["type"] for event in execution.history][-1] in ("ExecutionFailed", "ExecutionTimedOut")
    assert 1 <= execution.elapsed.total_seconds() < 5


@pytest.mark.slow
@pytest.mark.parametrize("real_time", [False, True])
def test_a_branch_that_fails_ends_a_task_that_never_returns(
    hang: Callable[[Json], Json], real_time: bool
) -> None:
    execution = machine(("Both", parallel("hang", "fail"))).run(
        {}, tasks={"hang": hang, "fail": raising(ConnectionError("gone"))}, real_time=real_time
    )

    assert (execution.status, execution.error) == ("FAILED", "ConnectionError")
    assert "TaskStateAborted" in [event["type"] for event in execution.history]


@pytest.mark.slow
def test_a_task_that_was_quick_before_may_still_hang(hang: Callable[[Json], Json]) -> None:
    processor = {"StartAt": "T", "States": {"T": {**task(TimeoutSeconds=1), "End": True}}}
    mapping = {"Type": "Map", "ItemProcessor": processor}

    def work(payload: Json) -> Json:
        return hang(payload) if payload == 150 else payload

    execution = machine(("Each", mapping)).run(list(range(200)), tasks={"work": work})

    assert (execution.status, execution.error) == ("FAILED", "States.Timeout")


@pytest.mark.slow
@pytest.mark.parametrize("real_time", [False, True])
def test_seventy_branches_may_wait_for_each_other(real_time: bool) -> None:
    meeting = threading.Barrier(70, timeout=30)
    names = [f"b{number}" for number in range(70)]

    execution = machine(("All", parallel(*names))).run(
        {}, tasks={name: lambda _: meeting.wait() >= 0 for name in names}, real_time=real_time
    )

    assert execution.output == [True] * 70


# -- tasks that change what they are given ------------------------------------------------


def spoil(payload: Json) -> Json:
    """Change an argument as deep as it goes."""
    assert isinstance(payload, dict)
    seen = {**payload}
    payload["new"] = 1
    inner = payload["inner"]
    assert isinstance(inner, list)
    inner.append("spoilt")
    return {"seen": len(seen)}


def test_a_task_that_changes_its_argument_changes_no_input() -> None:
    given: dict[str, Json] = {"inner": ["a"]}

    execution = machine(("Call", task())).run(given, tasks={"work": spoil})

    assert (given, execution.input) == ({"inner": ["a"]}, {"inner": ["a"]})


def test_a_task_that_changes_its_argument_changes_neither_definition_nor_siblings() -> None:
    constant = {"Parameters": {"inner": ["a"]}}
    counting = machine(("Both", parallel("one", "two", **constant)))

    def count(payload: Json) -> Json:
        spoil(payload)
        return payload

    outputs = [counting.run({}, tasks={"one": count, "two": count}).output for _ in range(2)]

    assert outputs == [[{"inner": ["a", "spoilt"], "new": 1}] * 2] * 2


def test_a_result_that_is_changed_later_stays_as_it_was() -> None:
    kept: list[Json] = []

    def work(payload: Json) -> Json:
        kept.append("x")
        return kept

    execution = machine(("First", task()), ("Second", task(ResultPath="$.more"))).run(
        {}, tasks={"work": work}
    )

    outputs = [
        event["lambdaFunctionSucceededEventDetails"]
        for event in execution.history.of("LambdaFunctionSucceeded")
    ]
    assert [each["output"] for each in outputs if isinstance(each, dict)] == ['["x"]', '["x","x"]']


def test_a_responder_that_changes_the_payload_changes_no_event() -> None:
    def answer(payload: Json) -> Json:
        assert isinstance(payload, dict)
        payload.clear()
        return {}

    execution = machine(("Ask", callback())).run(
        {"q": 1}, tasks={"ask": lambda _: None}, responders={"Ask": answer}
    )

    assert execution.input == {"q": 1}
    scheduled = execution.history.of("TaskScheduled")[0]["taskScheduledEventDetails"]
    assert isinstance(scheduled, dict)
    assert '"about":{"q":1}' in str(scheduled["parameters"])


@pytest.mark.slow
def test_tasks_that_are_now_quick_and_now_slow_are_all_called() -> None:
    processor = {"StartAt": "T", "States": {"T": {**task(), "End": True}}}
    mapping = machine(("Each", {"Type": "Map", "ItemProcessor": processor}))
    never = threading.Event()

    def work(payload: Json) -> Json:
        if isinstance(payload, int) and payload % 37 == 0:
            never.wait(0.003)
        return payload

    for _ in range(10):
        assert mapping.run(list(range(300)), tasks={"work": work}).output == list(range(300))
