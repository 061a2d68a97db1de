"""The tables and the queue that carts live in, and how to make them on an empty account or locally."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

CARTS = "carts"
PRODUCTS = "products"
CHECKOUTS = "checkouts"
ATTENTION = "attention"
NOTICES = "notices"


def create_tables(dynamodb: DynamoDBClient, sqs: SQSClient) -> None:
    """Create the three tables and two queues; those that exist are left alone."""
    existing = set(dynamodb.list_tables()["TableNames"])
    for table, sort in ((CARTS, True), (PRODUCTS, False), (CHECKOUTS, True)):
        if table not in existing:
            _create_table(dynamodb, table, sort=sort)
    for queue in (ATTENTION, NOTICES):
        sqs.create_queue(QueueName=queue)


def _create_table(dynamodb: DynamoDBClient, table: str, *, sort: bool) -> None:
    names = ("pk", "sk") if sort else ("pk",)
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[{"AttributeName": name, "KeyType": "HASH" if name == "pk" else "RANGE"} for name in names],
    )
