"""Opening an account, providing what comes with it, and closing it again."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from stepsmith import Retry, client, task
from tasks.aws_faults import ConditionFailed, dynamodb_errors, service_errors, unquoted
from tasks.errors import Conflict, NotFound
from tasks.onboarding import rights
from tasks.onboarding.applications import QUICK, read_application, read_item
from tasks.onboarding.models import Erased, Outcome, Status
from tasks.onboarding.tables import ACCOUNTS, APPLICATIONS, ATTENTION, CUSTOMERS, INTERESTS, SENDER
from tasks.retries import PERSISTENT, TRANSIENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sqs import SQSClient


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.OPEN_ACCOUNT)
def create_account(application_id: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> str:
    """Open the one account of an e-mail address and give its identifier; a repeated call gives the same.

    An address whose account was closed is free for other applications. Raises Conflict when another application holds
    the address, or when this one's account was closed already.
    """
    application = read_application(application_id, dynamodb=dynamodb)
    item = {
        "pk": {"S": application.account_key},
        "application_id": {"S": application_id},
        "status": {"S": "ACTIVE"},
    }
    opened = {
        "TableName": ACCOUNTS,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(pk) OR (application_id = :id AND #status = :active) "
        "OR (application_id <> :id AND #status = :closed)",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {
            ":id": {"S": application_id},
            ":active": {"S": "ACTIVE"},
            ":closed": {"S": "DEACTIVATED"},
        },
    }
    try:
        _write(application_id, {"Put": opened}, dynamodb)
    except ConditionFailed:
        raise Conflict("an account with this address exists") from None
    return f"account-{application_id}"


@task(retry=[Retry.never(NotFound, Erased), PERSISTENT], timeout=QUICK, policies=rights.CLOSE_ACCOUNT)
def deactivate_account(application_id: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Close the account that this application opened; where it opened none, it never will. Raises NotFound."""
    application = read_application(application_id, dynamodb=dynamodb)
    closed = {
        "TableName": ACCOUNTS,
        "Key": {"pk": {"S": application.account_key}},
        "UpdateExpression": "SET #status = :closed, application_id = :id",
        "ConditionExpression": "attribute_not_exists(pk) OR application_id = :id OR #status = :closed",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":closed": {"S": "DEACTIVATED"}, ":id": {"S": application_id}},
    }
    with suppress(ConditionFailed):
        _write(application_id, {"Update": closed}, dynamodb)


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.MAIL, environment=rights.SENDING)
def send_welcome(
    application_id: str,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
    ses: SESClient = client("ses"),
) -> None:
    """Mail a welcome, once for each application."""
    application = read_application(application_id, dynamodb=dynamodb)
    with _once(f"welcome#{application_id}", dynamodb) as first_time:
        if first_time:
            send_mail(ses, application.email, "Welcome", "Your account is open.")


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.FORWARD)
def forward_interests(
    application_id: str,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
    sqs: SQSClient = client("sqs"),
) -> int:
    """Send one message for each category of interest, each once, and give how many categories there are."""
    categories = {
        interest.category for interest in read_application(application_id, dynamodb=dynamodb).interests
    }
    with service_errors():
        queue = sqs.get_queue_url(QueueName=INTERESTS)["QueueUrl"]
    for category in sorted(categories):
        with _once(f"interest#{category}#{application_id}", dynamodb) as first_time:
            if first_time:
                body = {"application_id": application_id, "category": category}
                with service_errors():
                    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(body))
    return len(categories)


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.WRITE_CUSTOMER)
def create_customer_record(application_id: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Write the record that sales works with. Raises NotFound for an application that was erased."""
    item = {"pk": {"S": application_id}, "stage": {"S": "new"}}
    _write(application_id, {"Put": {"TableName": CUSTOMERS, "Item": item}}, dynamodb)


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.MAIL, environment=rights.SENDING)
def send_notice(
    application_id: str,
    outcome: Outcome,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
    ses: SESClient = client("ses"),
) -> None:
    """Tell the applicant, and nobody else, how the application ended; once for each application."""
    application = read_application(application_id, dynamodb=dynamodb)
    text = "It has been accepted." if outcome.status is Status.COMPLETED else outcome.reason
    with _once(f"notice#{application_id}", dynamodb) as first_time:
        if first_time:
            send_mail(ses, application.email, "Your application", text)


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.CALL_ATTENTION)
def call_attention(application_id: str, step: str, reason: str, *, sqs: SQSClient = client("sqs")) -> None:
    """Put what could not be done or undone where somebody looks at it."""
    queue = sqs.get_queue_url(QueueName=ATTENTION)["QueueUrl"]
    body = {"application_id": application_id, "step": step, "reason": reason[:1000]}
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(body))


def send_mail(ses: SESClient, to: str, subject: str, text: str) -> None:
    """Send a plain mail from our address. Raises Throttled, Unavailable or ServiceRefused, which say not to whom."""
    with unquoted("the mail service"), service_errors():
        ses.send_email(
            Source=SENDER.value(),
            Destination={"ToAddresses": [to]},
            Message={"Subject": {"Data": subject}, "Body": {"Text": {"Data": text}}},
        )


def _write(application_id: str, change: dict[str, dict[str, Any]], dynamodb: DynamoDBClient) -> None:
    """Write something about an application, unless that was erased, be it meanwhile.

    Raises NotFound, Erased, or ConditionFailed where the condition of the change itself does not hold.
    """
    there: Any = {
        "TableName": APPLICATIONS,
        "Key": {"pk": {"S": application_id}},
        "ConditionExpression": "attribute_exists(application)",
    }
    changes: list[Any] = [{"ConditionCheck": there}, change]
    try:
        with unquoted(f"the table of {next(iter(change.values()))['TableName']}"), dynamodb_errors():
            dynamodb.transact_write_items(TransactItems=changes)
    except ConditionFailed:
        read_item(application_id, dynamodb=dynamodb)
        raise


@contextmanager
def _once(mark: str, dynamodb: DynamoDBClient) -> Generator[bool]:
    """Leave a mark before something is sent, and say whether it is the first; take it back where sending fails.

    What dies between mark and sending is not sent again: at most once, since nobody can ask a mail server.
    """
    try:
        with dynamodb_errors():
            dynamodb.put_item(
                TableName=CUSTOMERS, Item={"pk": {"S": mark}}, ConditionExpression="attribute_not_exists(pk)"
            )
    except ConditionFailed:
        yield False
        return
    try:
        yield True
    except Exception:
        with dynamodb_errors():
            dynamodb.delete_item(TableName=CUSTOMERS, Key={"pk": {"S": mark}})
        raise
