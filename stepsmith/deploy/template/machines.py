"""A state machine with its role, log group, version, alias and alarms."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stepsmith.asl import parse, to_json
from stepsmith.asl.model import StateMachine
from stepsmith.authoring.tasks.provisions import Provision
from stepsmith.deploy.application import AnyWorkflow, pascal
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.names import Names, names_of, renamed_calls
from stepsmith.deploy.options import Options, Shift
from stepsmith.deploy.permissions.machine_role import check_policies, derive, observing
from stepsmith.deploy.permissions.statements import Place, Statement, merge
from stepsmith.deploy.template.failures import machine_alarms
from stepsmith.deploy.template.functions import declared, log_group, tags
from stepsmith.deploy.template.partitions import portable_definition
from stepsmith.deploy.template.provisions import arn_of
from stepsmith.deploy.template.roles import role
from stepsmith.expressions.types import Json

MOST_DEFINITION: Final = 1_048_576
_PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9_]+)\}", re.ASCII)
_SIGNS: Final = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Placed:
    """A definition as it is deployed."""

    definition: StateMachine
    """With a placeholder for each function and machine, and for what the stack has of tables, queues and the like."""
    values: Mapping[str, Json]
    """Placeholder -> what CloudFormation puts there."""
    arns: Mapping[str, str]
    """Placeholder -> the ARN of that, for the rights."""


def machine_resources(
    workflow: AnyWorkflow,
    functions: Mapping[str, tuple[str, str]],
    provisions: Mapping[str, Provision],
    options: Options,
) -> dict[str, Json]:
    """Give the resources of one workflow.

    `functions` has, for each placeholder that is a task, the logical names of its function and of its version.
    """
    name = pascal(workflow.name)
    placed = place(workflow, functions, provisions)
    found: dict[str, Json] = {
        f"{name}MachineLogs": log_group(
            f"/aws/vendedlogs/states/${{AWS::StackName}}/{workflow.name}", options
        ),
        f"{name}MachineRole": role(
            "states.amazonaws.com",
            machine_statements(workflow, placed),
            options,
            source=Place().arn("states", "stateMachine:*"),
        ),
        f"{name}Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": _properties(workflow, placed, options),
        },
        f"{name}MachineVersion": {
            "Type": "AWS::StepFunctions::StateMachineVersion",
            # what was published before stays, so that an alias can go back to it
            "UpdateReplacePolicy": "Retain",
            "DeletionPolicy": "Delete",
            "Properties": {
                "StateMachineArn": {"Ref": f"{name}Machine"},
                "StateMachineRevisionId": {"Fn::GetAtt": [f"{name}Machine", "StateMachineRevisionId"]},
            },
        },
        f"{name}MachineAlias": {
            "Type": "AWS::StepFunctions::StateMachineAlias",
            "Properties": {"Name": options.alias, "DeploymentPreference": _preference(name, options.shift)},
        },
    }
    return found | machine_alarms(workflow, options)


def machine_statements(workflow: AnyWorkflow, placed: Placed) -> list[Statement]:
    """Give what the state machine of a workflow may do. Raises PermissionUnknown naming the state."""
    check_policies(f"workflow {workflow.name}", workflow.policies)
    derived = derive(
        placed.definition,
        name=f"${{AWS::StackName}}-{workflow.name}",
        substitutions=placed.arns,
        policies=workflow.policies,
    )
    said = [declared(policy, f"workflow {workflow.name} declares it") for policy in workflow.policies]
    return merge([*derived, *said, *observing()])


def place(
    workflow: AnyWorkflow, functions: Mapping[str, tuple[str, str]], provisions: Mapping[str, Provision]
) -> Placed:
    """Give the definition that is deployed. Raises DeploymentError for a placeholder that nothing fills."""
    arns: dict[str, str] = {}
    values: dict[str, Json] = {}
    names: dict[str, dict[str, str]] = {}
    for member, texts in names_of(provisions).items():
        for name, text in texts.items():
            placeholder = _SIGNS.sub("", text)
            names.setdefault(member, {})[name] = f"${{{placeholder}}}"
            values[placeholder] = {"Ref": placeholder} if placeholder in provisions else {"Fn::Sub": text}
            arns[placeholder] = arn_of(provisions[text[2:-1].partition(".")[0]])
    for child in workflow.children:
        arns[child], values[child] = machine_arn(child), {"Fn::Sub": machine_arn(child)}
    for task, (function, version) in functions.items():
        arns[task], values[task] = f"${{{function}.Arn}}", {"Ref": version}
    definition = _renamed(workflow.definition, names)
    wanted = placeholders(definition)
    for each in wanted:
        if each not in values:
            raise DeploymentError(f"the definition of {workflow.name} has ${{{each}}}, which nothing gives")
    return Placed(definition, {each: values[each] for each in wanted}, {each: arns[each] for each in wanted})


def _renamed(definition: StateMachine, names: Names) -> StateMachine:
    """Give a definition whose calls of services name what the stack has."""
    before: Json = json.loads(to_json(definition))
    after: Json = renamed_calls(before, names)
    return definition if after == before else parse(json.dumps(after))


def machine_arn(name: str) -> str:
    """Give the ARN of a workflow's state machine as Fn::Sub text; it needs no reference, so cycles are possible."""
    return Place().arn("states", f"stateMachine:${{AWS::StackName}}-{name}")


def placeholders(definition: StateMachine) -> list[str]:
    """Give the placeholders of a definition, sorted."""
    return sorted(set(_PLACEHOLDER.findall(to_json(definition))))


def _properties(workflow: AnyWorkflow, placed: Placed, options: Options) -> dict[str, Json]:
    name, (text, values) = pascal(workflow.name), definition_text(placed)
    if len(text.encode()) > MOST_DEFINITION:
        raise DeploymentError(f"the definition of {workflow.name} is larger than {MOST_DEFINITION} bytes")
    express = workflow.name in options.express
    properties: dict[str, Json] = {
        "StateMachineName": {"Fn::Sub": f"${{AWS::StackName}}-{workflow.name}"},
        "StateMachineType": "EXPRESS" if express else "STANDARD",
        "DefinitionString": text,
        "RoleArn": {"Fn::GetAtt": [f"{name}MachineRole", "Arn"]},
        "LoggingConfiguration": {
            "Level": options.log_level,
            "IncludeExecutionData": False,
            "Destinations": [
                {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": [f"{name}MachineLogs", "Arn"]}}}
            ],
        },
        "TracingConfiguration": {"Enabled": True},
        "Tags": [*tags(options), {"Key": "stepsmith:workflow", "Value": workflow.name}],
    }
    if values:
        properties["DefinitionSubstitutions"] = values
    return properties


def definition_text(placed: Placed) -> tuple[str, dict[str, Json]]:
    """Give the text of a definition for every partition, and what CloudFormation puts in place of its placeholders.

    Raises DeploymentError for a task or workflow that is called like what a state calls.
    """
    definition, values = portable_definition(json.loads(to_json(placed.definition)))
    for name in values:
        if name in placed.values:
            raise DeploymentError(
                f"{name!r} is what AWS calls something; a task or workflow needs another name"
            )
    return json.dumps(definition, indent=2, ensure_ascii=False) + "\n", {**placed.values, **values}


def _preference(name: str, shift: Shift) -> Json:
    version: dict[str, Json] = {
        "StateMachineVersionArn": {"Ref": f"{name}MachineVersion"},
        "Type": shift.kind,
    }
    if shift.kind == "ALL_AT_ONCE":
        return version
    return {
        **version,
        "Percentage": shift.percentage,
        "Interval": shift.minutes,
        "Alarms": [{"Ref": f"{name}FailedAlarm"}, {"Ref": f"{name}TimedOutAlarm"}, *shift.alarms],
    }
