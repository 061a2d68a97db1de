"""The desk: where applications come in, and where applicants and reviewers answer. Whatever comes in is checked."""

from __future__ import annotations

import json
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from tasks.aws_faults import ConditionFailed, dynamodb_errors, unquoted
from tasks.errors import Conflict, Forbidden, InvalidInput
from tasks.onboarding.applications import fields_at_fault, read_item
from tasks.onboarding.models import Application, Decision, Erased, Status
from tasks.onboarding.tables import ACCOUNTS, APPLICATIONS, CUSTOMERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_stepfunctions import SFNClient


def submit_application(application: dict[str, Any], *, dynamodb: DynamoDBClient) -> dict[str, str]:
    """Store an application and give the input of its execution; the same application twice is stored once.

    Raises InvalidInput naming the fields that do not fit, Conflict when another application has this identifier.
    """
    try:
        checked = Application.model_validate(application)
    except ValidationError as error:
        raise InvalidInput(fields_at_fault(error)) from None
    text = checked.model_dump_json()
    try:
        with dynamodb_errors():
            dynamodb.put_item(
                TableName=APPLICATIONS,
                Item={"pk": {"S": checked.id}, "application": {"S": text}, "status": {"S": Status.RUNNING}},
                ConditionExpression="attribute_not_exists(pk)",
            )
    except ConditionFailed:
        try:
            stored = read_item(checked.id, dynamodb=dynamodb)["application"]["S"]
        except Erased:
            raise Conflict(f"the application {checked.id} was erased") from None
        if stored != text:
            raise Conflict(f"another application is stored as {checked.id}") from None
    return {"application_id": checked.id}


def erase_application(application_id: str, *, dynamodb: DynamoDBClient) -> None:
    """Erase an application and what is known by it, for good: what runs for it ends, and nothing brings it back.

    The identifier alone stays, so that nobody stores an application under it again. Raises NotFound or Erased.
    """
    application = Application.model_validate_json(
        read_item(application_id, dynamodb=dynamodb)["application"]["S"]
    )
    with dynamodb_errors():
        dynamodb.put_item(
            TableName=APPLICATIONS, Item={"pk": {"S": application_id}, "erased": {"BOOL": True}}
        )
        dynamodb.delete_item(TableName=CUSTOMERS, Key={"pk": {"S": application_id}})
    try:
        with unquoted("the table of accounts"), dynamodb_errors():
            dynamodb.delete_item(
                TableName=ACCOUNTS,
                Key={"pk": {"S": application.account_key}},
                ConditionExpression="application_id = :id",
                ExpressionAttributeValues={":id": {"S": application_id}},
            )
    except ConditionFailed:
        return


def confirm_email(
    application_id: str, code: str, *, dynamodb: DynamoDBClient, stepfunctions: SFNClient
) -> None:
    """Answer for an applicant who followed the link, which ends in `code`.

    Raises NotFound, Forbidden for a link that was not mailed, or Conflict when nothing waits for it any more.
    """
    mailed = read_item(application_id, dynamodb=dynamodb).get("confirmation_code", {}).get("S", "")
    if not mailed or not compare_digest(mailed.encode(), code.encode("utf-8", "surrogatepass")):
        raise Forbidden("this is not the link that was mailed")
    _answer(application_id, "verification", {"verified": True}, dynamodb, stepfunctions)


def decide(
    application_id: str, decision: dict[str, Any], *, dynamodb: DynamoDBClient, stepfunctions: SFNClient
) -> None:
    """Answer for a reviewer. Raises InvalidInput for anything but APPROVE or REJECT, Conflict when it is too late."""
    try:
        checked = Decision.model_validate(decision)
    except ValidationError as error:
        raise InvalidInput(fields_at_fault(error)) from None
    _answer(application_id, "review", checked.model_dump(mode="json"), dynamodb, stepfunctions)


def _answer(
    application_id: str, kind: str, answer: dict[str, Any], dynamodb: DynamoDBClient, stepfunctions: SFNClient
) -> None:
    token = read_item(application_id, dynamodb=dynamodb).get(f"{kind}_token", {}).get("S")
    if token is None:
        raise Conflict(f"application {application_id} waits for no {kind}")
    try:
        stepfunctions.send_task_success(taskToken=token, output=json.dumps(answer))
    except Exception as error:
        code = getattr(error, "response", {}).get("Error", {}).get("Code")
        if code in ("TaskTimedOut", "InvalidToken", "TaskDoesNotExist"):
            raise Conflict(f"application {application_id} does not wait for its {kind} any more") from error
        raise
