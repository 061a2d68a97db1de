"""The tables, queues, topics, streams and buckets that workflows declare, made where services live in this process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from stepsmith.authoring.tasks.provisions import Bucket, Provision, Queue, Stream, Table, Topic, creation
from stepsmith.authoring.workflows.starting import provisions_of, reached_by
from stepsmith.integrations import ClientRegistry
from stepsmith.service.machines.machine import registry_of

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow

SERVICES: Final[Mapping[type[Provision], str]] = {
    Bucket: "s3",
    Queue: "sqs",
    Stream: "kinesis",
    Table: "dynamodb",
    Topic: "sns",
}
"""Kind of a resource -> the service that has it, as boto3 calls it."""


def provided(
    workflow: Workflow[..., Any], clients: ClientRegistry | Mapping[str, object] | None
) -> ClientRegistry | Mapping[str, object] | None:
    """Return clients with which all is there that a workflow, and those that it starts, declare.

    It is made before the client of its service is used for the first time. Services on AWS, and clients that were given
    instead of local ones, are left as they are.
    """
    declared = _declared(workflow)
    if not declared:
        return clients
    registry = registry_of(clients)
    if registry.is_local:
        for provision in declared:
            make_it = partial(make, provision, region=registry.region)
            registry.provide(SERVICES[type(provision)], provision, make_it)
    return registry


@lru_cache(maxsize=256)
def _declared(workflow: Workflow[..., Any]) -> tuple[Provision, ...]:
    every = reached_by([workflow]).values()
    return tuple(dict.fromkeys(provision for each in every for provision in provisions_of(each)))


def make(provision: Provision, client: Any, *, region: str) -> None:
    """Make a resource with the client of its service; nothing happens where it is there."""
    name = provision.name
    match provision:
        case Table():
            pages = client.get_paginator("list_tables").paginate()
            if not any(name in page["TableNames"] for page in pages):
                client.create_table(**creation(provision))
        case Queue():
            fifo = {"FifoQueue": "true"} if provision.is_fifo else {}
            if not _is_there(client.get_queue_url, QueueName=name):
                client.create_queue(QueueName=name, Attributes=fifo)
        case Topic():
            client.create_topic(Name=name, Attributes={"FifoTopic": "true"} if provision.is_fifo else {})
        case Stream():
            if not _is_there(client.describe_stream_summary, StreamName=name):
                client.create_stream(StreamName=name, StreamModeDetails={"StreamMode": "ON_DEMAND"})
        case Bucket():
            _make_bucket(client, name, region)


def _is_there(ask: Any, **named: str) -> bool:
    from botocore.exceptions import ClientError

    try:
        ask(**named)
    except ClientError:
        return False
    return True


def _make_bucket(client: Any, name: str, region: str) -> None:
    if name in {each["Name"] for each in client.list_buckets()["Buckets"]}:
        return
    elsewhere = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client.create_bucket(Bucket=name, **elsewhere)
    # a declared bucket sends its events to EventBridge, as its template says
    client.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
