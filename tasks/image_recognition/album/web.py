"""The routes of the photograph page: an upload starts the workflow, and everything else reads what it has left.

Whoever has an album's cookie sees and deletes what is in it; nobody else does. Nothing here decodes a picture.
"""

import secrets
from datetime import date
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import StringConstraints

from stepsmith import client
from stepsmith.http import Refused, Request, Response, route
from stepsmith.resources import allow
from tasks.errors import NotFound
from tasks.image_recognition.album.deletion import delete
from tasks.image_recognition.album.places import (
    album_of,
    cookie,
    open_album,
    place_of_id,
    place_of_upload,
    token_of,
)
from tasks.image_recognition.album.search import Wanted, find_alike, search
from tasks.image_recognition.album.views import SHOWN, Gallery, Photograph, Similar, view, waiting
from tasks.image_recognition.models import ImageRecord
from tasks.image_recognition.objects import look_at
from tasks.image_recognition.records import find
from tasks.image_recognition.rights import IMAGES, LIKENESSES, LOOK_AT_PHOTOGRAPHS, PHOTOGRAPHS
from tasks.named_errors import named_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

MOST_BYTES: Final = 4 * 1024 * 1024
"""Of an upload: in Base64 it has to go through Lambda, which takes and gives 6 MB."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
_PRIVATE: Final = {"cache-control": "private, no-store"}
_PICTURE: Final = {
    "cache-control": "private, max-age=3600",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
}
_FIND: Final = allow("dynamodb:GetItem", on=IMAGES)
_UPLOAD: Final = allow("s3:PutObject", on=PHOTOGRAPHS)
_SEARCH: Final = allow("dynamodb:Query", on=IMAGES)
_COMPARE: Final = allow("dynamodb:Query", on=LIKENESSES)
_DELETE: Final = (
    _FIND,
    allow("s3:ListBucketVersions", "s3:DeleteObject", "s3:DeleteObjectVersion", on=PHOTOGRAPHS),
    allow("dynamodb:DeleteItem", on=IMAGES),
    allow("dynamodb:DeleteItem", on=LIKENESSES),
)


@route("POST", "/photographs", access="public", memory=512, policies=[_UPLOAD])
def upload_photograph(
    content: bytes, name: Text, request: Request, *, s3: "S3Client" = client("s3")
) -> Response:
    """Put a photograph into the visitor's album, where it starts an execution; the same one twice is one.

    What it is is said by the execution, not here; only an empty or too large body is refused.
    """
    if not content:
        raise Refused(422, "the file is empty")
    if len(content) > MOST_BYTES:
        raise Refused(413, f"the file has {len(content):,} bytes; {MOST_BYTES:,} is the most")
    token = token_of(request) or secrets.token_urlsafe(32)
    place = place_of_upload(album_of(token), name, content)
    s3.put_object(
        Bucket=PHOTOGRAPHS.name, Key=place.key, Body=content, ContentType="application/octet-stream"
    )
    return _said(waiting(place), status=202, cookies=(cookie(token, request),))


@route("GET", "/photographs", access="public", memory=512, policies=[_SEARCH])
def list_photographs(
    request: Request,
    label: Text | None = None,
    camera: Text | None = None,
    since: date | None = None,
    until: date | None = None,
    after: str | None = None,
    *,
    dynamodb: "DynamoDBClient" = client("dynamodb"),
) -> Response:
    """Give the photographs of the visitor's album, newest first; a new visitor gets an empty album."""
    token = token_of(request)
    if token is None:
        return _said(Gallery(photographs=[]), cookies=(cookie(secrets.token_urlsafe(32), request),))
    album = album_of(token)
    wanted = Wanted(label or None, camera or None, since, until)
    records, further = search(dynamodb, album, wanted, after)
    return _said(Gallery(photographs=[view(album, each) for each in records], after=further))


@route("GET", "/photographs/{id}", access="public", memory=512, policies=[_FIND, *LOOK_AT_PHOTOGRAPHS])
def show_photograph(
    id: str,
    request: Request,
    *,
    s3: "S3Client" = client("s3"),
    dynamodb: "DynamoDBClient" = client("dynamodb"),
) -> Response:
    """Give what is known of a photograph by now: while it waits, while it is recognised, and afterwards."""
    album = open_album(request)
    place = place_of_id(album, id)
    record = find(dynamodb, place.key)
    if record is not None:
        return _said(view(album, record))
    if look_at(s3, PHOTOGRAPHS.name, place.key) is None:
        raise Refused(404, "there is no such photograph")
    return _said(waiting(place))


@route(
    "GET", "/photographs/{id}/thumbnail", access="public", memory=512, policies=[_FIND, *LOOK_AT_PHOTOGRAPHS]
)
def show_thumbnail(
    id: str,
    request: Request,
    *,
    s3: "S3Client" = client("s3"),
    dynamodb: "DynamoDBClient" = client("dynamodb"),
) -> Response:
    """Give the thumbnail of a photograph."""
    record = _shown(id, request, dynamodb)
    if record.thumbnail is None:
        raise Refused(404, "the photograph has no thumbnail")
    return _picture(s3, record.thumbnail.key, record)


@route(
    "GET", "/photographs/{id}/picture", access="public", memory=512, policies=[_FIND, *LOOK_AT_PHOTOGRAPHS]
)
def show_picture(
    id: str,
    request: Request,
    *,
    s3: "S3Client" = client("s3"),
    dynamodb: "DynamoDBClient" = client("dynamodb"),
) -> Response:
    """Give a photograph itself, as it was uploaded; what was refused is not given."""
    record = _shown(id, request, dynamodb)
    return _picture(s3, record.key, record)


@route("GET", "/photographs/{id}/similar", access="public", memory=1024, policies=[_FIND, _COMPARE])
def list_similar(
    id: str, request: Request, *, dynamodb: "DynamoDBClient" = client("dynamodb")
) -> list[Similar]:
    """Give the photographs of the album that are like one of them, the likest first."""
    album = open_album(request)
    found = find_alike(dynamodb, album, place_of_id(album, id))
    records = [(each.likeness, find(dynamodb, each.id)) for each in found]
    return [
        Similar(likeness=likeness, photograph=view(album, record))
        for likeness, record in records
        if record is not None
    ]


@route("DELETE", "/photographs/{id}", access="public", memory=512, policies=_DELETE)
def delete_photograph(
    id: str,
    request: Request,
    *,
    s3: "S3Client" = client("s3"),
    dynamodb: "DynamoDBClient" = client("dynamodb"),
) -> None:
    """Delete a photograph, and everything that was made of it."""
    delete(s3, dynamodb, place_of_id(open_album(request), id))


def _shown(id: str, request: Request, dynamodb: "DynamoDBClient") -> ImageRecord:
    """Return the record of a photograph that was decoded to the end. Raises Refused with 404 for any other."""
    place = place_of_id(open_album(request), id)
    record = find(dynamodb, place.key)
    if record is None or record.status not in SHOWN or record.format is None:
        raise Refused(404, "there is no such photograph")
    return record


def _picture(s3: "S3Client", key: str, record: ImageRecord) -> Response:
    try:
        with named_errors("the picture"):
            content = s3.get_object(Bucket=PHOTOGRAPHS.name, Key=key)["Body"].read()
    except NotFound:
        raise Refused(404, "there is no such photograph") from None
    return Response(content, headers=_PICTURE, content_type=f"image/{(record.format or '').lower()}")


def _said(body: Photograph | Gallery, *, status: int = 200, cookies: tuple[str, ...] = ()) -> Response:
    return Response(body, status=status, headers=_PRIVATE, cookies=cookies)
