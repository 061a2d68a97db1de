"""Executions: what is said of them, and how they are started, stopped and run again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.stepsmith.cloud.actions.services import here, invoke, one


def test_an_execution_runs_when_things_are_let_happen() -> None:
    sfn = here(double=lambda n: n * 2)
    arn = sfn.create(one(invoke("double")))
    execution = sfn.start(arn, 21)

    assert sfn.status(execution) == "RUNNING"
    sfn.service.turn()

    found = sfn("DescribeExecution", executionArn=execution)
    assert (found["status"], found["input"], found["output"]) == ("SUCCEEDED", "21", "42")
    assert found["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    metadata = sfn("DescribeExecution", executionArn=execution, includedData="METADATA_ONLY")
    assert not {"input", "output", "inputDetails"} & set(metadata)


def test_thousands_of_executions_wait_without_a_thread_each() -> None:
    sfn = here()
    arn = sfn.create(one({"Type": "Wait", "Seconds": 3600}))
    executions = [sfn.start(arn) for _ in range(2000)]
    sfn.service.turn()

    assert sfn.service.runner.count == 2000
    sfn.advance(3599)
    assert sfn.status(executions[0]) == "RUNNING"
    sfn.advance(1)
    assert sfn.service.runner.count == 0
    assert {sfn.status(each) for each in executions} == {"SUCCEEDED"}


def test_a_name_with_the_same_input_is_the_same_execution_while_it_runs() -> None:
    sfn = here()
    arn = sfn.create(one({"Type": "Wait", "Seconds": 5}))
    execution = sfn.start(arn, {"a": 1}, name="n")

    assert sfn.start(arn, {"a": 1}, name="n") == execution
    taken = ("ExecutionAlreadyExists", f"Execution Already Exists: '{execution}'")
    assert sfn.refused("StartExecution", stateMachineArn=arn, name="n", input="{}") == taken
    sfn.advance(5)
    assert sfn.refused("StartExecution", stateMachineArn=arn, name="n", input='{"a": 1}') == taken
    sfn.advance(91 * 86_400)
    assert sfn.start(arn, {"a": 2}, name="n") == execution


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Invalid execution input."),
        ("nope", "Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', "
         "'true' or 'false')"),
    ],
)  # fmt: skip
def test_an_input_that_is_no_json_is_refused_in_aws_words(text: str, reason: str) -> None:
    sfn = here()

    refused = sfn.refused("StartExecution", stateMachineArn=sfn.create(), input=text)

    assert refused == ("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'")


def test_a_stopped_execution_says_why_and_stays_as_it_is() -> None:
    sfn = here()
    execution = sfn.start(sfn.create(one({"Type": "Wait", "Seconds": 60})))
    sfn.advance(10)

    stopped = sfn("StopExecution", executionArn=execution, error="E", cause="c")
    sfn.advance(10)

    assert sfn("StopExecution", executionArn=execution) == stopped
    found = sfn("DescribeExecution", executionArn=execution)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "E", "c")
    assert found["redriveStatus"] == "REDRIVABLE"


def test_a_redrive_goes_on_from_the_state_that_failed() -> None:
    calls: list[Any] = []

    def flaky(value: Any) -> Any:
        calls.append(value)
        if len(calls) == 1:
            raise ValueError("not yet")
        return "well"

    sfn = here(flaky=flaky)
    machine = sfn.create({
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Result": 1, "Next": "S"}, "S": {**invoke("flaky"), "End": True}},
    })  # fmt: skip
    execution = sfn.run(machine)["executionArn"]
    assert sfn.status(execution) == "FAILED"

    first = sfn("RedriveExecution", executionArn=execution, clientToken="t")
    sfn.advance(1)

    assert sfn("RedriveExecution", executionArn=execution, clientToken="t") == first
    found = sfn("DescribeExecution", executionArn=execution)
    assert (found["status"], found["redriveCount"], found["redriveDate"]) == (
        "SUCCEEDED",
        1,
        first["redriveDate"],
    )
    assert calls == [1, 1]
    again = sfn.refused("RedriveExecution", executionArn=execution)
    assert again == ("ExecutionNotRedrivable", "Execution is SUCCEEDED and cannot be redriven")


def test_a_redrive_after_two_weeks_is_too_late() -> None:
    sfn = here()
    execution = sfn.run(sfn.create({"StartAt": "F", "States": {"F": {"Type": "Fail"}}}))["executionArn"]

    sfn.advance(14 * 86_400 + 1)

    assert (
        sfn.refused("RedriveExecution", executionArn=execution)[1] == "Execution redrivable period exceeded"
    )


def test_histories_come_in_pages_in_both_orders() -> None:
    sfn = here()
    states = {
        f"P{n}": {"Type": "Pass", **({"Next": f"P{n + 1}"} if n < 9 else {"End": True})} for n in range(10)
    }
    execution = sfn.run(sfn.create({"StartAt": "P0", "States": states}))["executionArn"]

    def ids(**more: Any) -> list[int]:
        found: list[int] = []
        token: dict[str, Any] = {}
        while True:
            page = sfn("GetExecutionHistory", executionArn=execution, maxResults=5, **more, **token)
            found += [event["id"] for event in page["events"]]
            if "nextToken" not in page:
                return found
            token = {"nextToken": page["nextToken"]}

    assert ids() == list(range(1, 23))
    assert ids(reverseOrder=True) == list(range(22, 0, -1))
    bare = sfn("GetExecutionHistory", executionArn=execution, includeExecutionData=False)["events"]
    assert "input" not in bare[0]["executionStartedEventDetails"]


def test_a_page_token_is_good_for_its_own_question_alone() -> None:
    sfn = here()
    for name in "abc":
        sfn.create(name=name)
    token = sfn("ListStateMachines", maxResults=1)["nextToken"]

    assert [each["name"] for each in sfn("ListStateMachines", nextToken=token)["stateMachines"]] == ["b", "c"]
    for forged in (token[:-4] + "AAAA", "x", "gASVIAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAR0cnVllIWUUpQu", "é"):
        assert sfn.refused("ListStateMachines", nextToken=forged)[0] == "InvalidToken"
    assert sfn.refused("ListActivities", nextToken=token)[0] == "InvalidToken"


def test_new_executions_between_two_pages_move_none_of_the_old_ones() -> None:
    sfn = here()
    arn = sfn.create()
    for name in "abcd":
        sfn.start(arn, name=name)
    first = sfn("ListExecutions", stateMachineArn=arn, maxResults=2)
    sfn.start(arn, name="new")

    second = sfn("ListExecutions", stateMachineArn=arn, maxResults=2, nextToken=first["nextToken"])

    assert [each["name"] for each in first["executions"] + second["executions"]] == ["d", "c", "b", "a"]


def test_an_express_execution_is_waited_for_and_billed() -> None:
    sfn = here()
    arn = sfn.create(one({"Type": "Wait", "Timestamp": "2026-01-01T00:00:02.910Z"}), type="EXPRESS")

    answer = sfn("StartSyncExecution", stateMachineArn=arn, input='{"a":1}', name="n")

    assert (answer["status"], answer["output"]) == ("SUCCEEDED", '{"a":1}')
    assert answer["billingDetails"] == {"billedDurationInMilliseconds": 3000, "billedMemoryUsedInMB": 64}
    assert answer["executionArn"].startswith("arn:aws:states:eu-west-1:111111111111:express:m:n:")
    wrong = ("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
    assert sfn.refused("GetExecutionHistory", executionArn=answer["executionArn"]) == wrong
    assert sfn.refused("ListExecutions", stateMachineArn=arn)[0] == "StateMachineTypeNotSupported"
    assert (
        sfn.refused("StartSyncExecution", stateMachineArn=sfn.create(name="s"))[0]
        == "StateMachineTypeNotSupported"
    )


def test_one_execution_that_breaks_does_not_stop_the_others() -> None:
    sfn = here(leave=lambda _: (_ for _ in ()).throw(SystemExit(3)))
    bad, good = sfn.create(one(invoke("leave")), name="bad"), sfn.create(name="good")
    executions = [sfn.start(bad), sfn.start(good)]

    sfn.service.turn()

    assert [sfn.status(each) for each in executions] == ["FAILED", "SUCCEEDED"]


def test_executions_start_others_and_wait_for_them() -> None:
    sfn = here()
    child = sfn.create(one({"Type": "Wait", "Seconds": 30}), name="child")
    start = {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child, "Input": {"from": "parent"}},
    }  # fmt: skip
    execution = sfn.start(sfn.create(one(start)))
    sfn.advance(29)
    assert sfn.status(execution) == "RUNNING"

    sfn.advance(1)

    found = json.loads(sfn("DescribeExecution", executionArn=execution)["output"])
    assert found["Output"] == {"from": "parent"}
    assert (
        found["ExecutionArn"] == sfn("ListExecutions", stateMachineArn=child)["executions"][0]["executionArn"]
    )


def test_who_stops_an_execution_stops_what_it_waits_for() -> None:
    sfn = here()
    child = sfn.create(one({"Type": "Wait", "Seconds": 30}), name="child")
    start = {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync",
        "Parameters": {"StateMachineArn": child},
    }  # fmt: skip
    execution = sfn.start(sfn.create(one(start)))
    sfn.service.turn()

    sfn("StopExecution", executionArn=execution)

    assert sfn("ListExecutions", stateMachineArn=child)["executions"][0]["status"] == "ABORTED"


def test_a_child_that_cannot_be_started_fails_its_task() -> None:
    sfn = here()
    start = {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
        "Parameters": {"StateMachineArn": "arn:aws:states:eu-west-1:111111111111:stateMachine:none"},
    }  # fmt: skip

    found = sfn.run(sfn.create(one(start)))

    assert found["error"] == "StepFunctions.StateMachineDoesNotExistException"
    assert found["cause"].startswith("State Machine Does Not Exist: 'arn:aws:states:eu-west-1:1")


def test_the_names_of_a_deleted_machine_are_free_for_the_next_of_its_name() -> None:
    sfn = here()
    first = sfn.run(sfn.create(), name="n")
    sfn("DeleteStateMachine", stateMachineArn=first["stateMachineArn"])

    second = sfn.run(sfn.create(), {"a": 2}, name="n")

    assert second["executionArn"] == first["executionArn"]
    assert second["input"] == '{"a": 2}'
