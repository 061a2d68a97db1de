"""Batch functions: a mapping that hands records of a source to a function, and what keeps those that are given up."""

from __future__ import annotations

from typing import Final

from stepsmith.authoring.functions.batch_function import BatchFunction
from stepsmith.authoring.tasks.provisions import Queue
from stepsmith.authoring.workflows.triggers import QueueMessage, StreamRecord, TopicMessage
from stepsmith.deploy.application import Application, logical_name, provision_name
from stepsmith.deploy.options import Options
from stepsmith.deploy.permissions.statements import substituted
from stepsmith.deploy.template.alarms import dead_letters, letters_alarm
from stepsmith.deploy.template.functions import tags, timeout_of
from stepsmith.deploy.template.pipe_sources import batch_name, redriven, source_of, topic_resources
from stepsmith.expressions.types import Json

_VISIBLE: Final = 6
"""How many times as long as a batch may take a message is not delivered again: Lambda's own advice."""


def batch_resources(function: BatchFunction[...], version: str, options: Options) -> dict[str, Json]:
    """Give the mapping of a batch function; `version` is the logical name of what it calls."""
    name, source = batch_name(logical_name(function)), function.source
    found: dict[str, Json] = {name: _mapping(name, function, version, options)}
    if isinstance(source, TopicMessage):
        found |= topic_resources(name, source, options, seconds=_seconds(function))
    if not (isinstance(source, QueueMessage) and isinstance(source.queue, str)):
        found[f"{name}DeadLetters"] = dead_letters(
            options, is_fifo=isinstance(source, QueueMessage) and source.is_fifo
        )
        found[f"{name}DeadLettersAlarm"] = letters_alarm(
            f"{name}DeadLetters", f"{function.function_name}: a record could not be worked on", options
        )
    return found


def batch_queues(application: Application) -> list[tuple[str, dict[str, Json]]]:
    """Give, by logical name, the properties that queues of the stack have because batch functions read them."""
    return [
        (
            provision_name(function.source.queue),
            redriven(batch_name(logical_name(function)), function.source, seconds=_seconds(function)),
        )
        for function in application.batch_functions
        if isinstance(function.source, QueueMessage) and isinstance(function.source.queue, Queue)
    ]


def _seconds(function: BatchFunction[...]) -> int:
    return _VISIBLE * timeout_of(function)


def _mapping(name: str, function: BatchFunction[...], version: str, options: Options) -> Json:
    trigger = function.source
    source = source_of(name, trigger)
    properties: dict[str, Json] = {
        "EventSourceArn": substituted(source.arn),
        "FunctionName": {"Ref": version},
        "BatchSize": trigger.batch,
        "MaximumBatchingWindowInSeconds": trigger.window,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        **{key: value for key, value in source.parameters.items() if key == "FilterCriteria"},
    }
    if isinstance(trigger, StreamRecord):
        properties |= {
            "StartingPosition": trigger.start,
            "MaximumRetryAttempts": trigger.attempts - 1,
            # what is not answered at all may be for one record
            "BisectBatchOnFunctionError": True,
            "DestinationConfig": {
                "OnFailure": {"Destination": {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]}}
            },
        }
    if options.tags:
        properties["Tags"] = tags(options)
    return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}
