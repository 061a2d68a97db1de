"""Executions that failed, timed out or were aborted: kept in a queue, and told by alarms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stepsmith.deploy.application import AnyWorkflow, pascal
from stepsmith.deploy.options import Options
from stepsmith.deploy.template.functions import tags
from stepsmith.deploy.template.provisions import LONGEST_RETENTION, queue_encryption
from stepsmith.expressions.types import Json

QUEUE: Final = "FailedExecutions"
STATUSES: Final[list[Json]] = ["FAILED", "TIMED_OUT", "ABORTED"]
TOLD: Final = ("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate")
"""What a message says. Input, error and cause are not in it: they may be personal, and DescribeExecution has them."""
ALARMS: Final = {
    "Failed": ("ExecutionsFailed", "executions fail"),
    "TimedOut": ("ExecutionsTimedOut", "executions time out"),
    "Throttled": ("ExecutionThrottled", "executions are throttled"),
}


def machine_alarms(workflow: AnyWorkflow, options: Options) -> dict[str, Json]:
    """Give the alarms of one state machine."""
    name = pascal(workflow.name)
    return {
        f"{name}{kind}Alarm": alarm(
            f"{workflow.name}: {text}",
            "AWS/States",
            metric,
            {"StateMachineArn": {"Ref": f"{name}Machine"}},
            options,
        )
        for kind, (metric, text) in ALARMS.items()
    }


def failure_resources(workflows: Mapping[str, AnyWorkflow], options: Options) -> dict[str, Json]:
    """Give the queue of failed executions, and a rule for each workflow that fills it.

    Express executions are not in it: EventBridge hears nothing of them.
    """
    told = [workflow for workflow in workflows.values() if workflow.name not in options.express]
    if not options.keep_failures or not told:
        return {}
    rules = {f"{pascal(workflow.name)}Failures": _rule(workflow, options) for workflow in told}
    return {
        **rules,
        QUEUE: dead_letters(options),
        f"{QUEUE}Policy": queue_policy(QUEUE, [{"Fn::GetAtt": [name, "Arn"]} for name in sorted(rules)]),
    }


def dead_letters(options: Options) -> dict[str, Json]:
    """Give a queue for what somebody has to look at."""
    properties: dict[str, Json] = {"MessageRetentionPeriod": LONGEST_RETENTION, **queue_encryption(options)}
    if options.tags:
        properties["Tags"] = tags(options)
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": properties,
    }


def queue_policy(queue: str, sources: list[Json]) -> Json:
    """Let rules of EventBridge, given by ARN, send to a queue."""
    statement: Json = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": {"Fn::GetAtt": [queue, "Arn"]},
        "Condition": {"ArnEquals": {"aws:SourceArn": sources[0] if len(sources) == 1 else sources}},
    }
    return {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": queue}],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }


def alarm(text: str, namespace: str, metric: str, dimensions: Mapping[str, Json], options: Options) -> Json:
    """Give an alarm for the first time something happens within a minute."""
    properties: dict[str, Json] = {
        "AlarmDescription": text,
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    if options.notify is not None:
        properties["AlarmActions"] = [options.notify]
    if options.tags:
        properties["Tags"] = tags(options)
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def letters_alarm(queue: str, text: str, options: Options) -> Json:
    """Give the alarm for messages in a queue that should have none."""
    dimensions: dict[str, Json] = {"QueueName": {"Fn::GetAtt": [queue, "QueueName"]}}
    return alarm(text, "AWS/SQS", "ApproximateNumberOfMessagesVisible", dimensions, options)


def _rule(workflow: AnyWorkflow, options: Options) -> Json:
    tagged: dict[str, Json] = {"Tags": tags(options)} if options.tags else {}
    template = ", ".join(f'"{name}": <{name}>' for name in TOLD)
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Description": f"keeps executions of {workflow.name} that failed",
            "EventPattern": {
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {
                    "status": STATUSES,
                    "stateMachineArn": [{"Ref": f"{pascal(workflow.name)}Machine"}],
                },
            },
            "State": "ENABLED",
            **tagged,
            "Targets": [
                {
                    "Id": "FailedExecutions",
                    "Arn": {"Fn::GetAtt": [QUEUE, "Arn"]},
                    "InputTransformer": {
                        "InputPathsMap": {name: f"$.detail.{name}" for name in TOLD},
                        "InputTemplate": "{" + template + "}",
                    },
                }
            ],
        },
    }
