from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry
from stepsmith.service import ACTIVITIES
from stepsmith.service.answers.activities import Activities, ActivityTask
from stepsmith.service.answers.step_functions_client import LocalStepFunctions
from stepsmith.service.answers.tokens import TaskTokens
from stepsmith.service.machines.machine import Machine
from tests.stepsmith.service.small_machines import machine


def activity(name: str) -> tuple[str, Machine]:
    arn = f"arn:aws:states:us-east-1:123456789012:activity:{name}"
    return arn, machine(("Carve", {"Type": "Task", "Resource": arn, "TimeoutSeconds": 60}))


def client() -> LocalStepFunctions:
    return LocalStepFunctions(ClientRegistry.local().client("stepfunctions"))


def test_a_worker_fetches_a_task_and_answers_it() -> None:
    arn, carving = activity("carve")
    execution = carving.start({"wood": "oak"})

    fetched = client().get_activity_task(activityArn=arn, workerName="me")
    client().send_task_success(taskToken=str(fetched["taskToken"]), output='"done"')

    assert json.loads(str(fetched["input"])) == {"wood": "oak"}
    assert execution.wait(5).output == "done"
    assert execution.history.of("ActivityStarted")[0]["activityStartedEventDetails"] == {"workerName": "me"}


def test_a_worker_may_fail_and_give_signs_of_life() -> None:
    arn, carving = activity("fail")
    execution = carving.start()
    token = str(client().get_activity_task(activityArn=arn)["taskToken"])

    client().send_task_heartbeat(taskToken=token)
    client().send_task_failure(taskToken=token, error="Splinter", cause="ouch")

    execution.wait(5)
    assert (execution.error, execution.cause) == ("Splinter", "ouch")


def test_tasks_are_fetched_in_the_order_they_came() -> None:
    arn, carving = activity("order")
    executions = []
    for number in range(3):
        executions.append(carving.start(number))
        ACTIVITIES.waiting(arn, at_least=number + 1)

    inputs = []
    for _ in executions:
        task = ACTIVITIES.fetch(arn, timeout_seconds=5)
        assert task is not None
        inputs.append(task.input)
        client().send_task_success(taskToken=task.token, output="null")

    assert inputs == ["0", "1", "2"]
    assert {execution.wait(5).status for execution in executions} == {"SUCCEEDED"}


def test_nothing_to_do_is_no_task() -> None:
    assert (
        ACTIVITIES.fetch("arn:aws:states:us-east-1:123456789012:activity:idle", timeout_seconds=0.0) is None
    )


def test_a_responder_does_the_work_of_a_worker() -> None:
    _, carving = activity("respond")

    def work(payload: Json) -> Json:
        return {"carved": payload}

    execution = carving.run("oak", responders={"Carve": work})

    assert execution.output == {"carved": "oak"}
    assert execution.history.of("ActivityStarted")


def test_a_task_whose_execution_has_ended_is_not_handed_out() -> None:
    arn, carving = activity("gone")
    execution = carving.start()
    ACTIVITIES.waiting(arn, at_least=1)

    execution.stop()

    assert ACTIVITIES.fetch(arn, timeout_seconds=0.0) is None


@pytest.mark.parametrize(
    ("output", "code"), [("{", "InvalidOutput"), ('"' + "x" * 300_000 + '"', "InvalidOutput")]
)
def test_an_output_that_is_no_json_or_too_large_is_refused(output: str, code: str) -> None:
    with pytest.raises(ClientError) as caught:
        client().send_task_success(taskToken="any", output=output)

    assert caught.value.response.get("Error", {}).get("Code") == code


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("send_task_success", {"taskToken": "", "output": "1"}),
        ("send_task_success", {"taskToken": "t", "output": {"a": 1}}),
        ("send_task_failure", {"taskToken": "t", "error": 5}),
        ("send_task_failure", {"taskToken": "t", "cause": ["c"]}),
        ("send_task_heartbeat", {"taskToken": None}),
    ],
)
def test_what_boto3_does_not_send_is_refused_as_it_refuses_it(call: str, given: dict[str, Any]) -> None:
    with pytest.raises(ParamValidationError):
        getattr(client(), call)(**given)


@pytest.mark.parametrize(
    ("given", "member"),
    [
        ({"error": "E" * 257}, "error"),
        ({"cause": "c" * 32_769}, "cause"),
        ({"taskToken": "t" * 2_049}, "taskToken"),
    ],
)
def test_what_is_too_long_for_the_service_is_its_exception(given: dict[str, str], member: str) -> None:
    with pytest.raises(ClientError, match=f"Value at '{member}' failed to satisfy constraint") as caught:
        client().send_task_failure(**{"taskToken": "t", **given})

    assert caught.value.response.get("Error", {}).get("Code") == "ValidationException"


def test_other_calls_go_to_the_client_behind() -> None:
    assert client().list_state_machines()["stateMachines"] == []


def test_an_unknown_token_is_the_exception_of_boto3() -> None:
    behind = client()

    with pytest.raises(behind.exceptions.InvalidToken, match="Invalid Token: 'Invalid token'"):
        behind.send_task_heartbeat(taskToken="made up")


def test_what_is_offered_to_others_does_not_make_a_worker_wait_longer() -> None:
    activities, ends = Activities(TaskTokens()), time.monotonic() + 0.1
    over = threading.Event()

    def offer() -> None:
        while not over.wait(0.01):
            activities.offer("other", ActivityTask("t", "{}"))

    busy = threading.Thread(target=offer, daemon=True)
    busy.start()
    try:
        fetched = activities.fetch("mine", timeout_seconds=0.1, is_wanted=lambda: time.monotonic() < ends + 5)
        late = time.monotonic() - ends
    finally:
        over.set()
        busy.join()

    assert fetched is None
    assert late < 4


def test_a_task_stays_in_its_queue_when_nobody_wants_it_any_more() -> None:
    arn, carving = activity("unwanted")
    execution = carving.start()
    waiting = ACTIVITIES.waiting(arn, at_least=1, timeout_seconds=5)

    unwanted = ACTIVITIES.fetch(arn, is_wanted=lambda: False)
    fetched = ACTIVITIES.fetch(arn, timeout_seconds=0)
    execution.stop()

    assert unwanted is None
    assert [fetched] == waiting
