"""Reading and writing applications, and the one record of how each ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pydantic import JsonValue, TypeAdapter, ValidationError

from stepsmith import Personal, Retry, client, task
from tasks.aws_faults import ConditionFailed, dynamodb_errors
from tasks.endings import read_ended
from tasks.errors import InvalidInput, NotFound
from tasks.onboarding import rights
from tasks.onboarding.models import Application, Erased, Identifier, Outcome, Status
from tasks.onboarding.tables import APPLICATIONS
from tasks.retries import PERSISTENT, TRANSIENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

QUICK = timedelta(seconds=10)
_IDENTIFIER: Final = TypeAdapter[str](Identifier)


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.READ)
def validate_application(application_id: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Check the stored application once more. Raises InvalidInput naming fields, never their contents; NotFound."""
    application = read_application(application_id, dynamodb=dynamodb)
    if not application.consent:
        raise InvalidInput("consent: the applicant has not agreed")


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.READ)
def find_outcome(
    application_id: Identifier, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> Outcome | None:
    """Give how an application has ended, or None where it has not. Raises NotFound.

    The first task, which checks the input.
    """
    stored = read_item(application_id, dynamodb=dynamodb).get("outcome")
    return Outcome.model_validate_json(stored["S"]) if stored else None


@task(retry=[Retry.never(InvalidInput), PERSISTENT], timeout=QUICK, policies=rights.READ)
def find_unfinished(
    detail: Personal[dict[str, JsonValue]], *, dynamodb: DynamoDBClient = client("dynamodb")
) -> str | None:
    """Give the application that an execution has left open, or None where it has left nothing.

    `detail` is that of EventBridge's event about the end of the execution. Where the outcome stands but is not
    COMPLETED, an account may still be open, unless the execution has caught its own error. Raises InvalidInput for any
    other detail.
    """
    ended = read_ended(detail)
    if ended is None:
        return None
    try:
        application_id = _IDENTIFIER.validate_python(ended.input.get("application_id"))
        item = read_item(application_id, dynamodb=dynamodb)
    except (ValidationError, NotFound, Erased):
        return None
    if "outcome" not in item:
        return application_id
    is_settled = ended.has_caught or item["status"] == {"S": Status.COMPLETED}
    return None if is_settled else application_id


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.SET_STATUS)
def set_status(application_id: str, status: Status, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Note where an application stands, unless it has ended or is not there."""
    try:
        with dynamodb_errors():
            dynamodb.update_item(
                TableName=APPLICATIONS,
                Key={"pk": {"S": application_id}},
                UpdateExpression="SET #status = :status",
                ConditionExpression="attribute_exists(application) AND attribute_not_exists(outcome)",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={":status": {"S": status}},
            )
    except ConditionFailed:
        return


@task(retry=[Retry.never(NotFound, Erased), PERSISTENT], timeout=QUICK, policies=rights.WRITE)
def record_outcome(
    application_id: str,
    outcome: Outcome,
    at: datetime,
    reviewer: Personal[str | None] = None,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Outcome:
    """Write how an application ended and who decided that, where somebody did.

    The first outcome stays, and is what a repeated call gives. Raises NotFound.
    """
    named = {} if reviewer is None else {":reviewer": {"S": reviewer}}
    try:
        with dynamodb_errors():
            dynamodb.update_item(
                TableName=APPLICATIONS,
                Key={"pk": {"S": application_id}},
                UpdateExpression="SET #status = :status, outcome = :outcome, ended_at = :at"
                + (", reviewer = :reviewer" if named else ""),
                ConditionExpression="attribute_exists(application) AND attribute_not_exists(outcome)",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":status": {"S": outcome.status},
                    ":outcome": {"S": outcome.model_dump_json()},
                    ":at": {"S": at.isoformat()},
                    **named,
                },
            )
    except ConditionFailed:
        stored = read_item(application_id, dynamodb=dynamodb)
        return Outcome.model_validate_json(stored["outcome"]["S"])
    return outcome


def read_application(application_id: str, *, dynamodb: DynamoDBClient) -> Application:
    """Read an application. Raises NotFound, and InvalidInput naming the fields that do not fit."""
    text: str = read_item(application_id, dynamodb=dynamodb)["application"]["S"]
    try:
        return Application.model_validate_json(text)
    except ValidationError as error:
        raise InvalidInput(fields_at_fault(error)) from None


def read_item(application_id: str, *, dynamodb: DynamoDBClient) -> dict[str, Any]:
    """Read the item of an application. Raises NotFound, and Erased where it was erased."""
    with dynamodb_errors():
        item: dict[str, Any] | None = dynamodb.get_item(
            TableName=APPLICATIONS, Key={"pk": {"S": application_id}}, ConsistentRead=True
        ).get("Item")
    if item is not None and "application" not in item:
        raise Erased(f"the application {application_id[:64]!r} was erased")
    if item is None:
        raise NotFound(f"there is no application {application_id[:64]!r}")
    return item


def fields_at_fault(error: ValidationError) -> str:
    """Say which fields do not fit and why, without what they hold."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'application'}: {fault['msg']}" for fault in error.errors()
    )
