"""The calls of the vending pass. Each is keyed by the swipe, so that a repeated call changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from pydantic import JsonValue, TypeAdapter, ValidationError

from stepsmith import Personal, Retry, client, task
from tasks.aws_faults import ConditionFailed, dynamodb_errors
from tasks.endings import read_ended
from tasks.errors import Conflict, InvalidInput, Throttled
from tasks.retries import PERSISTENT, TRANSIENT
from tasks.vending_pass import rights
from tasks.vending_pass.models import (
    FREE_DRINK_FROM,
    POINTS_PER_SWIPE,
    Counted,
    ExecutionId,
    NotYetThere,
    OpenSwipe,
    Swipe,
    SwipeStatus,
)
from tasks.vending_pass.tables import PASS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

QUICK = timedelta(seconds=10)
UNTIL_SHOWN = Retry.on(NotYetThere, interval=timedelta(seconds=5), max_attempts=3, backoff_rate=2.0)
"""Looks again after 5, 10 and 20 seconds."""
_EXECUTION_ID: Final = TypeAdapter[str](ExecutionId)
_STILL_OPEN = "attribute_not_exists(pk) OR (execution = :execution AND attribute_not_exists(#status))"


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.PUT)
def register_swipe(
    swipe: Swipe, execution_id: ExecutionId, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> bool:
    """Note a swipe; False when another execution has noted it before, or it has ended.

    The first task, which checks the input.
    """
    try:
        with dynamodb_errors():
            dynamodb.put_item(
                TableName=PASS,
                Item={"pk": {"S": f"swipe#{swipe.swipe_id}"}, "execution": {"S": execution_id}},
                ConditionExpression=_STILL_OPEN,
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={":execution": {"S": execution_id}},
            )
    except ConditionFailed:
        return False
    return True


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.READ_PUT_AND_UPDATE)
def count_points(
    swipe_id: str, participant: Personal[str], *, dynamodb: DynamoDBClient = client("dynamodb")
) -> Counted:
    """Ask the back end to count a swipe, once, and give the points that the participant has with it.

    Repeated, it gives the same number, whatever was counted since: each number of points is given to one swipe only.
    """
    points = _counted(swipe_id, participant, dynamodb)
    is_due = points >= FREE_DRINK_FROM and holder_of_drink(participant, dynamodb=dynamodb) in (None, swipe_id)
    return Counted(points=points, free_drink=is_due)


def _counted(swipe_id: str, participant: Personal[str], dynamodb: DynamoDBClient) -> int:
    counted = read(f"counted#{swipe_id}", dynamodb)
    if counted:
        return int(counted["points"]["N"])
    before = read_points("pending", participant, dynamodb=dynamodb)
    after = before + POINTS_PER_SWIPE
    mark: Any = {
        "Put": {
            "TableName": PASS,
            "Item": {"pk": {"S": f"counted#{swipe_id}"}, "points": {"N": str(after)}},
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    }
    try:
        with dynamodb_errors():
            dynamodb.transact_write_items(TransactItems=[mark, _raise(participant, before, after)])
    except ConditionFailed as error:
        raise Throttled("another swipe is being counted for this participant") from error
    return after


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.PUT)
def update_participant(
    participant: Personal[str], points: int, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> None:
    """Ask the back end to show the counted points; an older number never replaces a newer one."""
    try:
        with dynamodb_errors():
            dynamodb.put_item(
                TableName=PASS,
                Item={"pk": {"S": f"shown#{participant}"}, "points": {"N": str(points)}},
                ConditionExpression="attribute_not_exists(pk) OR points < :points",
                ExpressionAttributeValues={":points": {"N": str(points)}},
            )
    except ConditionFailed:
        return


@task(retry=[UNTIL_SHOWN, TRANSIENT], timeout=QUICK, policies=rights.READ)
def verify_participant(
    participant: Personal[str], points: int, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> None:
    """Read the points back. Raises NotYetThere while fewer are shown."""
    shown = read_points("shown", participant, dynamodb=dynamodb)
    if shown < points:
        raise NotYetThere(f"{shown} points are shown, not {points}")


@task(retry=[Retry.never(Conflict), PERSISTENT], timeout=QUICK, policies=rights.READ_AND_UPDATE)
def record_swipe(
    swipe_id: str,
    execution_id: str,
    status: SwipeStatus,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> None:
    """Write how a swipe ended, where the participant's phone reads it; the first end stays.

    Raises Conflict where another end stands, unless this is a failure, of which nothing needs to be known then.
    """
    try:
        with dynamodb_errors():
            dynamodb.update_item(
                TableName=PASS,
                Key={"pk": {"S": f"swipe#{swipe_id}"}},
                UpdateExpression="SET #status = :status, execution = :execution",
                ConditionExpression=_STILL_OPEN,
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={":status": {"S": status}, ":execution": {"S": execution_id}},
            )
    except ConditionFailed:
        stands = read(f"swipe#{swipe_id}", dynamodb)
        ours = (stands.get("execution"), stands.get("status")) == ({"S": execution_id}, {"S": status})
        if not ours and status is not SwipeStatus.FAILED:
            raise Conflict("the swipe has ended otherwise before") from None


@task(retry=[Retry.never(InvalidInput), PERSISTENT], timeout=QUICK, policies=rights.READ)
def find_open_swipe(
    detail: Personal[dict[str, JsonValue]], *, dynamodb: DynamoDBClient = client("dynamodb")
) -> OpenSwipe | None:
    """Give the swipe that an execution has left open, or None where it has left nothing.

    `detail` is that of EventBridge's event about the end of the execution. A swipe that another execution holds is not
    open, nor one that has ended, unless its free drink is still promised. Raises InvalidInput for any other detail.
    """
    ended = read_ended(detail)
    if ended is None:
        return None
    try:
        swipe = Swipe.model_validate(ended.input.get("swipe"))
        execution_id = _EXECUTION_ID.validate_python(ended.input.get("execution_id"))
    except ValidationError:
        return None
    noted = read(f"swipe#{swipe.swipe_id}", dynamodb)
    if noted.get("execution", {"S": execution_id}) != {"S": execution_id}:
        return None
    if "status" in noted and (ended.has_caught or not _is_promised(swipe.swipe_id, dynamodb)):
        return None
    return OpenSwipe(swipe_id=swipe.swipe_id, participant=swipe.participant, execution_id=execution_id)


def _is_promised(swipe_id: str, dynamodb: DynamoDBClient) -> bool:
    return read(f"voucher#{swipe_id}", dynamodb).get("status") == {"S": "VALID"}


def holder_of_drink(participant: Personal[str], *, dynamodb: DynamoDBClient) -> str | None:
    """Give the swipe that has a participant's free drink, or None while it is still to be given."""
    item = read(f"drink#{participant}", dynamodb)
    return str(item["swipe"]["S"]) if item else None


def read_points(kind: str, participant: Personal[str], *, dynamodb: DynamoDBClient) -> int:
    """Give the points that are pending or shown for a participant."""
    item = read(f"{kind}#{participant}", dynamodb)
    return int(item["points"]["N"]) if item else 0


def read(key: str, dynamodb: DynamoDBClient) -> dict[str, Any]:
    """Read an item of the table; empty where there is none."""
    with dynamodb_errors():
        found: Any = dynamodb.get_item(TableName=PASS, Key={"pk": {"S": key}}, ConsistentRead=True)
    return found.get("Item", {})


def _raise(participant: str, before: int, after: int) -> Any:
    return {
        "Update": {
            "TableName": PASS,
            "Key": {"pk": {"S": f"pending#{participant}"}},
            "UpdateExpression": "SET points = :after",
            "ConditionExpression": "attribute_not_exists(points) OR points = :before",
            "ExpressionAttributeValues": {":before": {"N": str(before)}, ":after": {"N": str(after)}},
        }
    }
