"""Lambda in the local cloud, through boto3's client: calls, versions, retries, destinations, refusals."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith.cloud.functions.function import Context
from stepsmith.cloud.local import LocalCloud


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


class Flaky:
    """Fails as often as it is told, and remembers what it was called with."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.calls: list[Any] = []

    def __call__(self, event: Any, context: Context) -> Any:
        self.calls.append(event)
        if len(self.calls) <= self.failures:
            raise ValueError("not yet")
        return {"seen": event, "version": context.function_version}


def invoked(cloud: LocalCloud, name: str, event: Any = None, **options: Any) -> tuple[dict[str, Any], Any]:
    answer = cloud.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}), **options)
    text = answer["Payload"].read()
    return answer, json.loads(text) if text else None


def refusal(call: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    response: dict[str, Any] = {**caught.value.response}
    return response["Error"]["Code"], response["Error"]["Message"]


def received(cloud: LocalCloud, url: str) -> list[Any]:
    answer = cloud.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(each["Body"]) for each in answer.get("Messages", [])]


def queue(cloud: LocalCloud, name: str) -> tuple[str, str]:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["QueueArn"]


def test_a_call_gives_the_answer_of_the_function(cloud: LocalCloud) -> None:
    cloud.functions.define("greet", Flaky())

    answer, payload = invoked(cloud, "greet", {"name": "Ada"})

    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert payload == {"seen": {"name": "Ada"}, "version": "$LATEST"}


def test_an_error_of_the_function_is_an_answer_that_names_it(cloud: LocalCloud) -> None:
    cloud.functions.define("greet", Flaky(failures=1))

    answer, payload = invoked(cloud, "greet")

    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == "ValueError"
    assert payload["errorMessage"] == "not yet"
    assert "raise ValueError" in "".join(payload["stackTrace"])


def test_a_call_takes_the_time_of_the_function_and_ends_at_its_limit(cloud: LocalCloud) -> None:
    cloud.functions.define("slow", Flaky(), duration=lambda event, context: event["seconds"], Timeout=10)
    before = cloud.now

    invoked(cloud, "slow", {"seconds": 7})
    assert cloud.now - before == timedelta(seconds=7)

    answer, payload = invoked(cloud, "slow", {"seconds": 11})
    assert cloud.now - before == timedelta(seconds=17)
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == "Sandbox.Timedout"
    assert payload["errorMessage"].endswith("Task timed out after 10.00 seconds")


def test_an_event_is_tried_after_one_minute_and_two_more_and_then_told_of(cloud: LocalCloud) -> None:
    function = Flaky(failures=9)
    cloud.functions.define("flaky", function)
    url, arn = queue(cloud, "ends")
    cloud.client("lambda").put_function_event_invoke_config(
        FunctionName="flaky", DestinationConfig={"OnFailure": {"Destination": arn}}
    )

    answer, _ = invoked(cloud, "flaky", {"a": 1}, InvocationType="Event")
    counts = [0]
    for seconds in (0, 59, 1, 119, 1, 600):
        cloud.advance(timedelta(seconds=seconds))
        counts.append(len(function.calls))

    assert answer["StatusCode"] == 202
    assert counts == [0, 1, 1, 2, 2, 3, 3]
    (record,) = received(cloud, url)
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["requestPayload"] == {"a": 1}
    assert record["responsePayload"]["errorMessage"] == "not yet"


def test_an_event_that_succeeds_in_the_end_is_told_of_as_a_success(cloud: LocalCloud) -> None:
    cloud.functions.define("flaky", Flaky(failures=1))
    url, arn = queue(cloud, "ends")
    cloud.client("lambda").put_function_event_invoke_config(
        FunctionName="flaky", DestinationConfig={"OnSuccess": {"Destination": arn}}
    )

    invoked(cloud, "flaky", {"a": 1}, InvocationType="Event")
    cloud.advance(timedelta(minutes=1))

    (record,) = received(cloud, url)
    assert record["requestContext"]["condition"] == "Success"
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}


@pytest.mark.parametrize(("age", "calls"), [(60, 1), (90, 2), (180, 2), (181, 3)])
def test_a_retry_that_would_come_too_late_is_not_made(cloud: LocalCloud, age: int, calls: int) -> None:
    function = Flaky(failures=9)
    cloud.functions.define("flaky", function)
    cloud.client("lambda").put_function_event_invoke_config(
        FunctionName="flaky", MaximumEventAgeInSeconds=age
    )

    invoked(cloud, "flaky", InvocationType="Event")
    cloud.advance(timedelta(hours=1))

    assert len(function.calls) == calls


def test_a_dead_letter_holds_the_event_and_the_error(cloud: LocalCloud) -> None:
    url, arn = queue(cloud, "letters")
    cloud.functions.define("flaky", Flaky(failures=9), DeadLetterConfig={"TargetArn": arn})

    invoked(cloud, "flaky", {"a": 1}, InvocationType="Event")
    cloud.advance(timedelta(minutes=3))

    sqs = cloud.client("sqs")
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(message["Body"]) == {"a": 1}
    assert message["MessageAttributes"]["ErrorMessage"]["StringValue"] == "not yet"
    assert message["MessageAttributes"]["ErrorCode"]["StringValue"] == "200"


def test_a_version_keeps_what_it_was_and_an_alias_follows(cloud: LocalCloud) -> None:
    client = cloud.client("lambda")
    cloud.functions.define(
        "greet", lambda event, context: context.environment["WHO"], Environment={"Variables": {"WHO": "a"}}
    )
    assert client.publish_version(FunctionName="greet")["Version"] == "1"
    client.create_alias(FunctionName="greet", Name="live", FunctionVersion="1")
    client.update_function_configuration(FunctionName="greet", Environment={"Variables": {"WHO": "b"}})

    assert invoked(cloud, "greet")[1] == "b"
    assert invoked(cloud, "greet:1")[1] == "a"
    assert invoked(cloud, "greet", Qualifier="live")[1] == "a"

    client.publish_version(FunctionName="greet")
    client.update_alias(FunctionName="greet", Name="live", FunctionVersion="2")
    assert invoked(cloud, "greet:live")[1] == "b"
    assert client.publish_version(FunctionName="greet")["Version"] == "2"


def test_no_more_calls_than_are_reserved_are_under_way(cloud: LocalCloud) -> None:
    function = Flaky()
    cloud.functions.define("slow", function, duration=lambda event, context: 2.0)
    client = cloud.client("lambda")
    client.put_function_concurrency(FunctionName="slow", ReservedConcurrentExecutions=1)
    for _ in range(3):
        invoked(cloud, "slow", InvocationType="Event")

    cloud.settle()
    assert len(function.calls) == 1
    assert refusal(lambda: client.invoke(FunctionName="slow"))[0] == "TooManyRequestsException"
    cloud.advance(timedelta(seconds=10))
    assert len(function.calls) == 3


@pytest.mark.parametrize(
    ("operation", "given", "code", "text"),
    [
        ("invoke", {"FunctionName": "none"}, "ResourceNotFoundException", "function:none"),
        ("invoke", {"FunctionName": "greet:7"}, "ResourceNotFoundException", "function:greet:7"),
        (
            "invoke",
            {"FunctionName": "greet", "Payload": b"{"},
            "InvalidRequestContentException",
            "Could not parse",
        ),
        (
            "get_function",
            {"FunctionName": "greet:1", "Qualifier": "2"},
            "InvalidParameterValueException",
            "derived qualifier",
        ),
        (
            "create_alias",
            {"FunctionName": "greet", "Name": "a", "FunctionVersion": "9"},
            "ResourceNotFoundException",
            ":9",
        ),
        ("get_policy", {"FunctionName": "greet"}, "ResourceNotFoundException", "does not exist"),
    ],
)
def test_what_is_refused_is_refused_in_the_words_of_lambda(
    cloud: LocalCloud, operation: str, given: dict[str, Any], code: str, text: str
) -> None:
    cloud.functions.define("greet", Flaky())

    found = refusal(lambda: getattr(cloud.client("lambda"), operation)(**given))

    assert found[0] == code
    assert text in found[1]


def test_functions_are_listed_tagged_and_deleted(cloud: LocalCloud) -> None:
    client = cloud.client("lambda")
    arn = cloud.functions.define("greet", Flaky())
    client.tag_resource(Resource=arn, Tags={"team": "shop"})
    client.add_permission(
        FunctionName="greet", StatementId="s", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )

    assert [each["FunctionName"] for each in client.list_functions()["Functions"]] == ["greet"]
    assert client.get_function(FunctionName="greet")["Tags"] == {"team": "shop"}
    policy = json.loads(client.get_policy(FunctionName="greet")["Policy"])
    assert policy["Statement"][0]["Principal"] == {"Service": "s3.amazonaws.com"}
    client.delete_function(FunctionName="greet")
    assert client.list_functions()["Functions"] == []
