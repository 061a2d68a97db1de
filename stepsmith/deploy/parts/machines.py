"""A state machine with its role, log group, version, alias and alarms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from stepsmith.asl import to_json
from stepsmith.deploy.application import AnyWorkflow, Options, Shift, pascal
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.parts.functions import declared, log_group, tags
from stepsmith.deploy.parts.roles import role
from stepsmith.deploy.permissions import check_policies, derive, observing
from stepsmith.deploy.statements import Place, Statement, merge
from stepsmith.expressions.types import Json

ALARMS: Final = {
    "Failed": ("ExecutionsFailed", "executions fail"),
    "TimedOut": ("ExecutionsTimedOut", "executions time out"),
    "Throttled": ("ExecutionThrottled", "executions are throttled"),
}
MOST_DEFINITION: Final = 1_048_576
_PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9_]+)\}", re.ASCII)


def machine_resources(
    workflow: AnyWorkflow, functions: Mapping[str, tuple[str, str]], options: Options
) -> dict[str, Json]:
    """Give the resources of one workflow.

    `functions` has, for each placeholder that is a task, the logical names of its function and of its version.
    """
    name = pascal(workflow.name)
    found: dict[str, Json] = {
        f"{name}MachineLogs": log_group(
            f"/aws/vendedlogs/states/${{AWS::StackName}}/{workflow.name}", options
        ),
        f"{name}MachineRole": role(
            "states.amazonaws.com",
            machine_statements(workflow, functions),
            options,
            source=Place().arn("states", "stateMachine:*"),
        ),
        f"{name}Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": _properties(workflow, functions, options),
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
    for kind, (metric, text) in ALARMS.items():
        found[f"{name}{kind}Alarm"] = _alarm(name, metric, f"{workflow.name}: {text}")
    return found


def machine_statements(workflow: AnyWorkflow, functions: Mapping[str, tuple[str, str]]) -> list[Statement]:
    """Give what the state machine of a workflow may do. Raises PermissionUnknown naming the state."""
    check_policies(f"workflow {workflow.name}", workflow.policies)
    arns = {
        placeholder: f"${{{functions[placeholder][0]}.Arn}}"
        if placeholder in functions
        else machine_arn(placeholder)
        for placeholder in placeholders(workflow)
    }
    derived = derive(
        workflow.definition,
        name=f"${{AWS::StackName}}-{workflow.name}",
        substitutions=arns,
        policies=workflow.policies,
    )
    said = [declared(policy, f"workflow {workflow.name} declares it") for policy in workflow.policies]
    return merge([*derived, *said, *observing()])


def machine_arn(name: str) -> str:
    """Give the ARN of a workflow's state machine as Fn::Sub text; it needs no reference, so cycles are possible."""
    return Place().arn("states", f"stateMachine:${{AWS::StackName}}-{name}")


def placeholders(workflow: AnyWorkflow) -> list[str]:
    """Give the placeholders of a workflow's definition, sorted."""
    return sorted(set(_PLACEHOLDER.findall(to_json(workflow.definition))))


def _properties(
    workflow: AnyWorkflow, functions: Mapping[str, tuple[str, str]], options: Options
) -> dict[str, Json]:
    name, text = pascal(workflow.name), to_json(workflow.definition)
    if len(text.encode()) > MOST_DEFINITION:
        raise DeploymentError(f"the definition of {workflow.name} is larger than {MOST_DEFINITION} bytes")
    values: dict[str, Json] = {}
    for placeholder in placeholders(workflow):
        if placeholder in functions:
            values[placeholder] = {"Ref": functions[placeholder][1]}
        elif placeholder in workflow.children:
            values[placeholder] = {"Fn::Sub": machine_arn(placeholder)}
        else:
            raise DeploymentError(
                f"the definition of {workflow.name} has ${{{placeholder}}}, which nothing gives"
            )
    express = workflow.name in options.express
    properties: dict[str, Json] = {
        "StateMachineName": {"Fn::Sub": f"${{AWS::StackName}}-{workflow.name}"},
        "StateMachineType": "EXPRESS" if express else "STANDARD",
        "DefinitionString": text,
        "RoleArn": {"Fn::GetAtt": [f"{name}MachineRole", "Arn"]},
        "LoggingConfiguration": {
            "Level": "ERROR",
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
        "Alarms": [{"Ref": f"{name}FailedAlarm"}, *shift.alarms],
    }


def _alarm(name: str, metric: str, text: str) -> Json:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": text,
            "Namespace": "AWS/States",
            "MetricName": metric,
            "Dimensions": [{"Name": "StateMachineArn", "Value": {"Ref": f"{name}Machine"}}],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        },
    }
