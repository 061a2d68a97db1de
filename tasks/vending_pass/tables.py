"""The table of the vending pass, and how to make it on an empty account or locally."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PASS = "vending-pass"  # noqa: S105 - the name of a table


def create_tables(dynamodb: DynamoDBClient) -> None:
    """Create the table; one that exists is left alone."""
    if PASS not in dynamodb.list_tables()["TableNames"]:
        dynamodb.create_table(
            TableName=PASS,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
