from __future__ import annotations

import json

import pytest

from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry
from stepsmith.integrations.dispatch import refusal
from stepsmith.integrations.services.optimised import optimised_actions
from tests.shared_data import SHARED, needs_shared
from tests.stepsmith.integrations.calls import failure, output

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/"
NOT_HERE = {
    "lambda:invoke",
    "http:invoke",
    "apigateway:invoke",
    "bedrock:invokeModel",
    "bedrockagentcore:invokeHarness",
    "eks:runJob",
    "eks:call",
}
"""Actions that other modules answer, or that have no plain call of boto3 behind them."""


@pytest.fixture
def clients() -> ClientRegistry:
    registry = ClientRegistry.local()
    registry.client("dynamodb").create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return registry


def arn(action: str) -> str:
    return f"arn:aws:states:::{action}"


def test_an_item_is_put_with_metadata_only(clients: ClientRegistry) -> None:
    answer = output(clients, arn("dynamodb:putItem"), {"TableName": "things", "Item": {"id": {"S": "1"}}})

    assert isinstance(answer, dict)
    assert list(answer) == ["SdkHttpMetadata", "SdkResponseMetadata"]
    assert answer["SdkHttpMetadata"]["HttpStatusCode"] == 200  # type: ignore[index,call-overload]  # any JSON


def test_an_item_comes_back_typed(clients: ClientRegistry) -> None:
    output(clients, arn("dynamodb:putItem"), {"TableName": "things", "Item": {"id": {"S": "1"}}})

    answer = output(clients, arn("dynamodb:getItem"), {"TableName": "things", "Key": {"id": {"S": "1"}}})

    assert isinstance(answer, dict)
    assert answer["Item"] == {"id": {"S": "1"}}


def test_a_message_body_is_sent_as_its_json_text(clients: ClientRegistry) -> None:
    url = clients.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]

    answer = output(clients, arn("sqs:sendMessage"), {"QueueUrl": url, "MessageBody": {"a": 1}})

    assert isinstance(answer, dict)
    assert list(answer)[:2] == ["MD5OfMessageBody", "MessageId"]
    assert clients.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"] == '{"a":1}'


def test_a_published_object_reaches_the_queue(clients: ClientRegistry) -> None:
    url = clients.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    topic = clients.client("sns").create_topic(Name="news")["TopicArn"]
    queue = clients.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    clients.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue["Attributes"]["QueueArn"])

    output(clients, arn("sns:publish"), {"TopicArn": topic, "Message": {"a": 1}})

    body = clients.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"]
    assert json.loads(body)["Message"] == '{"a":1}'


def test_events_are_put_without_metadata(clients: ClientRegistry) -> None:
    entry: Json = {"Detail": {"a": 1}, "DetailType": "kind", "Source": "here"}

    answer = output(clients, arn("events:putEvents"), {"Entries": [entry]})

    assert isinstance(answer, dict)
    assert sorted(answer) == ["Entries", "FailedEntryCount"]


def test_a_failed_entry_fails_the_task(clients: ClientRegistry) -> None:
    entry: Json = {"Detail": "no JSON", "DetailType": "kind", "Source": "here"}

    error, cause = failure(clients, arn("events:putEvents"), {"Entries": [entry]})

    assert error == "EventBridge.FailedEntry"
    assert json.loads(cause)["FailedEntryCount"] == 1


@pytest.mark.parametrize(
    ("action", "parameters", "error", "cause"),
    [
        (
            "dynamodb:putItem",
            {"TableName": "no", "Item": {"id": {"S": "1"}}},
            "DynamoDB.ResourceNotFoundException",
            "Requested resource not found (Service: AmazonDynamoDBv2; Status Code: 400; "
            "Error Code: ResourceNotFoundException; Request ID: ",
        ),
        (
            "dynamodb:putItem",
            {"TableName": "things", "Item": None},
            "DynamoDB.AmazonDynamoDBException",
            "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null "
            "(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; Request ID: ",
        ),
        (
            "sqs:sendMessage",
            {"QueueUrl": QUEUE + "no", "MessageBody": None},
            "SQS.AmazonSQSException",
            "The request must contain the parameter MessageBody. (Service: AmazonSQS; Status Code: 400; "
            "Error Code: MissingParameter; Request ID: ",
        ),
        (
            "sqs:sendMessage",
            {"QueueUrl": QUEUE + "no", "MessageBody": "x"},
            "SQS.QueueDoesNotExistException",
            "The specified queue does not exist. (Service: AmazonSQS; Status Code: 400; ",
        ),
        (
            "sns:publish",
            {"TopicArn": "arn:aws:sns:us-east-1:123456789012:no", "Message": "x"},
            "SNS.NotFoundException",
            "",
        ),
        (
            "states:startExecution",
            {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:no"},
            "StepFunctions.StateMachineDoesNotExistException",
            "State Machine Does Not Exist: 'arn:aws:states:us-east-1:123456789012:stateMachine:no' "
            "(Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: ",
        ),
    ],
)
def test_an_error_has_the_name_and_cause_of_version_1(
    clients: ClientRegistry, action: str, parameters: Json, error: str, cause: str
) -> None:
    found = failure(clients, arn(action), parameters)

    assert found[0] == error
    assert found[1].startswith(cause)
    assert found[1].endswith("; Proxy: null)")


def test_a_condition_that_does_not_hold_is_named(clients: ClientRegistry) -> None:
    parameters: Json = {
        "TableName": "things",
        "Item": {"id": {"S": "1"}},
        "ConditionExpression": "attribute_exists(id)",
    }

    assert (
        failure(clients, arn("dynamodb:putItem"), parameters)[0] == "DynamoDB.ConditionalCheckFailedException"
    )


@pytest.mark.parametrize(
    ("action", "parameters", "unknown"),
    [
        ("dynamodb:getItem", {"TableName": "t", "Key": {}, "IndexName": "i"}, "IndexName"),
        ("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": "m", "Delay": 1}, "Delay"),
        ("states:startExecution", {"StateMachineArn": "a", "input": {}}, "input"),
    ],
)
def test_parameters_off_the_list_are_refused(action: str, parameters: Json, unknown: str) -> None:
    found = refusal(arn(action), parameters)

    assert found is not None
    assert f'[The field "{unknown}" is not supported by Step Functions]' in found


def test_an_action_without_a_call_behind_it_needs_a_function(clients: ClientRegistry) -> None:
    error, cause = failure(clients, arn("eks:call"), {})

    assert error == "States.Runtime"
    assert "give a function that answers it" in cause


def test_a_query_is_sync_until_it_has_ended(clients: ClientRegistry) -> None:
    parameters: Json = {"QueryString": "select 1", "ResultConfiguration": {"OutputLocation": "s3://b/x"}}

    answer = output(clients, arn("athena:startQueryExecution.sync"), parameters)

    assert isinstance(answer, dict)
    assert answer["QueryExecution"]["Status"]["State"] == "SUCCEEDED"  # type: ignore[index,call-overload]  # any JSON


def test_a_job_that_cannot_be_started_fails_at_its_submission(clients: ClientRegistry) -> None:
    error, _ = failure(
        clients, arn("batch:submitJob.sync"), {"JobName": "j", "JobDefinition": "d", "JobQueue": "q"}
    )

    assert error is not None
    assert error.startswith("Batch.")


@needs_shared
def test_every_action_of_the_table_is_known() -> None:
    lines = (SHARED / "spec" / "integrations.csv").read_text().splitlines()[1:]
    table = {":".join(line.split(",")[:2]) for line in lines}

    emr = {each for each in table if each.startswith("elasticmapreduce:")}
    assert table - set(optimised_actions()) - NOT_HERE - emr == set()
