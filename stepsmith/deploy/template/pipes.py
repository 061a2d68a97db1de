"""Messages that start executions: a pipe from a queue, and the small state machine that it hands batches to.

A pipe hands over a list, also of one message, and starts executions by names of its own. So it calls an Express state
machine, which starts the workflow once for each message, by the message's own name, and gives back those that failed.
"""

from __future__ import annotations

import json
from typing import Final

from stepsmith.authoring.tasks.provisions import Queue
from stepsmith.authoring.workflows.triggers import QueueMessage
from stepsmith.deploy.application import AnyWorkflow, pascal
from stepsmith.deploy.options import Options
from stepsmith.deploy.permissions.machine_role import observing
from stepsmith.deploy.permissions.statements import Place, Statement, merge, substituted
from stepsmith.deploy.template.alarms import dead_letters, letters_alarm
from stepsmith.deploy.template.functions import log_group, tags
from stepsmith.deploy.template.partitions import of_the_stack, portable_definition
from stepsmith.deploy.template.provisions import arn_of
from stepsmith.deploy.template.roles import role
from stepsmith.expressions.types import Json

LONGEST_START: Final = 60
"""The seconds that starting one batch may take."""
INVISIBLE: Final = 6 * LONGEST_START
"""The seconds for which a message that is being worked on is not delivered again."""
_BUSY: Final[list[Json]] = ["StepFunctions.ExecutionLimitExceededException", "States.Timeout"]


def pipe_resources(
    name: str, workflow: AnyWorkflow, trigger: QueueMessage, options: Options
) -> dict[str, Json]:
    """Give the resources of one trigger, those of the queue itself left out."""
    queue, machine = _queue_arn(trigger), f"{name}Starter"
    found: dict[str, Json] = {
        f"{name}Role": role(
            "pipes.amazonaws.com", _pipe_statements(queue, machine), options, source=_pipes()
        ),
        name: _pipe(name, workflow, trigger, queue, options),
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
    if isinstance(trigger.queue, Queue):
        text = f"{workflow.name}: a message could not start it"
        found[f"{name}DeadLetters"] = dead_letters(options)
        found[f"{name}DeadLettersAlarm"] = letters_alarm(f"{name}DeadLetters", text, options)
    return found


def redriven(name: str, trigger: QueueMessage) -> dict[str, Json]:
    """Give the properties that a queue has because messages of it start something."""
    return {
        "RedrivePolicy": {
            "deadLetterTargetArn": {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]},
            "maxReceiveCount": trigger.attempts,
        },
        "VisibilityTimeout": INVISIBLE,
    }


def starter_definition(trigger: QueueMessage) -> dict[str, Json]:
    """Give the definition that starts an execution for each message; `${Machine}` is what it starts."""
    start: Json = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Arguments": {
            "StateMachineArn": "${Machine}",
            "Name": "{% $states.input.messageId %}",
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
                "Output": {"itemIdentifier": "{% $states.input.messageId %}"},
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
        "Comment": "Starts an execution for each message of a queue",
        "QueryLanguage": "JSONata",
        "StartAt": "For each message",
        "TimeoutSeconds": LONGEST_START,
        "States": {
            "For each message": {
                "Type": "Map",
                "MaxConcurrency": 10,
                "ItemProcessor": each,
                "Output": {"batchItemFailures": failed},
                "End": True,
            }
        },
    }


def _expression(path: str) -> str:
    _, part, *members = path.split(".")
    found = f"$states.input.{part}"
    if part == "body" and members:
        found = f"$parse({found})"
    return "{% " + found + "".join(f".`{member}`" for member in members) + " %}"


def _queue_arn(trigger: QueueMessage) -> str:
    """Give the ARN of the queue, as Fn::Sub text."""
    return arn_of(trigger.queue) if isinstance(trigger.queue, Queue) else of_the_stack(trigger.queue)


def _pipes() -> str:
    return Place().arn("pipes", "pipe/*")


def _pipe(name: str, workflow: AnyWorkflow, trigger: QueueMessage, queue: str, options: Options) -> Json:
    source: dict[str, Json] = {"SqsQueueParameters": {"BatchSize": trigger.batch}}
    if trigger.window:
        source["SqsQueueParameters"] = {
            "BatchSize": trigger.batch,
            "MaximumBatchingWindowInSeconds": trigger.window,
        }
    if trigger.filter is not None:
        pattern = json.dumps(dict(trigger.filter), sort_keys=True)
        source["FilterCriteria"] = {"Filters": [{"Pattern": pattern}]}
    tagged: dict[str, Json] = {"Tags": dict(sorted(options.tags.items()))} if options.tags else {}
    return {
        "Type": "AWS::Pipes::Pipe",
        "Properties": {
            "Description": f"starts {workflow.name}",
            "DesiredState": "RUNNING",
            "RoleArn": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
            "Source": substituted(queue),
            "SourceParameters": source,
            "Target": {"Ref": f"{name}Starter"},
            # the pipe waits: a message leaves its queue only when its execution is started
            "TargetParameters": {
                "StepFunctionStateMachineParameters": {"InvocationType": "REQUEST_RESPONSE"}
            },
            **tagged,
        },
    }


def _pipe_statements(queue: str, machine: str) -> list[Statement]:
    return [
        Statement(
            ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
            (queue,),
            "the pipe takes messages from this queue",
        ),
        Statement(("states:StartSyncExecution",), (f"${{{machine}}}",), "the pipe hands them over"),
    ]


def _starter_statements(workflow: AnyWorkflow) -> list[Statement]:
    alias = f"${{{pascal(workflow.name)}MachineAlias}}"
    start = Statement(("states:StartExecution",), (alias,), f"each message starts {workflow.name}")
    return merge([start, *observing()])


def _starter(name: str, workflow: AnyWorkflow, trigger: QueueMessage, options: Options) -> Json:
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
