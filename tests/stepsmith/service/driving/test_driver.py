from __future__ import annotations

import threading
from datetime import timedelta

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
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        machine(("Call", task())).run({}, tasks={"work": work})

    assert caught.value.__notes__ == ["running: Call"]


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
