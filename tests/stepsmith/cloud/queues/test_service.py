"""SQS in the local cloud, through boto3's client: messages, time, groups, dead letters, refusals."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from stepsmith.cloud.local import LocalCloud


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def queue(cloud: LocalCloud, name: str = "orders", **attributes: str) -> str:
    return cloud.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def fifo(cloud: LocalCloud, name: str = "orders.fifo", **attributes: str) -> str:
    return queue(cloud, name, FifoQueue="true", ContentBasedDeduplication="true", **attributes)


def received(cloud: LocalCloud, url: str, **options: Any) -> list[str]:
    answer = cloud.client("sqs").receive_message(QueueUrl=url, **{"MaxNumberOfMessages": 10, **options})
    return [each["Body"] for each in answer.get("Messages", [])]


def refusal(call: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    response: dict[str, Any] = {**caught.value.response}
    return response["Error"]["Code"], response["Error"]["Message"]


def test_a_message_is_invisible_once_received_and_comes_back_when_its_time_is_up(cloud: LocalCloud) -> None:
    url = queue(cloud, VisibilityTimeout="30")
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="a")

    assert received(cloud, url) == ["a"]
    assert received(cloud, url) == []
    cloud.advance(seconds(29))
    assert received(cloud, url) == []
    cloud.advance(seconds(1))
    assert received(cloud, url) == ["a"]


def test_who_polls_for_long_gets_what_is_visible_as_soon_as_it_is(cloud: LocalCloud) -> None:
    url = queue(cloud)
    before = cloud.now
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="late", DelaySeconds=7)

    assert received(cloud, url, WaitTimeSeconds=20) == ["late"]
    assert cloud.now - before == seconds(7)

    assert received(cloud, url, WaitTimeSeconds=20) == []
    assert cloud.now - before == seconds(27)


def test_a_message_received_too_often_goes_to_the_dead_letters_and_back(cloud: LocalCloud) -> None:
    sqs, letters = cloud.client("sqs"), queue(cloud, "letters")
    arn = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    url = queue(cloud, RedrivePolicy=f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": 2}}')
    id = sqs.send_message(QueueUrl=url, MessageBody="a")["MessageId"]
    for _ in range(2):
        assert received(cloud, url, VisibilityTimeout=0) == ["a"]
    assert received(cloud, url) == []

    found = sqs.receive_message(QueueUrl=letters, AttributeNames=["All"], VisibilityTimeout=0)["Messages"][0]
    assert found["MessageId"] == id
    assert found["Attributes"]["ApproximateReceiveCount"] == "3"
    assert found["Attributes"]["DeadLetterQueueSourceArn"].endswith(":orders")

    sqs.start_message_move_task(SourceArn=arn)
    cloud.advance(seconds(1))
    assert received(cloud, letters) == []
    assert received(cloud, url) == ["a"]
    assert sqs.list_message_move_tasks(SourceArn=arn)["Results"][0]["Status"] == "COMPLETED"


ONE_CLOUD = LocalCloud()
NUMBERS = count()


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from("abc"), max_size=12),
    st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=12),
)
def test_a_group_is_received_in_its_order_and_nothing_is_lost(
    sent: list[str], polls: list[tuple[int, bool]]
) -> None:
    sqs, url = ONE_CLOUD.client("sqs"), fifo(ONE_CLOUD, f"orders-{next(NUMBERS)}.fifo")
    for place, group in enumerate(sent):
        sqs.send_message(QueueUrl=url, MessageBody=f"{group} {place}", MessageGroupId=group)
    done: list[str] = []
    for most, keeps in [*polls, *[(10, True)] * (len(sent) + 1)]:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=most)
        for each in answer.get("Messages", []) if keeps else ():
            done.append(each["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        ONE_CLOUD.advance(seconds(31))

    for group in "abc":
        order = [f"{each} {place}" for place, each in enumerate(sent) if each == group]
        assert [body for body in done if body.startswith(group)] == order
    assert len(done) == len(sent)


def test_what_is_sent_twice_within_five_minutes_arrives_once(cloud: LocalCloud) -> None:
    sqs, url = cloud.client("sqs"), fifo(cloud)
    first = sqs.send_message(QueueUrl=url, MessageBody="a", MessageGroupId="g")
    cloud.advance(seconds(299))
    again = sqs.send_message(QueueUrl=url, MessageBody="a", MessageGroupId="g")
    assert again["MessageId"] == first["MessageId"]

    cloud.advance(seconds(1))
    later = sqs.send_message(QueueUrl=url, MessageBody="a", MessageGroupId="g")
    assert later["MessageId"] != first["MessageId"]
    assert received(cloud, url) == ["a", "a"]


def test_counts_tell_what_is_visible_in_flight_and_delayed(cloud: LocalCloud) -> None:
    sqs, url = cloud.client("sqs"), queue(cloud)
    for delay in (0, 0, 60):
        sqs.send_message(QueueUrl=url, MessageBody="a", DelaySeconds=delay)
    received(cloud, url, MaxNumberOfMessages=1)

    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    names = ("", "NotVisible", "Delayed")
    assert [found[f"ApproximateNumberOfMessages{name}"] for name in names] == ["1", "1", "1"]


def test_a_batch_tells_its_entries_apart(cloud: LocalCloud) -> None:
    url = queue(cloud)
    answer = cloud.client("sqs").send_message_batch(
        QueueUrl=url, Entries=[{"Id": "good", "MessageBody": "a"}, {"Id": "bad", "MessageBody": "\x00"}]
    )

    assert [each["Id"] for each in answer["Successful"]] == ["good"]
    assert [(each["Id"], each["Code"]) for each in answer["Failed"]] == [("bad", "InvalidMessageContents")]


def test_a_handle_whose_time_is_up_is_refused_by_a_fifo_queue_only(cloud: LocalCloud) -> None:
    sqs, plain, ordered = cloud.client("sqs"), queue(cloud), fifo(cloud)
    sqs.send_message(QueueUrl=plain, MessageBody="a")
    sqs.send_message(QueueUrl=ordered, MessageBody="a", MessageGroupId="g")
    handles = [
        sqs.receive_message(QueueUrl=url, VisibilityTimeout=1)["Messages"][0]["ReceiptHandle"]
        for url in (plain, ordered)
    ]
    cloud.advance(seconds(2))

    sqs.delete_message(QueueUrl=plain, ReceiptHandle=handles[0])
    code, text = refusal(lambda: sqs.delete_message(QueueUrl=ordered, ReceiptHandle=handles[1]))
    assert code == "InvalidParameterValue"
    assert text.endswith("Reason: The receipt handle has expired.")
    assert received(cloud, plain) == []
    assert received(cloud, ordered) == ["a"]


@pytest.mark.parametrize(
    ("operation", "given", "code", "text"),
    [
        ("get_queue_url", {"QueueName": "none"}, "AWS.SimpleQueueService.NonExistentQueue", "does not exist"),
        ("create_queue", {"QueueName": "a b"}, "InvalidParameterValue", "1 to 80 in length"),
        (
            "create_queue",
            {"QueueName": "a", "Attributes": {"X": "1"}},
            "InvalidAttributeName",
            "Unknown Attribute X",
        ),
        (
            "create_queue",
            {"QueueName": "a", "Attributes": {"VisibilityTimeout": "x"}},
            "InvalidAttributeValue",
            "VisibilityTimeout",
        ),
        ("receive_message", {"MaxNumberOfMessages": 11}, "InvalidParameterValue", "Must be between 1 and 10"),
        ("receive_message", {"WaitTimeSeconds": 21}, "InvalidParameterValue", "Must be >= 0 and <= 20"),
        (
            "delete_message",
            {"ReceiptHandle": "junk"},
            "ReceiptHandleIsInvalid",
            "is not a valid receipt handle",
        ),
        (
            "send_message",
            {"MessageBody": "x" * 1_048_577},
            "InvalidParameterValue",
            "shorter than 1048576 bytes",
        ),
        ("send_message", {"MessageBody": ""}, "MissingParameter", "MessageBody"),
        ("send_message_batch", {"Entries": []}, "AWS.SimpleQueueService.EmptyBatchRequest", "at least one"),
        (
            "send_message_batch",
            {"Entries": [{"Id": "a", "MessageBody": "a"}] * 2},
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            "Id a repeated.",
        ),
    ],
)
def test_what_is_refused_is_refused_in_the_words_of_sqs(
    cloud: LocalCloud, operation: str, given: dict[str, Any], code: str, text: str
) -> None:
    url = queue(cloud)
    if "QueueName" not in given:
        given = {"QueueUrl": url, **given}

    found = refusal(lambda: getattr(cloud.client("sqs"), operation)(**given))

    assert found[0] == code
    assert text in found[1]


def test_queues_of_other_accounts_and_regions_are_others(cloud: LocalCloud) -> None:
    queue(cloud)

    assert len(cloud.client("sqs").list_queues()["QueueUrls"]) == 1
    assert "QueueUrls" not in cloud.client("sqs", account="222222222222").list_queues()
    assert "QueueUrls" not in cloud.client("sqs", region="eu-west-1").list_queues()


def test_a_queue_is_itself_again_a_minute_after_it_was_deleted(cloud: LocalCloud) -> None:
    sqs, url = cloud.client("sqs"), queue(cloud)
    sqs.delete_queue(QueueUrl=url)

    assert refusal(lambda: queue(cloud))[0] == "AWS.SimpleQueueService.QueueDeletedRecently"
    cloud.advance(seconds(60))
    assert queue(cloud) == url


def test_what_lies_too_long_is_gone_in_flight_or_not(cloud: LocalCloud) -> None:
    url = queue(cloud, MessageRetentionPeriod="60", VisibilityTimeout="50")
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="a")
    assert received(cloud, url) == ["a"]

    cloud.advance(seconds(61))

    assert received(cloud, url) == []


def test_permissions_and_tags_are_kept(cloud: LocalCloud) -> None:
    sqs, url = cloud.client("sqs"), queue(cloud)
    sqs.tag_queue(QueueUrl=url, Tags={"team": "shop", "stage": "test"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["stage"])
    sqs.add_permission(QueueUrl=url, Label="l", AWSAccountIds=["222222222222"], Actions=["SendMessage"])

    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "shop"}
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    assert '"Action": ["SQS:SendMessage"]' in attributes["Policy"]
    sqs.remove_permission(QueueUrl=url, Label="l")
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
