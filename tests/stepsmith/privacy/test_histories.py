"""Histories as they are shown: local ones, AWS's, and those in which the data are JSON text inside JSON."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from stepsmith import (
    Personal,
    WorkflowError,
    callback_task,
    integration,
    load,
    local,
    running,
    task,
    workflow,
)
from stepsmith.authoring.calls.callee import TaskToken
from stepsmith.privacy import MASK, CallMarks, Marks, Shape, masked_events, personal_values
from stepsmith.service import Execution
from stepsmith.service.personal import task_marks, workflow_marks


class Customer(BaseModel):
    id: str
    email: Personal[str]
    age: Personal[int]


class Unreachable(WorkflowError):
    """The customer cannot be reached."""


@task
def find_customer(id: str) -> Customer:
    """Find a customer."""
    return Customer(id=id, email="ada@example.ie", age=42)


@task
def send(customer: Customer, text: str) -> str:
    """Send a text."""
    if text == "bad":
        raise Unreachable(f"{customer.email} does not answer")
    if text == "worse":
        Customer.model_validate({"id": "1", "email": [customer.email], "age": 1})
    return f"sent to {customer.email}"


@callback_task(Customer)
def confirm(token: TaskToken, id: str) -> None:
    """Ask for a confirmation."""


@integration("dynamodb:putItem")
def put_item(TableName: str, Item: Personal[dict[str, Any]]) -> Any:
    """Put an item."""


@workflow
def tell(id: str, text: Personal[str]) -> str:
    """Tell a customer something."""
    customer = find_customer(id)
    address = customer.email
    sent = send(customer, text)
    return f"{sent}, which is {address}"


@workflow
def keep(id: str) -> str:
    """Keep what was confirmed."""
    customer = confirm(id)
    put_item(TableName="customers", Item={"pk": {"S": id}, "mail": {"S": "eve@example.ie"}})
    return customer.email


def shown(execution: Execution[Any], marks: Marks) -> str:
    events = list(execution.history)
    return json.dumps(masked_events(events, personal_values(events, marks)), ensure_ascii=False)


@pytest.mark.parametrize("text", ["birthday greetings", "bad", "worse"])
def test_what_fields_hold_is_shown_nowhere(text: str) -> None:
    execution: Any = tell.run("c1", text)

    seen = shown(execution, workflow_marks(tell))

    assert "ada@example.ie" in json.dumps(list(execution.history))
    assert "ada@example.ie" not in seen
    assert "birthday greetings" not in seen
    assert '\\"age\\":42' not in seen
    assert "c1" in seen


def test_answers_and_parameters_of_aws_calls_are_masked_too() -> None:
    answer = {"id": "c1", "email": "ada@example.ie", "age": 42}
    tasks = {"Put item": lambda payload: {}}
    with running(local(responders={"confirm": lambda payload: answer}, tasks=tasks)):
        execution: Any = keep.run("c1")

    seen = shown(execution, workflow_marks(keep))

    assert execution.output == "ada@example.ie"
    assert "example.ie" not in seen
    assert "customers" in seen


def test_events_states_and_json_texts_stay() -> None:
    execution: Any = tell.run("c1", "birthday greetings")
    events = list(execution.history)

    seen = masked_events(events, personal_values(events, workflow_marks(tell)))

    assert [(each["id"], each["type"], each["previousEventId"]) for each in seen] == [
        (each["id"], each["type"], each["previousEventId"]) for each in events
    ]
    assert _structure(seen) == _structure(events)


def test_masking_a_masked_history_changes_nothing() -> None:
    execution: Any = tell.run("c1", "birthday greetings")
    events, marks = list(execution.history), workflow_marks(tell)

    once = masked_events(events, personal_values(events, marks))

    assert masked_events(once, personal_values(once, marks)) == once
    assert not personal_values(once, marks)


def test_the_functions_behind_any_definition_say_what_is_personal() -> None:
    from stepsmith.service import load

    machine = load(tell.definition)
    execution = machine.run({"id": "c1", "text": "hello"}, tasks=tell.tasks)

    seen = shown(execution, task_marks(tell.tasks, machine.definition))

    assert "ada@example.ie" not in seen
    assert execution.marks().is_marked


def test_deployed_functions_are_known_by_the_states_that_call_them() -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:shop-SendFunction-Xb1:4"
    payload = {"customer": {"id": "1", "email": "ada@example.ie", "age": 42}, "text": "hi"}
    events = [
        _event(1, "TaskStateEntered", 0, "stateEntered", name="Send", input="{}"),
        _event(
            2,
            "TaskScheduled",
            1,
            "taskScheduled",
            resourceType="lambda",
            resource="invoke",
            parameters=json.dumps({"FunctionName": arn, "Payload": payload}),
        ),
        _event(3, "TaskFailed", 2, "taskFailed", error="E", cause="ada@example.ie is away"),
    ]

    seen = masked_events(events, personal_values(events, workflow_marks(tell)))

    assert seen[2]["taskFailedEventDetails"]["cause"] == "••• is away"
    assert json.loads(seen[1]["taskScheduledEventDetails"]["parameters"])["Payload"]["customer"] == {
        "id": "1",
        "email": MASK,
        "age": MASK,
    }


def test_executions_that_others_start_and_functions_called_by_arn_are_masked() -> None:
    marks = Marks(
        calls={
            "child": CallMarks(given={"customer": Shape(lambda: Customer)}, result=Shape(lambda: Customer)),
            "find": CallMarks(result=Shape(lambda: Customer)),
        }
    )
    customer = {"id": "1", "email": "ada@example.ie", "age": 4242}
    other = {"id": "2", "email": "eve@example.ie", "age": 7}
    third = {"id": "3", "email": "bob@example.ie", "age": 7}
    started = {"StateMachineArn": "${child}", "Input": {"customer": customer}}
    ended = {"ExecutionArn": "arn", "Output": json.dumps(other)}
    events = [
        _event(
            1,
            "TaskScheduled",
            0,
            "taskScheduled",
            resourceType="states",
            resource="startExecution.sync",
            parameters=json.dumps(started),
        ),
        _event(2, "TaskSucceeded", 1, "taskSucceeded", output=json.dumps(ended)),
        _event(
            3,
            "LambdaFunctionScheduled",
            0,
            "lambdaFunctionScheduled",
            resource="arn:aws:lambda:us-east-1:1:function:find",
        ),
        _event(4, "LambdaFunctionStarted", 3, "lambdaFunctionStarted"),
        _event(5, "LambdaFunctionSucceeded", 4, "lambdaFunctionSucceeded", output=json.dumps(third)),
    ]

    seen = json.dumps(masked_events(events, personal_values(events, marks)))

    assert "example.ie" not in seen
    assert "4242" not in seen


def test_what_a_redrive_has_found_is_masked() -> None:
    answers: list[Any] = [RuntimeError("out of order"), {"id": "c1", "email": "ada@example.ie", "age": 42}]

    def answer(payload: Any) -> Any:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    machine = load(
        {
            "StartAt": "Find",
            "States": {
                # the deployed function has a name that only the definition tells
                "Find": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::lambda:invoke",
                    "Parameters": {"FunctionName": "shop-1A2B"},
                    "End": True,
                }
            },
        }
    )
    execution = machine.run({}, tasks={"shop-1A2B": answer})
    execution.redrive()
    marks = replace(
        task_marks({"find_customer": find_customer}, machine.definition), states={"Find": "find_customer"}
    )

    seen = shown(execution, marks)

    assert execution.status == "SUCCEEDED"
    assert "ada@example.ie" not in seen


def test_what_aws_has_cut_is_masked_as_text() -> None:
    execution: Any = tell.run("c1", "birthday greetings")
    events = list(execution.history)
    cut = _event(99, "TaskStateExited", 0, "stateExited", name="x", output='{"to":"ada@example.ie","te')

    seen = masked_events([cut], personal_values([*events, cut], workflow_marks(tell)))

    assert seen[0]["stateExitedEventDetails"]["output"] == '{"to":"•••","te'


def test_a_history_without_marks_is_shown_as_it_is() -> None:
    execution: Any = tell.run("c1", "hello")
    events = list(execution.history)

    values = personal_values(events, Marks())

    assert not values
    assert masked_events(events, values) == events


secret = st.text(st.characters(codec="utf-8", exclude_characters="•"), min_size=4, max_size=20)


@settings(max_examples=25, deadline=None)
@given(text=secret.filter(lambda text: text not in ("bad", "worse")))
def test_no_marked_value_is_in_what_is_shown_of_any_history(text: str) -> None:
    execution: Any = tell.run("c-1", text)
    events = list(execution.history)

    seen = masked_events(events, personal_values(events, workflow_marks(tell)))

    assert all(text not in leaf for leaf in _leaves(seen))


def _event(id: int, type: str, before: int, details: str, **values: Any) -> dict[str, Any]:
    return {
        "id": id,
        "type": type,
        "previousEventId": before,
        "timestamp": 0.0,
        f"{details}EventDetails": values,
    }


_STRUCTURAL = ("name", "type", "resource", "resourceType", "region", "roleArn")


def _leaves(value: Any, key: str = "") -> list[str]:
    """Every text that data can reach, JSON texts opened."""
    match value:
        case str() if key not in _STRUCTURAL:
            try:
                inner = json.loads(value)
            except ValueError:
                return [value]
            return _leaves(inner, "data") if isinstance(inner, dict | list) else [value]
        case list():
            return [leaf for each in value for leaf in _leaves(each, "data")]
        case Mapping():
            return [leaf for name, each in value.items() for leaf in _leaves(each, name)]
        case _:
            return []


def _structure(value: Any) -> Any:
    match value:
        case str():
            try:
                inner = json.loads(value)
            except ValueError:
                return "text"
            return _structure(inner) if isinstance(inner, dict | list) else "text"
        case list():
            return [_structure(each) for each in value]
        case dict():
            return {key: _structure(each) for key, each in value.items()}
        case _:
            return "text"
