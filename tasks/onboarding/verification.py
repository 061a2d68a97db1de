"""Asking the applicant to follow a link, and asking a reviewer to decide."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from stepsmith import TaskToken, callback_task, client
from tasks.aws_faults import ConditionFailed, dynamodb_errors
from tasks.onboarding import rights
from tasks.onboarding.accounts import send_mail
from tasks.onboarding.applications import read_application, read_item
from tasks.onboarding.models import Answer, Decision, Erased
from tasks.onboarding.tables import APPLICATIONS, LINK_BASE, SENDER
from tasks.retries import TRANSIENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ses import SESClient

REMINDER_AFTER = timedelta(hours=24)
MAILS = 3
"""A mail and two reminders, 24 hours for each: 72 hours in all."""

REVIEW_REMINDER_AFTER = timedelta(days=1)
REVIEW_REMINDERS = 7
"""A reviewer is asked once a day for seven days."""


@callback_task(
    Answer,
    retry=[TRANSIENT],
    timeout=REMINDER_AFTER,
    policies=rights.ASK_BY_MAIL,
    environment=rights.SENDING_LINKS,
)
def verify_email(
    token: TaskToken,
    application_id: str,
    mail: int,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
    ses: SESClient = client("ses"),
) -> None:
    """Mail the applicant a link that nobody can guess; it answers, whichever of the mails it stands in."""
    application = read_application(application_id, dynamodb=dynamodb)
    mailed = read_item(application_id, dynamodb=dynamodb).get("confirmation_code", {}).get("S")
    code = mailed or sha256(token.encode()).hexdigest()
    _keep(application_id, dynamodb, verification_token=token, confirmation_code=code)
    subject = "Please confirm your address" if mail == 1 else "Reminder: please confirm your address"
    link = f"{LINK_BASE.value()}/confirm/{application_id}/{code}"
    send_mail(ses, application.email, subject, f"Follow this link: {link}")


@callback_task(
    Decision,
    retry=[TRANSIENT],
    timeout=REVIEW_REMINDER_AFTER,
    policies=rights.ASK_REVIEWERS,
    environment=rights.SENDING,
)
def request_review(
    token: TaskToken,
    application_id: str,
    reasons: list[str],
    request: int,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
    ses: SESClient = client("ses"),
) -> None:
    """Mail the reviewers which application waits for a decision, and why; no personal data is in the mail."""
    _keep(application_id, dynamodb, review_token=token)
    text = f"Application {application_id} waits (request {request}): {'; '.join(reasons)}"
    send_mail(ses, SENDER.value(), "An application waits for your decision", text)


def _keep(application_id: str, dynamodb: DynamoDBClient, **texts: str) -> None:
    """Keep texts with an application. Raises Erased where it was erased meanwhile."""
    try:
        with dynamodb_errors():
            dynamodb.update_item(
                TableName=APPLICATIONS,
                Key={"pk": {"S": application_id}},
                UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in texts),
                ConditionExpression="attribute_exists(application)",
                ExpressionAttributeValues={f":{name}": {"S": text} for name, text in texts.items()},
            )
    except ConditionFailed:
        raise Erased(f"the application {application_id[:64]!r} was erased") from None
