"""What a pipe or a mapping reads: a queue, a topic by way of its own queue, or a stream; and the rights to do so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stepsmith.authoring.tasks.provisions import Queue, Table, Topic
from stepsmith.authoring.workflows.triggers import PipeTrigger, QueueMessage, StreamRecord, TopicMessage
from stepsmith.deploy.application import provision_name
from stepsmith.deploy.options import Options
from stepsmith.deploy.permissions.statements import Statement, substituted
from stepsmith.deploy.template.provisions import arn_of, provision_resource
from stepsmith.expressions.types import Json

INVISIBLE: Final = 360
"""The seconds for which a message that is being worked on is not delivered again: six times what a start may take."""
_READING: Final[Mapping[str, tuple[str, ...]]] = {
    "sqs": ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
    "kinesis": (
        *("kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords"),
        *("kinesis:GetShardIterator", "kinesis:ListShards"),
    ),
    "dynamodb": ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
}
_LISTING: Final[Mapping[str, str]] = {"kinesis": "kinesis:ListStreams", "dynamodb": "dynamodb:ListStreams"}


@dataclass(frozen=True, slots=True)
class PipeSource:
    """What a pipe reads."""

    arn: str
    """As Fn::Sub text."""
    parameters: Mapping[str, Json]
    statements: tuple[Statement, ...]


def source_of(name: str, trigger: PipeTrigger, reader: str = "the pipe") -> PipeSource:
    """Give the source of a trigger of this logical name; `reader` is who takes from it, in words."""
    filtered: dict[str, Json] = {}
    if trigger.filter is not None:
        pattern = json.dumps(dict(trigger.filter), sort_keys=True)
        filtered["FilterCriteria"] = {"Filters": [{"Pattern": pattern}]}
    batches: dict[str, Json] = {"BatchSize": trigger.batch}
    if trigger.window:
        batches["MaximumBatchingWindowInSeconds"] = trigger.window
    match trigger:
        case StreamRecord():
            return _stream(name, trigger, batches, filtered, reader)
        case QueueMessage(queue=Queue() as queue):
            arn = arn_of(queue)
        case QueueMessage(queue=str() as queue):
            arn = queue
        case _:
            arn = f"${{{name}Queue.Arn}}"
    reads = Statement(_READING["sqs"], (arn,), f"{reader} takes messages from this queue")
    return PipeSource(arn, {"SqsQueueParameters": batches, **filtered}, (reads,))


def _stream(
    name: str,
    trigger: StreamRecord,
    batches: dict[str, Json],
    filtered: dict[str, Json],
    reader: str,
) -> PipeSource:
    kind, stream = trigger.kind, trigger.stream
    if isinstance(stream, str):
        arn = stream
    else:
        arn = f"${{{provision_name(stream)}.StreamArn}}" if isinstance(stream, Table) else arn_of(stream)
    letters: Json = {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]}
    told: dict[str, Json] = {
        **batches,
        "StartingPosition": trigger.start,
        "MaximumRetryAttempts": trigger.attempts - 1,
        "DeadLetterConfig": {"Arn": letters},
    }
    member = "KinesisStreamParameters" if kind == "kinesis" else "DynamoDBStreamParameters"
    statements = (
        Statement(_READING[kind], (arn,), f"{reader} reads this stream"),
        Statement((_LISTING[kind],), ("*",), f"{reader} lists streams, which has no resources"),
        Statement(
            ("sqs:SendMessage",), (f"${{{name}DeadLetters.Arn}}",), "where records are given up is kept here"
        ),
    )
    return PipeSource(arn, {member: told, **filtered}, statements)


def batch_name(function: str) -> str:
    """Give the logical name of what hands records to a batch function, by that of the function."""
    return f"{function}Batches"


def redriven(name: str, trigger: QueueMessage | TopicMessage, *, seconds: int = INVISIBLE) -> dict[str, Json]:
    """Give the properties that a queue has because its messages are worked on, each for some seconds at most."""
    return {
        "RedrivePolicy": {
            "deadLetterTargetArn": {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]},
            "maxReceiveCount": trigger.attempts,
        },
        "VisibilityTimeout": seconds,
    }


def topic_resources(
    name: str, trigger: TopicMessage, options: Options, *, seconds: int = INVISIBLE
) -> dict[str, Json]:
    """Give the queue between a topic and a pipe, which gets messages as they were published."""
    topic = arn_of(trigger.topic) if isinstance(trigger.topic, Topic) else trigger.topic
    arn: Json = {"Fn::GetAtt": [f"{name}Queue", "Arn"]}
    allowed: Json = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": substituted(topic)}},
    }
    return {
        f"{name}Queue": provision_resource(
            Queue("messages"), options, redriven(name, trigger, seconds=seconds)
        ),
        f"{name}QueuePolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": f"{name}Queue"}],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]},
            },
        },
        f"{name}Subscription": {
            "Type": "AWS::SNS::Subscription",
            "DependsOn": f"{name}QueuePolicy",
            "Properties": {
                "Endpoint": arn,
                "Protocol": "sqs",
                "RawMessageDelivery": True,
                "TopicArn": substituted(topic),
            },
        },
    }
