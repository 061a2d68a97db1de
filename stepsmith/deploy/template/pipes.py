"""Messages and records that start executions: a pipe, and the small state machine that it hands batches to.

A pipe hands over a list, also of one message, and starts executions by names of its own. So it calls an Express state
machine, which starts the workflow once for each message, by the message's own name, and gives back those that failed.
What the pipe reads is told by `pipe_sources`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from stepsmith.authoring.workflows.triggers import PipeTrigger, QueueMessage, StreamRecord, TopicMessage
from stepsmith.deploy.application import AnyWorkflow, pascal
from stepsmith.deploy.options import Options
from stepsmith.deploy.permissions.machine_role import observing
from stepsmith.deploy.permissions.statements import Place, Statement, merge, substituted
from stepsmith.deploy.template.alarms import dead_letters, letters_alarm
from stepsmith.deploy.template.functions import log_group, tags
from stepsmith.deploy.template.partitions import portable_definition
from stepsmith.deploy.template.pipe_sources import PipeSource, source_of, topic_resources
from stepsmith.deploy.template.roles import role
from stepsmith.expressions.types import Json

LONGEST_START: Final = 60
"""The seconds that starting one batch may take."""
_WORDS: Final[Mapping[type, str]] = {QueueMessage: "message", TopicMessage: "message", StreamRecord: "record"}
_COMMENTS: Final = (
    "Starts an execution for each message of a queue",
    "Starts an execution for each record of a stream",
)
_EACH: Final = ("For each message", "For each record")
_BUSY: Final[list[Json]] = ["StepFunctions.ExecutionLimitExceededException", "States.Timeout"]


def pipe_resources(
    name: str, workflow: AnyWorkflow, trigger: PipeTrigger, options: Options
) -> dict[str, Json]:
    """Give the resources of one trigger, those of what is deployed for others as well left out."""
    source, machine = source_of(name, trigger), f"{name}Starter"
    found: dict[str, Json] = {
        f"{name}Role": role(
            "pipes.amazonaws.com", _pipe_statements(source, machine), options, source=_pipes()
        ),
        name: _pipe(name, workflow, source, options),
        machine: _starter(name, workflow, trigger, options),
        f"{machine}Role": role(
            "states.amazonaws.com",
            _starter_statements(workflow),
            options,
            source=Place().arn("states", "stateMachine:*"),
        ),
        f"{machine}Logs": log_group(
            f"/aws/vendedlogs/states/${{AWS::StackName}}/{workflow.name}-{name}", options
        ),
    }
    if isinstance(trigger, TopicMessage):
        found |= topic_resources(name, trigger, options)
    if not (isinstance(trigger, QueueMessage) and isinstance(trigger.queue, str)):
        text = f"{workflow.name}: a {_WORDS[type(trigger)]} could not start it"
        found[f"{name}DeadLetters"] = dead_letters(
            options, is_fifo=isinstance(trigger, QueueMessage) and trigger.is_fifo
        )
        found[f"{name}DeadLettersAlarm"] = letters_alarm(f"{name}DeadLetters", text, options)
    return found


def starter_definition(trigger: PipeTrigger) -> dict[str, Json]:
    """Give the definition that starts an execution for each message; `${Machine}` is what it starts."""
    streams = isinstance(trigger, StreamRecord)
    identifier = "$states.input.eventID" if streams else "$states.input.messageId"
    # an execution's name has no colon, and the id of a record of Kinesis has one
    name = f'$replace({identifier}, ":", "-")' if streams else identifier
    start: Json = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Arguments": {
            "StateMachineArn": "${Machine}",
            "Name": "{% " + name + " %}",
            "Input": {name: _expression(path) for name, path in sorted(trigger.input.items())},
        },
        "Retry": [
            {
                "ErrorEquals": _BUSY,
                "IntervalSeconds": 1,
                "BackoffRate": 2,
                "MaxAttempts": 4,
                "JitterStrategy": "FULL",
            }
        ],
        "Catch": [
            {
                "ErrorEquals": ["StepFunctions.ExecutionAlreadyExistsException"],
                "Output": None,
                "Next": "Is started",
            },
            {
                "ErrorEquals": ["States.ALL"],
                "Output": {"itemIdentifier": "{% " + identifier + " %}"},
                "Next": "Is started",
            },
        ],
        "Output": None,
        "TimeoutSeconds": 20,
        "Next": "Is started",
    }
    each: Json = {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "Start",
        "States": {"Start": start, "Is started": {"Type": "Succeed"}},
    }
    failed = "{% [$states.result[itemIdentifier]] %}"
    return {
        "Comment": _COMMENTS[streams],
        "QueryLanguage": "JSONata",
        "StartAt": _EACH[streams],
        "TimeoutSeconds": LONGEST_START,
        "States": {
            _EACH[streams]: {
                "Type": "Map",
                "MaxConcurrency": 1 if isinstance(trigger, QueueMessage) and trigger.is_fifo else 10,
                "ItemProcessor": each,
                "Output": {"batchItemFailures": failed},
                "End": True,
            }
        },
    }


def _expression(path: str) -> str:
    _, part, *members = path.split(".")
    found = f"$states.input.{part}"
    if part == "data":
        found = f"$base64decode({found})"
    if part in ("body", "data") and members:
        found = f"$parse({found})"
    return "{% " + found + "".join(f".`{member}`" for member in members) + " %}"


def _pipes() -> str:
    return Place().arn("pipes", "pipe/*")


def _pipe(name: str, workflow: AnyWorkflow, source: PipeSource, options: Options) -> Json:
    tagged: dict[str, Json] = {"Tags": dict(sorted(options.tags.items()))} if options.tags else {}
    return {
        "Type": "AWS::Pipes::Pipe",
        "Properties": {
            "Description": f"starts {workflow.name}",
            "DesiredState": "RUNNING",
            "RoleArn": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
            "Source": substituted(source.arn),
            "SourceParameters": dict(source.parameters),
            "Target": {"Ref": f"{name}Starter"},
            # the pipe waits: a message leaves its queue only when its execution is started
            "TargetParameters": {
                "StepFunctionStateMachineParameters": {"InvocationType": "REQUEST_RESPONSE"}
            },
            **tagged,
        },
    }


def _pipe_statements(source: PipeSource, machine: str) -> list[Statement]:
    start = Statement(("states:StartSyncExecution",), (f"${{{machine}}}",), "the pipe hands them over")
    return [*source.statements, start]


def _starter_statements(workflow: AnyWorkflow) -> list[Statement]:
    alias = f"${{{pascal(workflow.name)}MachineAlias}}"
    start = Statement(("states:StartExecution",), (alias,), f"each message starts {workflow.name}")
    return merge([start, *observing()])


def _starter(name: str, workflow: AnyWorkflow, trigger: PipeTrigger, options: Options) -> Json:
    machine = f"{name}Starter"
    logs: Json = {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": [f"{machine}Logs", "Arn"]}}}
    definition, values = portable_definition(starter_definition(trigger))
    properties: dict[str, Json] = {
        "StateMachineType": "EXPRESS",
        "DefinitionString": json.dumps(definition, indent=2) + "\n",
        "DefinitionSubstitutions": {"Machine": {"Ref": f"{pascal(workflow.name)}MachineAlias"}, **values},
        "RoleArn": {"Fn::GetAtt": [f"{machine}Role", "Arn"]},
        "LoggingConfiguration": {"Level": "ERROR", "IncludeExecutionData": False, "Destinations": [logs]},
        "TracingConfiguration": {"Enabled": True},
        "Tags": [*tags(options), {"Key": "stepsmith:starts", "Value": workflow.name}],
    }
    return {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
