"""Every step of the SDK but those of SageMaker, with every field, there and back."""

import inspect
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.asl import render
from stepsmith.sdk import definition_of, from_sdk, to_graph
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
    "EksCreateClusterStep": {
        "Name": "c",
        "RoleArn.$": "$.role",
        "ResourcesVpcConfig": {"SubnetIds.$": "$.subnets"},
    },
    "EksCreateFargateProfileStep": {
        "ClusterName": "c",
        "FargateProfileName": "p",
        "PodExecutionRoleArn.$": "$.role",
    },
    "EksCreateNodegroupStep": {
        "ClusterName": "c",
        "NodegroupName": "n",
        "NodeRole.$": "$.role",
        "Subnets": ["s"],
        "ScalingConfig": {"MaxSize.$": "$.most"},
    },
    "EksDeleteClusterStep": {"Name.$": "$.cluster"},
    "EksDeleteFargateProfileStep": {"ClusterName": "c", "FargateProfileName.$": "$.profile"},
    "EksDeleteNodegroupStep": {"ClusterName": "c", "NodegroupName.$": "$.group"},
    "EmrAddStepStep": {"ClusterId": "c", "Step": {"Name": "s", "HadoopJarStep": {"Jar": "j"}}},
    "EmrCancelStepStep": {"ClusterId": "c", "StepId": "s"},
    "EmrModifyInstanceFleetByNameStep": {
        "ClusterId": "c",
        "InstanceFleetName": "f",
        "InstanceFleet": {"TargetOnDemandCapacity.$": "$.capacity"},
    },
    "EmrModifyInstanceGroupByNameStep": {
        "ClusterId": "c",
        "InstanceGroupName": "g",
        "InstanceGroup": {"InstanceCount.$": "$.count"},
    },
    "EmrSetClusterTerminationProtectionStep": {"ClusterId.$": "$.cluster", "TerminationProtected": True},
    "EmrTerminateClusterStep": {"ClusterId": "c"},
    "EventBridgePutEventsStep": {"Entries": [{"Detail.$": "$.a", "DetailType": "t", "Source": "s"}]},
    "GlueDataBrewStartJobRunStep": {"Name.$": "$.job"},
    "GlueStartJobRunStep": {"JobName": "j"},
    "LambdaStep": {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}},
    "SnsPublishStep": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:t", "Message.$": "$$.Task.Token"},
    "StepFunctionsStartExecutionStep": {
        "StateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:child"
    },
    "SqsSendMessageStep": {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}},
}
"""What the services of the steps take, where AWS looks at that before it creates a machine."""


def fields() -> dict[str, Any]:
    """Every field that states of the SDK have, but those that exclude one of these."""
    return {
        "comment": "why it is here",
        "input_path": "$.in",
        "parameters": {
            "fixed": [1, None, {"x": "y"}],
            "taken.$": "$.a",
            "inner": {"taken.$": "$$.State.Name"},
        },
        "result_path": "$.out",
        "output_path": "$.all",
        "result": {"whatever": [1.5, True]},
        "error": "Broken",
        "cause": "because",
        "seconds": 5,
        "items_path": "$.items",
        "max_concurrency": 3,
        "iterator": steps.Chain([steps.Pass("Item"), steps.Succeed("Item done")]),
        "timeout_seconds": 60,
        "heartbeat_seconds": 10,
        "resource": "arn:aws:lambda:eu-west-1:123456789012:function:f",
        "retry": [
            steps.Retry(error_equals=["A", "B"], interval_seconds=3, max_attempts=0, backoff_rate=1.5),
            steps.Retry(error_equals=["States.ALL"]),
        ],
        "catch": [
            steps.Catch(error_equals=["A"], result_path=None, next_step=steps.Fail("Caught A")),
            steps.Catch(error_equals=["States.ALL"], result_path="$.error", next_step=steps.Pass("Caught")),
        ],
    }


OTHERWISE: list[dict[str, Any]] = [
    {},
    {"input_path": None, "result_path": None, "output_path": None},
    {
        "timeout_seconds": None,
        "timeout_seconds_path": "$.timeout",
        "heartbeat_seconds": None,
        "heartbeat_seconds_path": "$.beat",
        "seconds": None,
        "seconds_path": "$.seconds",
    },
    {"seconds": None, "timestamp": "2030-01-01T00:00:00Z"},
    {"seconds": None, "timestamp_path": "$.when"},
]
"""What can be written in the place of some of the fields."""
NOT_TASKS = ("Pass", "Succeed", "Fail", "Wait", "Choice", "Parallel", "Map", "Task")


def filled(name: str, fields: Mapping[str, Any]) -> Any:
    """A state of this kind with these fields, and with what no state of its kind can be without."""
    step = getattr(steps, name)(f"{name} state", **fields)
    match step:
        case steps.Choice():
            step.add_choice(steps.ChoiceRule.IsPresent("$.x", True), steps.Pass("Yes"))
            step.default_choice(steps.Succeed("No"))
        case steps.Parallel():
            step.add_branch(steps.Chain([steps.Pass("One"), steps.Wait("Two", seconds=1)]))
            step.add_branch(filled("Map", {"iterator": steps.Pass("Each")}))
    return step


def allowed_fields(kind: type) -> set[str]:
    """The fields that states of a kind may have, as the kind itself says."""
    return {field.value for field in cast("Any", kind).allowed_fields(None)}


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
    assert definition_of(to_graph(machine)) == render(machine.definition)


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


def test_every_field_that_a_step_may_have_is_among_those_tested() -> None:
    tested = {*fields(), *(name for other in OTHERWISE for name in other)}

    for name in (*NOT_TASKS, *task_steps()):
        assert allowed_fields(getattr(steps, name)) <= tested


@pytest.mark.parametrize("otherwise", range(len(OTHERWISE)))
@pytest.mark.parametrize("name", NOT_TASKS)
def test_each_kind_of_state_comes_through_with_all_its_fields(name: str, otherwise: int) -> None:
    wanted = {**fields(), **OTHERWISE[otherwise]}
    allowed = allowed_fields(getattr(steps, name))

    assert_it_comes_through(filled(name, {field: wanted[field] for field in wanted if field in allowed}))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(task_steps()))
def test_each_step_that_calls_a_service_comes_through(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    kind: Callable[..., Any] = task_steps()[name]
    common = {
        field: value for field, value in fields().items() if field in allowed_fields(task_steps()[name])
    }
    del common["resource"]  # which is the step's own
    common["parameters"] = REQUIRED.get(name, {"Name": "x", "Inner": {"From.$": "$.a"}})
    tried = 0

    for way in ways_to_wait(task_steps()[name]):
        try:
            made = [kind("Call", **{**common, **way, **OTHERWISE[otherwise]}) for otherwise in (0, 1)]
        except ValueError as error:
            assert "is not supported for this step" in str(error)  # noqa: PT017 - most patterns fit most steps
            continue
        for step in made:
            assert_it_comes_through(step)
        tried += 1

    assert tried >= 1


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


class Shape(NamedTuple):
    """What a state is to be, and what is inside it."""

    kind: str
    inside: list[list["Shape"]]


simple = st.builds(Shape, st.sampled_from(["Pass", "Wait", "Task"]), st.just([]))
nested_shapes = st.recursive(
    st.lists(simple, min_size=1, max_size=3),
    lambda inner: st.lists(
        simple
        | st.builds(Shape, st.sampled_from(["Parallel", "Choice"]), st.lists(inner, min_size=1, max_size=3))
        | st.builds(Shape, st.just("Map"), st.lists(inner, min_size=1, max_size=1)),
        min_size=1,
        max_size=3,
    ),
    max_leaves=8,
)


def chain_of(shapes: list[Shape], numbers: Iterator[int]) -> Any:
    """A Chain of the SDK; a Choice leads on to the next state and back to nothing."""
    return steps.Chain([state_of(shape, f"S{next(numbers)}", numbers) for shape in shapes])


def state_of(shape: Shape, name: str, numbers: Iterator[int]) -> Any:
    inside = [chain_of(inner, numbers) for inner in shape.inside]
    match shape.kind:
        case "Parallel":
            state = steps.Parallel(name)
            for branch in inside:
                state.add_branch(branch)
        case "Map":
            state = steps.Map(name)
            state.attach_iterator(inside[0])
        case "Choice":
            state = steps.Choice(name)
            for index, branch in enumerate(inside):
                state.add_choice(steps.ChoiceRule.NumericEquals("$.n", index), branch)
            state.default_choice(steps.Succeed(f"{name} else"))
        case _:
            call = {
                "resource": "arn:aws:states:::sns:publish",
                "parameters": {"TopicArn": "t", "Message": "m"},
            }
            needed: dict[str, dict[str, Any]] = {"Wait": {"seconds": 1}, "Task": call}
            state = getattr(steps, shape.kind)(name, **needed.get(shape.kind, {}))
    return state


@given(nested_shapes)
def test_chains_of_any_nesting_come_through(shapes: list[Shape]) -> None:
    assert_it_comes_through(chain_of(shapes, itertools.count()))
