"""The three checks of an application; each gives a verdict with reasons that name no personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepsmith import client, task
from tasks.aws_faults import dynamodb_errors, unquoted
from tasks.onboarding import rights
from tasks.onboarding.applications import QUICK, read_application
from tasks.onboarding.models import Check, Verdict
from tasks.onboarding.tables import ACCOUNTS
from tasks.retries import TRANSIENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SERVED = frozenset({"DE", "FR", "IE", "NL", "US"})
UNISSUED = ("000", "666")
"""First groups of tax identifiers that were never given out; so was any from 900 on."""


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.READ)
def check_identity(application_id: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> Check:
    """Compare the tax identifier with the ranges that were given out, and the name with itself."""
    application = read_application(application_id, dynamodb=dynamodb)
    if application.tax_id[:3] in UNISSUED or application.tax_id[0] == "9":
        return Check(verdict=Verdict.DENY, reasons=["the tax identifier was never given out"])
    if application.first_name.casefold() == application.last_name.casefold():
        return Check(verdict=Verdict.REVIEW, reasons=["first and last name are the same"])
    return Check(verdict=Verdict.APPROVE)


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.READ)
def check_address(application_id: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> Check:
    """See whether we serve the country and the address looks like one that mail reaches."""
    address = read_application(application_id, dynamodb=dynamodb).address
    if address.country not in SERVED:
        return Check(verdict=Verdict.DENY, reasons=["we do not serve this country"])
    if not any(c.isdigit() for c in address.postcode):
        return Check(verdict=Verdict.REVIEW, reasons=["the postcode has no digits"])
    if not any(c.isdigit() for c in address.street):
        return Check(verdict=Verdict.REVIEW, reasons=["the street has no number"])
    return Check(verdict=Verdict.APPROVE)


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.FIND_ACCOUNT)
def check_duplicate(application_id: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> Check:
    """See whether another application has an open account with this e-mail address."""
    application = read_application(application_id, dynamodb=dynamodb)
    with unquoted("the table of accounts"), dynamodb_errors():
        found = dynamodb.get_item(
            TableName=ACCOUNTS,
            Key={"pk": {"S": application.account_key}},
            ConsistentRead=True,
        )
    account = found.get("Item", {})
    holder = account.get("application_id", {}).get("S")
    if account.get("status", {}).get("S") == "ACTIVE" and holder != application_id:
        return Check(verdict=Verdict.DENY, reasons=["an account with this address exists"])
    return Check(verdict=Verdict.APPROVE)
