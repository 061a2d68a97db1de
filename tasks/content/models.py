"""What an article, a picture of it, a run of taking articles in, and an editor's word are."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST_TOPICS: Final = 4
ITEM_ID: Final = r"^[0-9a-f]{16}$"
_PLAIN: Final = r"^[^\x00-\x1f\x7f]*$"
BucketName = Annotated[str, StringConstraints(min_length=3, max_length=63, pattern=r"^[a-z0-9.-]+$")]
ObjectKey = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00-\x1f\x7f]+$")]
Mark = Annotated[str, StringConstraints(max_length=1024, pattern=_PLAIN)]
"""An ETag, or the name of an execution."""
ItemId = Annotated[str, StringConstraints(pattern=ITEM_ID)]
Source = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Topic = Annotated[str, StringConstraints(min_length=2, max_length=40, pattern=r"^[a-z][a-z-]*[a-z]$")]


class Model(BaseModel):
    """A model that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class Suitability(StrEnum):
    """Whom an article is for."""

    EVERYONE = "everyone"
    GROWN_UPS = "grown-ups"
    """Not shown to students."""


class Audience(StrEnum):
    """Who reads."""

    STUDENTS = "students"
    EVERYONE = "everyone"


class Point(Model):
    """A place on a picture, as shares of width and height."""

    x: Annotated[float, Field(ge=0, le=1)]
    y: Annotated[float, Field(ge=0, le=1)]


class Medium(Model):
    """A picture of an article."""

    key: str | None = None
    """Where it lies in the bucket; None for one that is elsewhere, which is not loaded."""
    address: str | None = None
    alt: str = ""


class Look(Model):
    """What was seen on a picture of the bucket."""

    key: str
    labels: list[str] = []
    reason: str = ""
    """Why nothing was seen, where something went wrong."""


class Draft(Model):
    """One article as its source gives it: cleaned, but neither classified nor compared with others."""

    guid: str
    """What the source calls it."""
    address: str | None = None
    """Its canonical address."""
    title: str
    html: str = ""
    """Safe to be shown."""
    text: str = ""
    """The same without markup."""
    lang: str = ""
    published_at: datetime | None = None
    categories: list[str] = []
    media: list[Medium] = []
    warnings: list[str] = []


class Outcome(StrEnum):
    """What became of one article."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    OLDER = "older"
    """A later version of it is there."""
    DUPLICATE = "duplicate"
    FAILED = "failed"


class Content(Model):
    """An article as it was taken in."""

    id: ItemId
    source: Source
    title: str
    summary: str
    html: str
    text: str
    address: str | None = None
    lang: str = ""
    published_at: datetime
    topics: list[str] = []
    """What its words and its source say that it is about."""
    suitability: Suitability = Suitability.EVERYONE
    media: list[Medium] = []
    warnings: list[str] = []

    @property
    def precedence(self) -> tuple[datetime, str, str]:
        """Which of two that are the same is the article: the one that was published first."""
        return self.published_at, self.source, self.id


class Edits(Model):
    """What an editor has said about an article; None where nobody has said anything."""

    topics: Annotated[list[Topic], Field(max_length=8)] | None = None
    suitability: Suitability | None = None
    published: Annotated[bool, Field(strict=True)] | None = None
    boost: Annotated[float, Field(ge=-1, le=1)] | None = None
    focal: Point | None = None
    """What of its first picture has to be seen."""

    def over(self, earlier: Edits) -> Edits:
        """Return the earlier edits with these on top."""
        return Edits.model_validate({**earlier.model_dump(), **self.model_dump(exclude_unset=True)})


class Stored(Model):
    """An article with all that is known about it."""

    content: Content
    seen: str
    """The time and ETag of the object that it was read from; a later one replaces it."""
    outcome: Outcome
    """What became of it when it was read from there."""
    labels: list[str] = []
    """What is on its pictures."""
    seen_topics: list[str] = []
    """What these labels say that it is about."""
    duplicate_of: str | None = None
    edits: Edits = Edits()

    @property
    def topics(self) -> list[str]:
        """What it is about, in the end."""
        if self.edits.topics is not None:
            return list(self.edits.topics)
        return list(dict.fromkeys([*self.content.topics, *self.seen_topics]))[:MOST_TOPICS]

    @property
    def suitability(self) -> Suitability:
        """Whom it is for, in the end."""
        return self.edits.suitability or self.content.suitability

    @property
    def is_shown(self) -> bool:
        """Whether readers may see it."""
        return self.edits.published is not False and self.duplicate_of is None


class RunStatus(StrEnum):
    """How far the taking in of an object has come; all but RUNNING are final."""

    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    PARTIAL = "PARTIAL"
    """Some articles could not be taken in."""
    REFUSED = "REFUSED"
    """The object is no feed or article; `reason` says why."""
    FAILED = "FAILED"
    """Something broke; `reason` says what."""


class Run(Model):
    """An object whose articles are being taken in."""

    id: str
    bucket: str
    key: str
    source: Source
    etag: str
    seen: str
    holder: str
    started_at: datetime


class Kept(Model):
    """What became of one article, and which pictures it has in the bucket."""

    number: int
    outcome: Outcome
    id: str = ""
    pictures: list[str] = []
    touched: list[str] = []
    """The articles that readers have to see anew."""
    reason: str = ""


class Reading(Model):
    """What was found in an object."""

    items: list[int]
    """The numbers of the articles."""
    left_out: int = 0
    warnings: list[str] = []


class RunRecord(Model):
    """How the taking in of an object ended."""

    id: str
    source: str
    key: str
    status: RunStatus
    reason: str = ""
    started_at: datetime
    outcomes: dict[str, int] = {}
    """How many articles became what."""
    items: list[str] = []
    """Their ids."""
    warnings: list[str] = []
