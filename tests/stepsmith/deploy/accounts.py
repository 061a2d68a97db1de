"""An account on moto, and CloudFormation with faults that moto does not have."""

import io
import logging
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.cloudformation.parsing import get_model_map
from moto.core.common_models import CloudFormationModel
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from stepsmith.deploy.stacks.deployer import Deployer
from stepsmith.integrations.clients.account import AwsAccount
from tests.stepsmith.deploy.applications import PACKAGE
from tests.stepsmith.deploy.template_requests import validation_errors


class StateMachineAlias(CloudFormationModel):
    """What moto does not know: an alias, whose ARN rules of EventBridge name as their target."""

    def __init__(self, arn: str) -> None:
        self.physical_resource_id = arn

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> "StateMachineAlias":
        place = f"arn:aws:states:{region_name}:{account_id}:stateMachine"
        return cls(f"{place}:{resource_name}:{cloudformation_json['Properties']['Name']}")

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "StateMachineAlias",
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "StateMachineAlias":
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str
    ) -> None:
        return None

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::StepFunctions::StateMachineAlias"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return False

    def is_created(self) -> bool:
        return True


@contextmanager
def moto_account(monkeypatch: pytest.MonkeyPatch, region: str = "eu-west-1") -> Iterator[AwsAccount]:
    """An account in which nothing is deployed."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    logging.getLogger("moto").setLevel(logging.CRITICAL)
    monkeypatch.setitem(get_model_map(), "AWS::StepFunctions::StateMachineAlias", StateMachineAlias)
    # moto refuses what a policy refuses on a condition, whether that is met or not
    monkeypatch.setattr(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)
    with mock_aws(), warnings.catch_warnings():
        # moto says for each resource that it does not know it
        warnings.simplefilter("ignore")
        yield AwsAccount(region)


def put_package(deployer: Deployer) -> None:
    """Put the code where the template says that it is."""
    deployer.make_bucket()
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    deployer.account.client("s3").put_object(Bucket=deployer.bucket, Key=PACKAGE, Body=buffer.getvalue())


def finish_as_aws_would(deployer: Deployer) -> None:
    """Do what moto leaves out of a template: it ignores logging, tracing and substitutions, and spoils policies."""
    from moto.awslambda.models import lambda_backends

    template = deployer.stack.template()
    assert template is not None
    for function in lambda_backends[deployer.account.id][deployer.account.region].list_functions():
        function.tracing_config = {"Mode": "Active"}
    for drift in deployer._drift(template):
        assert drift.put_back is not None, drift
        drift.put_back()


class FaultyCloudFormation:
    """CloudFormation whose stack goes through given states once a change set is executed or the stack deleted.

    What it is sent is checked by botocore's model of the real one. `failing` has errors for operations by name.
    """

    def __init__(self, status: str | None, then: list[tuple[str, list[dict[str, str]]]]) -> None:
        self.status = status
        self.then = then
        self.calls: list[str] = []
        self.changes: list[dict[str, Any]] = []
        self.reason = ""
        self.template = "{}"
        self.failing: dict[str, BaseException] = {}
        self.given: dict[str, dict[str, Any]] = {}
        self._events: list[dict[str, Any]] = []
        self._moving = False

    def describe_stacks(self, **given: Any) -> dict[str, Any]:
        self._take("DescribeStacks", given)
        if self._moving and self.then:
            self.status, events = self.then.pop(0)
            for event in events:
                self._events.append({"EventId": str(len(self._events)), **event})
            own = {"LogicalResourceId": "shop", "ResourceType": "AWS::CloudFormation::Stack"}
            self._events.append({"EventId": str(len(self._events)), "ResourceStatus": self.status, **own})
        if self.status is None:
            raise refused("ValidationError", "Stack with id shop does not exist")
        return {"Stacks": [{"StackStatus": self.status, "StackId": "arn:shop"}]}

    def get_template(self, **given: Any) -> dict[str, Any]:
        self._take("GetTemplate", given)
        return {"TemplateBody": self.template}

    def create_change_set(self, **given: Any) -> None:
        self._take("CreateChangeSet", given)
        self.calls.append(f"create {given['ChangeSetType']}")
        if self.status is None:
            self.status = "REVIEW_IN_PROGRESS"

    def describe_change_set(self, **given: Any) -> dict[str, Any]:
        self._take("DescribeChangeSet", given)
        return {"Status": "FAILED" if self.reason else "CREATE_COMPLETE", "StatusReason": self.reason}

    def delete_change_set(self, **given: Any) -> None:
        self._take("DeleteChangeSet", given)
        self.calls.append("delete change set")

    def execute_change_set(self, **given: Any) -> None:
        self._take("ExecuteChangeSet", given)
        self.calls.append("execute")
        self._moving = True

    def delete_stack(self, **given: Any) -> None:
        self._take("DeleteStack", given)
        self.calls.append("delete stack")
        self._moving = True

    def get_paginator(self, name: str) -> "Pages":
        answers: dict[str, Callable[[], dict[str, Any]]] = {
            "describe_stack_events": lambda: {"StackEvents": list(reversed(self._events))},
            "describe_change_set": lambda: {"Changes": self.changes},
            "list_stack_resources": lambda: {"StackResourceSummaries": []},
        }
        if name == "describe_change_set" and "Pages" in self.failing:
            raise self.failing["Pages"]
        return Pages(answers[name])

    def _take(self, operation: str, given: dict[str, Any]) -> None:
        assert validation_errors("cloudformation", operation, given) == ""
        self.given[operation] = given
        if operation in self.failing:
            raise self.failing.pop(operation)


def refused(code: str, message: str) -> ClientError:
    """An error of AWS."""
    error: Any = {"Error": {"Code": code, "Message": message}}
    return ClientError(error, "Operation")


class Pages:
    """One page."""

    def __init__(self, page: Callable[[], dict[str, Any]]) -> None:
        self._page = page

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        yield self._page()
