"""A template for AWS SAM: functions and state machines in its short forms, everything else as CloudFormation has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from stepsmith.deploy.handoff.parts import Properties, package_of, pretty
from stepsmith.expressions.types import Json

TRANSFORM: Final = "AWS::Serverless-2016-10-31"


def sam_module(template: Mapping[str, Json], stack: str) -> dict[str, str]:
    """Give `template.json`, which `sam deploy` takes, its configuration, and a definition for each state machine."""
    files: dict[str, str] = {}
    resources: dict[str, Any] = {}
    for name, part in cast("dict[str, dict[str, Any]]", template["Resources"]).items():
        properties: Properties = part.get("Properties", {})
        match part["Type"]:
            case "AWS::Lambda::Function":
                resources[name] = {
                    **part,
                    "Type": "AWS::Serverless::Function",
                    "Properties": _function(properties),
                }
            case "AWS::StepFunctions::StateMachine":
                uri = f"definitions/{name}.asl.json"
                files[uri] = properties["DefinitionString"]
                short = {
                    **part,
                    "Type": "AWS::Serverless::StateMachine",
                    "Properties": _machine(properties, uri),
                }
                resources[name] = short
            case _:
                resources[name] = part
    whole = {**template, "Transform": TRANSFORM, "Resources": resources}
    parameters = dict(cast("Properties", template["Parameters"]))
    del parameters["PackageBucket"]
    whole["Parameters"] = parameters
    if not parameters:
        del whole["Parameters"]
    return {**files, "template.json": pretty(whole), "samconfig.toml": CONFIGURATION.format(stack=stack)}


CONFIGURATION: Final = """\
version = 0.1

[default.global.parameters]
stack_name = "{stack}"
template_file = "template.json"

[default.deploy.parameters]
capabilities = "CAPABILITY_IAM"
resolve_s3 = true
confirm_changeset = true
"""


def _function(properties: Properties) -> Properties:
    """Give a function as SAM has it. What it has of its own kind, such as roles and versions, stays ours."""
    found = {
        name: value for name, value in properties.items() if name not in ("Code", "TracingConfig", "Tags")
    }
    found["CodeUri"] = package_of(properties)
    found["Tracing"] = properties["TracingConfig"]["Mode"]
    return _tagged(found, properties)


def _machine(properties: Properties, uri: str) -> Properties:
    found: Properties = {
        "Name": properties.get("StateMachineName"),
        "Type": properties["StateMachineType"],
        "DefinitionUri": uri,
        "DefinitionSubstitutions": properties.get("DefinitionSubstitutions"),
        "Role": properties["RoleArn"],
        "Logging": properties["LoggingConfiguration"],
        "Tracing": properties["TracingConfiguration"],
    }
    return _tagged({name: value for name, value in found.items() if value is not None}, properties)


def _tagged(found: Properties, properties: Properties) -> Properties:
    tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
    return {**found, "Tags": tags} if tags else found
