"""Bringing into the catalogue what has changed: articles, and what people did with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from stepsmith import client, task
from tasks.content import rights
from tasks.content.catalogue.database import Database
from tasks.content.catalogue.shelf import change_catalogue
from tasks.content.faults import named_errors
from tasks.content.items import find_items
from tasks.content.models import Kept
from tasks.content.tables import COUNTS
from tasks.retries import TRANSIENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

Hours = Annotated[int, Field(ge=1, le=720, strict=True)]
"""How far back touch points are looked for where nobody has counted for long."""
COUNTED: Final = "counted up to"
_HOUR: Final = "%Y-%m-%dT%H"


@task(retry=[TRANSIENT], timeout=timedelta(minutes=1), memory=1024, policies=rights.INDEX)
def index_articles(
    kept: list[Kept],
    *,
    s3: S3Client = client("s3"),
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> int:
    """Bring articles into the catalogue as they are now, and say how many; from then on they are served.

    Repeated, it leaves the same. Raises Throttled where others change the catalogue all the time.
    """
    return bring_in([id for each in kept for id in each.touched], s3=s3, dynamodb=dynamodb)


def bring_in(ids: list[str], *, s3: S3Client, dynamodb: DynamoDBClient) -> int:
    """Bring articles into the catalogue as they are now, and say how many there are of them."""
    if not ids:
        return 0
    count = 0

    def change(database: Database) -> None:
        nonlocal count
        found = find_items(ids, dynamodb=dynamodb)
        database.put(found)
        count = len(found)

    change_catalogue(s3, change)
    return count


@task(retry=[TRANSIENT], timeout=timedelta(minutes=1), memory=1024, policies=rights.REFRESH)
def count_touches(
    hours: Hours = 72,
    *,
    now: datetime,
    s3: S3Client = client("s3"),
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> int:
    """Bring what people did with articles since it was counted last into the catalogue, and say with how many.

    Repeated, it leaves the same: the counts are read as they are and not added up. Raises Throttled where others
    change the catalogue all the time.
    """
    changed = 0

    def change(database: Database) -> None:
        nonlocal changed
        sums: dict[str, float] = {}
        for hour in _hours(database.marked(COUNTED), now, hours):
            sums |= _sums(hour, dynamodb)
        database.count(sums)
        database.mark(COUNTED, now.astimezone(UTC).strftime(_HOUR))
        changed = len(sums)

    change_catalogue(s3, change)
    return changed


def hour_of(moment: datetime) -> str:
    """Return the hour that touch points of a moment are found by."""
    return moment.astimezone(UTC).strftime(_HOUR)


def _hours(since: str, now: datetime, most: int) -> list[str]:
    """Return the hours since the last count, and the one before it: an index is a little behind its table."""
    earliest = now - timedelta(hours=most)
    begin = datetime.strptime(since, _HOUR).replace(tzinfo=UTC) - timedelta(hours=1) if since else earliest
    begin = max(begin, earliest)
    return [
        hour_of(begin + timedelta(hours=n)) for n in range(int((now - begin).total_seconds() // 3600) + 1)
    ]


def _sums(hour: str, dynamodb: DynamoDBClient) -> dict[str, float]:
    found: dict[str, float] = {}
    start: dict[str, Any] = {}
    while True:
        with named_errors("the counts"):
            page: Any = dynamodb.query(
                TableName=COUNTS.name,
                IndexName="by_hour",
                KeyConditionExpression="#hour = :hour",
                ExpressionAttributeNames={"#hour": "hour"},
                ExpressionAttributeValues={":hour": {"S": hour}},
                **start,
            )
        found |= {item["id"]["S"]: float(item["sum"]["N"]) for item in page["Items"]}
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
