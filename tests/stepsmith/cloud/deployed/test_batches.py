"""Batch functions in a local cloud: what comes is worked on, what fails comes again, what is given up is kept."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from stepsmith import client
from stepsmith.batches import batch
from stepsmith.cloud.local import LocalCloud
from stepsmith.resources import Queue, Stream, Table, Topic, allow
from stepsmith.triggers import QueueMessage, StreamRecord, TopicMessage

DONE = Table("done", stream="KEYS_ONLY")
WRITE = [allow("dynamodb:PutItem", on=DONE)]
seen: list[str] = []


@batch(QueueMessage(queue=Queue("orders"), input={"id": "$.body.id"}, attempts=2), policies=WRITE)
def keep(id: str, *, dynamodb: Any = client("dynamodb")) -> None:
    seen.append(id)
    if id == "bad":
        raise ValueError(id)
    dynamodb.put_item(TableName="done", Item={"pk": {"S": id}})


@batch(StreamRecord(stream=DONE, input={"id": "$.dynamodb.Keys.pk.S"}))
def count(id: str) -> None:
    seen.append(f"done {id}")


@batch(StreamRecord(stream=Stream("clicks"), input={"page": "$.data"}, attempts=2, batch=10))
def click(page: str) -> None:
    seen.append(page)
    if page == "bad":
        raise ValueError(page)


@batch(TopicMessage(topic=Topic("news"), input={"news": "$.body"}, filter={"body": [{"prefix": "tea"}]}))
def hear(news: str) -> None:
    seen.append(news)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    seen.clear()
    with LocalCloud(functions=[keep, count, click, hear]) as cloud:
        yield cloud


def letters(cloud: LocalCloud, name: str) -> list[str]:
    url = cloud.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    found = cloud.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [each["Body"] for each in found.get("Messages", [])]


def send(cloud: LocalCloud, *ids: str) -> None:
    url = cloud.client("sqs").get_queue_url(QueueName="orders")["QueueUrl"]
    for id in ids:
        cloud.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"id": id}))


def test_messages_are_worked_on_and_one_function_hears_of_anothers_work(cloud: LocalCloud) -> None:
    send(cloud, "a", "b")
    cloud.settle()

    assert seen == ["a", "b", "done a", "done b"]


def test_a_message_that_fails_comes_again_alone_and_ends_in_the_dead_letters(cloud: LocalCloud) -> None:
    send(cloud, "a", "bad")
    cloud.advance(timedelta(minutes=10))

    assert [each for each in seen if not each.startswith("done")] == ["a", "bad", "bad"]
    assert letters(cloud, "orders-dead-letters") == ['{"id": "bad"}']


def test_a_record_that_fails_holds_up_its_shard_until_it_is_given_up(cloud: LocalCloud) -> None:
    data = [{"Data": each, "PartitionKey": "p"} for each in (b"a", b"bad", b"c")]
    cloud.client("kinesis").put_records(StreamName="clicks", Records=data)
    cloud.advance(timedelta(minutes=10))

    assert (seen[0], seen[-1], set(seen[1:-1])) == ("a", "c", {"bad"})
    (letter,) = letters(cloud, "click-dead-letters")
    assert json.loads(letter)["KinesisBatchInfo"]["batchSize"] == 1


def test_messages_of_a_topic_are_filtered(cloud: LocalCloud) -> None:
    for text in ("tea is there", "coffee is there"):
        cloud.client("sns").publish(TopicArn=cloud.caller.arn("sns", "news"), Message=text)
    cloud.settle()

    assert seen == ["tea is there"]


def test_a_function_that_is_deployed_again_reads_once(cloud: LocalCloud) -> None:
    cloud.deploy([], functions=[keep])
    send(cloud, "a")
    cloud.settle()

    assert seen == ["a", "done a"]
