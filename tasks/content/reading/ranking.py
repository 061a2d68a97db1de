"""In which order articles are for a reader, and why. Pure: ten thousand of them in some 30 ms.

A score is the sum of what speaks for an article: that its topics are the reader's, that it is new, that others like
it, and an editor's word; minus that it was seen already. Then no more than two of one topic stand in any five, so that
nobody gets only what they know.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log1p
from typing import Final

from tasks.content.catalogue.database import Entry
from tasks.content.models import Audience
from tasks.content.reading.profiles import POPULAR_HALF_LIFE, Kind, Profile, growth

MATCH: Final = 2.0
FRESH: Final = 0.4
POPULAR: Final = 0.2
BOOST: Final = 0.8
SEEN: Final = 4.0
FRESH_HALF_LIFE: Final = timedelta(hours=36)
DOUBT: Final = 4.0
"""How much touch points must say together until they are believed by half: some four views."""
AT_ONCE: Final = 2
WINDOW: Final = 5
"""No more than so many of one topic stand in so many."""
DEPTH: Final = 300
"""How many articles a feed has."""


@dataclass(frozen=True, slots=True)
class Taste:
    """A reader's interests as shares, at one moment."""

    shares: Mapping[str, float]
    """Topic -> from -1 to 1; together at most 1 above nothing."""
    seen: frozenset[str]
    audience: Audience
    now: float
    """Seconds since 1970."""
    fading: float
    """What a touch point counts now that counts one as of the landmark."""
    most_popular: float
    """What the touch points of the most popular article count now."""


def taste_of(profile: Profile, now: datetime, most_popular: float, audience: Audience | None = None) -> Taste:
    """Return what a profile says now; `most_popular` is what the touch points of the most popular article count.

    That is as of the landmark, as in the catalogue.
    """
    fading = 1 / growth(now, POPULAR_HALF_LIFE)
    interests = {} if profile.opted_out else profile.interests(now)
    total = sum(value for value in interests.values() if value > 0) + DOUBT
    shares = {topic: max(value / total, -1.0) for topic, value in interests.items()}
    seen = frozenset(each.content for each in profile.touches if not profile.opted_out)
    reads = audience or profile.audience
    return Taste(shares, seen, reads, now.timestamp(), fading, most_popular * fading)


def is_suitable(entry: Entry, audience: Audience) -> bool:
    """Say whether an article is shown at all, and to these readers."""
    return entry.shown and not (entry.grown_ups and audience is Audience.STUDENTS)


def ranked(entries: Iterable[Entry], taste: Taste, depth: int = DEPTH) -> list[Entry]:
    """Return articles in the order in which they are for a reader, mixed; unsuitable ones are left out."""
    students = taste.audience is Audience.STUDENTS
    shares, seen, now = taste.shares, taste.seen, taste.now
    rate, fading = 1.0 / FRESH_HALF_LIFE.total_seconds(), taste.fading
    scale = POPULAR / log1p(taste.most_popular) if taste.most_popular > 0 else 0.0
    found: dict[str, list[tuple[float, float, str, Entry]]] = {}
    for each in entries:
        if not each.shown or (students and each.grown_ups):
            continue
        score = FRESH * 2.0 ** (min(each.published - now, 0.0) * rate) + BOOST * each.boost
        if each.popularity > 0:
            score += scale * log1p(each.popularity * fading)
        topics = each.topics
        for topic in topics:
            if topic in shares:
                score += MATCH * shares[topic] / len(topics) ** 0.5
        if each.id in seen:
            score -= SEEN
        main = topics[0] if topics else ""
        found.setdefault(main, []).append((score, each.published, each.id, each))
    return _mixed(found, depth)


def _mixed(found: dict[str, list[tuple[float, float, str, Entry]]], depth: int) -> list[Entry]:
    """Take the best again and again, of the topics that do not stand too often in the last ones."""
    for queue in found.values():
        queue.sort(reverse=True)
        del queue[depth:]
        queue.reverse()
    taken: list[Entry] = []
    last: deque[str] = deque(maxlen=WINDOW - 1)
    while len(taken) < depth:
        left = [topic for topic, queue in found.items() if queue]
        if not left:
            break
        allowed = [topic for topic in left if not topic or last.count(topic) < AT_ONCE] or left
        best = max(allowed, key=lambda topic: found[topic][-1][:3])
        taken.append(found[best].pop()[3])
        last.append(best)
    return taken


def reasons(entry: Entry, taste: Taste, profile: Profile, by_id: Mapping[str, Entry]) -> list[str]:
    """Say why an article is in a reader's feed: at least one reason, the strongest first."""
    found: list[str] = []
    liked = [topic for topic in entry.topics if taste.shares.get(topic, 0.0) > 0]
    if liked:
        topic = max(liked, key=lambda each: taste.shares[each])
        found.append(_because(topic, profile, by_id))
    if entry.boost > 0:
        found.append("picked by the editors")
    if taste.most_popular > 0 and log1p(entry.popularity * taste.fading) > 0.5 * log1p(taste.most_popular):
        found.append("popular with other readers")
    if taste.now - entry.published < FRESH_HALF_LIFE.total_seconds():
        found.append("new")
    return found or ["something different"]


def _because(topic: str, profile: Profile, by_id: Mapping[str, Entry]) -> str:
    said = {Kind.LIKE: "liked", Kind.SHARE: "shared", Kind.VIEW: "read", Kind.DWELL: "read"}
    for touch in profile.touches:
        read = by_id.get(touch.content)
        if touch.kind in said and read is not None and read.shown and topic in read.topics:
            return f"because you {said[touch.kind]} “{read.title}”"
    return f"because you chose {topic}" if topic in profile.chosen else f"because you read about {topic}"
