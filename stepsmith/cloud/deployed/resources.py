"""Makes the tables, queues, topics, streams and buckets that workflows declare, under their own names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from stepsmith.authoring.functions.batch_function import BatchFunction
from stepsmith.authoring.functions.http_function import HttpFunction
from stepsmith.authoring.tasks.provisions import (
    Bucket,
    Parameter,
    Provision,
    Queue,
    Stream,
    Table,
    Topic,
    creation,
)
from stepsmith.authoring.workflows.starting import provisions_of
from stepsmith.cloud.place import Place

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow


AnyFunction: TypeAlias = "HttpFunction[..., Any] | BatchFunction[...]"
"""A function that no workflow calls."""


def make_resources(cloud: Place, workflows: Iterable[Workflow[..., Any]]) -> None:
    """Make what workflows name and what is not there yet."""
    for provision in dict.fromkeys(each for workflow in workflows for each in provisions_of(workflow)):
        make(cloud, provision)


def make(cloud: Place, provision: Provision) -> None:
    """Make one resource; nothing happens where it is there."""
    match provision:
        case Table():
            dynamodb = cloud.client("dynamodb")
            pages = dynamodb.get_paginator("list_tables").paginate()
            if not any(provision.name in page["TableNames"] for page in pages):
                dynamodb.create_table(**creation(provision))
        case Queue():
            fifo = {"FifoQueue": "true"} if provision.name.endswith(".fifo") else {}
            if cloud.queues.find(cloud.caller.arn("sqs", provision.name)) is None:
                cloud.client("sqs").create_queue(QueueName=provision.name, Attributes=fifo)
        case Topic():
            fifo = {"FifoTopic": "true"} if provision.name.endswith(".fifo") else {}
            cloud.client("sns").create_topic(Name=provision.name, Attributes=fifo)
        case Stream():
            if cloud.find_stream(cloud.caller.arn("kinesis", f"stream/{provision.name}")) is None:
                mode = {"StreamMode": "ON_DEMAND"}
                cloud.client("kinesis").create_stream(StreamName=provision.name, StreamModeDetails=mode)
        case Bucket():
            _make_bucket(cloud, provision.name)


def _make_bucket(cloud: Place, name: str) -> None:
    s3 = cloud.client("s3")
    if name in {each["Name"] for each in s3.list_buckets()["Buckets"]}:
        return
    region = cloud.caller.region
    elsewhere = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **elsewhere)
    # a declared bucket sends its events to EventBridge, as its template says
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )


def environment_of(
    workflows: Iterable[Workflow[..., Any]], functions: Iterable[AnyFunction] = ()
) -> Mapping[str, str]:
    """Give the environment variables of functions, and of all tasks of workflows."""
    tasks = [task for workflow in workflows for task in workflow.tasks.values()]
    return {
        name: value.value() if isinstance(value, Parameter) else value
        for each in [*tasks, *functions]
        for name, value in each.deployment.environment.items()
    }


class Environment:
    """Sets variables of this process, and takes them away again; what is set already stays."""

    def __init__(self) -> None:
        self._set: list[str] = []

    def add(self, variables: Mapping[str, str]) -> None:
        """Set those that are not set."""
        for name, value in variables.items():
            if name not in os.environ:
                os.environ[name] = value
                self._set.append(name)

    def restore(self) -> None:
        """Take away what was set."""
        while self._set:
            os.environ.pop(self._set.pop(), None)
