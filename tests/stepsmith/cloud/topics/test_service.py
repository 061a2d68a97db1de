"""SNS in the local cloud, through boto3's client: who gets what, in which form, and what is refused."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith.cloud.local import LocalCloud


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


def topic(cloud: LocalCloud, name: str = "news", **attributes: str) -> str:
    return cloud.client("sns").create_topic(Name=name, Attributes=attributes)["TopicArn"]


def subscribed(cloud: LocalCloud, to: str, name: str = "inbox", **attributes: str) -> tuple[str, str]:
    sqs = cloud.client("sqs")
    fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    url = sqs.create_queue(QueueName=name, Attributes=fifo)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    subscription = cloud.client("sns").subscribe(
        TopicArn=to, Protocol="sqs", Endpoint=arn, Attributes=attributes, ReturnSubscriptionArn=True
    )
    return url, subscription["SubscriptionArn"]


def received(cloud: LocalCloud, url: str) -> list[str]:
    cloud.settle()
    answer = cloud.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [each["Body"] for each in answer.get("Messages", [])]


def refusal(call: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    response: dict[str, Any] = {**caught.value.response}
    return response["Error"]["Code"], response["Error"]["Message"]


def test_a_message_arrives_in_an_envelope_that_says_where_it_comes_from(cloud: LocalCloud) -> None:
    arn = topic(cloud)
    url, subscription = subscribed(cloud, arn)
    id = cloud.client("sns").publish(
        TopicArn=arn,
        Message="hello",
        Subject="greeting",
        MessageAttributes={"b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}},
    )["MessageId"]

    (body,) = map(json.loads, received(cloud, url))
    assert body["Type"] == "Notification"
    assert body["MessageId"] == id
    assert (body["TopicArn"], body["Subject"], body["Message"]) == (arn, "greeting", "hello")
    assert body["Timestamp"] == "2026-01-01T00:00:00.000Z"
    assert body["MessageAttributes"] == {"b": {"Type": "Binary", "Value": "AP8="}}
    assert body["UnsubscribeURL"].endswith(subscription)


def test_a_raw_message_arrives_as_it_is(cloud: LocalCloud) -> None:
    arn = topic(cloud)
    url, _ = subscribed(cloud, arn, RawMessageDelivery="true")

    cloud.client("sns").publish(TopicArn=arn, Message="hello")

    assert received(cloud, url) == ["hello"]


def test_only_what_passes_the_filter_arrives(cloud: LocalCloud) -> None:
    arn = topic(cloud)
    by_attribute, _ = subscribed(cloud, arn, "a", RawMessageDelivery="true", FilterPolicy='{"kind": ["x"]}')
    by_body, _ = subscribed(
        cloud, arn, "b", RawMessageDelivery="true", FilterPolicyScope="MessageBody", FilterPolicy='{"n": [1]}'
    )
    sns = cloud.client("sns")
    sns.publish(TopicArn=arn, Message='{"n": 1}')
    sns.publish(
        TopicArn=arn,
        Message="no JSON",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "x"}},
    )

    assert received(cloud, by_attribute) == ["no JSON"]
    assert received(cloud, by_body) == ['{"n": 1}']


def test_each_protocol_gets_its_own_text_and_all_others_the_default(cloud: LocalCloud) -> None:
    arn = topic(cloud)
    url, _ = subscribed(cloud, arn, RawMessageDelivery="true")
    cloud.client("sns").subscribe(TopicArn=arn, Protocol="sms", Endpoint="+15550100")

    text = json.dumps({"default": "all", "sqs": "queues"})
    cloud.client("sns").publish(TopicArn=arn, Message=text, MessageStructure="json")

    assert received(cloud, url) == ["queues"]
    assert [(each.protocol, each.to, each.text) for each in cloud.topics.sent] == [
        ("sms", "+15550100", "all")
    ]


def test_a_function_is_called_with_the_record(cloud: LocalCloud) -> None:
    events: list[Any] = []
    function = cloud.functions.define("hear", lambda event, context: events.append(event))
    arn = topic(cloud)
    cloud.client("sns").subscribe(TopicArn=arn, Protocol="lambda", Endpoint=function)

    cloud.client("sns").publish(TopicArn=arn, Message="hello")
    cloud.settle()

    (record,) = events[0]["Records"]
    assert record["EventSource"] == "aws:sns"
    assert record["Sns"]["Message"] == "hello"
    assert record["Sns"]["Subject"] is None


def test_a_mail_address_hears_nothing_before_it_is_confirmed(cloud: LocalCloud) -> None:
    sns, arn = cloud.client("sns"), topic(cloud)
    answer = sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="ada@example.com")
    assert answer["SubscriptionArn"] == "pending confirmation"
    sns.publish(TopicArn=arn, Message="too early")
    cloud.settle()

    token = json.loads(cloud.topics.sent[0].text)["Token"]
    sns.confirm_subscription(TopicArn=arn, Token=token)
    sns.publish(TopicArn=arn, Message="hello", Subject="greeting")
    cloud.settle()

    mails = [(each.to, each.subject, each.text) for each in cloud.topics.sent]
    assert mails[1:] == [("ada@example.com", "greeting", "hello")]


def test_an_ordered_topic_publishes_what_is_the_same_once(cloud: LocalCloud) -> None:
    arn = topic(cloud, "news.fifo", FifoTopic="true", ContentBasedDeduplication="true")
    url, _ = subscribed(cloud, arn, "inbox.fifo", RawMessageDelivery="true")
    sns = cloud.client("sns")
    first = sns.publish(TopicArn=arn, Message="a", MessageGroupId="g")
    again = sns.publish(TopicArn=arn, Message="a", MessageGroupId="g")
    other = sns.publish(TopicArn=arn, Message="b", MessageGroupId="g")

    assert again == {**again, "MessageId": first["MessageId"], "SequenceNumber": first["SequenceNumber"]}
    assert other["SequenceNumber"] > first["SequenceNumber"]
    assert received(cloud, url) == ["a", "b"]

    cloud.advance(timedelta(minutes=5))
    assert sns.publish(TopicArn=arn, Message="a", MessageGroupId="g")["MessageId"] != first["MessageId"]


def test_what_cannot_be_delivered_goes_to_the_dead_letters(cloud: LocalCloud) -> None:
    arn = topic(cloud)
    sqs = cloud.client("sqs")
    letters = sqs.create_queue(QueueName="letters")["QueueUrl"]
    target = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    url, _ = subscribed(
        cloud, arn, RawMessageDelivery="true", RedrivePolicy=json.dumps({"deadLetterTargetArn": target})
    )
    sqs.delete_queue(QueueUrl=url)

    cloud.client("sns").publish(TopicArn=arn, Message="hello")

    assert received(cloud, letters) == ["hello"]


def test_a_batch_tells_its_entries_apart(cloud: LocalCloud) -> None:
    arn = topic(cloud)
    answer = cloud.client("sns").publish_batch(
        TopicArn=arn, PublishBatchRequestEntries=[{"Id": "a", "Message": "x"}, {"Id": "b", "Message": ""}]
    )

    assert [each["Id"] for each in answer["Successful"]] == ["a"]
    assert [(each["Id"], each["Message"]) for each in answer["Failed"]] == [
        ("b", "Invalid parameter: Empty message")
    ]


@pytest.mark.parametrize(
    ("operation", "given", "code", "text"),
    [
        ("publish", {"Message": ""}, "InvalidParameter", "Empty message"),
        ("publish", {"Message": "x" * 262_145}, "InvalidParameter", "Message too long"),
        ("publish", {"Message": "x", "Subject": ""}, "InvalidParameter", "Subject"),
        ("publish", {"Message": "{}", "MessageStructure": "json"}, "InvalidParameter", "No default entry"),
        ("publish", {"TopicArn": "x", "Message": "x"}, "InvalidParameter", "at least 6 elements, not 1"),
        (
            "publish",
            {"TopicArn": "arn:aws:sns:us-east-1:123456789012:none", "Message": "x"},
            "NotFound",
            "Topic does not exist",
        ),
        (
            "publish",
            {"Message": "x", "MessageDeduplicationId": "d"},
            "InvalidParameter",
            "not valid for this topic",
        ),
        (
            "publish",
            {"Message": "x", "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "x"}}},
            "ParameterValueInvalid",
            "'n' value to number",
        ),
        ("subscribe", {"Protocol": "pigeon", "Endpoint": "x"}, "InvalidParameter", "protocol string: pigeon"),
        ("subscribe", {"Protocol": "sqs", "Endpoint": "https://x"}, "InvalidParameter", "SQS endpoint ARN"),
        (
            "publish_batch",
            {"PublishBatchRequestEntries": []},
            "EmptyBatchRequest",
            "doesn't contain any entries",
        ),
        ("create_topic", {"Name": "a b"}, "InvalidParameter", "Topic Name"),
    ],
)
def test_what_is_refused_is_refused_in_the_words_of_sns(
    cloud: LocalCloud, operation: str, given: dict[str, Any], code: str, text: str
) -> None:
    arn = topic(cloud)
    if operation != "create_topic":
        given = {"TopicArn": arn, **given}

    found = refusal(lambda: getattr(cloud.client("sns"), operation)(**given))

    assert found[0] == code
    assert text in found[1]


def test_topics_are_tagged_listed_and_deleted(cloud: LocalCloud) -> None:
    sns, arn = cloud.client("sns"), topic(cloud)
    sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "shop"}])
    subscribed(cloud, arn)

    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "shop"}]
    assert [each["TopicArn"] for each in sns.list_topics()["Topics"]] == [arn]
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["SubscriptionsConfirmed"] == "1"
    assert len(sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]) == 1
    sns.delete_topic(TopicArn=arn)
    assert sns.list_topics()["Topics"] == []
