"""State machines, versions, aliases and activities of stacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stepsmith.cloud.stacks.made import Clients, Made, Properties, tags_of


def make_machine(clients: Clients, name: str, given: Properties) -> Made:
    """Create a state machine."""
    parameters = _machine(clients, given)
    if given.get("StateMachineType"):
        parameters["type"] = given["StateMachineType"]
    tags = [{"key": key, "value": value} for key, value in tags_of(given).items()]
    arn = clients("stepfunctions").create_state_machine(name=name, tags=tags, **parameters)["stateMachineArn"]
    return _made(clients, arn)


def change_machine(clients: Clients, made: Made, given: Properties) -> Made:
    """Update a state machine."""
    clients("stepfunctions").update_state_machine(stateMachineArn=made.id, **_machine(clients, given))
    return _made(clients, made.id)


def delete_machine(clients: Clients, id: str) -> None:
    """Delete a state machine."""
    clients("stepfunctions").delete_state_machine(stateMachineArn=id)


def make_version(clients: Clients, name: str, given: Properties) -> Made:
    """Publish a version."""
    more = {"description": given["Description"]} if given.get("Description") else {}
    arn = clients("stepfunctions").publish_state_machine_version(
        stateMachineArn=given["StateMachineArn"], **more
    )["stateMachineVersionArn"]
    return Made(arn, {"Arn": arn})


def delete_version(clients: Clients, id: str) -> None:
    """Delete a version."""
    clients("stepfunctions").delete_state_machine_version(stateMachineVersionArn=id)


def make_alias(clients: Clients, name: str, given: Properties) -> Made:
    """Create an alias."""
    more = {"description": given["Description"]} if given.get("Description") else {}
    arn = clients("stepfunctions").create_state_machine_alias(
        name=given.get("Name") or name, routingConfiguration=_routing(given), **more
    )["stateMachineAliasArn"]
    return Made(arn, {"Arn": arn})


def change_alias(clients: Clients, made: Made, given: Properties) -> Made:
    """Let an alias lead elsewhere."""
    clients("stepfunctions").update_state_machine_alias(
        stateMachineAliasArn=made.id, routingConfiguration=_routing(given)
    )
    return made


def delete_alias(clients: Clients, id: str) -> None:
    """Delete an alias."""
    clients("stepfunctions").delete_state_machine_alias(stateMachineAliasArn=id)


def make_activity(clients: Clients, name: str, given: Properties) -> Made:
    """Create an activity."""
    arn = clients("stepfunctions").create_activity(name=name)["activityArn"]
    return Made(arn, {"Arn": arn, "Name": name})


def delete_activity(clients: Clients, id: str) -> None:
    """Delete an activity."""
    clients("stepfunctions").delete_activity(activityArn=id)


def _made(clients: Clients, arn: str) -> Made:
    found = clients("stepfunctions").describe_state_machine(stateMachineArn=arn)
    revision = found.get("revisionId", "INITIAL")
    return Made(arn, {"Arn": arn, "Name": found["name"], "StateMachineRevisionId": revision})


def _machine(clients: Clients, given: Properties) -> dict[str, Any]:
    found: dict[str, Any] = {"definition": _definition(clients, given), "roleArn": given["RoleArn"]}
    for name in ("LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration"):
        if given.get(name):
            found[name[0].lower() + name[1:]] = _camel(given[name])
    return found


def _definition(clients: Clients, given: Properties) -> str:
    text, place = given.get("DefinitionString"), given.get("DefinitionS3Location")
    if text is None and place is not None:
        answer = clients("s3").get_object(Bucket=place["Bucket"], Key=place["Key"])
        text = answer["Body"].read().decode()
    elif text is None:
        text = json.dumps(given.get("Definition"))
    substitutions: Mapping[str, Any] = given.get("DefinitionSubstitutions") or {}
    for name, value in substitutions.items():
        text = text.replace(f"${{{name}}}", json.dumps(str(value))[1:-1])
    return str(text)


def _routing(given: Properties) -> list[dict[str, Any]]:
    preference = given.get("DeploymentPreference")
    if preference is not None:
        return [{"stateMachineVersionArn": preference["StateMachineVersionArn"], "weight": 100}]
    return [
        {"stateMachineVersionArn": each["StateMachineVersionArn"], "weight": int(each["Weight"])}
        for each in given["RoutingConfiguration"]
    ]


def _camel(value: Any) -> Any:
    """Give members as the API of Step Functions names them; texts of CloudFormation as what they mean."""
    if isinstance(value, Mapping):
        return {str(name)[:1].lower() + str(name)[1:]: _camel(each) for name, each in value.items()}  # pyright: ignore
    if isinstance(value, list):
        return [_camel(each) for each in value]  # pyright: ignore
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
