import json
import re
from typing import Any

import pytest

from stepsmith import task, workflow
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.template.assembly import template_text
from stepsmith.deploy.template.partitions import portable, portable_definition
from stepsmith.deploy.template.preflight import check_template
from stepsmith.resources import allow
from tests.stepsmith.deploy.applications import WORKFLOWS, project_template
from tests.stepsmith.deploy.template.test_assembly import EVERYTHING, answering, packing, rendered
from tests.stepsmith.deploy.template_requests import Evaluator


def test_nothing_that_is_deployed_names_a_partition() -> None:
    for template in (project_template(), rendered(packing, answering, options=EVERYTHING)):
        assert re.findall(r"arn:aws[a-z-]*:", template_text(template)) == []


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_a_definition_calls_the_services_of_the_partition_that_it_is_deployed_to(partition: str) -> None:
    evaluator = Evaluator(json.loads(template_text(project_template())), partition=partition)

    text = json.dumps(evaluator.definition("ShoppingCartMachine"))

    assert f'"arn:{partition}:states:::lambda:invoke.waitForTaskToken"' in text
    assert set(re.findall(r"arn:(aws[a-z-]*):states", text)) == {partition}


def test_a_deployed_definition_is_the_committed_one_where_its_placeholders_are_filled() -> None:
    evaluator = Evaluator(json.loads(template_text(project_template())))

    assert (
        evaluator.definition("DelayedVendingMachine")["States"].keys()
        == json.loads(WORKFLOWS["delayed_vending"].definition.to_json())["States"].keys()
    )


def test_what_a_state_calls_is_one_placeholder_and_an_argument_names_the_partition() -> None:
    state = {
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:getItem.waitForTaskToken",
        "Arguments": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:news", "Text": "see arn:aws:sns"},
    }

    definition, values = portable_definition(state)

    assert definition == {
        "Resource": "${AwsSdkDynamodbGetItemWaitForTaskToken}",
        "Arguments": {
            "TopicArn": "arn:${AwsPartition}:sns:eu-west-1:123456789012:news",
            "Text": "see arn:aws:sns",
        },
    }
    assert values == {
        "AwsSdkDynamodbGetItemWaitForTaskToken": {
            "Fn::Sub": "arn:${AWS::Partition}:states:::aws-sdk:dynamodb:getItem.waitForTaskToken"
        },
        "AwsPartition": {"Ref": "AWS::Partition"},
    }


def test_an_arn_that_somebody_wrote_out_is_of_the_stacks_partition() -> None:
    assert portable({"Arn": "arn:aws:s3:::b/${x}"}) == {
        "Arn": {"Fn::Sub": "arn:${AWS::Partition}:s3:::b/${!x}"}
    }
    assert portable({"Fn::Sub": "arn:aws:s3:::${Bucket}"}) == {
        "Fn::Sub": "arn:${AWS::Partition}:s3:::${Bucket}"
    }
    assert portable(["arn:aws-cn:s3:::b", 1, None]) == ["arn:aws-cn:s3:::b", 1, None]


def test_a_declared_right_on_an_arn_is_one_in_every_partition() -> None:
    @task(policies=[allow("s3:GetObject", on="arn:aws:s3:::pictures/*")])
    def look(item: str) -> int:
        return len(item)

    @workflow
    def looking(item: str) -> int:
        return look(item)

    template: Any = rendered(looking)

    (role,) = (each for name, each in template["Resources"].items() if name.endswith("LookRole"))
    statements = role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert {"Fn::Sub": "arn:${AWS::Partition}:s3:::pictures/*"} in [
        each["Resource"][0] for each in statements
    ]


def test_a_task_that_is_called_like_an_integration_is_refused() -> None:
    @task
    def LambdaInvoke(item: str) -> int:
        return len(item)

    @workflow
    def invoking(item: str) -> int:
        return LambdaInvoke(item)

    with pytest.raises(DeploymentError, match="'LambdaInvoke' is what AWS calls something"):
        rendered(invoking)


def test_a_call_that_no_service_has_is_found_behind_its_placeholder() -> None:
    template = json.loads(template_text(project_template()))
    given = template["Resources"]["DelayedVendingMachine"]["Properties"]["DefinitionSubstitutions"]
    given["LambdaInvoke"] = {"Fn::Sub": "arn:${AWS::Partition}:states:::lambda:invok"}

    with pytest.raises(DeploymentError, match="arn:aws:states:::lambda:invok is not recognized"):
        check_template(template)
