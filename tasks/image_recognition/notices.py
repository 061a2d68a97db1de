"""Tell whoever subscribed that a photograph is done."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from stepsmith import client, task
from tasks.image_recognition import rights
from tasks.image_recognition.failures import TRANSIENT, named_errors
from tasks.image_recognition.models import ImageRecord

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


@task(retry=[TRANSIENT], timeout=timedelta(seconds=15), policies=rights.NOTIFY)
def notify(topic: str, record: ImageRecord, *, sns: "SNSClient" = client("sns")) -> None:
    """Publish id and status of a record to an SNS topic, and nothing personal.

    Raises NotFound or Forbidden for the topic, Throttled or Unavailable where SNS asks to come back.
    """
    message = json.dumps({"id": record.id, "bucket": record.bucket, "status": record.status})
    with named_errors(topic):
        sns.publish(TopicArn=topic, Message=message)
