"""Alarms, and the queues of what somebody has to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stepsmith.deploy.options import Options
from stepsmith.deploy.template.functions import tags
from stepsmith.deploy.template.provisions import LONGEST_RETENTION, fifo_queue, queue_encryption
from stepsmith.expressions.types import Json

OWN_NAMESPACE: Final[Json] = {"Fn::Sub": "stepsmith/${AWS::StackName}"}
"""The namespace of metrics that no service counts."""


def dead_letters(options: Options, *, is_fifo: bool = False) -> dict[str, Json]:
    """Give a queue for what somebody has to look at; that of a FIFO queue has to be one, too."""
    properties: dict[str, Json] = {
        **fifo_queue(is_fifo=is_fifo),
        "MessageRetentionPeriod": LONGEST_RETENTION,
        **queue_encryption(options),
    }
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


def alarm(text: str, namespace: Json, metric: str, dimensions: Mapping[str, Json], options: Options) -> Json:
    """Give an alarm for the first time something happens within a minute."""
    measured: dict[str, Json] = {
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
    }
    return _alarm(text, measured, options)


def lasting_alarm(text: str, queries: list[Json], options: Options) -> Json:
    """Give an alarm for what happens in three of five minutes; once is what retries are for."""
    measured: dict[str, Json] = {"Metrics": queries, "EvaluationPeriods": 5, "DatapointsToAlarm": 3}
    return _alarm(text, measured, options)


def letters_alarm(queue: str, text: str, options: Options) -> Json:
    """Give the alarm for messages in a queue that should have none."""
    dimensions: dict[str, Json] = {"QueueName": {"Fn::GetAtt": [queue, "QueueName"]}}
    return alarm(text, "AWS/SQS", "ApproximateNumberOfMessagesVisible", dimensions, options)


def metric_query(
    id: str, namespace: Json, metric: str, dimensions: Mapping[str, Json], *, shown: bool
) -> Json:
    """Give a metric of an alarm that looks at several, a sum for each minute."""
    return {
        "Id": id,
        "ReturnData": shown,
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            },
            "Period": 60,
            "Stat": "Sum",
        },
    }


def _alarm(text: str, measured: Mapping[str, Json], options: Options) -> Json:
    properties: dict[str, Json] = {
        "AlarmDescription": text,
        **measured,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    if options.notify is not None:
        properties["AlarmActions"] = [options.notify]
    if options.tags:
        properties["Tags"] = tags(options)
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}
