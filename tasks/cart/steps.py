"""One step of a checkout, as an item that is written once, undone once, and never done after it was undone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tasks.aws_faults import ConditionFailed, dynamodb_errors
from tasks.cart.tables import CHECKOUTS
from tasks.errors import Conflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class StepStatus(StrEnum):
    """How far a step has come."""

    DONE = "done"
    SETTLED = "settled"
    UNDONE = "undone"


def read_step(checkout: str, step: str, *, dynamodb: DynamoDBClient) -> dict[str, Any] | None:
    """Give the item of a step, or None before it was done or undone."""
    with dynamodb_errors():
        return dynamodb.get_item(TableName=CHECKOUTS, Key=_key(checkout, step), ConsistentRead=True).get(
            "Item"
        )


def status_of(item: dict[str, Any] | None) -> StepStatus | None:
    """Give the status that a step's item carries."""
    return StepStatus(item["status"]["S"]) if item else None


def do_once(
    checkout: str, step: str, effects: list[Any], *, dynamodb: DynamoDBClient, **facts: dict[str, Any]
) -> None:
    """Carry effects out together with the mark that the step is done; nothing where it was done before.

    Raises Conflict when the step was undone already, ConditionFailed when an effect's own condition does not hold; its
    first reason belongs to the mark, the others to the effects in their order.
    """
    mark: Any = {
        "Put": {
            "TableName": CHECKOUTS,
            "Item": {**_key(checkout, step), "status": {"S": StepStatus.DONE}, **facts},
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    }
    try:
        with dynamodb_errors():
            dynamodb.transact_write_items(TransactItems=[mark, *effects])
    except ConditionFailed as error:
        if error.reasons[0] != "ConditionalCheckFailed":
            raise
        if status_of(read_step(checkout, step, dynamodb=dynamodb)) is StepStatus.UNDONE:
            raise Conflict(f"{step} of {checkout} was undone before it was done") from error


def move_step(
    checkout: str,
    step: str,
    effects: list[Any],
    *,
    before: StepStatus,
    after: StepStatus,
    dynamodb: DynamoDBClient,
    provided: dict[str, str] | None = None,
    copied: dict[str, str] | None = None,
) -> bool:
    """Carry effects out together with a change of the step's status; False when it does not stand at `before`.

    Nor does it where one of the texts of the step is not as `provided`. `copied` has for new numbers of the step those
    that they are copied from.
    """
    texts = provided or {}
    copies = "".join(f", {new} = {old}" for new, old in (copied or {}).items())
    values = {":before": {"S": before}, ":after": {"S": after}}
    change: Any = {
        "Update": {
            "TableName": CHECKOUTS,
            "Key": _key(checkout, step),
            "UpdateExpression": f"SET #status = :after{copies}",
            "ConditionExpression": " AND ".join(
                ["#status = :before", *(f"{name} = :{name}" for name in texts)]
            ),
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {
                **values,
                **{f":{name}": {"S": text} for name, text in texts.items()},
            },
        }
    }
    try:
        with dynamodb_errors():
            dynamodb.transact_write_items(TransactItems=[change, *effects])
    except ConditionFailed as error:
        if error.reasons[0] != "ConditionalCheckFailed":
            raise
        return False
    return True


def bar_step(checkout: str, step: str, *, dynamodb: DynamoDBClient) -> bool:
    """Leave the mark of an undone step where nothing was done, so that a late call finds it; False if something was."""
    return note_once(checkout, step, {"status": {"S": StepStatus.UNDONE}}, dynamodb=dynamodb)


def note_once(checkout: str, step: str, facts: dict[str, Any], *, dynamodb: DynamoDBClient) -> bool:
    """Note something of a checkout; False where it was noted before."""
    try:
        with dynamodb_errors():
            dynamodb.put_item(
                TableName=CHECKOUTS,
                Item={**_key(checkout, step), **facts},
                ConditionExpression="attribute_not_exists(pk)",
            )
    except ConditionFailed:
        return False
    return True


def _key(checkout: str, step: str) -> dict[str, Any]:
    return {"pk": {"S": checkout}, "sk": {"S": step}}
