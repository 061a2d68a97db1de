"""The user API: a reader's feed, what they do, what is known of them, and forgetting it.

A reader is known by the header `x-reader`: 32 hex digits that their page has drawn. Whoever has them reads this
profile, so they stand in no address and in no log. Users that sign in are known to the site, which merges what they
did before.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from stepsmith import client
from stepsmith.http import Refused, Request, route
from tasks.content import rights
from tasks.content.api.pages import USUAL, Cards, page_of, read_cursor
from tasks.content.catalogue.shelf import open_shelf
from tasks.content.items import find_items
from tasks.content.models import Audience, Model
from tasks.content.reading.profiles import Profile, Touch, Wishes
from tasks.content.reading.ranking import ranked, reasons, taste_of
from tasks.content.reading.readers import add_touches, erase, find_profile, merge, touched_by, wish

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

HEADER: Final = "x-reader"
DIGITS: Final = 32
Reader = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class Touches(Model):
    """What a reader did."""

    touches: Annotated[list[Touch], Field(min_length=1, max_length=50)]


class Added(Model):
    """How many touch points were new."""

    added: int


class Erased(Model):
    """How many touch points were forgotten."""

    erased: int


class Merging(Model):
    """An anonymous reader who has signed in, and the reader that the site has for this user."""

    reader: Reader
    user: Reader


class Known(Model):
    """What is known of a reader."""

    opted_out: bool
    audience: Audience
    interests: list[str]
    """Topics that they have chosen."""
    weights: dict[str, float]
    """Topic -> what their touch points count now."""
    touches: list[Touch]
    """The latest, newest first."""


@route("GET", "/api/content/feed", access="public", memory=1024, policies=rights.READ_FEED)
def read_feed(
    request: Request,
    audience: Audience | None = None,
    limit: int = USUAL,
    cursor: str = "",
    *,
    s3: S3Client = client("s3"),
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Cards:
    """Give articles in the order in which they are for a reader, each with the reasons; for strangers the popular
    ones.
    """
    reader = reader_of(request)
    shelf = open_shelf(s3)
    profile = Profile() if reader is None else find_profile(reader, dynamodb=dynamodb)
    taste = taste_of(profile, request.at, shelf.most_popular, audience)
    order = read_cursor(cursor) if cursor else [each.id for each in ranked(shelf.entries, taste)]
    return page_of(
        order,
        shelf,
        taste.audience,
        limit,
        lambda entry: reasons(entry, taste, profile, shelf.by_id),
        dynamodb=dynamodb,
    )


@route("POST", "/api/content/touches", access="public", policies=rights.TOUCH)
def add_reader_touches(
    request: Request, touches: Touches, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> Added:
    """Note what a reader did; the same again is noted once, and nothing of who has opted out."""
    topics = _topics([each.content for each in touches.touches], dynamodb)
    added = add_touches(_known(request), touches.touches, topics, request.at, dynamodb=dynamodb)
    return Added(added=added)


@route("GET", "/api/content/profile", access="public", policies=rights.READ_READER)
def read_profile(request: Request, *, dynamodb: DynamoDBClient = client("dynamodb")) -> Known:
    """Give all that is known of a reader."""
    return _told(find_profile(_known(request), dynamodb=dynamodb), request.at)


@route("PUT", "/api/content/profile", access="public", policies=rights.WISH)
def change_profile(
    request: Request, wishes: Wishes, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> Known:
    """Note how a reader wants to be served: interests, audience, and whether they opt out."""
    reader = _known(request)
    wish(reader, wishes, dynamodb=dynamodb)
    return _told(find_profile(reader, dynamodb=dynamodb), request.at)


@route("DELETE", "/api/content/profile", access="public", policies=rights.ERASE)
def erase_profile(request: Request, *, dynamodb: DynamoDBClient = client("dynamodb")) -> Erased:
    """Forget a reader."""
    return Erased(erased=erase(_known(request), request.at, dynamodb=dynamodb))


@route("POST", "/api/content/merge", policies=rights.MERGE)
def merge_reader(
    request: Request, merging: Merging, *, dynamodb: DynamoDBClient = client("dynamodb")
) -> Added:
    """Make what an anonymous reader did that of a user, and forget the former; for the site, which knows its users.

    The user's reader is one that the site has drawn for them, as a page draws one: it gives it to their pages.
    """
    topics = _topics(touched_by(merging.reader, dynamodb=dynamodb), dynamodb)
    added = merge(merging.reader, merging.user, topics, request.at, dynamodb=dynamodb)
    return Added(added=added)


def reader_of(request: Request) -> str | None:
    """Return the reader who asks, or None for a stranger. Raises Refused for a header that is no reader's."""
    found = request.headers.get(HEADER, "")
    if not found:
        return None
    if len(found) != DIGITS or any(c not in "0123456789abcdef" for c in found):
        raise Refused(422, f"{HEADER} is {DIGITS} hex digits that the page has drawn")
    return found


def _known(request: Request) -> str:
    reader = reader_of(request)
    if reader is None:
        raise Refused(401, f"the header {HEADER} says whose this is")
    return reader


def _topics(ids: list[str], dynamodb: DynamoDBClient) -> dict[str, list[str]]:
    return {each.content.id: each.topics for each in find_items(ids, dynamodb=dynamodb)}


def _told(profile: Profile, now: datetime) -> Known:
    weights = Profile(sums=profile.sums).interests(now)
    return Known(
        opted_out=profile.opted_out,
        audience=profile.audience,
        interests=list(profile.chosen),
        weights={
            topic: round(weight, 4) for topic, weight in sorted(weights.items(), key=lambda each: -each[1])
        },
        touches=list(profile.touches),
    )
