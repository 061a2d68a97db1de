"""Readers in their table: touch points, what they add up to, wishes, and forgetting all of it.

Nobody's identifier is in the table, only a hash of it. A touch point and what it adds are written together or not at
all, once; what was erased stays so, also where an older touch point comes late.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from tasks.aws_faults import ConditionFailed, dynamodb_errors
from tasks.content.indexing import hour_of
from tasks.content.models import Audience
from tasks.content.reading.profiles import Profile, Touch, Wishes, popularity_of, said_by
from tasks.content.tables import COUNTS, READERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT: Final = timedelta(days=180)
"""How long touch points are kept; thirteen half-lives."""
AHEAD: Final = timedelta(minutes=5)
LATE: Final = timedelta(days=7)
"""How much earlier than now a touch point may be; what is older is left out."""
LATEST: Final = 200
_PROFILE: Final = "profile"
_EVENT: Final = "event#"
_WEIGHT: Final = "about#"


def reader_key(reader: str) -> str:
    """Return what a reader is called in the table."""
    return hashlib.sha256(f"reader\0{reader}".encode()).hexdigest()[:40]


def find_profile(reader: str, *, dynamodb: DynamoDBClient) -> Profile:
    """Return what is known of a reader, with the latest touch points; nothing for one who never was."""
    with dynamodb_errors():
        page: Any = dynamodb.query(
            TableName=READERS.name,
            KeyConditionExpression="reader = :reader",
            ExpressionAttributeValues={":reader": {"S": reader_key(reader)}},
            ScanIndexForward=False,  # the profile comes first, and then the newest
            Limit=LATEST,
            ConsistentRead=True,
        )
    item: dict[str, Any] = {}
    touches: list[Touch] = []
    for each in page["Items"]:
        if each["kind"]["S"] == _PROFILE:
            item = each
        else:
            touches.append(Touch.model_validate_json(each["touch"]["S"]))
    return Profile(
        sums={
            name.removeprefix(_WEIGHT): float(value["N"])
            for name, value in item.items()
            if name.startswith(_WEIGHT)
        },
        chosen=tuple(each["S"] for each in item.get("interests", {"L": []})["L"]),
        audience=Audience(item["audience"]["S"]) if "audience" in item else Audience.EVERYONE,
        opted_out=item.get("opted_out", {}).get("BOOL", False),
        touches=tuple(touches),
    )


def add_touches(
    reader: str,
    touches: Iterable[Touch],
    topics: Mapping[str, list[str]],
    now: datetime,
    *,
    dynamodb: DynamoDBClient,
    is_counted: bool = True,
) -> int:
    """Write touch points and what they add, and say how many were new.

    `topics` has those of each article that there is. What is known already, is too old or has not happened yet, is of
    no article, comes before the reader was erased, or is of one who has opted out, is left out.
    """
    added = 0
    for touch in touches:
        if touch.content in topics and now - LATE <= touch.at <= now + AHEAD:
            added += _add(reader, touch, topics[touch.content], now, dynamodb, is_counted=is_counted)
    return added


def _add(
    reader: str, touch: Touch, topics: list[str], now: datetime, dynamodb: DynamoDBClient, *, is_counted: bool
) -> bool:
    key = reader_key(reader)
    at = touch.at.astimezone(UTC).isoformat(timespec="milliseconds")
    mark = hashlib.sha256(f"{touch.content}\0{touch.kind}".encode()).hexdigest()[:16]
    expires = {"N": str(int((touch.at + KEPT).timestamp()))}
    said = said_by(touch, topics)
    names = {f"#t{n}": f"{_WEIGHT}{topic}" for n, topic in enumerate(said)}
    values: dict[str, Any] = {f":t{n}": {"N": repr(value)} for n, value in enumerate(said.values())}
    adds = ", ".join(f"#t{n} :t{n}" for n in range(len(said)))
    profile = {
        "TableName": READERS.name,
        "Key": {"reader": {"S": key}, "kind": {"S": _PROFILE}},
        "UpdateExpression": "SET seen_at = :at" + (f" ADD {adds}" if adds else ""),
        "ConditionExpression": "(attribute_not_exists(opted_out) OR opted_out = :no) "
        "AND (attribute_not_exists(erased_at) OR erased_at < :at)",
        "ExpressionAttributeValues": {**values, ":no": {"BOOL": False}, ":at": {"S": at}},
        **({"ExpressionAttributeNames": names} if names else {}),
    }
    event = {
        "TableName": READERS.name,
        "Item": {
            "reader": {"S": key},
            "kind": {"S": f"{_EVENT}{at}#{mark}"},
            "touch": {"S": touch.model_dump_json()},
            "expires": expires,
        },
        "ConditionExpression": "attribute_not_exists(reader)",
    }
    items: list[Any] = [{"Put": event}, {"Update": profile}]
    counted = popularity_of(touch)
    if is_counted and counted:
        items.append({"Update": _counting(touch.content, counted, now)})
    try:
        with dynamodb_errors():
            dynamodb.transact_write_items(TransactItems=items)
    except ConditionFailed:
        return False
    return True


def _counting(content: str, counted: float, now: datetime) -> dict[str, Any]:
    return {
        "TableName": COUNTS.name,
        "Key": {"id": {"S": content}},
        "UpdateExpression": "SET #hour = :hour ADD #sum :counted",
        "ExpressionAttributeNames": {"#hour": "hour", "#sum": "sum"},
        "ExpressionAttributeValues": {":hour": {"S": hour_of(now)}, ":counted": {"N": repr(counted)}},
    }


def wish(reader: str, wishes: Wishes, *, dynamodb: DynamoDBClient) -> None:
    """Write how a reader wants to be served; what is not said stays."""
    said: dict[str, Any] = {}
    if wishes.opted_out is not None:
        said["opted_out"] = {"BOOL": wishes.opted_out}
    if wishes.audience is not None:
        said["audience"] = {"S": wishes.audience}
    if wishes.interests is not None:
        said["interests"] = {"L": [{"S": each} for each in dict.fromkeys(wishes.interests)]}
    if not said:
        return
    with dynamodb_errors():
        dynamodb.update_item(
            TableName=READERS.name,
            Key={"reader": {"S": reader_key(reader)}, "kind": {"S": _PROFILE}},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in said),
            ExpressionAttributeNames={f"#{name}": name for name in said},
            ExpressionAttributeValues={f":{name}": value for name, value in said.items()},
        )


def erase(reader: str, now: datetime, *, dynamodb: DynamoDBClient) -> int:
    """Forget a reader: profile, wishes and touch points; say how many touch points there were.

    The time alone stays, so that nothing from before comes back. Broken off, it is done again.
    """
    key = reader_key(reader)
    at = now.astimezone(UTC).isoformat(timespec="milliseconds")
    with dynamodb_errors():
        dynamodb.put_item(
            TableName=READERS.name,
            Item={"reader": {"S": key}, "kind": {"S": _PROFILE}, "erased_at": {"S": at}},
        )
    count = 0
    for event in list(_events(key, dynamodb)):
        with dynamodb_errors():
            dynamodb.delete_item(TableName=READERS.name, Key={"reader": {"S": key}, "kind": event["kind"]})
        count += 1
    return count


def merge(
    anonymous: str, user: str, topics: Mapping[str, list[str]], now: datetime, *, dynamodb: DynamoDBClient
) -> int:
    """Make the touch points of an anonymous reader those of a user, forget the former, and say how many there were.

    Broken off, it is done again: each of them is added once.
    """
    added = 0
    for event in list(_events(reader_key(anonymous), dynamodb)):
        touch = Touch.model_validate_json(event["touch"]["S"])
        added += _add(user, touch, topics.get(touch.content, []), now, dynamodb, is_counted=False)
    erase(anonymous, now, dynamodb=dynamodb)
    return added


def touched_by(reader: str, *, dynamodb: DynamoDBClient) -> list[str]:
    """Return the articles that a reader did something with."""
    found = (Touch.model_validate_json(each["touch"]["S"]) for each in _events(reader_key(reader), dynamodb))
    return list(dict.fromkeys(each.content for each in found))


def _events(key: str, dynamodb: DynamoDBClient) -> Iterable[dict[str, Any]]:
    start: dict[str, Any] = {}
    while True:
        with dynamodb_errors():
            page: Any = dynamodb.query(
                TableName=READERS.name,
                KeyConditionExpression="reader = :reader AND begins_with(kind, :event)",
                ExpressionAttributeValues={":reader": {"S": key}, ":event": {"S": _EVENT}},
                ConsistentRead=True,
                **start,
            )
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
