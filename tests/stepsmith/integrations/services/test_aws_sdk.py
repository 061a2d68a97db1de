from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.asl.services import java_name, pascal_case
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry
from stepsmith.integrations.services.aws_sdk import exception_name, sdk_services
from stepsmith.integrations.services.sdk_values import iso_time, to_json
from tests.stepsmith.integrations.calls import failure, output

TABLE: Json = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
def clients() -> ClientRegistry:
    registry = ClientRegistry.local()
    registry.client("s3").create_bucket(Bucket="pictures")
    return registry


def sdk(action: str) -> str:
    return f"arn:aws:states:::aws-sdk:{action}"


def test_an_answer_has_its_members_in_pascal_case_and_no_metadata(clients: ClientRegistry) -> None:
    clients.client("s3").put_object(Bucket="pictures", Key="a", Body=b"text data")

    answer = output(clients, sdk("s3:getObject"), {"Bucket": "pictures", "Key": "a"})

    assert isinstance(answer, dict)
    assert answer["Body"] == "text data"
    assert answer["ETag"] == '"332eec544317a6d340b8e77da7fe54ad"'
    assert answer["ContentLength"] == 9
    assert "ResponseMetadata" not in answer
    assert "SdkHttpMetadata" not in answer


@pytest.mark.parametrize(
    ("body", "etag"),
    [
        ("text data", '"2b5df3712557f503a9977a8ea893b2c9"'),
        (0, '"cfcd208495d565ef66e7dff9f98764da"'),
    ],
)
def test_a_body_is_sent_as_json_text(clients: ClientRegistry, body: Json, etag: str) -> None:
    answer = output(clients, sdk("s3:putObject"), {"Bucket": "pictures", "Key": "a", "Body": body})

    assert isinstance(answer, dict)
    assert answer["ETag"] == etag


def test_a_binary_body_does_not_break_the_answer(clients: ClientRegistry) -> None:
    clients.client("s3").put_object(Bucket="pictures", Key="a", Body=b"\xff\xd8x")

    answer = output(clients, sdk("s3:getObject"), {"Bucket": "pictures", "Key": "a"})

    assert isinstance(answer, dict)
    assert str(answer["Body"]).endswith("x")


def test_an_answer_without_members_is_an_empty_object(clients: ClientRegistry) -> None:
    output(clients, sdk("dynamodb:createTable"), TABLE)
    item: Json = {"TableName": "things", "Item": {"id": {"S": "1"}}}

    assert output(clients, sdk("dynamodb:putItem"), item) == {}


def test_attributes_have_the_names_of_java_both_ways_and_at_every_depth(clients: ClientRegistry) -> None:
    output(clients, sdk("dynamodb:createTable"), TABLE)
    attributes: Json = {
        "id": {"S": "1"},
        "none": {"Nul": True},
        "flag": {"Bool": False},
        "texts": {"Ss": ["a", "b"]},
        "deep": {"M": {"list": {"L": [{"Nul": True}, {"Bool": True}]}}},
    }
    output(clients, sdk("dynamodb:putItem"), {"TableName": "things", "Item": attributes})

    found = output(clients, sdk("dynamodb:getItem"), {"TableName": "things", "Key": {"id": {"S": "1"}}})
    plain = output(
        clients, "arn:aws:states:::dynamodb:getItem", {"TableName": "things", "Key": {"id": {"S": "1"}}}
    )

    assert isinstance(found, dict)
    assert isinstance(plain, dict)
    assert found["Item"] == attributes
    assert plain["Item"] == {
        "id": {"S": "1"},
        "none": {"NULL": True},
        "flag": {"BOOL": False},
        "texts": {"SS": ["a", "b"]},
        "deep": {"M": {"list": {"L": [{"NULL": True}, {"BOOL": True}]}}},
    }


@pytest.mark.parametrize(
    ("member", "shape", "name"),
    [
        ("NULL", "AttributeValue", "Nul"),
        ("equals", "Condition", "EqualsValue"),
        ("Default", "Parameter", "DefaultValue"),
        ("class", "Anything", "ClassValue"),
        ("DBInstanceIdentifier", "Anything", "DbInstanceIdentifier"),
        ("MD5OfMessageBody", "Anything", "Md5OfMessageBody"),
        ("defaultName", "Anything", "DefaultName"),
    ],
)
def test_a_member_is_renamed_as_the_sdk_for_java_renames_it(member: str, shape: str, name: str) -> None:
    assert java_name(member, shape) == name


def test_a_query_gives_typed_attributes(clients: ClientRegistry) -> None:
    output(clients, sdk("dynamodb:createTable"), TABLE)
    output(
        clients, sdk("dynamodb:putItem"), {"TableName": "things", "Item": {"id": {"S": "1"}, "n": {"N": "5"}}}
    )
    query: Json = {
        "TableName": "things",
        "KeyConditionExpression": "id = :id",
        "ExpressionAttributeValues": {":id": {"S": "1"}},
    }

    answer = output(clients, sdk("dynamodb:query"), query)

    assert answer == {"Count": 1, "Items": [{"id": {"S": "1"}, "n": {"N": "5"}}], "ScannedCount": 1}


def test_an_object_given_for_text_is_sent_as_its_json(clients: ClientRegistry) -> None:
    url = clients.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]

    output(clients, sdk("sqs:sendMessage"), {"QueueUrl": url, "MessageBody": {"a": [1]}})

    received = clients.client("sqs").receive_message(QueueUrl=url)["Messages"][0]
    assert received["Body"] == '{"a":[1]}'


@pytest.mark.slow
def test_members_may_be_spelt_as_in_java(clients: ClientRegistry) -> None:
    answer = output(clients, sdk("rds:describeDBInstances"), {"DbInstanceIdentifier": None})

    assert answer == {"DbInstances": []}


@pytest.mark.parametrize(
    ("action", "parameters", "error", "cause"),
    [
        (
            "s3:getObject",
            {"Bucket": "pictures", "Key": "b"},
            "S3.NoSuchKeyException",
            "The specified key does not exist. (Service: S3, Status Code: 404, Request ID: ",
        ),
        (
            "s3:getObject",
            {"Bucket": "nowhere", "Key": "b"},
            "S3.NoSuchBucketException",
            "The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: ",
        ),
        (
            "dynamodb:getItem",
            {"TableName": "no", "Key": {"id": {"S": "1"}}},
            "DynamoDb.ResourceNotFoundException",
            "Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: ",
        ),
        (
            "sfn:describeStateMachine",
            {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:no"},
            "Sfn.StateMachineDoesNotExistException",
            "State Machine Does Not Exist: 'arn:aws:states:us-east-1:123456789012:stateMachine:no' (Service: Sfn, ",
        ),
    ],
)
def test_an_error_is_named_as_the_sdk_names_it(
    clients: ClientRegistry, action: str, parameters: Json, error: str, cause: str
) -> None:
    found = failure(clients, sdk(action), parameters)

    assert found[0] == error
    assert found[1].startswith(cause)
    assert found[1].endswith(") (SDK Attempt Count: 1)")


def test_an_error_that_the_model_does_not_list_is_the_services_own(clients: ClientRegistry) -> None:
    output(clients, sdk("dynamodb:createTable"), TABLE)

    error, _ = failure(
        clients, sdk("dynamodb:query"), {"TableName": "things", "KeyConditionExpression": "zz"}
    )

    assert error == "DynamoDb.DynamoDbException"


@pytest.mark.parametrize("action", ["nosuch:thing", "s3:thing", "bedrockruntime:converseStream"])
def test_a_resource_that_names_no_action_is_not_recognised(clients: ClientRegistry, action: str) -> None:
    error, cause = failure(clients, sdk(action), {})

    assert error == "States.Runtime"
    assert cause.startswith(f"The resource provided {sdk(action)} is not recognized.")


def test_an_unknown_parameter_is_named(clients: ClientRegistry) -> None:
    error, cause = failure(clients, sdk("s3:getObject"), {"Buckett": "pictures", "Key": "a"})

    assert error == "States.Runtime"
    assert '[The field "Buckett" is not supported by Step Functions]' in cause


def test_a_missing_parameter_fails_the_task_by_name(clients: ClientRegistry) -> None:
    error, cause = failure(clients, sdk("s3:getObject"), {"Bucket": "pictures"})

    assert error == "S3.S3Exception"
    assert "Key" in cause


@pytest.mark.parametrize(
    ("name", "pascal"),
    [
        ("ETag", "ETag"),
        ("DBInstances", "DbInstances"),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("ChecksumCRC32", "ChecksumCRC32"),
        ("executionArn", "ExecutionArn"),
        ("ACL", "Acl"),
        ("MD5OfMessageBody", "Md5OfMessageBody"),
        ("X", "X"),
    ],
)
def test_member_names_are_those_of_the_sdk_for_java(name: str, pascal: str) -> None:
    assert pascal_case(name) == pascal


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=127)))
def test_letter_case_is_all_that_changes_in_a_name(name: str) -> None:
    assert pascal_case(name).lower() == name.lower()


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ("NoSuchKey", "NoSuchKeyException"),
        ("DBInstanceNotFoundFault", "DbInstanceNotFoundException"),
        ("InternalServerError", "InternalServerErrorException"),
        ("ThrottlingException", "ThrottlingException"),
    ],
)
def test_every_error_is_an_exception(shape: str, name: str) -> None:
    assert exception_name(shape) == name


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 14, 1, 59, tzinfo=UTC), "2026-03-14T01:59:00Z"),
        (datetime(2026, 3, 14, 1, 59, 0, 120_000, tzinfo=UTC), "2026-03-14T01:59:00.12Z"),
        (datetime(2026, 3, 14, 1, 59), "2026-03-14T01:59:00Z"),
        (datetime(2026, 3, 14, 1, 59, tzinfo=timezone(timedelta(hours=2))), "2026-03-13T23:59:00Z"),
    ],
)
def test_times_are_utc_without_needless_zeros(moment: datetime, text: str) -> None:
    assert iso_time(moment) == text


@pytest.mark.slow
def test_most_services_of_the_table_are_known_to_boto3() -> None:
    import boto3

    known = set(boto3.Session().get_available_services())

    missing = [each.client for each in sdk_services().values() if each.client not in known]
    assert len(missing) < len(sdk_services()) / 20, missing


def test_an_answer_that_does_not_fit_its_model_is_given_as_it_is() -> None:
    model = botocore.session.get_session().get_service_model("textract")
    shape = model.operation_model("DetectDocumentText").output_shape

    assert to_json({"DocumentMetadata": {"Pages": {"Pages": 12}}}, shape) == {
        "DocumentMetadata": {"Pages": {"Pages": 12}}
    }
