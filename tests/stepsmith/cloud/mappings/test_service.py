"""Event source mappings in the local cloud: batches, failures, order, and what happens to what fails for good."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from stepsmith.cloud.functions.function import Context
from stepsmith.cloud.local import LocalCloud


class Reader:
    """A function that notes the batches it gets, and fails where it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.bad: set[str] = set()
        self.reports = False

    def __call__(self, event: Any, context: Context) -> Any:
        seen = [(_text(record), _id(record)) for record in event["Records"]]
        self.batches.append([text for text, _ in seen])
        failed = [{"itemIdentifier": id} for text, id in seen if text in self.bad]
        if self.reports:
            return {"batchItemFailures": failed}
        if failed:
            raise ValueError(f"bad: {failed}")
        return None


def _text(record: dict[str, Any]) -> str:
    if "kinesis" in record:
        return base64.b64decode(record["kinesis"]["data"]).decode()
    return record["body"] if "body" in record else record["dynamodb"]["Keys"]["pk"]["S"]


def _id(record: dict[str, Any]) -> str:
    if "kinesis" in record:
        return record["kinesis"]["sequenceNumber"]
    return record["messageId"] if "messageId" in record else record["dynamodb"]["SequenceNumber"]


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        cloud.client("kinesis").create_stream(StreamName="s", ShardCount=1)
        cloud.client("sqs").create_queue(QueueName="q", Attributes={"VisibilityTimeout": "30"})
        cloud.client("sqs").create_queue(QueueName="lost")
        yield cloud


@pytest.fixture
def reader(cloud: LocalCloud) -> Reader:
    reader = Reader()
    cloud.functions.define("read", reader)
    return reader


def mapped(cloud: LocalCloud, source: str = "stream/s", service: str = "kinesis", **options: Any) -> str:
    given = {"EventSourceArn": cloud.caller.arn(service, source), "FunctionName": "read", **options}
    if service == "kinesis":
        given.setdefault("StartingPosition", "TRIM_HORIZON")
    return cloud.client("lambda").create_event_source_mapping(**given)["UUID"]


def put(cloud: LocalCloud, *texts: str, key: str = "k") -> None:
    records = [{"Data": text.encode(), "PartitionKey": key} for text in texts]
    cloud.client("kinesis").put_records(StreamName="s", Records=records)


def send(cloud: LocalCloud, *texts: str) -> None:
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
    for text in texts:
        sqs.send_message(QueueUrl=url, MessageBody=text)


def lost(cloud: LocalCloud) -> list[Any]:
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName="lost")["QueueUrl"]
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(each["Body"]) for each in answer.get("Messages", [])]


def test_records_arrive_in_batches_in_their_order(cloud: LocalCloud, reader: Reader) -> None:
    put(cloud, "a", "b", "c")
    mapped(cloud, BatchSize=2)
    cloud.settle()
    put(cloud, "d")
    cloud.settle()

    assert reader.batches == [["a", "b"], ["c"], ["d"]]


def test_a_window_collects_what_comes_meanwhile(cloud: LocalCloud, reader: Reader) -> None:
    mapped(cloud, MaximumBatchingWindowInSeconds=10)
    for text in "abc":
        put(cloud, text)
        cloud.advance(timedelta(seconds=3))
    assert reader.batches == []

    cloud.advance(timedelta(seconds=1))
    assert reader.batches == [["a", "b", "c"]]


def test_a_batch_that_fails_blocks_its_shard_and_is_told_of_in_the_end(
    cloud: LocalCloud, reader: Reader
) -> None:
    reader.bad = {"a"}
    target = {"OnFailure": {"Destination": cloud.caller.arn("sqs", "lost")}}
    mapped(cloud, BatchSize=1, MaximumRetryAttempts=2, DestinationConfig=target)
    put(cloud, "a", "b")

    cloud.advance(timedelta(minutes=1))

    assert reader.batches == [["a"], ["a"], ["a"], ["b"]]
    (record,) = lost(cloud)
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["KinesisBatchInfo"]["batchSize"] == 1


def test_a_batch_is_halved_until_what_is_bad_is_alone(cloud: LocalCloud, reader: Reader) -> None:
    reader.bad = {"c"}
    mapped(cloud, BatchSize=4, MaximumRetryAttempts=0, BisectBatchOnFunctionError=True)
    put(cloud, "a", "b", "c", "d")

    cloud.advance(timedelta(minutes=1))

    assert reader.batches == [["a", "b", "c", "d"], ["a", "b"], ["c", "d"], ["c"], ["d"]]


def test_a_reported_failure_is_where_the_next_try_begins(cloud: LocalCloud, reader: Reader) -> None:
    reader.bad, reader.reports = {"b"}, True
    mapped(cloud, BatchSize=3, MaximumRetryAttempts=1, FunctionResponseTypes=["ReportBatchItemFailures"])
    put(cloud, "a", "b", "c")

    cloud.advance(timedelta(minutes=1))

    assert reader.batches[0] == ["a", "b", "c"]
    assert all(batch[0] == "b" for batch in reader.batches[1:])


def test_records_that_are_too_old_are_given_up(cloud: LocalCloud, reader: Reader) -> None:
    reader.bad = {"a"}
    target = {"OnFailure": {"Destination": cloud.caller.arn("sqs", "lost")}}
    mapped(cloud, MaximumRecordAgeInSeconds=60, DestinationConfig=target)
    put(cloud, "a")

    cloud.advance(timedelta(minutes=5))

    assert [each["requestContext"]["condition"] for each in lost(cloud)] == ["RecordAgeExceeded"]


def test_latest_begins_with_what_comes_after_the_mapping(cloud: LocalCloud, reader: Reader) -> None:
    put(cloud, "old")
    cloud.settle()
    mapped(cloud, StartingPosition="LATEST")
    put(cloud, "new")
    cloud.settle()

    assert reader.batches == [["new"]]


def test_a_mapping_that_is_disabled_delivers_nothing_until_it_is_enabled(
    cloud: LocalCloud, reader: Reader
) -> None:
    client, id = cloud.client("lambda"), mapped(cloud)
    assert client.update_event_source_mapping(UUID=id, Enabled=False)["State"] == "Disabling"
    put(cloud, "a")
    cloud.advance(timedelta(minutes=1))
    assert reader.batches == []

    assert client.update_event_source_mapping(UUID=id, Enabled=True)["State"] == "Enabling"
    cloud.settle()
    assert reader.batches == [["a"]]


def test_a_deleted_mapping_is_gone(cloud: LocalCloud, reader: Reader) -> None:
    client, id = cloud.client("lambda"), mapped(cloud)
    client.delete_event_source_mapping(UUID=id)
    put(cloud, "a")
    cloud.settle()

    assert reader.batches == []
    assert client.list_event_source_mappings()["EventSourceMappings"] == []
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_event_source_mapping(UUID=id)


def test_messages_that_fail_come_back_and_those_that_succeed_do_not(
    cloud: LocalCloud, reader: Reader
) -> None:
    reader.bad, reader.reports = {"b"}, True
    mapped(cloud, "q", "sqs", FunctionResponseTypes=["ReportBatchItemFailures"])
    send(cloud, "a", "b")
    cloud.settle()
    reader.bad = set()

    cloud.advance(timedelta(minutes=1))

    assert [sorted(batch) for batch in reader.batches] == [["a", "b"], ["b"]]


def test_messages_that_pass_no_filter_are_deleted(cloud: LocalCloud, reader: Reader) -> None:
    pattern = {"Pattern": json.dumps({"body": {"n": [{"numeric": [">", 1]}]}})}
    mapped(cloud, "q", "sqs", FilterCriteria={"Filters": [pattern]})
    send(cloud, '{"n": 1}', '{"n": 2}', "no JSON")

    cloud.advance(timedelta(minutes=1))

    assert reader.batches == [['{"n": 2}']]
    sqs = cloud.client("sqs")
    assert "Messages" not in sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="q")["QueueUrl"])


def test_changes_of_a_table_reach_a_function_once_each(cloud: LocalCloud, reader: Reader) -> None:
    dynamodb = cloud.client("dynamodb")
    table = dynamodb.create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]
    cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=table["LatestStreamArn"], FunctionName="read", StartingPosition="TRIM_HORIZON"
    )
    for value in ("1", "1", "2"):
        dynamodb.put_item(TableName="t", Item={"pk": {"S": "x"}, "v": {"N": value}})
    dynamodb.delete_item(TableName="t", Key={"pk": {"S": "x"}})
    cloud.settle()

    assert reader.batches == [["x", "x", "x"]]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"EventSourceArn": "arn:aws:s3:::b"}, "Unrecognized event source"),
        ({"FunctionName": "none"}, "Function does not exist"),
        ({"StartingPosition": None}, "Member must not be null"),
        ({"BatchSize": 10_001}, "less than or equal to 10000"),
        ({"ParallelizationFactor": 11}, "less than or equal to 10"),
    ],
)
def test_what_no_mapping_can_have_is_refused(
    cloud: LocalCloud, reader: Reader, given: dict[str, Any], text: str
) -> None:
    options: dict[str, Any] = {
        "EventSourceArn": cloud.caller.arn("kinesis", "stream/s"),
        "FunctionName": "read",
        "StartingPosition": "LATEST",
        **given,
    }
    options = {name: value for name, value in options.items() if value is not None}
    client = cloud.client("lambda")

    with pytest.raises(client.exceptions.ClientError, match=text):
        client.create_event_source_mapping(**options)
