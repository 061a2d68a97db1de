"""Find the photographs of an album, newest first: by what is on them, by day, by camera."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from stepsmith.http import Refused
from tasks.image_recognition import likeness
from tasks.image_recognition.album.places import Album, Place, place_of_id, place_of_key
from tasks.image_recognition.album.views import camera_of
from tasks.image_recognition.items import from_item
from tasks.image_recognition.likeness import Alike, alike
from tasks.image_recognition.models import ImageRecord
from tasks.image_recognition.records import BY_OWNER, TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAGE: Final = 48
"""Photographs that are given at once."""
MOST: Final = 1000
"""Records that one search looks at; it goes on where it has ended."""
LEAST_LIKENESS: Final = 0.45
"""Two waterfalls have 0.51, a tower and a temple 0.32."""
MOST_ALIKE: Final = 8


class Wanted(NamedTuple):
    """What photographs are looked for; what is None does not matter."""

    label: str | None = None
    camera: str | None = None
    since: date | None = None
    until: date | None = None

    def fits(self, record: ImageRecord) -> bool:
        """Whether a record is one of them; the day is that of the camera, or else that of the upload, in UTC."""
        if self.label is not None:
            names = [name for each in record.labels for name in (each.name, *each.parents)]
            if not any(self.label.casefold() in name.casefold() for name in names):
                return False
        if self.camera is not None and self.camera.casefold() not in (camera_of(record) or "").casefold():
            return False
        day = (record.creation_time or record.uploaded_at or "")[:10]
        return (self.since is None or day >= self.since.isoformat()) and (
            self.until is None or "" < day <= self.until.isoformat()
        )


def search(
    dynamodb: "DynamoDBClient", album: Album, wanted: Wanted, after: str | None
) -> tuple[list[ImageRecord], str | None]:
    """Return a page of photographs, and where the next one begins, if there may be more.

    Raises Refused with 422 for an `after` that no answer has said.
    """
    found: list[ImageRecord] = []
    for seen, record in enumerate(_records(dynamodb, album, after), 1):
        if wanted.fits(record):
            found.append(record)
        if len(found) == PAGE or seen == MOST:
            return found, f"{record.uploaded_at}.{place_of_key(album, record.key).id}"
    return found, None


def find_alike(dynamodb: "DynamoDBClient", album: Album, place: Place) -> list[Alike]:
    """Return the photographs of an album that are like one of them, the likest first."""
    numbers = {
        item["id"]["S"]: bytes(item["numbers"]["B"])
        for item in _items(dynamodb, album, {"TableName": likeness.TABLE, "IndexName": likeness.BY_OWNER})
    }
    one = numbers.pop(place.key, None)
    if one is None:
        return []
    return alike(one, numbers.items(), least=LEAST_LIKENESS, most=MOST_ALIKE)


def _records(dynamodb: "DynamoDBClient", album: Album, after: str | None) -> Iterator[ImageRecord]:
    asked: dict[str, Any] = {"TableName": TABLE, "IndexName": BY_OWNER, "ScanIndexForward": False}
    if after is not None:
        asked["ExclusiveStartKey"] = _start(album, after)
    for item in _items(dynamodb, album, asked):
        yield ImageRecord.model_validate(from_item(item))


def _start(album: Album, after: str) -> dict[str, Any]:
    moment, _, id = after.partition(".")
    try:
        place = place_of_id(album, id)
    except Refused:
        raise Refused(422, "after: no answer has said this") from None
    return {"owner": {"S": album.name}, "uploaded_at": {"S": moment}, "id": {"S": place.key}}


def _items(dynamodb: "DynamoDBClient", album: Album, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    query: Any = {
        **asked,
        "KeyConditionExpression": "#owner = :owner",
        "ExpressionAttributeNames": {"#owner": "owner"},
        "ExpressionAttributeValues": {":owner": {"S": album.name}},
    }
    for _ in range(MOST):
        answer = dynamodb.query(**query)
        yield from cast("list[dict[str, Any]]", answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
    raise Refused(503, "the album is too large")
