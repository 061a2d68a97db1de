"""An onboarding office: tables, queues, and the mails that were sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses import ses_backends

from tasks.onboarding.desk import submit_application
from tasks.onboarding.tables import ACCOUNTS, APPLICATIONS, ATTENTION, INTERESTS, create_tables
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB, MemoryMail, MemoryQueues

FAKE: dict[str, Any] = {
    "region_name": "us-east-1",
    "aws_access_key_id": "fake",
    "aws_secret_access_key": "fake",
}
SECRETS = ("219099999", "Ada", "Lovelace", "ada@example.ie", "12 Main Street", "D02")


def application(**changes: Any) -> dict[str, Any]:
    """An application that every check approves, with some fields changed."""
    address = {
        "street": "12 Main Street",
        "city": "Dublin",
        "region": "Leinster",
        "postcode": "D02",
        "country": "IE",
    }
    return {
        "id": "a1",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada@example.ie",
        "tax_id": "219-09-9999",
        "address": {**address, **changes.pop("address", {})},
        "interests": [{"category": "tea"}, {"category": "mugs"}, {"category": "tea"}],
        "consent": True,
        **changes,
    }


@dataclass(frozen=True)
class Office:
    """The clients of one isolated office."""

    dynamodb: Any
    sqs: Any
    ses: Any

    def submit(self, **changes: Any) -> str:
        return submit_application(application(**changes), dynamodb=self.dynamodb)["application_id"]

    def item(self, application_id: str = "a1") -> dict[str, Any]:
        return self.dynamodb.get_item(
            TableName=APPLICATIONS, Key={"pk": {"S": application_id}}, ConsistentRead=True
        )["Item"]

    def keep_token(self, kind: str, token: str) -> None:
        """Put another token in the place of the one that answers."""
        self.dynamodb.update_item(
            TableName=APPLICATIONS,
            Key={"pk": {"S": "a1"}},
            UpdateExpression="SET #token = :token",
            ExpressionAttributeNames={"#token": f"{kind}_token"},
            ExpressionAttributeValues={":token": {"S": token}},
        )

    def account(self, email: str = "ada@example.ie") -> dict[str, Any] | None:
        return self.dynamodb.get_item(
            TableName=ACCOUNTS, Key={"pk": {"S": f"email#{email}"}}, ConsistentRead=True
        ).get("Item")

    def mails(self) -> list[tuple[str, str]]:
        if isinstance(self.ses, MemoryMail):
            return self.ses.sent
        sent = ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages
        return [(message.destinations["ToAddresses"][0], message.subject) for message in sent]

    def texts(self) -> list[str]:
        """Give the texts of the mails."""
        if isinstance(self.ses, MemoryMail):
            return self.ses.texts
        return [message.body for message in ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages]

    def interests(self) -> list[dict[str, str]]:
        return self._messages(INTERESTS)

    def attention(self) -> list[dict[str, str]]:
        return self._messages(ATTENTION)

    def _messages(self, queue: str) -> list[dict[str, str]]:
        url = self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        found = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]


@contextmanager
def open_office() -> Iterator[Office]:
    """Open an office on moto in which nothing has happened."""
    with mock_aws():
        office = Office(
            boto3.client("dynamodb", **FAKE), boto3.client("sqs", **FAKE), boto3.client("ses", **FAKE)
        )
        create_tables(office.dynamodb, office.sqs, office.ses)
        yield office


def quick_office() -> Office:
    """Give the same office in memory, without moto."""
    office = Office(MemoryDynamoDB(), MemoryQueues(), MemoryMail())
    create_tables(office.dynamodb, office.sqs, office.ses)
    return office
