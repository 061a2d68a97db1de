"""Pages of articles: what stands in them, and how the next one follows without a repeat or a gap.

A cursor is what is left of an order that was made once: the articles' names, eight bytes each. So nothing is kept
between two requests, and what is added meanwhile stands in the next order. A cursor that somebody has made up leads to
articles that everybody may see, or to nothing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pydantic import Field

from stepsmith.http import Refused
from tasks.content.catalogue.database import Entry
from tasks.content.catalogue.shelf import Shelf
from tasks.content.items import shown_among
from tasks.content.models import Audience, Model
from tasks.content.reading.ranking import DEPTH, is_suitable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST: Final = 50
USUAL: Final = 20
_BYTES: Final = 8


class Card(Model):
    """An article in a list."""

    id: str
    title: str
    summary: str
    source: str
    lang: str
    topics: list[str]
    published_at: datetime
    has_picture: bool
    why: list[str] = Field(default=[])


class Cards(Model):
    """A page of a list."""

    items: list[Card]
    cursor: str | None = None
    """For the next page; None where there is none."""


def page_of(
    order: Sequence[str],
    shelf: Shelf,
    audience: Audience,
    limit: int,
    why: Callable[[Entry], list[str]] = lambda entry: [],
    *,
    dynamodb: DynamoDBClient,
) -> Cards:
    """Return the first articles of an order that readers may see at this moment, and a cursor for the others."""
    if not 1 <= limit <= MOST:
        raise Refused(422, f"limit is 1 to {MOST}")
    left = [
        entry for id in order if (entry := shelf.by_id.get(id)) is not None and is_suitable(entry, audience)
    ]
    items: list[Card] = []
    while left and len(items) < limit:
        some, left = left[: limit - len(items)], left[limit - len(items) :]
        shown = shown_among([each.id for each in some], audience, dynamodb=dynamodb)
        items += [card_of(each, why(each)) for each in some if each.id in shown]
    return Cards(items=items, cursor=cursor_of([each.id for each in left]) if left else None)


def card_of(entry: Entry, why: list[str]) -> Card:
    """Return an article as it stands in a list."""
    return Card(
        id=entry.id,
        title=entry.title,
        summary=entry.summary,
        source=entry.source,
        lang=entry.lang,
        topics=list(entry.topics),
        published_at=datetime.fromtimestamp(entry.published, UTC),
        has_picture=bool(entry.media),
        why=why,
    )


def cursor_of(ids: Sequence[str]) -> str:
    """Return a cursor for what is left."""
    return (
        base64.urlsafe_b64encode(b"".join(bytes.fromhex(each) for each in ids[:DEPTH])).decode().rstrip("=")
    )


def read_cursor(cursor: str) -> list[str]:
    """Return what a cursor is for. Raises Refused for a text that is none."""
    try:
        found = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Refused(422, "cursor: this is none") from None
    if not found or len(found) % _BYTES or len(found) > DEPTH * _BYTES:
        raise Refused(422, "cursor: this is none")
    return [found[n : n + _BYTES].hex() for n in range(0, len(found), _BYTES)]
