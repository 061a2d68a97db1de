"""Lets the triggers of workflows start them: rules, schedules, messages and requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stepsmith.authoring.tasks.provisions import Bucket, Queue
from stepsmith.authoring.workflows.starting import event_pattern_of, input_transformer
from stepsmith.authoring.workflows.triggers import (
    Event,
    HttpRequest,
    QueueMessage,
    S3Upload,
    Schedule,
    Trigger,
)
from stepsmith.cloud.deployed.messages import MessageStarter
from stepsmith.cloud.deployed.resources import make
from stepsmith.cloud.place import Place
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow

_LETTERS = "-dead-letters"


class Starters:
    """The triggers of the workflows of one cloud."""

    def __init__(self, cloud: Place) -> None:
        self._cloud = cloud

    def connect(self, workflow: Workflow[..., Any], machine: str) -> None:
        """Let everything that a workflow names start it. Raises InvalidInput for what cannot be had here."""
        for number, trigger in enumerate(workflow.triggers):
            self._connect(f"{workflow.name}-{number}", trigger, machine)

    def _connect(self, name: str, trigger: Trigger, machine: str) -> None:
        match trigger:
            case S3Upload(bucket=bucket):
                self._rule(name, event_pattern_of(trigger, _name_of(bucket)), trigger.input, machine)
            case Event():
                self._rule(name, event_pattern_of(trigger, None), trigger.input, machine)
            case Schedule():
                self._schedule(name, trigger, machine)
            case QueueMessage():
                self._messages(trigger, machine)
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

    def _messages(self, trigger: QueueMessage, machine: str) -> None:
        cloud = self._cloud
        if isinstance(trigger.queue, Queue):
            make(cloud, trigger.queue)
            arn = cloud.caller.arn("sqs", trigger.queue.name)
            self._give_letters(trigger.queue.name, trigger)
        else:
            arn = trigger.queue
        queue = cloud.queues.find(arn)
        if queue is None:
            raise InvalidInput(f"there is no queue {arn}: create it in the cloud before the workflow")
        MessageStarter(cloud.agenda, queue, trigger, machine, cloud.step_functions, cloud.caller)

    def _give_letters(self, name: str, trigger: QueueMessage) -> None:
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


def _name_of(bucket: Bucket | str) -> str:
    return bucket.name if isinstance(bucket, Bucket) else bucket
