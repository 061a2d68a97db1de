"""How good the feed is, beside the most popular and the newest articles: `python tools/feed_quality.py`.

There are no readers to ask, so some are made, by a seed: each has interests, which change half-way, and reads what is
shown at random by how much it is theirs, how good it is and how new. What they do goes through the product's own
profiles; its own ranking then orders what has come in on later days, and is measured by what the made readers would
read of it.

NDCG@10: 1 is the best order that there is. A made reader is no reader: what is proven is that the ranking finds
interests that are there, not that anybody likes it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import exp, log2
from pathlib import Path
from random import Random
from statistics import fmean

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tasks.content.catalogue.database import Entry
from tasks.content.reading.profiles import Kind, Profile, Touch, popularity_of, said_by
from tasks.content.reading.ranking import ranked, taste_of

BEGIN = datetime(2030, 1, 1, tzinfo=UTC)
TOPICS = (
    *("animals", "archaeology", "arts", "climate", "food", "geography"),
    *("health", "history", "oceans", "space", "sports", "technology"),
)
DAYS = 30
TESTED = 6
"""The last days, whose articles are ordered."""
OLDEST = timedelta(days=3)
SHOWN = 12
"""Articles that a reader is shown in a day, drawn from all of the last days."""
AT = 10
MARGIN = 1.25
"""How much better the feed has to be than the better of the two others."""


@dataclass
class Reader:
    """A made reader, and what the product knows of them."""

    interests: dict[str, float]
    sums: dict[str, float] = field(default_factory=dict[str, float])
    touches: list[Touch] = field(default_factory=list[Touch])
    seen: set[str] = field(default_factory=set[str])

    def profile(self) -> Profile:
        """Give what the product knows."""
        return Profile(sums=self.sums, touches=tuple(reversed(self.touches[-200:])))


@dataclass
class Made:
    """A made article."""

    entry: Entry
    quality: float


@dataclass(frozen=True)
class Quality:
    """NDCG@10 of the three orders, each over all readers, and how sure the lead of the feed is."""

    feed: float
    popularity: float
    recency: float
    lead: tuple[float, float]
    """From and to where the feed divided by the better other lies, in 95 of 100 samples of readers."""
    readers: int

    @property
    def margin(self) -> float:
        """The feed divided by the better of the others."""
        return self.feed / max(self.popularity, self.recency)


def evaluate(seed: int, readers: int = 200, a_day: int = 40) -> Quality:
    """Make readers and articles, let the former read, and measure the three orders on the last days."""
    random = Random(seed)  # noqa: S311  # a simulation, that has to come out the same again
    articles = [
        _article(random, number, BEGIN + timedelta(days=number / a_day)) for number in range(DAYS * a_day)
    ]
    people = [Reader(_interests(random)) for _ in range(readers)]
    counts: dict[str, float] = {}
    found: list[list[tuple[float, float, float]]] = [[] for _ in people]
    for day in range(int(OLDEST.days), DAYS):
        now = BEGIN + timedelta(days=day)
        fresh = [each for each in articles if now - OLDEST <= _published(each) < now]
        if day == DAYS // 2:
            for person in people:
                person.interests = _drifted(random, person.interests)
        if day >= DAYS - TESTED:
            entries = [_counted(each.entry, counts) for each in fresh]
            most = max((each.popularity for each in entries), default=0.0)
            for person, scores in zip(people, found, strict=True):
                measured = _measured(random, person, fresh, entries, most, now)
                scores += [measured] if measured else []
        for person in people:
            _read(random, person, fresh, counts, now)
    means = [tuple(fmean(column) for column in zip(*scores, strict=True)) for scores in found if scores]
    feed, popularity, recency = (fmean(column) for column in zip(*means, strict=True))
    return Quality(feed, popularity, recency, _lead(random, means), len(means))


def _article(random: Random, number: int, at: datetime) -> Made:
    topics = tuple(random.sample(TOPICS, random.choice((1, 1, 2, 2, 3))))
    id = f"{number:016x}"
    entry = Entry(id, "made", id, "", "en", topics, "", at.timestamp(), False, 0.0, 0.0, True)
    return Made(entry, random.gauss(0, 1))


def _published(made: Made) -> datetime:
    return datetime.fromtimestamp(made.entry.published, UTC)


def _interests(random: Random) -> dict[str, float]:
    drawn = {topic: random.gammavariate(0.3, 1) for topic in TOPICS}
    total = sum(drawn.values())
    return {topic: value / total for topic, value in drawn.items()}


def _drifted(random: Random, interests: dict[str, float]) -> dict[str, float]:
    other = _interests(random)
    return {topic: 0.6 * value + 0.4 * other[topic] for topic, value in interests.items()}


def _chance(person: Reader, made: Made, now: datetime) -> float:
    """The chance that a made reader reads an article that is shown to them."""
    topics = made.entry.topics
    match = sum(person.interests[topic] for topic in topics) / len(topics) ** 0.5
    age = (now.timestamp() - made.entry.published) / 86_400
    return 1 / (1 + exp(3.0 - 7 * match - 0.6 * made.quality + 0.3 * age))


def _read(
    random: Random, person: Reader, fresh: Sequence[Made], counts: dict[str, float], now: datetime
) -> None:
    for made in random.sample(fresh, min(SHOWN, len(fresh))):
        id = made.entry.id
        if id in person.seen:
            continue
        chance = _chance(person, made, now)
        if random.random() < chance:
            kinds = [Kind.VIEW, *([Kind.LIKE] if random.random() < 0.2 else [])]
        elif random.random() < 0.1 * (1 - chance):
            kinds = [Kind.SKIP]
        else:
            continue
        person.seen.add(id)
        for kind in kinds:
            touch = Touch(content=id, kind=kind, at=now)
            person.touches.append(touch)
            counts[id] = counts.get(id, 0.0) + popularity_of(touch)
            for topic, sum in said_by(touch, made.entry.topics).items():
                person.sums[topic] = person.sums.get(topic, 0.0) + sum


def _counted(entry: Entry, counts: dict[str, float]) -> Entry:
    return Entry(
        *(entry.id, entry.source, entry.title, entry.summary, entry.lang, entry.topics, entry.media),
        *(entry.published, entry.grown_ups, entry.boost, counts.get(entry.id, 0.0), entry.shown),
    )


def _measured(
    random: Random, person: Reader, fresh: Sequence[Made], entries: list[Entry], most: float, now: datetime
) -> tuple[float, float, float] | None:
    """NDCG of the three orders of what a reader has not seen; None for one who would read none of it."""
    wanted = {
        made.entry.id
        for made in fresh
        if made.entry.id not in person.seen and random.random() < _chance(person, made, now)
    }
    left = [each for each in entries if each.id not in person.seen]
    if not wanted:
        return None
    feed = ranked(left, taste_of(person.profile(), now, most))
    popular = sorted(left, key=lambda each: (-each.popularity, each.id))
    newest = sorted(left, key=lambda each: (-each.published, each.id))
    return _ndcg(feed, wanted), _ndcg(popular, wanted), _ndcg(newest, wanted)


def _ndcg(order: Sequence[Entry], wanted: set[str]) -> float:
    gained = sum(1 / log2(place + 2) for place, each in enumerate(order[:AT]) if each.id in wanted)
    return gained / sum(1 / log2(place + 2) for place in range(min(AT, len(wanted))))


def _lead(random: Random, means: list[tuple[float, ...]], samples: int = 400) -> tuple[float, float]:
    """Where the feed's lead lies, by samples of the readers with repeats (bootstrap)."""
    leads: list[float] = []
    for _ in range(samples):
        drawn = random.choices(means, k=len(means))
        feed, popularity, recency = (fmean(column) for column in zip(*drawn, strict=True))
        leads.append(feed / max(popularity, recency))
    leads.sort()
    return leads[int(0.025 * samples)], leads[int(0.975 * samples) - 1]


def main(write: Callable[[str], object] = print) -> int:
    """Report the quality for some seeds; 1 where the feed does not lead by the margin."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--readers", type=int, default=200)
    given = parser.parse_args()
    write(f"NDCG@{AT}, {given.readers} readers, {TESTED} days after {DAYS - TESTED - OLDEST.days} of reading")
    write("seed   feed  popularity  recency   lead (95 of 100)")
    worst = float("inf")
    for seed in given.seeds:
        found = evaluate(seed, given.readers)
        worst = min(worst, found.lead[0])
        low, high = found.lead
        write(
            f"{seed:4}  {found.feed:.3f}  {found.popularity:10.3f}  {found.recency:7.3f}   "
            f"{found.margin:.2f} ({low:.2f} to {high:.2f})"
        )
    is_good = worst >= MARGIN
    write(f"the feed leads by {MARGIN} or more: {'yes' if is_good else 'no'}")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
