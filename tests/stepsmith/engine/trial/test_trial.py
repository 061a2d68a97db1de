from typing import Any

import pytest

from stepsmith.engine.ports import TaskSucceeded
from stepsmith.engine.trial.bench import try_state
from stepsmith.engine.trial.request import TrialRefused
from tests.stepsmith.engine.playing import task

PASS = {"Type": "Pass", "Parameters": {"b.$": "$.a"}, "ResultPath": "$.r", "End": True}
TASK = task(End=True)


def test_a_state_alone_gives_output_and_next_state() -> None:
    answer = try_state({"Type": "Pass", "Result": 1, "Next": "Somewhere"}, {})

    assert answer == {"status": "SUCCEEDED", "output": "1", "nextState": "Somewhere"}


def test_inspection_shows_the_way_of_the_data() -> None:
    answer = try_state(PASS, {"a": 1}, inspection_level="DEBUG")

    assert answer["inspectionData"] == {
        "input": '{"a":1}',
        "afterInputPath": '{"a":1}',
        "afterParameters": '{"b":1}',
        "afterResultSelector": '{"b":1}',
        "afterResultPath": '{"a":1,"r":{"b":1}}',
    }


def test_a_mock_stands_in_for_the_work() -> None:
    answer = try_state(TASK, {}, mock={"result": '{"x": 1}'})

    assert answer == {"status": "SUCCEEDED", "output": '{"x":1}'}


def test_work_is_done_by_the_caller_where_there_is_no_mock() -> None:
    answer = try_state(
        TASK,
        2,
        role_arn="role",
        perform=lambda command: TaskSucceeded(id=command.id, output=[command.payload]),
    )

    assert answer == {"status": "SUCCEEDED", "output": "[2]"}


@pytest.mark.parametrize(
    ("count", "details", "status"),
    [
        (0, {"retryIndex": 0, "retryBackoffIntervalSeconds": 2}, "RETRIABLE"),
        (1, {"retryIndex": 0, "retryBackoffIntervalSeconds": 6}, "RETRIABLE"),
        (2, {"retryIndex": 0}, "FAILED"),
    ],
)
def test_a_mocked_error_meets_the_retriers(count: int, details: dict[str, Any], status: str) -> None:
    state = task(
        Retry=[{"ErrorEquals": ["E"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 2}], End=True
    )

    answer = try_state(
        state,
        {},
        mock={"errorOutput": {"error": "E", "cause": "c"}},
        state_configuration={"retrierRetryCount": count},
        inspection_level="DEBUG",
    )

    assert (answer["status"], answer["error"], answer["cause"]) == (status, "E", "c")
    assert isinstance(answer["inspectionData"], dict)
    assert answer["inspectionData"]["errorDetails"] == details


def test_a_caught_error_goes_on_at_the_catcher() -> None:
    state = task(Catch=[{"ErrorEquals": ["E"], "Next": "Handler"}], End=True)

    answer = try_state(state, {}, mock={"errorOutput": {"error": "E", "cause": "c"}})

    assert answer == {
        "status": "CAUGHT_ERROR",
        "output": '{"Error":"E","Cause":"c"}',
        "error": "E",
        "cause": "c",
        "nextState": "Handler",
    }


def test_too_many_failed_iterations_fail_a_map() -> None:
    state = {
        "Type": "Map",
        "ToleratedFailureCount": 1,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "I",
            "States": {"I": {"Type": "Pass", "End": True}},
        },
        "End": True,
    }

    fails = try_state(
        state, [1, 2], mock={"result": "[1,2]"}, state_configuration={"mapIterationFailureCount": 2}
    )
    works = try_state(
        state, [1, 2], mock={"result": "[1,2]"}, state_configuration={"mapIterationFailureCount": 1}
    )

    assert fails["error"] == "States.ExceedToleratedFailureThreshold"
    assert works["output"] == "[1,2]"


@pytest.mark.parametrize(
    ("state", "options", "message"),
    [
        (PASS, {"mock": {"result": "1"}}, "State type 'Pass' is not supported when a mock is specified"),
        (TASK, {}, "RoleArn must be specified when testing a Task state"),
        (TASK, {"mock": {"result": "{"}}, "Mocked result must be valid JSON"),
        (
            TASK,
            {"mock": {"result": "1", "errorOutput": {"error": "E"}}},
            "A test mock should have only one of the following fields: [result, errorOutput].",
        ),
        (
            TASK,
            {"mock": {"result": "1"}, "reveal_secrets": True},
            "TestState does not support RevealSecrets when a mock is specified.",
        ),
        (
            TASK,
            {"mock": {"result": "1"}, "context": '{"Map": {}}'},
            "Invalid Context object provided: 'Map' field is not supported when mocking a Context object",
        ),
        (
            TASK,
            {"mock": {"result": "1"}, "context": '{"Execution": {"Id": 1}}'},
            "Invalid Context object provided: Execution.Id must be a string",
        ),
        (
            TASK,
            {"mock": {"result": "1"}, "check_result": lambda *_: "Field 'X' must be a number"},
            "Mock result schema validation error: Field 'X' must be a number",
        ),
    ],
)
def test_requests_are_refused_in_aws_s_words(
    state: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(TrialRefused) as refused:
        try_state(state, {}, **options)

    assert refused.value.code == "ValidationException"
    assert refused.value.message == message


def test_a_machine_needs_the_name_of_its_state() -> None:
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 5, "End": True}}}

    assert try_state(machine, {}, state_name="A")["output"] == "5"
    with pytest.raises(TrialRefused, match="State not found in definition"):
        try_state(machine, {}, state_name="B")


def test_variables_are_seen_and_shown() -> None:
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"n": "{% $n + 1 %}"}, "End": True}

    answer = try_state(state, {}, variables={"n": 1}, inspection_level="DEBUG")

    assert answer["inspectionData"] == {"input": "{}", "variables": '{"n":2}'}
