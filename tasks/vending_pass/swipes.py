"""The calls of the vending pass. Each is keyed by the swipe, so that a repeated call changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from stepsmith import Personal, Retry, client, task
from tasks.aws_faults import ConditionFailed, dynamodb_errors
from tasks.errors import Throttled
from tasks.retries import PERSISTENT, TRANSIENT
from tasks.vending_pass import rights
from tasks.vending_pass.models import (
    POINTS_PER_SWIPE,
    ExecutionId,
    MachineRefused,
    NotYetThere,
    Swipe,
    SwipeStatus,
)
from tasks.vending_pass.tables import PASS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

QUICK = timedelta(seconds=10)
UNTIL_SHOWN = Retry.on(NotYetThere, interval=timedelta(seconds=5), max_attempts=3, backoff_rate=2.0)
"""Looks again after 5, 10 and 20 seconds."""
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
) -> int:
    """Ask the back end to count a swipe, once, and give the points that the participant has with it.

    Repeated, it gives the same number, whatever was counted since: each number of points is given to one swipe only.
    """
    counted = _get(f"counted#{swipe_id}", dynamodb)
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


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.PUT)
def issue_free_drink(swipe_id: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Write a voucher for a free drink, once for each swipe."""
    _put({"pk": {"S": f"voucher#{swipe_id}"}, "status": {"S": "VALID"}}, dynamodb)


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.PUT)
def withdraw_free_drink(swipe_id: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Make the voucher of a swipe worthless; where there is none, there is none afterwards."""
    _put({"pk": {"S": f"voucher#{swipe_id}"}, "status": {"S": "WITHDRAWN"}}, dynamodb)


@task(retry=[Retry.never(MachineRefused), TRANSIENT], timeout=QUICK, policies=rights.READ_AND_PUT)
def tell_machine(swipe_id: str, machine: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Tell the machine to give a free drink. Raises MachineRefused when it is out of order."""
    if _get(f"machine#{machine}", dynamodb).get("status", {}).get("S") == "OUT_OF_ORDER":
        raise MachineRefused(f"{machine} is out of order")
    _put({"pk": {"S": f"told#{machine}#{swipe_id}"}}, dynamodb)


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.UPDATE)
def record_swipe(
    swipe_id: str,
    execution_id: str,
    status: SwipeStatus,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> None:
    """Write how a swipe ended, where the participant's phone reads it; the first end stays."""
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
        return


def read_points(kind: str, participant: Personal[str], *, dynamodb: DynamoDBClient) -> int:
    """Give the points that are pending or shown for a participant."""
    item = _get(f"{kind}#{participant}", dynamodb)
    return int(item["points"]["N"]) if item else 0


def _get(key: str, dynamodb: DynamoDBClient) -> dict[str, Any]:
    with dynamodb_errors():
        found: Any = dynamodb.get_item(TableName=PASS, Key={"pk": {"S": key}}, ConsistentRead=True)
    return found.get("Item", {})


def _put(item: dict[str, Any], dynamodb: DynamoDBClient) -> None:
    with dynamodb_errors():
        dynamodb.put_item(TableName=PASS, Item=item)


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
