"""Calls of AWS's services: as plain Python and as states, on the same services in process."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from stepsmith import (
    ClientRegistry,
    ExecutionFailed,
    Retry,
    ServiceError,
    WorkflowError,
    compensation,
    context,
    local,
    map_items,
    parallel,
    plain_run,
    running,
    services,
    using_clients,
    workflow,
)
from stepsmith.asl.model import Task
from stepsmith.authoring.machines.machine import StateMachine
from stepsmith.testing import assert_equivalent
from stepsmith.testing.runs import Runner


class Answer(BaseModel):
    yes: bool


class Unwanted(WorkflowError):
    """An order that is not stored."""


@workflow
def store(id: str, count: int) -> str:
    services.dynamodb.put_item(TableName="orders", Item={"id": {"S": id}, "count": {"N": f"{count}"}})
    answer = services.dynamodb.get_item(TableName="orders", Key={"id": {"S": id}})
    return answer["Item"]["count"]["N"]


@workflow
def store_whole(id: str) -> object:
    services.dynamodb.put_item(TableName="orders", Item={"id": {"S": id}, "none": {"NULL": True}})
    return services.dynamodb.get_item(TableName="orders", Key={"id": {"S": id}})


@workflow
def store_once(id: str) -> bool:
    try:
        services.dynamodb.put_item(
            TableName="orders", Item={"id": {"S": id}}, ConditionExpression="attribute_not_exists(id)"
        )
        services.dynamodb.put_item(
            TableName="orders", Item={"id": {"S": id}}, ConditionExpression="attribute_not_exists(id)"
        )
    except services.dynamodb.ConditionalCheckFailedException:
        return False
    return True


@workflow
def created(table: str) -> datetime | None:
    try:
        found = services.dynamodb.describe_table(TableName=table)
    except services.dynamodb.ResourceNotFoundException:
        return None
    return found["Table"]["CreationDateTime"] if "Table" in found else None


@workflow
def remove_all(bucket: str) -> int:
    found = services.s3.list_objects_v2(Bucket=bucket)
    if "Contents" not in found:
        return 0
    for each in found["Contents"]:
        services.s3.delete_object(Bucket=bucket, Key=each["Key"])
    return len(found["Contents"])


patient = services.dynamodb.describe_table.with_options(
    name="Look again", retry=[Retry.on(services.dynamodb.ResourceNotFoundException, max_attempts=2)]
)


@workflow
def look(table: str) -> None:
    patient(TableName=table)


@workflow
def copy_all(table: str) -> int:
    found = services.dynamodb.scan(TableName=table)
    if "Items" not in found:
        return 0
    for item in found["Items"]:
        services.dynamodb.put_item.sdk(TableName=table, Item=item)
    return len(found["Items"])


@workflow
def run_job(name: str) -> str | None:
    try:
        run = services.glue.start_job_run.sync(JobName=name)
    except services.glue.EntityNotFoundException:
        return None
    return run.get("JobRunState")


ask = services.sqs.send_message.wait_for_task_token(Answer, timeout=timedelta(hours=1))


@workflow
def approve(queue: str) -> bool:
    return ask(QueueUrl=queue, MessageBody={"token": context.task.token}).yes


@workflow
def send_all(queue: str, texts: list[str]) -> list[str]:
    def send(text: str) -> str:
        return services.sqs.send_message(QueueUrl=queue, MessageBody={"text": text})["MD5OfMessageBody"]

    return map_items(texts, send)


@workflow
def store_and_undo(id: str) -> str:
    with compensation() as undo:
        services.dynamodb.put_item(TableName="orders", Item={"id": {"S": id}})
        undo(services.dynamodb.delete_item, TableName="orders", Key={"id": {"S": id}})
        if id == "a":
            raise Unwanted("no a")
    return id


@workflow
def both(id: str) -> str:
    found, _ = parallel(
        services.dynamodb.get_item(TableName="orders", Key={"id": {"S": id}}),
        services.sqs.get_queue_url(QueueName="orders"),
    )
    return found["Item"]["id"]["S"]


@workflow
def submit(id: str) -> str:
    try:
        job = services.batch.submit_job.sync(JobName=id, JobQueue="q", JobDefinition="d")
    except services.batch.ClientException:
        return "refused"
    return job["Status"]


def prepared(clients: ClientRegistry) -> None:
    clients.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    clients.client("dynamodb").put_item(TableName="orders", Item={"id": {"S": "old"}, "new": {"BOOL": False}})
    clients.client("s3").create_bucket(Bucket="pictures")
    clients.client("s3").put_object(Bucket="pictures", Key="a", Body=b"1")
    clients.client("sqs").create_queue(QueueName="orders")
    command = {"Name": "glueetl", "ScriptLocation": "s3://pictures/a"}
    clients.client("glue").create_job(Name="load", Role="loader", Command=command)


QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/orders"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "given"),
    [
        (store, {"id": "a", "count": 3}),
        (store_whole, {"id": "a"}),
        (store_once, {"id": "a"}),
        (created, {"table": "nothing"}),
        (remove_all, {"bucket": "pictures"}),
        (remove_all, {"bucket": "nothing"}),
        (look, {"table": "orders"}),
        (look, {"table": "nothing"}),
        (copy_all, {"table": "orders"}),
        (run_job, {"name": "load"}),
        (run_job, {"name": "nothing"}),
        (store_and_undo, {"id": "a"}),
        (store_and_undo, {"id": "b"}),
        (both, {"id": "old"}),
        (send_all, {"queue": QUEUE, "texts": ["a", "b"]}),
    ],
)
def test_a_call_does_the_same_in_python_and_as_a_state(made: Any, given: dict[str, Any]) -> None:
    assert_equivalent(made, prepare=prepared, **given)


def test_a_call_that_waits_is_answered_in_python_and_as_a_state() -> None:
    def answer(QueueUrl: str, MessageBody: object) -> Answer:
        return Answer(yes=True)

    assert_equivalent(approve, prepare=prepared, responders={ask: answer}, queue=QUEUE)


def test_the_whole_answer_is_what_the_service_says_without_how_the_request_fared() -> None:
    clients = ClientRegistry.local()
    prepared(clients)

    with running(local(clients=clients)):
        execution = store_whole.run("a")

    assert execution.result() == {"Item": {"id": {"S": "a"}, "none": {"NULL": True}}}


def test_a_time_in_an_answer_is_a_datetime() -> None:
    clients = ClientRegistry.local()
    prepared(clients)

    with using_clients(clients):
        plain = created("orders")
    with running(local(clients=clients)):
        execution = created.run("orders")

    assert isinstance(plain, datetime)
    assert execution.result() == plain


def test_an_error_of_a_service_is_raised_by_its_class_in_python_and_of_an_execution() -> None:
    clients = ClientRegistry.local()

    with using_clients(clients), pytest.raises(services.dynamodb.ResourceNotFoundException) as plain:
        services.dynamodb.get_item(TableName="nothing", Key={"id": {"S": "a"}})
    with (
        running(local(clients=clients)),
        pytest.raises(services.dynamodb.ResourceNotFoundException) as ended,
    ):
        look.run("nothing").result()

    assert "Error Code: ResourceNotFoundException" in str(plain.value)
    assert ended.type.error_name == "DynamoDb.ResourceNotFoundException"
    assert issubclass(ended.type, ServiceError)
    assert not issubclass(ended.type, ExecutionFailed)


def test_an_error_that_a_services_model_does_not_list_has_the_services_own_name() -> None:
    with using_clients(ClientRegistry.local()), pytest.raises(ServiceError) as caught:
        services.dynamodb.query(TableName="", KeyConditionExpression="x")

    assert caught.type.error_name == "DynamoDb.DynamoDbException"


def test_retries_of_a_call_take_virtual_time() -> None:
    with using_clients(ClientRegistry.local()), plain_run() as run, pytest.raises(ServiceError):
        look("nothing")

    assert run.elapsed == timedelta(seconds=3)
    assert [call.task for call in run.calls] == ["dynamodb.describe_table"] * 3


def test_python_refuses_what_the_action_does_not_take() -> None:
    with pytest.raises(TypeError, match="'Keys'"):
        services.dynamodb.get_item(TableName="orders", Key={}, Keys={})
    with pytest.raises(TypeError, match="missing a required argument: 'Key'"):
        services.dynamodb.get_item(TableName="orders")


def test_a_test_says_what_a_call_gives_or_fails_with(run: Runner) -> None:
    call = services.batch.submit_job.sync

    assert run(submit, "a", returns={call: {"Status": "SUCCEEDED"}}).result() == "SUCCEEDED"
    assert run(submit, "a", fail={call: services.batch.ClientException("no queue")}).result() == "refused"


def test_a_call_is_an_explicit_state_as_well() -> None:
    state: Any = services.dynamodb.query.state("Find", TableName="orders")

    machine = StateMachine("find", state)

    assert machine.definition.states["Find"] == Task(
        resource="arn:aws:states:::aws-sdk:dynamodb:query", arguments={"TableName": "orders"}, end=True
    )


def test_arguments_are_named_as_aws_names_them_and_those_left_out_are_not_written() -> None:
    state: Any = store.definition.states["Get item"]

    assert state.resource == "arn:aws:states:::dynamodb:getItem"
    assert state.arguments == {"TableName": "orders", "Key": {"id": {"S": "{% $id %}"}}}
    assert "Metadata" not in store.definition.to_json()
