"""PC-04, PC-05 and PC-07 without any service: what stands where in a feed, and why."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from tasks.content.catalogue.database import Entry
from tasks.content.models import Audience
from tasks.content.reading.profiles import (
    HALF_LIFE,
    POPULAR_HALF_LIFE,
    Kind,
    Profile,
    Touch,
    growth,
    popularity_of,
    said_by,
)
from tasks.content.reading.ranking import AT_ONCE, DEPTH, WINDOW, ranked, reasons, taste_of
from tests.tasks.content.newsroom import NOW

NOBODY = Profile()
TOPICS = ("animals", "oceans", "space", "history", "music", "food")


def entry(number: int, topic: str = "animals", *, age: timedelta = timedelta(hours=1), **more: Any) -> Entry:
    given: dict[str, Any] = {
        "title": f"Title {number}",
        "topics": (topic,) if topic else (),
        "published": (NOW - age).timestamp(),
        "source": "a",
        "summary": "",
        "lang": "en",
        "media": "",
        "grown_ups": False,
        "boost": 0.0,
        "popularity": 0.0,
        "shown": True,
    }
    return Entry(id=f"{number:016x}", **{**given, **more})


def touched(*numbers: int, kind: Kind = Kind.VIEW, topic: str = "animals", at: datetime = NOW) -> Profile:
    touches = [Touch(content=f"{number:016x}", kind=kind, at=at) for number in numbers]
    sums: dict[str, float] = {}
    for touch in touches:
        for name, sum in said_by(touch, [topic]).items():
            sums[name] = sums.get(name, 0.0) + sum
    return Profile(sums=sums, touches=tuple(touches))


def order(entries: list[Entry], profile: Profile = NOBODY, **more: Any) -> list[Entry]:
    most = max((each.popularity for each in entries), default=0.0)
    return ranked(entries, taste_of(profile, more.pop("now", NOW), most, more.pop("audience", None)), **more)


MANY = [entry(number, TOPICS[number % len(TOPICS)]) for number in range(60)]


def test_pc_04_a_reader_of_a_topic_sees_more_of_it_after_five_touches_and_not_only_it() -> None:
    before = [each.topics[0] for each in order(MANY)[:10]]
    after = [each.topics[0] for each in order(MANY, touched(*range(100, 105), topic="food"))[:10]]

    assert after.count("food") > before.count("food")
    assert after.count("food") == 4
    assert after[0] == "food"
    assert len(set(after)) > 2


def test_pc_04_skipping_lowers_a_topic() -> None:
    skipping = touched(*range(100, 105), kind=Kind.SKIP, topic="food")

    assert "food" not in {each.topics[0] for each in order(MANY, skipping)[:20]}


@pytest.mark.parametrize("days", [0, 14, 28, 140])
def test_pc_04_interest_is_halved_every_fourteen_days_to_the_second(days: int) -> None:
    profile = touched(1, kind=Kind.LIKE)

    found = profile.interests(NOW + timedelta(days=days))

    assert found["animals"] == pytest.approx(4.0 * 0.5 ** (days / 14), rel=1e-12)
    assert profile.interests(NOW + timedelta(days=7))["animals"] == pytest.approx(4.0 / 2**0.5)


def test_touches_add_up_to_the_same_in_whatever_order_they_come() -> None:
    touches = [Touch(content="0" * 16, kind=Kind.VIEW, at=NOW - timedelta(days=n)) for n in (0, 30, 3)]

    forth, back = (sum(said_by(each, ["a"])["a"] for each in some) for some in (touches, touches[::-1]))

    assert forth == pytest.approx(back, rel=1e-12)


@pytest.mark.parametrize(
    ("kind", "ms", "weight"),
    [
        (Kind.VIEW, 0, 1.0),
        (Kind.DWELL, 0, 0.0),
        (Kind.DWELL, 15_000, 0.5),
        (Kind.DWELL, 3_600_000, 2.0),
        (Kind.LIKE, 0, 4.0),
        (Kind.SHARE, 0, 5.0),
        (Kind.SKIP, 0, -2.0),
    ],
)
def test_what_a_touch_says(kind: Kind, ms: int, weight: float) -> None:
    touch = Touch(content="0" * 16, kind=kind, at=NOW, ms=ms)

    assert touch.weight == weight
    assert popularity_of(touch) == pytest.approx(max(weight, 0.0) * growth(NOW, POPULAR_HALF_LIFE))
    shared = said_by(touch, ["a", "b"])
    assert sum(shared.values()) == pytest.approx(weight * growth(NOW, HALF_LIFE))
    assert said_by(touch, []) == {}


def test_no_more_than_two_of_a_topic_stand_in_any_five() -> None:
    entries = [entry(n, "food" if n < 30 else TOPICS[n % 5]) for n in range(60)]

    topics = [each.topics[0] for each in order(entries, touched(*range(100, 120), topic="food"))]

    windows = [topics[n : n + WINDOW] for n in range(40)]
    assert max(max(window.count(topic) for topic in window) for window in windows) == AT_ONCE


def test_where_there_is_one_topic_alone_nothing_is_left_out() -> None:
    assert len(order([entry(n) for n in range(20)])) == 20
    assert len(order([entry(n, "") for n in range(20)])) == 20
    assert order([]) == []


def test_a_stranger_gets_what_is_new_and_popular_and_what_editors_lift_comes_first() -> None:
    old, new = entry(1, "food", age=timedelta(days=9)), entry(2, "space")
    liked = entry(3, "music", age=timedelta(days=9), popularity=50 * growth(NOW, POPULAR_HALF_LIFE))
    lifted = entry(4, "history", age=timedelta(days=9), boost=1.0)

    assert [each.id[-1] for each in order([old, new, liked, lifted])] == ["4", "2", "3", "1"]


def test_popularity_fades_as_it_was_counted() -> None:
    then = NOW - timedelta(weeks=8)
    once = entry(1, "food", age=timedelta(days=60), popularity=100 * growth(then, POPULAR_HALF_LIFE))
    now = entry(2, "space", age=timedelta(days=60), popularity=3 * growth(NOW, POPULAR_HALF_LIFE))

    assert [each.id[-1] for each in order([once, now])] == ["2", "1"]


def test_what_was_seen_comes_last() -> None:
    assert order([entry(1), entry(2, "food", age=timedelta(days=90))], touched(1))[-1].id.endswith("1")


def test_pc_05_what_is_turned_off_or_not_for_students_is_not_there() -> None:
    entries = [entry(1), entry(2, shown=False), entry(3, grown_ups=True)]
    students = Profile(audience=Audience.STUDENTS)

    assert [each.id[-1] for each in order(entries)] == ["1", "3"] or len(order(entries)) == 2
    assert [each.id[-1] for each in order(entries, students)] == ["1"]
    assert [each.id[-1] for each in order(entries, audience=Audience.STUDENTS)] == ["1"]


def test_nothing_of_who_has_opted_out_is_used() -> None:
    known = touched(*range(100, 110), topic="food")
    opted = Profile(sums=known.sums, touches=known.touches, opted_out=True)

    assert order(MANY, opted) == order(MANY)


def test_every_article_says_why_it_is_there() -> None:
    read = entry(1, "food", age=timedelta(days=9))
    found = {
        "food": entry(2, "food", age=timedelta(days=9)),
        "new": entry(3, "space"),
        "old": entry(4, "music", age=timedelta(days=9)),
    }
    by_id = {each.id: each for each in (read, *found.values())}

    def why(name: str, profile: Profile, most: float = 0.0) -> list[str]:
        return reasons(found[name], taste_of(profile, NOW, most), profile, by_id)

    assert why("food", touched(1, topic="food")) == ["because you read “Title 1”"]
    assert why("food", touched(1, kind=Kind.LIKE, topic="food")) == ["because you liked “Title 1”"]
    assert why("food", touched(99, topic="food")) == ["because you read about food"]
    assert why("food", Profile(chosen=("food",))) == ["because you chose food"]
    assert why("food", touched(1, kind=Kind.SKIP, topic="food")) == ["something different"]
    assert why("new", Profile()) == ["new"]
    assert why("old", Profile()) == ["something different"]
    liked = entry(5, "music", age=timedelta(days=9), popularity=growth(NOW, POPULAR_HALF_LIFE), boost=0.5)
    said = reasons(liked, taste_of(Profile(), NOW, liked.popularity), Profile(), by_id)
    assert said == ["picked by the editors", "popular with other readers"]


def test_a_title_that_is_not_shown_any_more_is_no_reason() -> None:
    by_id = {each.id: each for each in (entry(1, shown=False), entry(2))}
    profile = touched(1)

    assert (
        reasons(by_id[f"{2:016x}"], taste_of(profile, NOW, 0.0), profile, by_id)[0]
        == "because you read about animals"
    )


def test_pc_07_ten_thousand_articles_are_in_order_within_fifty_milliseconds() -> None:
    entries = [
        entry(n, TOPICS[n % 6], age=timedelta(hours=n % 900), popularity=float(n % 7)) for n in range(10_000)
    ]
    profile = touched(*range(20_000, 20_200), topic="food")

    times = []
    for _ in range(5):
        begin = time.process_time()
        found = order(entries, profile)
        times.append(time.process_time() - begin)

    assert len(found) == DEPTH
    assert min(times) < 0.05
