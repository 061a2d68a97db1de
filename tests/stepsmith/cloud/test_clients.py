"""The clients of a cloud are boto3's: they check parameters and raise errors as they do, whoever answers."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from stepsmith.cloud.clients import Clients
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.integrations.clients.local_aws import LocalAws


class Recording:
    """Answers every operation with what it was asked."""

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        if operation == "DeleteQueue":
            raise ServiceError(
                "AWS.SimpleQueueService.NonExistentQueue",
                "There is no such queue.",
                shape="QueueDoesNotExist",
                more={"further": "member"},
            )
        return {"QueueUrl": f"{operation} {dict(parameters)} {caller.arn('sqs', 'q')}"}


@pytest.fixture
def seen() -> list[tuple[Any, ...]]:
    return []


@pytest.fixture
def clients(seen: list[tuple[Any, ...]]) -> Clients:
    def observe(*call: Any) -> None:
        seen.append(call)

    return Clients(LocalAws("us-east-1"), {"sqs": Recording()}, {"s3": observe})


def test_a_service_gets_the_operation_the_parameters_and_the_caller(clients: Clients) -> None:
    answer = clients.client("sqs", Caller("eu-west-1", "222222222222")).create_queue(QueueName="a")

    assert answer["QueueUrl"] == "CreateQueue {'QueueName': 'a'} arn:aws:sqs:eu-west-1:222222222222:q"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_parameters_are_checked_before_a_service_is_asked(clients: Clients) -> None:
    with pytest.raises(ParamValidationError, match="QueueName"):
        clients.client("sqs", Caller()).create_queue(QueueName=5)


def test_a_refusal_is_the_error_of_the_client_that_users_catch(clients: Clients) -> None:
    sqs = clients.client("sqs", Caller())

    with pytest.raises(sqs.exceptions.QueueDoesNotExist, match="There is no such queue") as caught:
        sqs.delete_queue(QueueUrl="u")

    response: dict[str, Any] = {**caught.value.response}
    assert isinstance(caught.value, ClientError)
    assert response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert response["further"] == "member"


def test_a_client_is_made_once_for_each_caller(clients: Clients) -> None:
    assert clients.client("sqs", Caller()) is clients.client("sqs", Caller())
    assert clients.client("sqs", Caller()) is not clients.client("sqs", Caller("eu-west-1"))


def test_an_observer_hears_of_what_moto_has_done_and_not_of_what_it_has_refused(
    clients: Clients, seen: list[tuple[Any, ...]]
) -> None:
    s3 = clients.client("s3", Caller())
    s3.create_bucket(Bucket="pictures")
    s3.put_object(Bucket="pictures", Key="k", Body=b"x")
    with pytest.raises(ClientError):
        s3.put_object(Bucket="not-there", Key="k", Body=b"x")

    assert [call[0] for call in seen] == ["CreateBucket", "PutObject"]
    _, parameters, answer, caller = seen[1]
    assert parameters["Key"] == "k"
    assert answer["ETag"]
    assert caller == Caller()


def test_what_moto_keeps_belongs_to_the_account_of_the_caller(clients: Clients) -> None:
    clients.client("dynamodb", Caller()).create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    assert clients.client("dynamodb", Caller()).list_tables()["TableNames"] == ["t"]
    assert clients.client("dynamodb", Caller(account="222222222222")).list_tables()["TableNames"] == []


def test_a_client_that_checks_nothing_sends_what_no_model_has() -> None:
    clients = Clients(LocalAws("us-east-1"), {"sqs": Recording()}, {}, validates=False)
    given: dict[str, Any] = {"QueueName": "q", "wrong": [1]}

    answer = clients.client("sqs", Caller()).create_queue(**given)

    assert answer["QueueUrl"].startswith("CreateQueue {'QueueName': 'q', 'wrong': [1]}")
