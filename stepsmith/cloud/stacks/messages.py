"""Queues, topics, rules and schedules of stacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stepsmith.cloud.stacks.made import Clients, Made, Properties, whole

_QUEUE = (
    "ContentBasedDeduplication", "DeduplicationScope", "DelaySeconds", "FifoQueue", "FifoThroughputLimit",
    "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "RedriveAllowPolicy",
    "RedrivePolicy", "VisibilityTimeout",
)  # fmt: skip
_SCHEDULE = (
    "Description", "EndDate", "FlexibleTimeWindow", "GroupName", "ScheduleExpression",
    "ScheduleExpressionTimezone", "StartDate", "State", "Target",
)  # fmt: skip


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


def make_queue(clients: Clients, name: str, given: Properties) -> Made:
    """Create a queue."""
    attributes = {key: _text(value) for key, value in whole(given, *_QUEUE).items()}
    fifo = ".fifo" if attributes.get("FifoQueue") == "true" and not name.endswith(".fifo") else ""
    sqs = clients("sqs")
    url = sqs.create_queue(QueueName=name + fifo, Attributes=attributes)["QueueUrl"]
    return _queue(sqs, url)


def change_queue(clients: Clients, made: Made, given: Properties) -> Made:
    """Give a queue other attributes."""
    fixed = ("FifoQueue",)
    attributes = {key: _text(value) for key, value in whole(given, *_QUEUE).items() if key not in fixed}
    sqs = clients("sqs")
    sqs.set_queue_attributes(QueueUrl=made.id, Attributes=attributes)
    return _queue(sqs, made.id)


def _queue(sqs: Any, url: str) -> Made:
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return Made(url, {"Arn": found, "QueueName": url.rpartition("/")[2], "QueueUrl": url})


def delete_queue(clients: Clients, id: str) -> None:
    """Delete a queue."""
    clients("sqs").delete_queue(QueueUrl=id)


def make_topic(clients: Clients, name: str, given: Properties) -> Made:
    """Create a topic, with its subscriptions."""
    fifo = {"FifoTopic": "true"} if _text(given.get("FifoTopic", False)) == "true" else {}
    sns = clients("sns")
    arn = sns.create_topic(Name=name, Attributes=fifo)["TopicArn"]
    for each in given.get("Subscription") or ():
        sns.subscribe(TopicArn=arn, Protocol=each["Protocol"], Endpoint=each["Endpoint"])
    return Made(arn, {"TopicArn": arn, "TopicName": name})


def delete_topic(clients: Clients, id: str) -> None:
    """Delete a topic."""
    clients("sns").delete_topic(TopicArn=id)


def make_subscription(clients: Clients, name: str, given: Properties) -> Made:
    """Subscribe to a topic."""
    names = ("RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy")
    attributes = {key: _text(value) for key, value in whole(given, *names).items()}
    found = clients("sns").subscribe(
        TopicArn=given["TopicArn"],
        Protocol=given["Protocol"],
        Endpoint=given["Endpoint"],
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )
    return Made(found["SubscriptionArn"], {"Arn": found["SubscriptionArn"]})


def delete_subscription(clients: Clients, id: str) -> None:
    """Let a topic send no more to somebody."""
    clients("sns").unsubscribe(SubscriptionArn=id)


def make_rule(clients: Clients, name: str, given: Properties) -> Made:
    """Create a rule with its targets; one of another bus is known as `BUS|NAME`."""
    events, bus = clients("events"), str(given.get("EventBusName") or "default")
    pattern = {"EventPattern": _text(given["EventPattern"])} if given.get("EventPattern") else {}
    more = whole(given, "ScheduleExpression", "State", "Description", "RoleArn")
    arn = events.put_rule(Name=name, EventBusName=bus, **pattern, **more)["RuleArn"]
    if given.get("Targets"):
        events.put_targets(Rule=name, EventBusName=bus, Targets=[dict(each) for each in given["Targets"]])
    return Made(name if bus == "default" else f"{bus.rpartition('/')[2]}|{name}", {"Arn": arn})


def change_rule(clients: Clients, made: Made, given: Properties) -> Made:
    """Give a rule another pattern and other targets."""
    _empty_rule(clients, made.id)
    return make_rule(clients, made.id.rpartition("|")[2], given)


def delete_rule(clients: Clients, id: str) -> None:
    """Delete a rule."""
    bus, name = _empty_rule(clients, id)
    clients("events").delete_rule(Name=name, EventBusName=bus)


def _empty_rule(clients: Clients, id: str) -> tuple[str, str]:
    bus, _, name = id.rpartition("|")
    bus, events = bus or "default", clients("events")
    targets = [each["Id"] for each in events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]]
    if targets:
        events.remove_targets(Rule=name, EventBusName=bus, Ids=targets)
    return bus, name


def make_schedule(clients: Clients, name: str, given: Properties) -> Made:
    """Create a schedule."""
    arn = clients("scheduler").create_schedule(Name=name, **whole(given, *_SCHEDULE))["ScheduleArn"]
    return Made(name, {"Arn": arn})


def change_schedule(clients: Clients, made: Made, given: Properties) -> Made:
    """Change a schedule."""
    clients("scheduler").update_schedule(Name=made.id, **whole(given, *_SCHEDULE))
    return made


def delete_schedule(clients: Clients, id: str) -> None:
    """Delete a schedule."""
    clients("scheduler").delete_schedule(Name=id)


def make_stream(clients: Clients, name: str, given: Properties) -> Made:
    """Create a stream of Kinesis."""
    mode: Mapping[str, str] = given.get("StreamModeDetails") or {}
    if mode.get("StreamMode") == "ON_DEMAND":
        more: dict[str, Any] = {"StreamModeDetails": dict(mode)}
    else:
        more = {"ShardCount": int(given.get("ShardCount") or 1)}
    kinesis = clients("kinesis")
    kinesis.create_stream(StreamName=name, **more)
    arn = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    return Made(name, {"Arn": arn})


def delete_stream(clients: Clients, id: str) -> None:
    """Delete a stream."""
    clients("kinesis").delete_stream(StreamName=id)
