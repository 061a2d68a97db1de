"""Lets the triggers of workflows start them: rules, schedules, messages and requests."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from stepsmith.authoring.functions.batch_function import BatchFunction
from stepsmith.authoring.tasks.provisions import Bucket, Queue, Table, Topic
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
from stepsmith.cloud.deliveries import Parcel
from stepsmith.cloud.deployed.messages import Starter, filter_of, queue_settings, stream_settings
from stepsmith.cloud.deployed.resources import make
from stepsmith.cloud.place import Place
from stepsmith.cloud.sources.queues import QueueSource
from stepsmith.cloud.sources.streams import Start, StreamSource
from stepsmith.errors import InvalidInput
from stepsmith.events.mappings import GivenUp
from stepsmith.events.pipes import letter
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow

_LETTERS = "-dead-letters"


class Starters:
    """The triggers of the workflows of one cloud."""

    def __init__(self, cloud: Place) -> None:
        self._cloud = cloud
        self._sources: dict[str, QueueSource | StreamSource] = {}
        self._connected: dict[str, Trigger | BatchFunction[...]] = {}
        """What is connected, by the names of rules, schedules, sources and functions."""

    @contextmanager
    def renewed(self) -> Generator[None]:
        """Let what is not connected again meanwhile be connected no more."""
        before, self._connected = self._connected, {}
        try:
            yield
        except BaseException:
            self._connected = {**before, **self._connected}
            raise
        for name, trigger in before.items():
            if _kind(self._connected.get(name)) != _kind(trigger):
                self._disconnect(name, trigger)

    def connect(self, workflow: Workflow[..., Any], machine: str) -> None:
        """Let everything that a workflow names start it. Raises InvalidInput for what cannot be had here."""
        for number, trigger in enumerate(workflow.triggers):
            self._connect(f"{workflow.name}-{number}", trigger, machine)

    def _disconnect(self, name: str, trigger: Trigger | BatchFunction[...]) -> None:
        match trigger:
            case S3Upload() | Event():
                events = self._cloud.client("events")
                events.remove_targets(Rule=name, Ids=["StateMachine"])
                events.delete_rule(Name=name)
            case Schedule():
                self._cloud.client("scheduler").delete_schedule(Name=name)
            case QueueMessage() | TopicMessage() | StreamRecord():
                source = self._sources.pop(name, None)
                if source is not None:
                    source.close()
            case BatchFunction():
                self._forget_mappings(trigger.function_name)
            case HttpRequest():
                pass  # the site is renewed with the rest

    def _forget_mappings(self, function: str) -> None:
        client = self._cloud.client("lambda")
        for each in client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]:
            client.delete_event_source_mapping(UUID=each["UUID"])

    def _connect(self, name: str, trigger: Trigger, machine: str) -> None:
        self._connected[name] = trigger
        match trigger:
            case S3Upload(bucket=bucket):
                self._rule(name, event_pattern_of(trigger, _name_of(bucket)), trigger.input, machine)
            case Event():
                self._rule(name, event_pattern_of(trigger, None), trigger.input, machine)
            case Schedule():
                self._schedule(name, trigger, machine)
            case QueueMessage() | TopicMessage():
                self._messages(name, trigger, machine)
            case StreamRecord():
                self._records(name, trigger, machine)
            case HttpRequest(path=path):
                self._cloud.site.start_at(path, machine)

    def _rule(self, name: str, pattern: dict[str, Json], input: Any, machine: str) -> None:
        events = self._cloud.client("events")
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        target = {"Id": "StateMachine", "Arn": machine, "InputTransformer": input_transformer(input)}
        events.put_targets(Rule=name, Targets=[target])

    def _schedule(self, name: str, trigger: Schedule, machine: str) -> None:
        scheduler = self._cloud.client("scheduler")
        given = {
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ScheduleExpression": trigger.expression,
            "ScheduleExpressionTimezone": trigger.timezone,
            "Target": {
                "Arn": machine,
                "RoleArn": f"arn:aws:iam::{self._cloud.caller.account}:role/scheduler",
                "Input": json.dumps(dict(trigger.input)),
            },
        }
        try:
            scheduler.create_schedule(Name=name, **given)
        except scheduler.exceptions.ConflictException:
            scheduler.update_schedule(Name=name, **given)

    def read(self, function: BatchFunction[...]) -> None:
        """Let a function have the batches of what it reads, by a mapping as its template makes one."""
        name, source = function.function_name, function.source
        if isinstance(source, StreamRecord):
            arn = self._stream_arn(source)
            make(self._cloud, Queue(name + _LETTERS))
            letters = self._cloud.caller.arn("sqs", name + _LETTERS)
            more: dict[str, Any] = {
                "StartingPosition": source.start,
                "MaximumRetryAttempts": source.attempts - 1,
                "BisectBatchOnFunctionError": True,
                "DestinationConfig": {"OnFailure": {"Destination": letters}},
            }
        else:
            arn, more = self._queue_arn(name, source), {}
        if source.filter is not None:
            more["FilterCriteria"] = {"Filters": [{"Pattern": json.dumps(dict(source.filter))}]}
        self._connected[f"function {name}"] = function
        self._forget_mappings(name)
        self._cloud.client("lambda").create_event_source_mapping(
            EventSourceArn=arn,
            FunctionName=name,
            BatchSize=source.batch,
            MaximumBatchingWindowInSeconds=source.window,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            **more,
        )

    def _messages(self, name: str, trigger: QueueMessage | TopicMessage, machine: str) -> None:
        cloud = self._cloud
        arn = self._queue_arn(name, trigger)
        queue = cloud.queues.find(arn)
        if queue is None:
            raise InvalidInput(f"there is no queue {arn}: create it in the cloud before the workflow")
        settings = queue_settings(trigger, is_fifo=queue.is_fifo)
        starter = Starter(cloud.agenda, trigger, machine, cloud.step_functions, cloud.caller)
        self._renew(name, QueueSource(cloud.agenda, queue, settings, filter_of(trigger), starter))

    def _queue_arn(self, name: str, trigger: QueueMessage | TopicMessage) -> str:
        """Make the queue that is read, with its dead letters, where it is the project's; gives its ARN."""
        if isinstance(trigger, TopicMessage):
            return self._subscribed(name, trigger)
        if isinstance(trigger.queue, str):
            return trigger.queue
        make(self._cloud, trigger.queue)
        self._give_letters(trigger.queue.name, trigger)
        return self._cloud.caller.arn("sqs", trigger.queue.name)

    def _subscribed(self, name: str, trigger: TopicMessage) -> str:
        """Make the queue between a topic and a workflow; gives its ARN."""
        cloud = self._cloud
        make(cloud, Queue(name))
        self._give_letters(name, trigger)
        arn = cloud.caller.arn("sqs", name)
        topic = trigger.topic
        if isinstance(topic, Topic):
            make(cloud, topic)
            topic = cloud.caller.arn("sns", topic.name)
        cloud.client("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
        )
        return arn

    def _records(self, name: str, trigger: StreamRecord, machine: str) -> None:
        cloud = self._cloud
        arn = self._stream_arn(trigger)
        stream = cloud.find_stream(arn)
        if stream is None:
            raise InvalidInput(f"there is no stream {arn}: create it in the cloud before the workflow")
        letters, pipe = name + _LETTERS, cloud.caller.arn("pipes", f"pipe/{name}")
        make(cloud, Queue(letters))

        def give_up(shard_id: str, given_up: GivenUp) -> None:
            told = letter(given_up, pipe_arn=pipe, shard_id=shard_id, stream=arn, at=cloud.agenda.now())
            cloud.deliveries.send(cloud.caller.arn("sqs", letters), Parcel(json.dumps(told)))

        starter = Starter(cloud.agenda, trigger, machine, cloud.step_functions, cloud.caller, give_up)
        start = Start(trigger.start, cloud.agenda.now())
        settings = stream_settings(trigger)
        self._renew(name, StreamSource(cloud.agenda, stream, settings, filter_of(trigger), start, starter))

    def _stream_arn(self, trigger: StreamRecord) -> str:
        stream = trigger.stream
        if isinstance(stream, str):
            return stream
        make(self._cloud, stream)
        if isinstance(stream, Table):
            described = self._cloud.client("dynamodb").describe_table(TableName=stream.name)
            return str(described["Table"]["LatestStreamArn"])
        return self._cloud.caller.arn("kinesis", f"stream/{stream.name}")

    def _renew(self, name: str, source: QueueSource | StreamSource) -> None:
        """Read a source for a trigger, in place of the one that was read for it before."""
        before = self._sources.pop(name, None)
        if before is not None:
            before.close()
        self._sources[name] = source

    def _give_letters(self, name: str, trigger: QueueMessage | TopicMessage) -> None:
        """Let a queue give up what cannot start anything, as its template does."""
        sqs, fifo = self._cloud.client("sqs"), name.endswith(".fifo")
        letters = name.removesuffix(".fifo") + _LETTERS + (".fifo" if fifo else "")
        made = sqs.create_queue(QueueName=letters, Attributes={"FifoQueue": "true"} if fifo else {})
        target = sqs.get_queue_attributes(QueueUrl=made["QueueUrl"], AttributeNames=["QueueArn"])
        policy = {
            "deadLetterTargetArn": target["Attributes"]["QueueArn"],
            "maxReceiveCount": trigger.attempts,
        }
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)})


def _kind(trigger: Trigger | BatchFunction[...] | None) -> str:
    """Say what is made of a trigger: whatever has the same name and kind is replaced."""
    match trigger:
        case S3Upload() | Event():
            return "rule"
        case QueueMessage() | TopicMessage() | StreamRecord():
            return "source"
        case _:
            return type(trigger).__name__


def _name_of(bucket: Bucket | str) -> str:
    return bucket.name if isinstance(bucket, Bucket) else bucket
