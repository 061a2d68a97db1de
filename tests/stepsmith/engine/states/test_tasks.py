from typing import Any

import pytest

from stepsmith.engine import Run, Settings
from stepsmith.engine.ports import (
    CancelTask,
    StartTask,
    TaskFailed,
    TaskHeartbeat,
    TaskStarted,
    TaskSubmitted,
    TaskSucceeded,
    TaskTimedOut,
)
from tests.stepsmith.engine.playing import ACTIVITY, Failing, details, kinds, one, play, start, task

SQS = "arn:aws:states:::sqs:sendMessage"
MESSAGE = {"QueueUrl": "q", "MessageBody": "m"}


def begun(state: dict[str, Any], input: Any = None, **options: Any) -> tuple[Run, StartTask]:
    run = start(one(state), {} if input is None else input, **options)
    (command,) = run.advance(0.0)
    assert isinstance(command, StartTask)
    return run, command


def test_a_function_has_the_events_of_a_function() -> None:
    run = play(one(task()), {"a": 1}, lambda payload: payload)

    assert kinds(run) == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]


def test_a_service_call_names_type_resource_and_region() -> None:
    run = play(
        one({"Type": "Task", "Resource": SQS, "Parameters": MESSAGE}), {}, lambda payload: {"MessageId": "1"}
    )

    assert details(run, "TaskScheduled") == [
        {
            "resourceType": "sqs",
            "resource": "sendMessage",
            "region": "us-east-1",
            "parameters": '{"QueueUrl":"q","MessageBody":"m"}',
        }
    ]
    assert details(run, "TaskSucceeded")[0]["output"] == '{"MessageId":"1"}'


def test_a_callback_waits_for_its_token_after_submission() -> None:
    state = {
        "Type": "Task",
        "Resource": f"{SQS}.waitForTaskToken",
        "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
    }
    run, command = begun(state)

    run.apply(TaskSubmitted(id=command.id, output={"MessageId": "1"}), 0.0)
    run.advance(0.0)
    run.apply(TaskSucceeded(id=command.id, output="done"), 3.0)
    run.advance(3.0)

    assert command.token is not None
    assert len(command.token) >= 32
    assert command.payload == {"QueueUrl": "q", "MessageBody": command.token}
    assert kinds(run)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    assert run.output == "done"


def test_a_task_that_takes_too_long_is_cancelled_and_times_out_without_cause() -> None:
    run, command = begun(task(TimeoutSeconds=5))

    commands = run.advance(5.0)

    assert commands == [CancelTask(id=command.id)]
    assert (run.status, run.error, run.cause) == ("FAILED", "States.Timeout", None)
    assert details(run, "LambdaFunctionScheduled")[0]["timeoutInSeconds"] == 5
    assert details(run, "LambdaFunctionTimedOut") == [{"error": "States.Timeout"}]


def test_an_activity_gets_its_time_anew_when_a_worker_takes_it() -> None:
    run, command = begun({"Type": "Task", "Resource": ACTIVITY, "TimeoutSeconds": 5})

    run.advance(4.0)
    run.apply(TaskStarted(id=command.id, worker_name="w"), 4.0)
    run.advance(8.0)
    assert run.status == "RUNNING"
    run.advance(9.0)

    assert kinds(run)[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivityTimedOut"]
    assert details(run, "ActivityStarted") == [{"workerName": "w"}]


def test_an_activity_nobody_takes_times_out_unstarted() -> None:
    run, _ = begun({"Type": "Task", "Resource": ACTIVITY, "TimeoutSeconds": 5})

    run.advance(5.0)

    assert kinds(run)[2:4] == ["ActivityScheduled", "ActivityTimedOut"]


def test_heartbeats_keep_a_callback_alive() -> None:
    run, command = begun(
        {"Type": "Task", "Resource": f"{SQS}.waitForTaskToken", "Parameters": MESSAGE, "HeartbeatSeconds": 5}
    )

    run.advance(10.0)
    run.apply(TaskSubmitted(id=command.id, output={}), 10.0)
    run.apply(TaskHeartbeat(id=command.id), 14.0)
    run.advance(18.0)
    assert run.status == "RUNNING"
    run.advance(19.0)

    assert run.error == "States.Timeout"


def test_a_missing_heartbeat_can_be_caught_by_its_own_name() -> None:
    state = task(
        HeartbeatSeconds=5, Catch=[{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "T"}], Next="T"
    )

    run = play(one(state, T={"Type": "Succeed"}), {}, carry=lambda command: [])

    assert run.status == "SUCCEEDED"
    assert isinstance(run.output, dict)
    assert run.output["Error"] == "States.Timeout"


@pytest.mark.parametrize(
    ("stage", "events"),
    [
        ("schedule", ["LambdaFunctionScheduled", "LambdaFunctionScheduleFailed"]),
        ("start", ["LambdaFunctionScheduled", "LambdaFunctionStartFailed"]),
        ("run", ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionFailed"]),
    ],
)
def test_a_failure_is_recorded_at_its_stage(stage: Any, events: list[str]) -> None:
    run, command = begun(task())

    run.apply(TaskFailed(id=command.id, error="E", cause="c", stage=stage), 0.0)
    run.advance(0.0)

    assert kinds(run)[2:-1] == events
    assert (run.error, run.cause) == ("E", "c")


def test_a_failure_without_a_name_has_neither_key() -> None:
    run = play(one(task()), {}, lambda payload: (_ for _ in ()).throw(Failing(None)))

    assert details(run, "LambdaFunctionFailed") == [{}]
    assert details(run, "ExecutionFailed") == [{}]


def test_a_time_out_seen_outside_counts() -> None:
    run, command = begun(task())

    run.apply(TaskTimedOut(id=command.id), 0.0)
    run.advance(0.0)

    assert run.error == "States.Timeout"


def test_late_and_unknown_answers_are_ignored() -> None:
    run, command = begun(task(TimeoutSeconds=1))
    run.advance(1.0)
    before = kinds(run)

    run.apply(TaskSucceeded(id=command.id, output=1), 2.0)
    run.apply(TaskSucceeded(id=999, output=1), 2.0)

    assert run.advance(2.0) == []
    assert kinds(run) == before


def test_paths_and_credentials_are_evaluated_for_each_attempt() -> None:
    run, command = begun(
        task(
            TimeoutSecondsPath="$.t",
            Credentials={"RoleArn.$": "States.Format('arn:aws:iam::{}:role/r', '123456789012')"},
        ),
        {"t": 7},
    )

    assert command.timeout_seconds == 7
    assert command.role_arn == "arn:aws:iam::123456789012:role/r"
    assert details(run, "LambdaFunctionScheduled")[0]["taskCredentials"] == {"roleArn": command.role_arn}


def test_what_cannot_be_scheduled_fails_before_any_event_of_the_task() -> None:
    settings = Settings(refuse=lambda resource, payload: f"The activity {resource} does not exist.")

    run = start(one({"Type": "Task", "Resource": ACTIVITY}), {}, settings=settings)
    run.advance(0.0)

    assert kinds(run) == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]
    assert (run.cause or "").endswith(f"The activity {ACTIVITY} does not exist.")


def test_idempotency_tokens_differ_by_place_visit_and_attempt() -> None:
    state = {
        "Type": "Map",
        "ItemProcessor": {
            "StartAt": "T",
            "States": {"T": task(Retry=[{"ErrorEquals": ["E"], "MaxAttempts": 1}], End=True)},
        },
    }
    tokens: list[str] = []

    def carry(command: Any) -> list[Any]:
        tokens.append(command.idempotency_token)
        return [TaskFailed(id=command.id, error="E", cause=None)]

    play(one(state), [1, 2], carry=carry)

    assert len(set(tokens)) == len(tokens)
    assert tokens[0].endswith("/S:1.0/T:1.0")


def test_stopping_cancels_what_is_under_way() -> None:
    run, command = begun(task())

    commands = run.stop("Stopped", "by hand", 1.0)

    assert commands == [CancelTask(id=command.id)]
    assert (run.status, run.error, run.cause) == ("ABORTED", "Stopped", "by hand")
    assert kinds(run)[-1] == "ExecutionAborted"
    assert run.stop(None, None, 2.0) == []


def test_the_machine_itself_times_out() -> None:
    machine = {**one(task()), "TimeoutSeconds": 30}

    run = play(machine, {}, carry=lambda command: [])

    assert (run.status, run.error, run.now) == ("TIMED_OUT", None, 30.0)
    assert details(run, "ExecutionTimedOut") == [{"error": "States.Timeout"}]
