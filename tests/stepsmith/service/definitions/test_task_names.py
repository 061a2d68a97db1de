from typing import Any

import pytest

from stepsmith import NotFound, load
from stepsmith.asl.model import StateMachine
from stepsmith.service.definitions.task_names import check_functions, task_states

ARN = "arn:aws:lambda:us-east-1:123456789012:function:charge"


def task(resource: str = ARN, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "End": True, **more}


def definition(**states: dict[str, Any]) -> StateMachine:
    branches = [{"StartAt": name, "States": {name: state}} for name, state in states.items()]
    return load(
        {"StartAt": "All", "States": {"All": {"Type": "Parallel", "Branches": branches, "End": True}}}
    ).definition


INVOKE = "arn:aws:states:::lambda:invoke"
SHOP = definition(
    Charge=task(),
    Ship=task(INVOKE, Parameters={"FunctionName": "${ship}", "Payload.$": "$"}),
    Tell=task("arn:aws:states:::sns:publish.waitForTaskToken", Parameters={"Message.$": "$$.Task.Token"}),
    Keep=task("arn:aws:states:::aws-sdk:s3:putObject", Parameters={}),
)


def test_task_states_inside_others_are_found() -> None:
    assert [name for name, _ in task_states(SHOP)] == ["Charge", "Ship", "Tell", "Keep"]


@pytest.mark.parametrize(
    "name",
    [
        *("Charge", "charge", ARN, f"{ARN}:live", "Ship", "ship", "${ship}", "sns:publish"),
        *("aws-sdk:s3:putObject", INVOKE, "arn:aws:lambda:eu-west-1:123456789012:function:ship"),
    ],
)
def test_what_a_state_calls_has_these_names(name: str) -> None:
    check_functions([name], [SHOP], "tasks")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("chrage", "tasks: no state calls 'chrage'; did you mean 'charge'"),
        ("sns:publsh", "did you mean 'sns:publish'"),
        ("zzz", "no state calls 'zzz'; they call Charge, Keep, Ship, Tell, "),
    ],
)
def test_another_name_is_refused(name: str, told: str) -> None:
    with pytest.raises(NotFound, match=told):
        check_functions([name], [SHOP], "tasks")


@pytest.mark.parametrize(
    "more",
    [
        {"Parameters": {"FunctionName.$": "$.name"}},
        {"QueryLanguage": "JSONata", "Arguments": {"FunctionName": "{% $states.input.name %}"}},
        {"QueryLanguage": "JSONata", "Arguments": "{% $states.input %}"},
    ],
)
def test_nothing_is_refused_where_an_expression_names_the_function(more: dict[str, Any]) -> None:
    check_functions(["anything"], [definition(Any=task(INVOKE, **more))], "tasks")


def test_a_name_of_any_of_the_machines_is_known() -> None:
    check_functions(["charge", "pack"], [SHOP, definition(Pack=task(ARN.replace("charge", "pack")))], "tasks")
