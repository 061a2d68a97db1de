"""Tell whoever subscribed that a photograph is done, and somebody that a record could not be ended."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from stepsmith import client, task
from tasks.image_recognition import rights
from tasks.image_recognition.failures import TRANSIENT
from tasks.image_recognition.models import ImageRecord
from tasks.named_errors import named_errors
from tasks.retries import PERSISTENT

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient


@task(retry=[TRANSIENT], timeout=timedelta(seconds=15), policies=rights.NOTIFY)
def notify(topic: str, record: ImageRecord, *, sns: "SNSClient" = client("sns")) -> None:
    """Publish id and status of a record to an SNS topic, and nothing personal.

    Raises NotFound or Forbidden for the topic, Throttled or Unavailable where SNS asks to come back.
    """
    message = json.dumps({"id": record.id, "bucket": record.bucket, "status": record.status})
    with named_errors(topic):
        sns.publish(TopicArn=topic, Message=message)


@task(retry=[PERSISTENT], timeout=timedelta(seconds=15), policies=rights.CALL_ATTENTION)
def call_attention(execution: str, *, sqs: "SQSClient" = client("sqs")) -> None:
    """Put the ARN of an execution that could not end a record where somebody looks at it.

    Nothing else: what it failed with may name the photograph, and stands in its history.
    """
    queue = sqs.get_queue_url(QueueName=rights.ATTENTION)["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"execution": execution, "step": "end"}))
