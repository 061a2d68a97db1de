"""The admin API: what editors see and change, for requests that are signed. Each change is noted, and holds at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import JsonValue

from stepsmith import client
from stepsmith.http import Refused, Request, route
from tasks.aws_faults import ConditionFailed, dynamodb_errors
from tasks.content import rights
from tasks.content.api.pages import MOST, USUAL
from tasks.content.catalogue.database import Entry
from tasks.content.catalogue.shelf import open_shelf
from tasks.content.indexing import bring_in
from tasks.content.items import find_item, find_items
from tasks.content.models import Edits, ItemId, Model, Stored, Suitability
from tasks.content.tables import CHANGES, ITEMS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

EDITOR: Final = "x-editor"
"""The header that says who edits, for the notes."""
MOST_CHANGES: Final = 100
State = Literal["all", "shown", "hidden", "grown-ups"]


class Row(Model):
    """An article in the editors' list."""

    id: str
    title: str
    source: str
    topics: list[str]
    suitability: Suitability
    is_shown: bool
    duplicate_of: str | None
    edits: Edits
    published_at: datetime


class Rows(Model):
    """A page of the editors' list."""

    items: list[Row]
    total: int
    """Of all pages."""


class Change(Model):
    """What an editor has changed."""

    at: datetime
    editor: str
    edits: dict[str, JsonValue]


class Edited(Model):
    """An article with all that is known of it."""

    article: Stored
    changes: list[Change]
    """The latest first."""


@route("GET", "/api/content/admin/items", memory=1024, policies=rights.LIST_ITEMS)
def list_for_editors(
    q: str = "",
    state: State = "all",
    limit: int = USUAL,
    offset: int = 0,
    *,
    s3: S3Client = client("s3"),
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Rows:
    """List articles, hidden ones and duplicates included, the newest first, or the best for `q`."""
    if not 1 <= limit <= MOST or not 0 <= offset <= 1_000_000:
        raise Refused(422, f"limit is 1 to {MOST}, and offset at least 0")
    shelf = open_shelf(s3)
    order = [shelf.by_id[id] for id in shelf.database.search(q)] if q.strip() else shelf.entries
    found = [each.id for each in order if _is_in(each, state)]
    page = found[offset : offset + limit]
    known = {each.content.id: each for each in find_items(page, dynamodb=dynamodb)}
    return Rows(items=[_row(known[id]) for id in page if id in known], total=len(found))


@route("GET", "/api/content/admin/items/{id}", policies=rights.READ_EDITED)
def read_for_editors(id: ItemId, *, dynamodb: DynamoDBClient = client("dynamodb")) -> Edited:
    """Give an article with all that is known of it, and what was changed when and by whom."""
    found = find_item(id, dynamodb=dynamodb)
    if found is None:
        raise Refused(404, "there is no such article")
    return Edited(article=found, changes=_changes(id, dynamodb))


@route("PATCH", "/api/content/admin/items/{id}", memory=1024, policies=rights.EDIT)
def edit_article(
    request: Request,
    id: ItemId,
    edits: Edits,
    *,
    s3: S3Client = client("s3"),
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Edited:
    """Change what is said of an article: topics, suitability, whether it is published, boost, focal point.

    What is not named stays; `null` takes back what was said. It holds from the next request on, and is noted.
    """
    found = find_item(id, dynamodb=dynamodb)
    if found is None:
        raise Refused(404, "there is no such article")
    said = edits.model_dump(mode="json", exclude_unset=True)
    if not said:
        raise Refused(422, f"body: name one of {', '.join(Edits.model_fields)}")
    after = edits.over(found.edits)
    _write(found, after, said, request, dynamodb)
    bring_in([id], s3=s3, dynamodb=dynamodb)
    return Edited(article=found.model_copy(update={"edits": after}), changes=_changes(id, dynamodb))


def _write(
    found: Stored, after: Edits, said: dict[str, JsonValue], request: Request, dynamodb: DynamoDBClient
) -> None:
    """Write edits and the note of them, both or neither. Raises Refused where another editor was faster."""
    at = request.at.astimezone(UTC).isoformat(timespec="milliseconds")
    editor = request.headers.get(EDITOR, "").strip()[:60] or "unnamed"
    change = Change(at=request.at, editor=editor, edits=said)
    values: Any = {":after": {"S": after.model_dump_json()}}
    condition = "attribute_not_exists(edits)"
    if found.edits != Edits():
        condition = "edits = :before"
        values[":before"] = {"S": found.edits.model_dump_json()}
    update: Any = {
        "TableName": ITEMS.name,
        "Key": {"id": {"S": found.content.id}},
        "UpdateExpression": "SET edits = :after" if after != Edits() else "REMOVE edits",
        "ConditionExpression": condition,
        "ExpressionAttributeValues": values,
    }
    if after == Edits():
        del values[":after"]
    if not values:
        del update["ExpressionAttributeValues"]
    note: Any = {
        "TableName": CHANGES.name,
        "Item": {
            "id": {"S": found.content.id},
            "at": {"S": f"{at}#{request.id}"},
            "change": {"S": change.model_dump_json()},
        },
    }
    try:
        with dynamodb_errors():
            dynamodb.transact_write_items(TransactItems=[{"Update": update}, {"Put": note}])
    except ConditionFailed:
        raise Refused(409, "another editor has just changed this article") from None


def _changes(id: str, dynamodb: DynamoDBClient) -> list[Change]:
    with dynamodb_errors():
        page: Any = dynamodb.query(
            TableName=CHANGES.name,
            KeyConditionExpression="id = :id",
            ExpressionAttributeValues={":id": {"S": id}},
            ScanIndexForward=False,
            Limit=MOST_CHANGES,
            ConsistentRead=True,
        )
    return [Change.model_validate_json(each["change"]["S"]) for each in page["Items"]]


def _is_in(entry: Entry, state: State) -> bool:
    match state:
        case "all":
            return True
        case "shown":
            return entry.shown
        case "hidden":
            return not entry.shown
        case "grown-ups":
            return entry.grown_ups


def _row(found: Stored) -> Row:
    return Row(
        id=found.content.id,
        title=found.content.title,
        source=found.content.source,
        topics=found.topics,
        suitability=found.suitability,
        is_shown=found.is_shown,
        duplicate_of=found.duplicate_of,
        edits=found.edits,
        published_at=found.content.published_at,
    )
