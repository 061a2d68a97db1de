"""The read/write API: what brings content in, for editors and programs that sign their requests."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AwareDatetime, Field

from stepsmith import client
from stepsmith.http import Refused, Response, route
from tasks.content import rights
from tasks.content.models import Model, RunRecord, Source, Topic
from tasks.content.runs import find_run, run_id
from tasks.content.sources.drafts import MEDIA_FOLDER
from tasks.content.sources.json_sources import ARTICLE
from tasks.content.sources.reading import MOST_BYTES
from tasks.content.tables import BUCKET
from tasks.errors import Corrupt, TooLarge, Unsupported
from tasks.pictures.formats import read_container

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

_PICTURE: Final = r"^media/[0-9a-f]{24}\.(jpeg|png)$"
RunId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Picture = Annotated[str, Field(pattern=_PICTURE)]


class Written(Model):
    """An article that is uploaded. The same `id` again, or the same address, is the same article."""

    source: Source
    id: Annotated[str, Field(max_length=200)] = ""
    title: Annotated[str, Field(min_length=1, max_length=300)]
    text: Annotated[str, Field(max_length=60_000)] = ""
    html: Annotated[str, Field(max_length=60_000)] = ""
    """In the place of the text."""
    address: Annotated[str, Field(max_length=2000)] = ""
    lang: Annotated[str, Field(max_length=12)] = ""
    topics: list[Topic] = Field(default=[], max_length=8)
    pictures: list[Picture] = Field(default=[], max_length=8)
    """Keys of pictures that were uploaded before."""
    published_at: AwareDatetime | None = None


class Started(Model):
    """Something that is being taken in."""

    run: str
    key: str


class Uploaded(Model):
    """A picture for articles."""

    key: str


@route("POST", "/api/content/articles", policies=rights.UPLOAD)
def upload_article(article: Written, *, s3: S3Client = client("s3")) -> Response:
    """Take an article in, and say by which run."""
    said = article.model_dump_json(exclude={"source"}, exclude_none=True)
    body = f'{{"kind": "{ARTICLE}", {said[1:]}'.encode()
    return _start(f"articles/{article.source}/{_digest(article.id.encode() or body)}.json", body, s3)


@route("PUT", "/api/content/feeds/{source}", policies=rights.UPLOAD)
def upload_feed(source: Source, feed: bytes, *, s3: S3Client = client("s3")) -> Response:
    """Take a feed of RSS, Atom or JSON in, and say by which run."""
    if not feed:
        raise Refused(400, "the body is missing")
    if len(feed) > MOST_BYTES:
        raise Refused(413, f"a feed has at most {MOST_BYTES:,} bytes")
    return _start(f"feeds/{source}/latest", feed, s3)


@route("POST", "/api/content/media", memory=256, policies=rights.UPLOAD)
def upload_picture(picture: bytes, *, s3: S3Client = client("s3")) -> Response:
    """Keep a JPEG or PNG for articles, and give the key that they name it by."""
    try:
        kind = read_container(picture).format.lower()
    except TooLarge as error:
        raise Refused(413, str(error)) from None
    except (Unsupported, Corrupt) as error:
        raise Refused(415, str(error)) from None
    key = f"{MEDIA_FOLDER}{_digest(picture)}.{kind}"
    s3.put_object(Bucket=BUCKET.name, Key=key, Body=picture, ContentType=f"image/{kind}")
    return Response(Uploaded(key=key), status=201)


@route("GET", "/api/content/runs/{id}", policies=rights.READ_RUN)
def read_run(id: RunId, *, dynamodb: DynamoDBClient = client("dynamodb")) -> RunRecord:
    """Say how far a run has come; one that has just been started may not be there yet."""
    found = find_run(id, dynamodb=dynamodb)
    if found is None:
        raise Refused(404, "there is no such run, or not yet")
    return found


def _start(key: str, body: bytes, s3: S3Client) -> Response:
    etag = s3.put_object(Bucket=BUCKET.name, Key=key, Body=body)["ETag"].strip('"')
    return Response(Started(run=run_id(key, etag), key=key), status=202)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:24]
