"""The models of AWS's services, as botocore keeps them, and what they say about parameters."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from stepsmith.asl import check
from stepsmith.asl.services import ServiceModel
from stepsmith.expressions.types import Json
from stepsmith.integrations.services.aws_sdk import sdk_services
from stepsmith.integrations.services.models import service_model, signing_name
from tests.stepsmith.asl.machines import DISTRIBUTED, map_state, one_state


def known(service: str) -> ServiceModel:
    found = service_model(service)
    assert found is not None
    return found


def messages(resource: str, parameters: Json, **machine: Any) -> list[str]:
    field = "Arguments" if machine.get("QueryLanguage") == "JSONata" else "Parameters"
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", field: parameters, "End": True}
    found = check(one_state(state, **machine), services=service_model)
    assert all(finding.pointer == f"/States/A/{field}" for finding in found)
    return [finding.message for finding in found]


def unsupported(*names: str) -> list[str]:
    return [f'The field "{name}" is not supported by Step Functions' for name in names]


def test_actions_are_known_by_their_names_in_lower_case() -> None:
    assert {"getobject": "GetObject", "listobjectsv2": "ListObjectsV2"}.items() <= known("s3").actions.items()


def test_a_service_has_the_name_that_resources_give_it() -> None:
    assert "startexecution" in known("sfn").actions
    assert signing_name("sfn") == "states"


@pytest.mark.slow
def test_every_service_has_actions_whose_parameters_can_be_walked() -> None:
    for service in sdk_services():
        model = known(service)
        for operation in model.actions.values():
            shape = model.input_of(operation)
            assert shape is None or all(model.members(shape, "sdk").values())


def test_of_a_service_that_is_none_nothing_is_known() -> None:
    assert service_model("teleport") is None
    assert signing_name("teleport") is None


def test_without_botocore_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore", None)
    service_model.cache_clear()

    found = service_model("s3")

    service_model.cache_clear()
    assert found is None


@pytest.mark.parametrize(
    ("resource", "parameters", "names"),
    [
        ("sagemaker:createModel", {"ModelName": "m", "ExecutionRoleArn": "r", "Tags": [{"key": "a"}]}, ["key"]),
        ("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": {"any": 1}, "Delay": 1}, ["Delay"]),
        ("dynamodb:putItem", {"TableName": "t", "Item": {"k": {"Bool": True}}}, ["Bool"]),
        ("dynamodb:putItem", {"TableName": "t", "Item": {"k": {"M": {"a": {"L": [{"s": "x"}]}}}}}, ["s"]),
        (
            "ecs:runTask.sync",
            {"TaskDefinition": "d", "Overrides": {"ContainerOverrides": [{"name": "c", "Command": []}]}},
            ["name"],
        ),
        ("aws-sdk:dynamodb:putItem", {"TableName": "t", "Item": {"k": {"NULL": True, "BOOL": True}}}, ["NULL"]),
        ("aws-sdk:rds:describeDBInstances", {"DBInstanceIdentifier": "x"}, ["DBInstanceIdentifier"]),
        ("aws-sdk:s3:listBuckets", {"bucket": "x", "Bucket": "y"}, ["bucket"]),
        ("lambda:invoke", {"FunctionName": "f", "payload": {}}, ["payload"]),
    ],
)  # fmt: skip
def test_a_member_that_the_service_does_not_have_is_refused_at_every_depth(
    resource: str, parameters: Json, names: list[str]
) -> None:
    assert messages(resource, parameters) == unsupported(*names)


@pytest.mark.parametrize(
    ("resource", "parameters"),
    [
        ("dynamodb:putItem", {"TableName": "t", "Item": {"k": {"BOOL": True}, "n": {"NULL": True}}}),
        ("dynamodb:updateItem", {"TableName": "t", "Key": {"id": {"S": "1"}, "l": {"L": {"S": "one"}}}}),
        ("aws-sdk:dynamodb:putItem", {"TableName": "t", "Item": {"k": {"Nul": True, "Bool": True, "Ss": ["a"]}}}),
        ("aws-sdk:rds:describeDBInstances", {"DbInstanceIdentifier": "x", "Filters": [{"Name": "n"}]}),
        ("sagemaker:createModel", {"ModelName": "m", "ExecutionRoleArn": "r", "Unknown.$": "$.x"}),
        ("events:putEvents", {"Entries": [{"Detail": {"any": [1]}, "DetailType": "t", "Source": "s"}]}),
        ("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": "m", "${Member}": 1}),
        ("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "Body": {"any": {"thing": 1}}}),
        ("aws-sdk:bedrockruntime:invokeModel", {"ModelId": "m", "Body": {"max_tokens": 1}}),
    ],
)  # fmt: skip
def test_what_the_service_has_is_accepted(resource: str, parameters: Json) -> None:
    assert messages(resource, parameters) == []


def test_the_first_member_alone_is_named() -> None:
    tags: Json = [{"key": "team", "value": "x"}]

    assert messages("sagemaker:createModel", {"ModelName": "m", "ExecutionRoleArn": "r", "Tags": tags}) == (
        unsupported("key")
    )


def test_in_jsonata_every_key_is_a_name_and_every_expression_may_hold_anything() -> None:
    arguments = {"TableName.$": "$.t", "TableName": "t", "Item": {"k": "{% $states.input %}"}}

    assert messages("dynamodb:putItem", arguments, QueryLanguage="JSONata") == unsupported("TableName.$")


def test_what_the_model_asks_for_is_asked_for_in_optimised_integrations_only() -> None:
    assert messages("sagemaker:updateEndpoint", {"EndpointName": "e"}) == [
        "The field 'EndpointConfigName' is required but was missing"
    ]
    assert messages("aws-sdk:sagemaker:updateEndpoint", {"EndpointName": "e"}) == []


@pytest.mark.parametrize(
    ("payload", "accepted"),
    [({}, True), ([1], True), ("text", True), (1, False), (1.5, False), (True, False)],
)
def test_the_payload_of_a_function_is_no_bare_number(payload: Json, accepted: bool) -> None:
    found = messages("lambda:invoke", {"FunctionName": "f", "Payload": payload})

    assert found == ([] if accepted else ["The value of the field 'Payload' has an invalid format"])


@pytest.mark.parametrize(("action", "name"), [("getObject", "key"), ("listObjectsV2", "Key")])
def test_a_source_of_items_is_checked_as_well(action: str, name: str) -> None:
    reader = {
        "Resource": f"arn:aws:states:::s3:{action}",
        "Parameters": {"Bucket": "b", name: "k", "Prefix.$": "$.p"},
    }

    found = check(one_state(map_state(DISTRIBUTED, ItemReader=reader)), services=service_model)

    assert [(finding.message, finding.pointer) for finding in found] == [
        (unsupported(name)[0], "/States/A/ItemReader/Parameters")
    ]
