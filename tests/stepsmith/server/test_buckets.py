"""Buckets over HTTP: notification configurations, and what is told of uploads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.stepsmith.server.servers import REGION, Server


@pytest.mark.slow
def test_a_bucket_tells_a_queue_of_uploads_over_http(server: Server) -> None:
    s3, sqs = server.client("s3"), server.client("sqs")
    url = sqs.create_queue(QueueName="events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    s3.create_bucket(Bucket="photographs", CreateBucketConfiguration={"LocationConstraint": REGION})
    entry = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}

    s3.put_bucket_notification_configuration(
        Bucket="photographs", NotificationConfiguration={"QueueConfigurations": [entry]}
    )
    s3.put_object(Bucket="photographs", Key="a b.jpg", Body=b"four")

    configured: Any = s3.get_bucket_notification_configuration(Bucket="photographs")
    assert configured["QueueConfigurations"][0]["QueueArn"] == arn
    found: list[Any] = []
    while len(found) < 2:
        answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)
        found += [json.loads(message["Body"]) for message in answer["Messages"]]
    assert [body.get("Event") for body in found] == ["s3:TestEvent", None]
    assert found[1]["Records"][0]["s3"]["object"]["key"] == "a+b.jpg"


@pytest.mark.slow
def test_a_configuration_is_refused_over_http_as_in_process(server: Server) -> None:
    s3 = server.client("s3")
    s3.create_bucket(Bucket="drawings", CreateBucketConfiguration={"LocationConstraint": REGION})

    with pytest.raises(ClientError) as refused:
        s3.put_bucket_notification_configuration(
            Bucket="drawings",
            NotificationConfiguration={
                "QueueConfigurations": [{"QueueArn": "nothing", "Events": ["s3:ObjectCreated:*"]}]
            },
        )

    response: Any = refused.value.response
    error = response["Error"]
    assert (error["Code"], error["Message"]) == ("InvalidArgument", "The ARN could not be parsed")
