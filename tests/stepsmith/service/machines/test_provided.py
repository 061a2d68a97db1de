"""What workflows declare is there when they run here, and variables are set while their tasks are called."""

from __future__ import annotations

import os
from typing import Any

import pytest

from stepsmith import WorkflowError, client, local, task, workflow
from stepsmith.integrations import ClientRegistry
from stepsmith.resources import Bucket, Queue, Stream, Table, Topic, allow

POLICIES = [
    allow("dynamodb:PutItem", on=Table("orders", stream="NEW_IMAGE")),
    allow("sqs:SendMessage", on=Queue("parcels")),
    allow("sqs:SendMessage", on=Queue("turns.fifo")),
    allow("sns:Publish", on=Topic("news")),
    allow("s3:PutObject", on=Bucket("files")),
    allow("kinesis:PutRecord", on=Stream("clicks")),
]


@task(policies=POLICIES)
def keep(
    id: str,
    *,
    dynamodb: Any = client("dynamodb"),
    sqs: Any = client("sqs"),
    sns: Any = client("sns"),
    s3: Any = client("s3"),
    kinesis: Any = client("kinesis"),
) -> list[str]:
    dynamodb.put_item(TableName="orders", Item={"pk": {"S": id}})
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="parcels")["QueueUrl"], MessageBody=id)
    turns = sqs.get_queue_url(QueueName="turns.fifo")["QueueUrl"]
    sqs.send_message(QueueUrl=turns, MessageBody=id, MessageGroupId="g", MessageDeduplicationId=id)
    topics = [each["TopicArn"].rpartition(":")[2] for each in sns.list_topics()["Topics"]]
    s3.put_object(Bucket="files", Key=id, Body=b"x")
    kinesis.put_record(StreamName="clicks", Data=b"x", PartitionKey="p")
    return topics


@workflow
def child(id: str) -> list[str]:
    """Keep something."""
    return keep(id)


@workflow
def keeping(id: str) -> list[str]:
    """Keep something by way of another workflow."""
    return child(id)


def run(id: str = "a", **options: Any) -> Any:
    return keeping.start(id=id, backend=local(**options))


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_all_that_a_workflow_and_those_it_starts_declare_is_there(region: str) -> None:
    assert run(clients=ClientRegistry.local(region=region)).result() == ["news"]


def test_it_is_there_in_a_run_without_any_clients_too() -> None:
    assert keeping.run(id="a").result() == ["news"]


def test_it_is_made_once_and_what_is_there_is_left_as_it_is() -> None:
    clients = ClientRegistry.local()
    clients.client("sqs").create_queue(QueueName="parcels", Attributes={"VisibilityTimeout": "77"})
    for id in ("a", "b"):
        assert run(id, clients=clients).result() == ["news"]

    sqs = clients.client("sqs")
    url = sqs.get_queue_url(QueueName="parcels")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    items = clients.client("dynamodb").scan(TableName="orders")["Items"]
    assert (found["VisibilityTimeout"], found["ApproximateNumberOfMessages"]) == ("77", "2")
    assert sorted(each["pk"]["S"] for each in items) == ["a", "b"]


def test_services_that_nobody_uses_are_not_made() -> None:
    clients = ClientRegistry.local()

    run(clients=clients, tasks={"keep": lambda event: ["stand-in"]}).result()

    assert not any(clients.in_use(each) for each in ("dynamodb", "sqs", "sns", "s3", "kinesis"))


def test_a_client_that_was_given_is_left_alone() -> None:
    class Nothing:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"{name} was called")

    given = {each: Nothing() for each in ("dynamodb", "sqs", "sns", "s3", "kinesis")}

    with pytest.raises(WorkflowError, match="put_item was called"):
        run(clients=given).result()


def test_in_the_background_and_in_a_journal_it_is_there_too(tmp_path: Any) -> None:
    assert run().result() == ["news"]
    assert run(journal=tmp_path / "journal.db").result() == ["news"]


@task(environment={"SHOP_IN_TESTS": "tea"})
def name_of_shop(number: int) -> str:
    if number:
        raise ValueError(os.environ["SHOP_IN_TESTS"])
    return os.environ["SHOP_IN_TESTS"]


@workflow
def naming(number: int) -> str:
    """Name the shop."""
    return name_of_shop(number)


@pytest.mark.parametrize("number", [0, 1])
def test_a_task_has_its_environment_variables_while_it_is_called(number: int) -> None:
    execution = naming.run(number=number)

    assert "tea" in str(execution.history[-1])
    assert "SHOP_IN_TESTS" not in os.environ


def test_a_variable_that_is_set_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_IN_TESTS", "coffee")

    assert naming.run(number=0).result() == "coffee"
    assert os.environ["SHOP_IN_TESTS"] == "coffee"
