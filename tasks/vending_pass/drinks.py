"""The free drink of a participant: held by one swipe at a time, and free again where that swipe could not give it.

A voucher is VALID once it is issued, GIVEN once the machine was told, and WITHDRAWN for ever where neither may happen
any more; so a call that was believed dead and wakes up late changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stepsmith import Personal, Retry, client, task
from tasks.aws_faults import ConditionFailed, dynamodb_errors
from tasks.errors import Conflict, Throttled
from tasks.retries import PERSISTENT, TRANSIENT
from tasks.vending_pass import rights
from tasks.vending_pass.models import DrinkTaken, MachineRefused
from tasks.vending_pass.swipes import QUICK, holder_of_drink, read
from tasks.vending_pass.tables import PASS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.READ_AND_PUT)
def issue_free_drink(
    swipe_id: str, participant: Personal[str], *, dynamodb: DynamoDBClient = client("dynamodb")
) -> None:
    """Write a voucher for the participant's free drink, once.

    Raises DrinkTaken where another swipe has the drink, Conflict where the voucher was withdrawn before.
    """
    holds = {"pk": {"S": f"drink#{participant}"}, "swipe": {"S": swipe_id}}
    hold = _put(holds, "attribute_not_exists(pk) OR swipe = :swipe", swipe=swipe_id)
    voucher = _put(_voucher(swipe_id, "VALID"), "attribute_not_exists(pk)")
    try:
        with dynamodb_errors():
            dynamodb.transact_write_items(TransactItems=[hold, voucher])
    except ConditionFailed:
        if holder_of_drink(participant, dynamodb=dynamodb) not in (None, swipe_id):
            raise DrinkTaken("another swipe has the free drink") from None
        if status_of_voucher(swipe_id, dynamodb=dynamodb) == "WITHDRAWN":
            raise Conflict("the free drink was withdrawn before it was issued") from None


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.WITHDRAW)
def withdraw_free_drink(
    swipe_id: str, participant: Personal[str], *, dynamodb: DynamoDBClient = client("dynamodb")
) -> bool:
    """Make the voucher of a swipe worthless and leave the drink to the next swipe; False where the machine was told."""
    if status_of_voucher(swipe_id, dynamodb=dynamodb) == "GIVEN":
        return False
    withdrawn = _put(
        _voucher(swipe_id, "WITHDRAWN"), "attribute_not_exists(pk) OR #status <> :given", given="GIVEN"
    )
    items = [withdrawn]
    if holder_of_drink(participant, dynamodb=dynamodb) == swipe_id:
        free = {
            "TableName": PASS,
            "Key": {"pk": {"S": f"drink#{participant}"}},
            "ConditionExpression": "swipe = :swipe",
            "ExpressionAttributeValues": {":swipe": {"S": swipe_id}},
        }
        items.append({"Delete": free})
    _write(items, dynamodb)
    return True


@task(retry=[Retry.never(MachineRefused), TRANSIENT], timeout=QUICK, policies=rights.READ_AND_PUT)
def tell_machine(swipe_id: str, machine: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """Tell the machine to give a free drink.

    Raises MachineRefused when it is out of order, Conflict where the voucher is not valid any more.
    """
    if read(f"machine#{machine}", dynamodb).get("status", {}).get("S") == "OUT_OF_ORDER":
        raise MachineRefused(f"{machine} is out of order")
    told: Any = {"Put": {"TableName": PASS, "Item": {"pk": {"S": f"told#{machine}#{swipe_id}"}}}}
    given = _put(
        _voucher(swipe_id, "GIVEN"), "#status = :valid OR #status = :given", valid="VALID", given="GIVEN"
    )
    try:
        with dynamodb_errors():
            dynamodb.transact_write_items(TransactItems=[given, told])
    except ConditionFailed:
        raise Conflict("there is no free drink to give any more") from None


def status_of_voucher(swipe_id: str, *, dynamodb: DynamoDBClient) -> str | None:
    """Give the status of a swipe's voucher, or None where there is none."""
    return read(f"voucher#{swipe_id}", dynamodb).get("status", {}).get("S")


def _voucher(swipe_id: str, status: str) -> dict[str, Any]:
    return {"pk": {"S": f"voucher#{swipe_id}"}, "status": {"S": status}}


def _put(item: dict[str, Any], condition: str, **values: str) -> Any:
    """Give the transaction item that writes an item under a condition."""
    found: dict[str, Any] = {"TableName": PASS, "Item": item, "ConditionExpression": condition}
    if values:
        found["ExpressionAttributeValues"] = {f":{name}": {"S": text} for name, text in values.items()}
    if "#status" in condition:
        found["ExpressionAttributeNames"] = {"#status": "status"}
    return {"Put": found}


def _write(items: list[Any], dynamodb: DynamoDBClient) -> None:
    try:
        with dynamodb_errors():
            dynamodb.transact_write_items(TransactItems=items)
    except ConditionFailed as error:
        raise Throttled("the free drink changed meanwhile") from error
