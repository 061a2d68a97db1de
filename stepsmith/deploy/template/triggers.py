"""What starts executions: rules of EventBridge and schedules, with their role and a dead-letter queue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, cast

from stepsmith.authoring.tasks.provisions import Bucket, Queue, Topic
from stepsmith.authoring.workflows.ended import parameter_of
from stepsmith.authoring.workflows.starting import event_pattern_of, input_transformer
from stepsmith.authoring.workflows.triggers import (
    Event,
    HttpRequest,
    QueueMessage,
    S3Upload,
    Schedule,
    StreamRecord,
    TopicMessage,
    Trigger,
)
from stepsmith.deploy.application import AnyWorkflow, pascal, provision_name
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import Options
from stepsmith.deploy.permissions.statements import Statement
from stepsmith.deploy.template.alarms import dead_letters, letters_alarm, queue_policy
from stepsmith.deploy.template.failures import STATUSES
from stepsmith.deploy.template.functions import tags
from stepsmith.deploy.template.http import route_resources
from stepsmith.deploy.template.pipe_sources import redriven
from stepsmith.deploy.template.pipes import pipe_resources
from stepsmith.deploy.template.roles import role
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json

PIPED: Final = (QueueMessage, TopicMessage, StreamRecord)
RETRY: Final[Mapping[str, Json]] = {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 24}


def trigger_resources(workflow: AnyWorkflow, options: Options) -> dict[str, Json]:
    """Give the resources of a workflow's triggers. Raises DeploymentError for an input that does not fit it."""
    found: dict[str, Json] = {}
    for name, trigger in named_triggers(workflow).items():
        _check_input(workflow, trigger)
        if isinstance(trigger, PIPED):
            found |= pipe_resources(name, workflow, trigger, options)
            continue
        if isinstance(trigger, HttpRequest):
            found |= route_resources(name, workflow, trigger, options)
            continue
        schedules = isinstance(trigger, Schedule)
        service = "scheduler.amazonaws.com" if schedules else "events.amazonaws.com"
        found |= _around(name, workflow, service, options)
        found[name] = (
            _schedule(name, workflow, trigger) if schedules else _rule(name, workflow, trigger, options)
        )
    return found


def ended_resources(workflow: AnyWorkflow, options: Options) -> dict[str, Json]:
    """Give the rule that starts what a workflow names as `ended`, for executions of this stack's own machine.

    Raises DeploymentError for an Express workflow, of whose executions EventBridge hears nothing.
    """
    if workflow.ended is None:
        return {}
    if workflow.name in options.express:
        raise DeploymentError(
            f"{workflow.name} has ended={workflow.ended.name} and cannot be Express: "
            "EventBridge hears nothing of Express executions"
        )
    name = f"{pascal(workflow.name)}Ended"
    pattern: dict[str, Json] = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"status": STATUSES, "stateMachineArn": [{"Ref": f"{pascal(workflow.name)}Machine"}]},
    }
    event = Event(name="ended", pattern=pattern, input={parameter_of(workflow.ended.boundary): "$.detail"})
    return {
        **_around(name, workflow.ended, "events.amazonaws.com", options),
        name: _rule(name, workflow.ended, event, options),
    }


def named_triggers(workflow: AnyWorkflow) -> dict[str, Trigger]:
    """Give a workflow's triggers by logical name.

    A name stays when other triggers come and go, and never changes its kind: CloudFormation refuses another type under
    a known name. Raises DeploymentError for two that cannot be told apart.
    """
    found: dict[str, Trigger] = {}
    for trigger in workflow.triggers:
        number = 1 + sum(type(other) is type(trigger) for other in found.values())
        name = f"{pascal(workflow.name)}{_own_name(trigger, number)}"
        if name in found:
            raise DeploymentError(f"two triggers of {workflow.name} are both called {name}")
        found[name] = trigger
    return found


def _own_name(trigger: Trigger, number: int) -> str:
    match trigger:
        case S3Upload():
            return f"Upload{number}"
        case Schedule():
            return f"Schedule{number}"
        case Event(name=name):
            return f"Event{pascal(name)}"
        case HttpRequest(path=path):
            return f"Request{pascal(path)}"
        case QueueMessage(queue=queue):
            return f"Messages{pascal(queue.name if isinstance(queue, Queue) else queue.rpartition(':')[2])}"
        case TopicMessage(topic=topic):
            return f"News{pascal(topic.name if isinstance(topic, Topic) else topic.rpartition(':')[2])}"
        case StreamRecord(stream=stream):
            return f"Records{pascal(stream.split('/')[1] if isinstance(stream, str) else stream.name)}"


def queue_properties(workflow: AnyWorkflow) -> dict[str, dict[str, Json]]:
    """Give, by logical name, the properties that queues of the stack have because a workflow is started by them."""
    return {
        provision_name(trigger.queue): redriven(name, trigger)
        for name, trigger in named_triggers(workflow).items()
        if isinstance(trigger, QueueMessage) and isinstance(trigger.queue, Queue)
    }


def _around(name: str, workflow: AnyWorkflow, service: str, options: Options) -> dict[str, Json]:
    alias = f"${{{pascal(workflow.name)}MachineAlias}}"
    statements = [
        Statement(("states:StartExecution",), (alias,), f"the trigger starts {workflow.name}"),
        Statement(
            ("sqs:SendMessage",), (f"${{{name}DeadLetters.Arn}}",), "what could not be started is kept here"
        ),
    ]
    if service == "events.amazonaws.com":
        statements = statements[:1]
    found: dict[str, Json] = {
        f"{name}Role": role(service, statements, options),
        f"{name}DeadLetters": dead_letters(options),
        f"{name}DeadLettersAlarm": letters_alarm(
            f"{name}DeadLetters", f"{workflow.name}: a trigger could not start it", options
        ),
    }
    if service == "events.amazonaws.com":
        source: list[Json] = [{"Fn::GetAtt": [name, "Arn"]}]
        found[f"{name}DeadLettersPolicy"] = queue_policy(f"{name}DeadLetters", source)
    return found


def _rule(name: str, workflow: AnyWorkflow, trigger: S3Upload | Event, options: Options) -> Json:
    tagged: dict[str, Json] = {"Tags": tags(options)} if options.tags else {}
    target: dict[str, Json] = {
        "Id": "StateMachine",
        "Arn": {"Ref": f"{pascal(workflow.name)}MachineAlias"},
        "RoleArn": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
        "InputTransformer": input_transformer(trigger.input),
        "DeadLetterConfig": {"Arn": {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]}},
        "RetryPolicy": dict(RETRY),
    }
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Description": f"starts {workflow.name}",
            "EventPattern": _pattern(trigger),
            "State": "ENABLED",
            **tagged,
            "Targets": [target],
        },
    }


def _pattern(trigger: S3Upload | Event) -> Json:
    bucket: Json = None
    if isinstance(trigger, S3Upload):
        named = trigger.bucket
        bucket = {"Ref": provision_name(named)} if isinstance(named, Bucket) else named
    return event_pattern_of(trigger, bucket)


def _schedule(name: str, workflow: AnyWorkflow, trigger: Schedule) -> Json:
    return {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "Description": f"starts {workflow.name}",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ScheduleExpression": trigger.expression,
            "ScheduleExpressionTimezone": trigger.timezone,
            "State": "ENABLED",
            "Target": {
                "Arn": {"Ref": f"{pascal(workflow.name)}MachineAlias"},
                "RoleArn": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
                "Input": json.dumps(dict(trigger.input), sort_keys=True),
                "DeadLetterConfig": {"Arn": {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]}},
                "RetryPolicy": dict(RETRY),
            },
        },
    }


def _check_input(workflow: AnyWorkflow, trigger: Trigger) -> None:
    if isinstance(trigger, HttpRequest):
        return  # the input comes whole
    if isinstance(trigger, Schedule):
        try:
            workflow.check_input(cast("Json", dict(trigger.input)))
        except InvalidInput as error:
            raise DeploymentError(f"a schedule cannot start {workflow.name}: {error}") from None
        return
    names = {parameter.name: parameter.required for parameter in workflow.boundary.parameters}
    for name in trigger.input:
        if name not in names:
            raise DeploymentError(f"a trigger cannot start {workflow.name}: there is no input {name!r}")
    for name, required in names.items():
        if required and name not in trigger.input:
            raise DeploymentError(f"a trigger cannot start {workflow.name}: {name} is missing")
