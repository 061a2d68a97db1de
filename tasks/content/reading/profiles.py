"""What touch points say of a reader's interests, and how that fades. Pure.

Sums are kept as of a landmark: a touch point counts `2 ** ((at - landmark) / half-life)` times its weight, and a sum
is worth what it is divided by the same factor of now (forward decay; Cormode and others, 2009). So each one is added
once, in whatever order they come, and nothing has to be faded in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from tasks.content.models import Audience, ItemId, Model, Topic

HALF_LIFE: Final = timedelta(days=14)
"""Of a reader's interest."""
POPULAR_HALF_LIFE: Final = timedelta(days=7)
"""Of what a touch point counts for the article."""
LANDMARK: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""With these half-lives DynamoDB's numbers suffice until 2033."""
CHOSEN: Final = 3.0
"""What a topic that a reader has chosen counts, which does not fade."""


class Kind(StrEnum):
    """What a reader does with an article."""

    VIEW = "view"
    DWELL = "dwell"
    LIKE = "like"
    SHARE = "share"
    SKIP = "skip"


class Touch(Model):
    """Something that a reader did with an article; the same again is the same."""

    content: ItemId
    kind: Kind
    at: AwareDatetime
    ms: Annotated[int, Field(ge=0, le=86_400_000, strict=True)] = 0
    """How long, for a dwell."""

    @property
    def weight(self) -> float:
        """How much it says: a dwell of half a minute as much as a view, and of a minute or more twice that."""
        match self.kind:
            case Kind.VIEW:
                return 1.0
            case Kind.DWELL:
                return min(self.ms / 30_000, 2.0)
            case Kind.LIKE:
                return 4.0
            case Kind.SHARE:
                return 5.0
            case Kind.SKIP:
                return -2.0


class Wishes(Model):
    """What a reader says of how they want to be served; None where nothing is said."""

    opted_out: Annotated[bool, Field(strict=True)] | None = None
    """Nothing is recorded and nothing recorded is used."""
    audience: Audience | None = None
    interests: Annotated[list[Topic], Field(max_length=20)] | None = None
    """Topics that they have chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known of a reader."""

    sums: Mapping[str, float] = field(default_factory=dict[str, float])
    """Topic -> what its touch points count, as of the landmark."""
    chosen: tuple[str, ...] = ()
    audience: Audience = Audience.EVERYONE
    opted_out: bool = False
    touches: tuple[Touch, ...] = ()
    """The latest, newest first."""

    def interests(self, now: datetime) -> dict[str, float]:
        """Return topics with what they count now; those that are skipped count less than nothing."""
        fading = growth(now, HALF_LIFE)
        found = {topic: sum / fading for topic, sum in self.sums.items()}
        for topic in self.chosen:
            found[topic] = found.get(topic, 0.0) + CHOSEN
        return found


def growth(at: datetime, half_life: timedelta) -> float:
    """Return what one unit of a moment counts as of the landmark."""
    return float(2.0 ** ((at - LANDMARK) / half_life))


def said_by(touch: Touch, topics: Iterable[str]) -> dict[str, float]:
    """Return what a touch point adds to a profile: topic -> what it counts, as of the landmark."""
    about = list(topics)
    each = touch.weight * growth(touch.at, HALF_LIFE) / len(about) if about else 0.0
    return dict.fromkeys(about, each) if each else {}


def popularity_of(touch: Touch) -> float:
    """Return what a touch point adds to its article's count, as of the landmark; skipping adds nothing."""
    return max(touch.weight, 0.0) * growth(touch.at, POPULAR_HALF_LIFE)
