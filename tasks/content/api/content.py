"""The content API: articles, lists of them, search, topics and pictures, for everybody."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from stepsmith import client
from stepsmith.http import Refused, Response, route
from tasks.content import rights
from tasks.content.api.pages import USUAL, Cards, page_of, read_cursor
from tasks.content.catalogue.shelf import open_shelf
from tasks.content.faults import named_errors
from tasks.content.items import find_item
from tasks.content.models import Audience, ItemId, Model, Point, Stored, Suitability
from tasks.content.reading.ranking import DEPTH, is_suitable
from tasks.content.tables import BUCKET
from tasks.errors import Corrupt, NotFound, TooLarge, Unsupported
from tasks.pictures.formats import read_container

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

LARGEST_PICTURE: Final = 4_500_000
"""Bytes; Lambda answers with 6 MB, of which Base64 takes a quarter."""
MOST_TOPICS: Final = 60


class Article(Model):
    """An article to be read."""

    id: str
    title: str
    html: str
    """Safe to be put into a page."""
    source: str
    address: str | None
    lang: str
    topics: list[str]
    labels: list[str]
    published_at: datetime
    has_picture: bool
    picture_alt: str = ""
    focal: Point | None = None


class TopicCount(Model):
    """A topic, and how many articles are about it."""

    topic: str
    count: int


@route("GET", "/api/content/items", access="public", memory=1024, policies=rights.LIST_ITEMS)
def list_articles(
    q: str = "",
    topic: str = "",
    source: str = "",
    lang: str = "",
    audience: Audience = Audience.EVERYONE,
    limit: int = USUAL,
    cursor: str = "",
    *,
    s3: S3Client = client("s3"),
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Cards:
    """List articles: those that have all words of `q`, the best first, or all of them, the newest first."""
    shelf = open_shelf(s3)
    if cursor:
        return page_of(read_cursor(cursor), shelf, audience, limit, dynamodb=dynamodb)
    found = shelf.database.search(q) if q.strip() else [each.id for each in shelf.entries]
    order = [
        id
        for id in found
        if (each := shelf.by_id.get(id)) is not None
        and (not topic or topic in each.topics)
        and (not source or source == each.source)
        and (not lang or lang == each.lang)
        and is_suitable(each, audience)
    ]
    return page_of(order[:DEPTH], shelf, audience, limit, dynamodb=dynamodb)


@route("GET", "/api/content/items/{id}", access="public", policies=rights.READ_ITEM)
def read_article(
    id: ItemId, audience: Audience = Audience.EVERYONE, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> Article:
    """Give an article; one that is not shown, or not to these readers, is not there."""
    found = _shown(id, audience, dynamodb)
    content = found.content
    pictures = [each for each in content.media if each.key]
    return Article(
        id=content.id,
        title=content.title,
        html=content.html,
        source=content.source,
        address=content.address,
        lang=content.lang,
        topics=found.topics,
        labels=found.labels,
        published_at=content.published_at,
        has_picture=bool(pictures),
        picture_alt=pictures[0].alt if pictures else "",
        focal=found.edits.focal,
    )


@route("GET", "/api/content/items/{id}/picture", access="public", memory=512, policies=rights.SHOW_PICTURE)
def show_picture(
    id: ItemId,
    audience: Audience = Audience.EVERYONE,
    *,
    s3: S3Client = client("s3"),
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Response:
    """Give the first picture of an article, as it lies in the bucket."""
    keys = [each.key for each in _shown(id, audience, dynamodb).content.media if each.key]
    if not keys:
        raise Refused(404, "this article has no picture here")
    try:
        with named_errors("the picture"):
            answer: Any = s3.get_object(Bucket=BUCKET.name, Key=keys[0])
        if answer["ContentLength"] > LARGEST_PICTURE:
            raise TooLarge("the picture is too large to be sent")
        data: bytes = answer["Body"].read()
        kind = read_container(data).format.lower()
    except (NotFound, TooLarge, Unsupported, Corrupt) as error:
        raise Refused(404, f"this article's picture cannot be shown: {type(error).__name__}") from None
    return Response(data, content_type=f"image/{kind}", headers={"cache-control": "private, max-age=300"})


@route("GET", "/api/content/topics", access="public", memory=1024, policies=rights.READ_CATALOGUE)
def list_topics(audience: Audience = Audience.EVERYONE, *, s3: S3Client = client("s3")) -> list[TopicCount]:
    """List the topics of articles, those with the most first."""
    counts = Counter(
        topic for each in open_shelf(s3).entries if is_suitable(each, audience) for topic in each.topics
    )
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [TopicCount(topic=topic, count=count) for topic, count in ranked[:MOST_TOPICS]]


def _shown(id: str, audience: Audience, dynamodb: DynamoDBClient) -> Stored:
    found = find_item(id, dynamodb=dynamodb)
    is_for_others = (
        found is not None and audience is Audience.STUDENTS and found.suitability is Suitability.GROWN_UPS
    )
    if found is None or not found.is_shown or is_for_others:
        raise Refused(404, "there is no such article")
    return found
