"""Every step of the SDK but those of SageMaker, as JSON that AWS and we take."""

import inspect
import json
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import pytest

from stepsmith.asl import render
from stepsmith.sdk import definition_of, from_sdk
from tests.stepsmith.sdk.environment import SDK

steps = SDK.steps
patterns = import_module("stepfunctions.steps.integration_resources").IntegrationPattern

KEY = {"Id": {"S.$": "$.id"}}
REQUIRED: dict[str, dict[str, Any]] = {
    "BatchSubmitJobStep": {"JobName": "j", "JobQueue": "q", "JobDefinition": "d"},
    "DynamoDBDeleteItemStep": {"TableName": "t", "Key": KEY},
    "DynamoDBGetItemStep": {"TableName": "t", "Key": KEY},
    "DynamoDBPutItemStep": {"TableName": "t", "Item": KEY},
    "DynamoDBUpdateItemStep": {"TableName": "t", "Key": KEY},
    "EcsRunTaskStep": {"TaskDefinition": "d"},
    "EmrAddStepStep": {"ClusterId": "c", "Step": {"Name": "s", "HadoopJarStep": {"Jar": "j"}}},
    "EmrCancelStepStep": {"ClusterId": "c", "StepId": "s"},
    "EmrTerminateClusterStep": {"ClusterId": "c"},
    "EventBridgePutEventsStep": {"Entries": [{"Detail.$": "$.a", "DetailType": "t", "Source": "s"}]},
    "GlueStartJobRunStep": {"JobName": "j"},
    "LambdaStep": {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}},
    "SnsPublishStep": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:t", "Message.$": "$$.Task.Token"},
    "StepFunctionsStartExecutionStep": {
        "StateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:child"
    },
    "SqsSendMessageStep": {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}},
}
"""What AWS asks for before it creates a machine with the step."""
JOB = {
    "timeout_seconds": 60,
    "heartbeat_seconds": 10,
    "input_path": "$.in",
    "result_path": "$.out",
    "output_path": "$.all",
}
NOT_TASKS: dict[str, Callable[[], Any]] = {
    "Pass": lambda: steps.Pass(
        "P", comment="c", input_path="$.a", parameters={"b.$": "$.c"}, result_path="$.d", output_path="$.e"
    ),
    "Succeed": lambda: steps.Succeed("S", comment="c", input_path="$.a", output_path=None),
    "Fail": lambda: steps.Fail("F", comment="c", error="Broken", cause="because"),
    "Wait": lambda: steps.Wait("W", comment="c", timestamp_path="$.when", input_path="$.a"),
    "Choice": lambda: choice(),
    "Parallel": lambda: parallel(),
    "Map": lambda: map_over(),
    "Task": lambda: steps.Task(
        "T",
        resource="arn:aws:states:::aws-sdk:s3:listBuckets",
        parameters={},
        timeout_seconds_path="$.t",
        heartbeat_seconds_path="$.h",
        retry=[
            steps.Retry(error_equals=["A"], interval_seconds=3, max_attempts=2, backoff_rate=1.5),
            steps.Retry(error_equals=["States.ALL"]),
        ],
        catch=steps.Catch(error_equals=["States.ALL"], result_path="$.error", next_step=steps.Fail("F")),
    ),
}


def choice() -> Any:
    state = steps.Choice("C", comment="c", input_path="$.a", output_path="$.b")
    state.add_choice(steps.ChoiceRule.IsPresent("$.x", True), steps.Pass("Yes"))
    state.default_choice(steps.Succeed("No"))
    return state


def parallel() -> Any:
    state = steps.Parallel(
        "B",
        parameters={"x.$": "$.y"},
        retry=steps.Retry(error_equals=["States.ALL"]),
        catch=steps.Catch(error_equals=["States.ALL"], next_step=steps.Succeed("Caught")),
    )
    state.add_branch(steps.Chain([steps.Pass("One"), steps.Wait("Two", seconds=1)]))
    state.add_branch(map_over())
    return state


def map_over() -> Any:
    state = steps.Map("M", items_path="$.items", max_concurrency=2, parameters={"i.$": "$$.Map.Item.Index"})
    state.attach_iterator(steps.Pass("Item"))
    return state


def task_steps() -> dict[str, type]:
    """The steps that call a service; those of SageMaker need estimators, and are not for us."""
    return {
        name: kind
        for name, kind in vars(steps).items()
        if inspect.isclass(kind)
        and issubclass(kind, steps.Task)
        and kind is not steps.Task
        and not kind.__module__.endswith("sagemaker")
    }


def with_item_processor(value: Any) -> Any:
    """The old word for the states of a Map as the model has it."""
    match value:
        case dict():
            return {
                "ItemProcessor" if key == "Iterator" else key: with_item_processor(item)
                for key, item in value.items()
            }
        case list():
            return [with_item_processor(item) for item in value]
        case _:
            return value


def ways_to_wait(kind: type) -> list[Mapping[str, Any]]:
    parameters = inspect.signature(kind).parameters
    if "integration_pattern" in parameters:
        return [{"integration_pattern": pattern} for pattern in patterns]
    switches = {"wait_for_callback", "wait_for_completion"} & set(parameters)
    return [{switch: on} for switch in switches for on in (True, False)] or [{}]


def assert_it_comes_through(step: Any) -> None:
    as_the_sdk_writes_it = json.loads(steps.Graph(step).to_json())

    machine = from_sdk(step)

    assert definition_of(step) == as_the_sdk_writes_it
    assert render(machine.definition) == with_item_processor(as_the_sdk_writes_it)


def test_every_step_of_the_sdk_is_among_those_tested() -> None:
    states = {
        name
        for name, kind in vars(steps).items()
        if inspect.isclass(kind)
        and issubclass(kind, steps.states.State)
        and "sagemaker" not in kind.__module__
    }

    assert states == {*NOT_TASKS, *task_steps()}
    assert len(task_steps()) == 28


@pytest.mark.parametrize("name", NOT_TASKS)
def test_each_kind_of_state_comes_through(name: str) -> None:
    assert_it_comes_through(NOT_TASKS[name]())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(task_steps()))
def test_each_step_that_calls_a_service_comes_through(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    kind: Callable[..., Any] = task_steps()[name]
    tried = 0

    for way in ways_to_wait(task_steps()[name]):
        try:
            step = kind(
                "Call", parameters=REQUIRED.get(name, {"Name": "x", "Inner": {"From.$": "$.a"}}), **way, **JOB
            )
        except ValueError as error:
            assert "is not supported for this step" in str(error)  # noqa: PT017 - most patterns fit most steps
            continue
        assert_it_comes_through(step)
        tried += 1

    assert tried >= 1


@pytest.mark.parametrize(
    "wait",
    [
        {"seconds": 5},
        {"seconds_path": "$.s"},
        {"timestamp": "2030-01-01T00:00:00Z"},
        {"timestamp_path": "$.t"},
    ],
)
def test_each_wait_comes_through(wait: dict[str, Any]) -> None:
    assert_it_comes_through(steps.Wait("W", **wait))


OPERANDS: dict[str, Any] = {
    "String": "text",
    "Numeric": 1.5,
    "Boolean": True,
    "Timestamp": "2030-01-01T00:00:00Z",
    "Is": False,
}


@pytest.mark.parametrize(
    "operator",
    sorted(name for name in vars(steps.ChoiceRule) if name[0].isupper() and name not in ("And", "Or", "Not")),
)
def test_each_choice_rule_comes_through(operator: str) -> None:
    kind = next(kind for kind in OPERANDS if operator.startswith(kind))
    operand = "$.other" if operator.endswith("Path") else OPERANDS[kind]
    rule = getattr(steps.ChoiceRule, operator)
    state = steps.Choice("C")
    state.add_choice(
        steps.ChoiceRule.Or(
            [
                rule("$.x", operand),
                steps.ChoiceRule.Not(steps.ChoiceRule.And([rule("$.y", operand), rule("$.z", operand)])),
            ]
        ),
        steps.Succeed("Then"),
    )
    state.default_choice(steps.Succeed("Else"))

    assert_it_comes_through(state)
