"""Asking the applicant to follow a link, and asking a reviewer to decide."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from stepsmith import TaskToken, callback_task, client
from tasks.aws_faults import dynamodb_errors
from tasks.onboarding import rights
from tasks.onboarding.accounts import send_mail
from tasks.onboarding.applications import read_application
from tasks.onboarding.models import Answer, Decision
from tasks.onboarding.tables import APPLICATIONS, SENDER
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


@callback_task(Answer, retry=[TRANSIENT], timeout=REMINDER_AFTER, policies=rights.ASK_BY_MAIL)
def verify_email(
    token: TaskToken,
    application_id: str,
    mail: int,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
    ses: SESClient = client("ses"),
) -> None:
    """Mail the applicant a link; following it answers, whichever of the mails it stands in."""
    _keep_token(application_id, "verification", token, dynamodb)
    application = read_application(application_id, dynamodb=dynamodb)
    subject = "Please confirm your address" if mail == 1 else "Reminder: please confirm your address"
    send_mail(
        ses, application.email, subject, f"Follow this link: https://example.com/confirm/{application_id}"
    )


@callback_task(Decision, retry=[TRANSIENT], timeout=REVIEW_REMINDER_AFTER, policies=rights.ASK_REVIEWERS)
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
    _keep_token(application_id, "review", token, dynamodb)
    text = f"Application {application_id} waits (request {request}): {'; '.join(reasons)}"
    send_mail(ses, SENDER, "An application waits for your decision", text)


def _keep_token(application_id: str, kind: str, token: str, dynamodb: DynamoDBClient) -> None:
    with dynamodb_errors():
        dynamodb.update_item(
            TableName=APPLICATIONS,
            Key={"pk": {"S": application_id}},
            UpdateExpression="SET #token = :token",
            ExpressionAttributeNames={"#token": f"{kind}_token"},
            ExpressionAttributeValues={":token": {"S": token}},
        )
