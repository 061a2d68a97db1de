"""Shows moto, which plays CloudFormation, the resources of the services that the cloud plays itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from stepsmith.cloud.services import Caller
from stepsmith.cloud.stacks import functions, machines, messages
from stepsmith.cloud.stacks.made import Clients, Kind, Made
from stepsmith.integrations.clients.local_aws import UNKNOWN_TYPE

KINDS: Final = (
    Kind(
        "AWS::StepFunctions::StateMachine", machines.make_machine, machines.delete_machine,
        machines.change_machine, "StateMachineName",
    ),
    Kind("AWS::StepFunctions::StateMachineVersion", machines.make_version, machines.delete_version),
    Kind(
        "AWS::StepFunctions::StateMachineAlias", machines.make_alias, machines.delete_alias,
        machines.change_alias,
    ),
    Kind("AWS::StepFunctions::Activity", machines.make_activity, machines.delete_activity, name="Name"),
    Kind(
        "AWS::Lambda::Function", functions.make_function, functions.delete_function,
        functions.change_function, "FunctionName",
    ),
    Kind("AWS::Lambda::Version", functions.make_version, functions.delete_version),
    Kind("AWS::Lambda::EventSourceMapping", functions.make_mapping, functions.delete_mapping),
    Kind("AWS::SQS::Queue", messages.make_queue, messages.delete_queue, messages.change_queue, "QueueName"),
    Kind("AWS::SNS::Topic", messages.make_topic, messages.delete_topic, name="TopicName"),
    Kind("AWS::SNS::Subscription", messages.make_subscription, messages.delete_subscription),
    Kind("AWS::Events::Rule", messages.make_rule, messages.delete_rule, messages.change_rule, "Name"),
    Kind(
        "AWS::Scheduler::Schedule", messages.make_schedule, messages.delete_schedule,
        messages.change_schedule, "Name",
    ),
    Kind("AWS::Kinesis::Stream", messages.make_stream, messages.delete_stream, name="Name"),
)  # fmt: skip
ACCEPTED: Final = (
    "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::Lambda::Permission", "AWS::Lambda::EventInvokeConfig",
    UNKNOWN_TYPE,
)  # fmt: skip
"""Types that are taken for made: nobody is asked for rights here, and nobody plays what moto does not know."""


class Resource:
    """A resource as moto keeps it: the interface of its CloudFormationModel."""

    def __init__(self, made: Made, properties: Mapping[str, Any]) -> None:
        self.made = made
        self.properties = properties
        self.physical_resource_id = made.id
        self.cf_resource_type = ""
        self.logical_resource_id = ""

    def get_cfn_attribute(self, name: str) -> str:
        """Give what `Fn::GetAtt` asks for."""
        from moto.cloudformation.exceptions import UnformattedGetAttTemplateException

        if name not in self.made.attributes:
            raise UnformattedGetAttTemplateException
        return self.made.attributes[name]

    def is_created(self) -> bool:
        """Say that it is there."""
        return True


def models(client: Callable[[str, Caller], Any]) -> dict[str, Any]:
    """Return what plays each type, given the cloud's clients of a service for a caller."""
    accepted = [
        Kind(type, lambda clients, name, given: Made(name, {"Id": name}), lambda clients, id: None)
        for type in ACCEPTED
    ]
    return {each.type: _Model(each, client) for each in (*KINDS, *accepted)}


def _properties(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    return resource.get("Properties") or {}


class _Model:
    """Stands where moto has a class of its own for a type of resource."""

    def __init__(self, kind: Kind, client: Callable[[str, Caller], Any]) -> None:
        self._kind = kind
        self._client = client

    def _clients(self, account: str, region: str) -> Clients:
        return lambda service: self._client(service, Caller(region, account))

    def create_from_cloudformation_json(
        self,
        resource_name: str,
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
        **_: object,
    ) -> Resource:
        """Make a resource."""
        given = _properties(cloudformation_json)
        name = str(given.get(self._kind.name) or resource_name) if self._kind.name else resource_name
        return Resource(self._kind.make(self._clients(account_id, region_name), name, given), given)

    def update_from_cloudformation_json(
        self,
        original_resource: Resource,
        new_resource_name: str,
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
    ) -> Resource:
        """Change a resource, or make another one in its place where its name or its kind says so."""
        kind, clients = self._kind, self._clients(account_id, region_name)
        given, before = _properties(cloudformation_json), original_resource.properties
        if given == before:
            return original_resource
        if kind.change is None or (kind.name and given.get(kind.name) != before.get(kind.name)):
            found = self.create_from_cloudformation_json(
                new_resource_name, cloudformation_json, account_id, region_name
            )
            is_kept = cloudformation_json.get("UpdateReplacePolicy") == "Retain"
            if found.physical_resource_id != original_resource.physical_resource_id and not is_kept:
                kind.delete(clients, original_resource.physical_resource_id)
            return found
        return Resource(kind.change(clients, original_resource.made, given), given)

    def delete_from_cloudformation_json(
        self, resource_name: str, cloudformation_json: Mapping[str, Any], account_id: str, region_name: str
    ) -> None:
        """Delete a resource; one that is gone already is no matter."""
        from botocore.exceptions import ClientError

        if cloudformation_json.get("DeletionPolicy") == "Retain":
            return
        try:
            self._kind.delete(self._clients(account_id, region_name), resource_name)
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status not in (400, 404):
                raise

    def has_cfn_attr(self, attr: str) -> bool:
        """Say that an output may ask for an attribute; whether it is there is seen then."""
        return True

    def cloudformation_name_type(self) -> str:
        """Give the property that names it."""
        return self._kind.name

    def cloudformation_type(self) -> str:
        """Give the type."""
        return self._kind.type
