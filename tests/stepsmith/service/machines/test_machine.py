from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stepsmith.asl import parse
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.errors import ExecutionFailed, InvalidInput, NotFound, TaskTimeout
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry
from stepsmith.service import Journal, load, local, read_input
from tests.stepsmith.service.small_machines import LAMBDA, machine, task, wait

PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def test_a_definition_is_loaded_from_a_file_a_text_or_an_object(tmp_path: Path) -> None:
    file = tmp_path / "echo.asl.json"
    file.write_text(json.dumps(PASS))

    machines = [
        load(file),
        load(str(file)),
        load(json.dumps(PASS)),
        load(json.dumps(PASS).encode()),
        load(PASS),
    ]

    assert [each.run({"a": 1}).output for each in machines] == [{"a": 1}] * 5
    assert machines[0].name == "echo"


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFound, match=r"definition 'no\.json' cannot be read: No such file"):
        load("no.json")


def test_a_path_with_a_null_byte_is_not_found() -> None:
    with pytest.raises(NotFound):
        load("a\0b")


@pytest.mark.parametrize("text", ["{", '{"StartAt": "A"}', "[]", '{"StartAt": "A", "StartAt": "B"}'])
def test_a_definition_that_aws_would_refuse_is_refused(text: str) -> None:
    with pytest.raises(InvalidDefinition):
        load(text)


def test_a_run_gives_status_output_path_and_virtual_time() -> None:
    execution = machine(("Settle", wait(90)), ("Call", task())).run(
        {"n": 1}, tasks={"work": lambda payload: payload}
    )

    assert (execution.status, execution.output) == ("SUCCEEDED", {"n": 1})
    assert execution.path == ["Settle", "Call"]
    assert execution.elapsed == timedelta(seconds=90)
    assert (execution.error, execution.cause, execution.failed_state) == (None, None, None)


@pytest.mark.parametrize("value", [float("nan"), {"a": {1}}, b"x", "\ud800"])
def test_an_input_that_is_no_json_is_refused_in_words(value: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        load(PASS).run(value)

    assert str(refused.value).startswith("the input ")
    assert "States.Runtime" not in str(refused.value)


def test_no_input_is_an_empty_object() -> None:
    assert load(PASS).run().output == {}
    assert load(PASS).run(None).output is None


def test_a_failed_run_names_error_cause_and_state() -> None:
    execution = machine(
        ("Settle", wait(1)), ("Give up", {"Type": "Fail", "Error": "E", "Cause": "because"})
    ).run()

    assert (execution.status, execution.error, execution.cause) == ("FAILED", "E", "because")
    assert execution.failed_state == "Give up"
    assert execution.output is None
    with pytest.raises(ExecutionFailed, match="E: because"):
        execution.result()


def test_a_machine_that_takes_too_long_times_out() -> None:
    execution = machine(("Settle", wait(90)), TimeoutSeconds=10).run()

    assert (execution.status, execution.elapsed) == ("TIMED_OUT", timedelta(seconds=10))
    with pytest.raises(TaskTimeout):
        execution.result()


def test_the_history_is_a_list_of_events_in_aws_shape() -> None:
    history = machine(("A", {"Type": "Pass"}), ("B", {"Type": "Pass"})).run().history

    assert [event["type"] for event in history] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert len(history) == 6
    assert history[-1]["id"] == 6
    assert [event["id"] for event in history[1:3]] == [2, 3]
    assert [event["id"] for event in history[::2]] == [1, 3, 5]
    assert [event["id"] for event in history.of("PassStateExited")] == [3, 5]
    with pytest.raises(IndexError, match="event 6 of 6"):
        history[6]


def test_two_runs_have_the_same_history() -> None:
    one, other = (
        machine(("Settle", wait(3)), ("Call", task())).run({}, tasks={"work": lambda payload: 1}, seed=7)
        for _ in range(2)
    )

    assert list(one.history) == list(other.history)


def test_a_run_uses_the_clients_it_is_given() -> None:
    clients = ClientRegistry.local()
    clients.client("s3").create_bucket(Bucket="data")
    listing = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets", "Parameters": {}}

    execution = machine(("List", listing)).run({}, clients=clients)

    assert isinstance(execution.output, dict)
    assert [each["Name"] for each in execution.output["Buckets"]] == ["data"]  # type: ignore  # any JSON
    assert execution.clients is clients


def test_single_services_are_replaced() -> None:
    class Stub:
        def list_buckets(self) -> dict[str, object]:
            return {"Buckets": []}

    def work(payload: Json) -> Json:
        from stepsmith.authoring.calls.clients import current_client

        return current_client("s3").list_buckets()  # type: ignore[attr-defined,no-any-return]  # the stub

    execution = machine(("Call", task())).run({}, clients={"s3": Stub()}, tasks={"work": work})

    assert execution.output == {"Buckets": []}


def test_a_task_without_a_function_fails_as_lambda_does() -> None:
    execution = machine(("Call", task("nobody"))).run()

    assert execution.error == "Lambda.ResourceNotFoundException"
    assert (execution.cause or "").startswith(f"Function not found: {LAMBDA}nobody:$LATEST")


def test_parameters_that_cannot_start_a_task_end_the_execution_before_it() -> None:
    bad = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName.$": "$.name"},
    }

    execution = machine(("Send", bad)).run({"name": 5})

    assert execution.error == "States.Runtime"
    assert (execution.cause or "").startswith(
        "An error occurred while executing the state 'Send' (entered at the event id #2). The Parameters "
    )
    assert not execution.history.of("TaskScheduled")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "x" * 262_143, {"a": "\ud800"}])
def test_an_input_that_aws_would_refuse_is_refused(value: Json) -> None:
    with pytest.raises(InvalidInput, match="the input"):
        load(PASS).run(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "the input is not JSON: line 1, column 2"),
        ('{"a": NaN}', "the input is not JSON: line 1, column 7"),
        ("", "the input is not JSON: line 1, column 1"),
        (b"\xff", "Invalid UTF-8 byte 0xff"),
        ("[" * 100_000, "nesting"),
    ],
)
def test_input_text_that_is_not_json_says_where(text: str | bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_input(text)


def test_the_last_of_equal_keys_counts_in_an_input() -> None:
    assert read_input('{"a": 1, "a": 2}') == {"a": 2}


def test_real_time_is_the_walls() -> None:
    execution = machine(("Settle", wait(0)), ("Call", task())).run(
        {}, tasks={"work": lambda _: 1}, real_time=True
    )

    assert execution.output == 1
    assert execution.started.year >= 2024


def test_a_misspelt_option_of_a_run_is_refused_with_the_nearest() -> None:
    with pytest.raises(TypeError, match=r"^no option 'task' of a run; did you mean 'tasks'\?$"):
        machine(("A", wait(1))).run({}, task={})  # type: ignore[arg-type]  # what a call without a type checker may say
    with pytest.raises(TypeError, match=r"^no option 'sed' of a run; did you mean 'seed'\?$"):
        local(sed=1)  # type: ignore[arg-type]  # the same


@pytest.mark.parametrize("as_model", [False, True], ids=["as JSON", "as a model"])
def test_what_lint_refuses_is_refused_by_load_in_every_form(as_model: bool) -> None:
    definition = {
        "StartAt": "Put",
        "States": {
            "Put": {
                "Type": "Task",
                "Resource": "arn:aws:states:::dynamodb:putItem",
                "Parameters": {"TableName": "t", "Item": {"k": {"Bool": True}}},
                "End": True,
            }
        },
    }

    with pytest.raises(InvalidDefinition, match='The field "Bool" is not supported by Step Functions'):
        load(parse(definition) if as_model else definition)


@pytest.mark.parametrize("name", ["", "two words", "../x", "a:b", "a\n", "a" * 81, "\udc80"])
def test_a_name_that_aws_refuses_is_refused(tmp_path: Path, name: str) -> None:
    machine = load({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    journal = Journal(tmp_path / "j.db")

    for run in (machine.run, machine.start, partial(journal.start, machine)):
        with pytest.raises(InvalidInput, match=r"the name of an execution \(InvalidName\): write 1 to 80"):
            run({}, name=name)

    assert list(tmp_path.iterdir()) == []
