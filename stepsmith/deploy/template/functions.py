"""The Lambda function of a task, with its role, its log group and the version that state machines call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from stepsmith.authoring.functions.batch_function import BatchFunction
from stepsmith.authoring.tasks.provisions import Parameter, Policy, StateMachine
from stepsmith.authoring.workflows.starting import machines_in, named_in
from stepsmith.deploy.application import (
    AnyTask,
    entry_point,
    logical_name,
    names_of_task,
    pascal,
    provision_name,
)
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.names import VARIABLE, names_of
from stepsmith.deploy.options import FunctionChoice, Options
from stepsmith.deploy.permissions.machine_role import check_policies
from stepsmith.deploy.permissions.statements import Place, Statement, merge
from stepsmith.deploy.template.pipe_sources import batch_name, source_of
from stepsmith.deploy.template.provisions import arns_of
from stepsmith.deploy.template.roles import role
from stepsmith.expressions.types import Json

HANDLER: Final = "stepsmith.deploy.handler.handle"
ENTRY_POINT: Final = "STEPSMITH_TASK"
STACK: Final = "STEPSMITH_STACK"
USUAL_TIMEOUT: Final = 60
LONGEST_TIMEOUT: Final = 900
_IN_A_NETWORK: Final = Statement(
    (
        *("ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"),
        *("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses"),
    ),
    ("*",),
    "the function runs in a VPC, whose interfaces Lambda makes with its role before they have names",
)
_OF_EXECUTIONS: Final = frozenset(f"states:{each}Execution" for each in ("Describe", "Stop", "Redrive")) | {
    "states:GetExecutionHistory",
    "states:DescribeStateMachineForExecution",
}
"""Actions whose resource is an execution: "Actions, resources, and condition keys for AWS Step Functions"."""


def function_resources(name: str, task: AnyTask, package: str, options: Options) -> dict[str, Json]:
    """Give the resources of one task, its log left out; `package` is the key of its code."""
    properties = _properties(name, task, package, options)
    return {
        f"{name}Role": role(
            "lambda.amazonaws.com", task_statements(task, options), options, conditions=False
        ),
        f"{name}Function": {"Type": "AWS::Lambda::Function", "Properties": properties},
        version_name(name, task, package, options): {
            "Type": "AWS::Lambda::Version",
            # executions that were started before go on with the code they were started with
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {"FunctionName": {"Ref": f"{name}Function"}},
        },
    }


def function_logs(tasks: Iterable[AnyTask], options: Options) -> dict[str, Json]:
    """Give the log groups of functions: one for each system, such as `tasks/cart`."""
    return {
        logs_of(task): log_group(f"/aws/lambda/${{AWS::StackName}}/{_system(task)}", options)
        for task in tasks
    }


def logs_of(task: AnyTask) -> str:
    """Give the logical name of the log group of a task's function."""
    return f"{pascal(_system(task))}FunctionsLogs"


def _system(task: AnyTask) -> str:
    return task.function.__module__.removeprefix("tasks.").partition(".")[0]


def version_name(name: str, task: AnyTask, package: str, options: Options) -> str:
    """Give the logical name of the published version: another one whenever code or configuration is another."""
    text = json.dumps(_properties(name, task, package, options), sort_keys=True)
    return f"{name}Version{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def task_statements(task: AnyTask, options: Options | None = None) -> list[Statement]:
    """Give what a task's function may do: what it declares, its log, its traces, and its place in a VPC.

    Raises PermissionUnknown for a policy on `*` whose action has resources.
    """
    policies = task.deployment.policies
    check_policies(f"task {task.function_name}", policies)
    logs = Statement(
        ("logs:CreateLogStream", "logs:PutLogEvents"),
        (f"${{{logs_of(task)}.Arn}}",),
        "the function writes its log",
    )
    traces = Statement(
        ("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
        ("*",),
        "the function is traced, and traces have no resources",
    )
    reads: tuple[Statement, ...] = ()
    if isinstance(task, BatchFunction):
        reads = source_of(batch_name(logical_name(task)), task.source, "the function").statements
    inside = [] if options is None or options.network is None else [_IN_A_NETWORK]
    return merge(
        [
            logs,
            traces,
            *reads,
            *inside,
            *(declared(policy, f"task {task.function_name} declares it") for policy in policies),
        ]
    )


def declared(policy: Policy, reason: str) -> Statement:
    """Give a declared policy as a statement."""
    match policy.on:
        case str():
            where: tuple[str, ...] = (policy.on,)
        case StateMachine(name=name):
            where = _machine_arns(name, policy.actions)
        case _:
            where = arns_of(policy.on, policy.actions)
    if policy.on == "*":
        reason = f"{reason}, and the service has no resources for it"
    return Statement(policy.actions, where, reason)


def _machine_arns(name: str, actions: tuple[str, ...]) -> tuple[str, ...]:
    """Give the ARNs of a workflow's state machine, of its versions and aliases, and of its executions."""
    found: list[str] = []
    if any(action not in _OF_EXECUTIONS for action in actions):
        arn = Place().arn("states", f"stateMachine:${{AWS::StackName}}-{name}")
        found += [arn, f"{arn}:*"]
    if any(action in _OF_EXECUTIONS for action in actions):
        found.append(Place().arn("states", f"execution:${{AWS::StackName}}-{name}:*"))
    return tuple(found)


def log_group(name: str, options: Options) -> Json:
    """Give a log group that forgets."""
    properties: dict[str, Json] = {
        "LogGroupName": {"Fn::Sub": name},
        "RetentionInDays": options.retention,
    }
    if options.kms_key is not None:
        properties["KmsKeyId"] = options.kms_key
    if options.tags:
        properties["Tags"] = tags(options)
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": properties,
    }


def timeout_of(task: AnyTask) -> int:
    """Give the seconds that one call may take: fewer than its state waits. Raises DeploymentError over 15 minutes.

    So a function has ended, one way or the other, when the execution goes on without its answer: a tenth before, at
    least one second and at most ten.
    """
    if task.timeout is None:
        return USUAL_TIMEOUT
    seconds = int(task.timeout / timedelta(seconds=1))
    # the timeout of a callback is that of the answer, not of the call that asks for it
    if task.kind == "callback":
        seconds = min(seconds, USUAL_TIMEOUT + 6)
    if seconds > LONGEST_TIMEOUT:
        raise DeploymentError(
            f"task {task.function_name} may take {seconds} s, and Lambda functions run {LONGEST_TIMEOUT} s at most"
        )
    return max(1, seconds - min(10, max(1, seconds // 10)))


def _properties(name: str, task: AnyTask, package: str, options: Options) -> dict[str, Json]:
    deployment, choice = task.deployment, options.of_function(names_of_task(task))
    properties: dict[str, Json] = {
        "Architectures": [deployment.architecture],
        "Code": {"S3Bucket": {"Ref": "PackageBucket"}, "S3Key": package},
        "Description": ((task.function.__doc__ or "").strip().partition("\n")[0])[:256] or task.name,
        "Environment": {"Variables": _environment(task, choice, options)},
        "Handler": HANDLER,
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": {"Ref": logs_of(task)}},
        "MemorySize": deployment.memory if choice.memory is None else choice.memory,
        "Role": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
        "Runtime": options.runtime,
        "Timeout": timeout_of(task),
        "TracingConfig": {"Mode": "Active"},
    }
    if deployment.storage != 512:
        properties["EphemeralStorage"] = {"Size": deployment.storage}
    if choice.reserved_concurrency is not None:
        properties["ReservedConcurrentExecutions"] = choice.reserved_concurrency
    if options.network is not None:
        properties["VpcConfig"] = {
            "SubnetIds": list(options.network.subnets),
            "SecurityGroupIds": list(options.network.security_groups),
        }
    if options.kms_key is not None:
        properties["KmsKeyArn"] = options.kms_key
    if options.tags:
        properties["Tags"] = tags(options)
    return properties


def _environment(task: AnyTask, choice: FunctionChoice, options: Options) -> dict[str, Json]:
    """Give a function's variables: its task's, the stage's, where its task is, and the names of the stack."""
    own: dict[str, Json] = {
        name: {"Ref": pascal(value.name)} if isinstance(value, Parameter) else value
        for name, value in task.deployment.environment.items()
    }
    variables = dict(sorted({**own, **choice.environment}.items()))
    variables[ENTRY_POINT] = entry_point(task)
    variables[STACK] = {"Ref": "AWS::StackName"}
    policies = task.deployment.policies
    names = names_of({provision_name(each): each for each in named_in(policies)})
    machines = sorted(machines_in(policies))
    if machines:
        names["stateMachineArn"] = {
            name: Place().arn("states", f"stateMachine:${{AWS::StackName}}-{name}:{options.alias}")
            for name in machines
        }
    if names:
        variables[VARIABLE] = {"Fn::Sub": json.dumps(names, sort_keys=True)}
    return variables


def tags(options: Options) -> list[Json]:
    """Give tags in CloudFormation's form."""
    return [{"Key": name, "Value": value} for name, value in sorted(options.tags.items())]
