"""The tables, queues and mail addresses of onboarding, and how to make them on an empty account or locally."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith.resources import Parameter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sqs import SQSClient

APPLICATIONS = "applications"
ACCOUNTS = "accounts"
CUSTOMERS = "customers"
ATTENTION = "onboarding-attention"
INTERESTS = "interests"
SENDER = Parameter("sender", default="welcome@example.com")
SENDER_DOMAIN = Parameter("sender-domain", default="example.com")
LINK_BASE = Parameter("link-base", default="https://example.com")
"""What the links in mails begin with."""


def create_tables(dynamodb: DynamoDBClient, sqs: SQSClient, ses: SESClient) -> None:
    """Create the tables and queues and verify the sender; what exists is left alone."""
    existing = set(dynamodb.list_tables()["TableNames"])
    for table in (APPLICATIONS, ACCOUNTS, CUSTOMERS):
        if table not in existing:
            dynamodb.create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            )
    for queue in (ATTENTION, INTERESTS):
        sqs.create_queue(QueueName=queue)
    ses.verify_email_identity(EmailAddress=SENDER.value())
