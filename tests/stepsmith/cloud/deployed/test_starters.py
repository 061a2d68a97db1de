"""Triggers in a local cloud: what is declared beside a workflow starts it, at its instant, with its input."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import BaseModel, JsonValue

from stepsmith import InvalidInput, task, wait, workflow
from stepsmith.cloud.local import LocalCloud
from stepsmith.resources import Bucket, Queue, Stream, Table, Topic, allow
from stepsmith.triggers import (
    Event,
    HttpRequest,
    QueueMessage,
    S3Upload,
    Schedule,
    StreamRecord,
    TopicMessage,
)

PICTURES = Bucket("pictures")
ORDERS = Queue("orders")
SEEN = Table("seen")


class Order(BaseModel):
    id: int
    note: str = "none"


@task(policies=[allow("dynamodb:PutItem", on=SEEN)], environment={"GREETING_FOR_TESTS": "hello"})
def look(bucket: str, key: str) -> str:
    return f"{os.environ['GREETING_FOR_TESTS']} {bucket}/{key}"


@task
def accept(order: Order) -> int:
    if order.id < 0:
        raise ValueError("no such order")
    return order.id


@workflow(triggers=[S3Upload(bucket=PICTURES, keys=("in/*",))])
def picture(bucket: str, key: str) -> str:
    return look(bucket, key)


@workflow(
    triggers=[
        QueueMessage(queue=ORDERS, input={"order": "$.body.order"}, attempts=2),
        HttpRequest(path="/orders"),
        Event(name="ordered", pattern={"source": ["shop"]}, input={"order": "$.detail"}),
    ]
)
def order(order: Order) -> int:
    wait(timedelta(seconds=90))
    return accept(order)


@workflow(triggers=[Schedule(expression="rate(1 hour)", input={"order": {"id": 60}})])
def hourly(order: Order) -> int:
    return accept(order)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(workflows=[picture, order]) as cloud:
        yield cloud


def started(cloud: LocalCloud) -> list[tuple[str, str, object]]:
    return [(each.machine_name, each.status, each.input) for each in cloud.executions]


def test_declared_tables_queues_and_buckets_exist_at_once(cloud: LocalCloud) -> None:
    assert cloud.client("dynamodb").list_tables()["TableNames"] == ["seen"]
    assert cloud.client("s3").list_objects_v2(Bucket="pictures")["KeyCount"] == 0
    assert cloud.client("sqs").get_queue_url(QueueName="orders")["QueueUrl"].endswith("/orders")


def test_an_event_that_fits_starts_a_workflow_and_time_passes_in_it(cloud: LocalCloud) -> None:
    entry = {"Source": "shop", "DetailType": "ordered", "Detail": '{"id": 7}'}
    cloud.client("events").put_events(Entries=[entry, {**entry, "Source": "other"}])

    cloud.settle()
    assert started(cloud) == [("order", "RUNNING", {"order": {"id": 7}})]

    cloud.advance(timedelta(seconds=90))
    (execution,) = cloud.executions
    assert execution.status == "SUCCEEDED"
    assert execution.result() == 7
    assert execution.elapsed == timedelta(seconds=90)


def test_a_message_starts_one_execution_called_like_it(cloud: LocalCloud) -> None:
    url = cloud.client("sqs").get_queue_url(QueueName="orders")["QueueUrl"]
    id = cloud.client("sqs").send_message(QueueUrl=url, MessageBody='{"order": {"id": 1}}')["MessageId"]

    cloud.advance(timedelta(minutes=10))

    assert [each.name for each in cloud.executions] == [id]
    assert "Messages" not in cloud.client("sqs").receive_message(QueueUrl=url)


def test_a_message_that_starts_nothing_goes_to_the_dead_letters_after_its_attempts(cloud: LocalCloud) -> None:
    sqs = cloud.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="orders")["QueueUrl"], MessageBody="no JSON")

    cloud.advance(timedelta(minutes=10))

    letters = sqs.get_queue_url(QueueName="orders-dead-letters")["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=letters, AttributeNames=["All"])["Messages"]
    assert message["Body"] == "no JSON"


def test_a_schedule_strikes_again_and_again() -> None:
    with LocalCloud(workflows=[hourly]) as cloud:
        begin = cloud.now
        cloud.advance(timedelta(hours=2, minutes=30))

        assert [each.started - begin for each in cloud.executions] == [
            timedelta(hours=hour) for hour in range(3)
        ]
        assert {each.status for each in cloud.executions} == {"SUCCEEDED"}
        assert cloud.executions[0].input == {"order": {"id": 60}}


def test_a_request_starts_an_execution_and_is_told_which(cloud: LocalCloud) -> None:
    response = cloud.http("POST", "/orders", {"order": {"id": 3}})

    assert response.status == 200
    assert response.json()["executionArn"] == cloud.executions[-1].arn
    assert cloud.http("POST", "/orders", "no JSON").status == 400
    assert cloud.http("GET", "/orders").status == 404
    assert cloud.http("POST", "/elsewhere", {}).status == 404


def test_variables_of_tasks_are_set_as_long_as_the_cloud_is_open() -> None:
    with LocalCloud(workflows=[picture]) as cloud:
        states = cloud.client("stepfunctions")
        arn = cloud.caller.arn("states", "stateMachine:picture")
        states.start_execution(stateMachineArn=arn, input='{"bucket": "b", "key": "k"}')
        cloud.settle()

        assert cloud.executions[0].output == "hello b/k"
    assert "GREETING_FOR_TESTS" not in os.environ


def test_how_executions_fare_is_told_to_the_default_bus(cloud: LocalCloud) -> None:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="news")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events = cloud.client("events")
    events.put_rule(Name="news", EventPattern='{"source": ["aws.states"]}')
    events.put_targets(Rule="news", Targets=[{"Id": "q", "Arn": arn, "InputPath": "$.detail"}])

    cloud.http("POST", "/orders", {"order": {"id": -1}})
    cloud.advance(timedelta(seconds=90))

    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    told = [json.loads(each["Body"]) for each in messages]
    assert [(each["status"], each["input"]) for each in told] == [
        ("RUNNING", '{"order": {"id": -1}}'),
        ("FAILED", '{"order": {"id": -1}}'),
    ]


def test_two_workflows_of_one_path_are_refused() -> None:
    @workflow(triggers=[HttpRequest(path="/orders")])
    def another(order: Order) -> int:
        return accept(order)

    with pytest.raises(InvalidInput, match="two workflows are started by POST /orders"):
        LocalCloud(workflows=[order, another]).__enter__()


@task
def note_end(detail: dict[str, JsonValue]) -> str:
    return str(detail["status"])


@workflow
def order_ended(detail: dict[str, JsonValue]) -> str:
    return note_end(detail)


@workflow(ended=order_ended)
def fragile(order: Order) -> int:
    return accept(order)


def test_what_ends_the_records_of_a_workflow_comes_along_and_does(cloud: LocalCloud) -> None:
    arn = cloud.deploy([fragile])["fragile"]
    given = {"stateMachineArn": arn, "input": '{"order": {"id": -1}}'}
    cloud.client("stepfunctions").start_execution(**given)

    cloud.settle()

    ended = [each for each in cloud.executions if each.machine_name == "order_ended"]
    assert [each.output for each in ended] == ["FAILED"]


CLICKS = Stream("clicks")
STOCK = Table("stock", stream="NEW_AND_OLD_IMAGES")
NEWS = Topic("news")


@workflow(
    triggers=[
        StreamRecord(
            stream=CLICKS,
            input={"order": "$.data.order"},
            attempts=3,
            filter={"data": {"order": {"id": [{"exists": True}]}}},
        ),
        StreamRecord(
            stream=STOCK, input={"order": "$.dynamodb.NewImage.order.M"}, filter={"eventName": ["INSERT"]}
        ),
        TopicMessage(topic=NEWS, input={"order": "$.body.order"}, attempts=2),
    ]
)
def told(order: dict[str, JsonValue]) -> int:
    return len(order)


def put(cloud: LocalCloud, *orders: object) -> None:
    records = [{"Data": json.dumps({"order": each}).encode(), "PartitionKey": "p"} for each in orders]
    cloud.client("kinesis").put_records(StreamName="clicks", Records=records)


def test_records_of_declared_streams_start_executions() -> None:
    with LocalCloud(workflows=[told]) as cloud:
        put(cloud, {"id": 1}, {"other": 2}, {"id": 3})
        dynamodb = cloud.client("dynamodb")
        item = {"pk": {"S": "tea"}, "order": {"M": {"id": {"N": "4"}}}}
        dynamodb.put_item(TableName="stock", Item=item)
        dynamodb.delete_item(TableName="stock", Key={"pk": {"S": "tea"}})
        cloud.settle()
        found = [each.input for each in cloud.executions]

    assert found == [{"order": {"id": 1}}, {"order": {"id": 3}}, {"order": {"id": {"N": "4"}}}]


def test_a_message_of_a_topic_starts_an_execution_as_it_was_published() -> None:
    with LocalCloud(workflows=[told]) as cloud:
        topic = cloud.caller.arn("sns", "news")
        for message in ('{"order": {"id": 1}}', "no JSON"):
            cloud.client("sns").publish(TopicArn=topic, Message=message)
        cloud.advance(timedelta(minutes=10))
        letters = cloud.client("sqs").get_queue_url(QueueName="told-2-dead-letters")["QueueUrl"]
        (letter,) = cloud.client("sqs").receive_message(QueueUrl=letters)["Messages"]

        assert [each.input for each in cloud.executions] == [{"order": {"id": 1}}]
        assert letter["Body"] == "no JSON"


def test_a_record_that_starts_nothing_holds_up_its_shard_until_it_is_given_up() -> None:
    @workflow(triggers=[StreamRecord(stream=CLICKS, input={"order": "$.data.order"}, attempts=3, batch=1)])
    def strict(order: dict[str, JsonValue]) -> int:
        return len(order)

    with LocalCloud(workflows=[strict]) as cloud:
        kinesis = cloud.client("kinesis")
        kinesis.put_record(StreamName="clicks", Data=b"poison", PartitionKey="p")
        put(cloud, {"id": 1})
        cloud.settle()
        before = len(cloud.executions)
        cloud.advance(timedelta(minutes=1))
        url = cloud.client("sqs").get_queue_url(QueueName="strict-0-dead-letters")["QueueUrl"]
        (letter,) = cloud.client("sqs").receive_message(QueueUrl=url)["Messages"]
        told = json.loads(letter["Body"])

        assert (before, [each.input for each in cloud.executions]) == (0, [{"order": {"id": 1}}])
        assert told["context"] == {
            "partnerResourceArn": cloud.caller.arn("pipes", "pipe/strict-0"),
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 3,
        }
        assert told["KinesisBatchInfo"]["batchSize"] == 1


def test_a_workflow_that_is_deployed_again_is_started_once() -> None:
    with LocalCloud(workflows=[told]) as cloud:
        cloud.deploy([told])
        put(cloud, {"id": 1})
        cloud.client("sns").publish(TopicArn=cloud.caller.arn("sns", "news"), Message='{"order": {"id": 2}}')
        cloud.settle()

        assert [each.input for each in cloud.executions] == [{"order": {"id": 1}}, {"order": {"id": 2}}]


def test_a_declared_table_is_found_among_many() -> None:
    @task(policies=[allow("dynamodb:GetItem", on=Table("zebras"))])
    def look() -> int:
        return 1

    @workflow
    def looking() -> int:
        return look()

    with LocalCloud() as cloud:
        dynamodb = cloud.client("dynamodb")
        for number in range(101):
            dynamodb.create_table(
                TableName=f"table-{number:03}",
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            )
        cloud.deploy([looking])
        cloud.deploy([looking])
        pages = dynamodb.get_paginator("list_tables").paginate()

        assert sum(len(page["TableNames"]) for page in pages) == 102
