"""PC-01 and W-04: what comes of articles from several sources, in whatever order and however often they come."""

from datetime import UTC, datetime
from io import BytesIO
from itertools import count, permutations
from typing import Any

import pytest

from stepsmith import using_clients
from tasks.content.catalogue.shelf import open_shelf
from tasks.content.indexing import count_touches, hour_of, index_articles
from tasks.content.items import (
    compared,
    find_items,
    keep_article,
    label_article,
    look_at_picture,
    read_articles,
)
from tasks.content.models import Content, Kept, Look, Outcome, Run, Stored
from tasks.content.tables import COUNTS
from tasks.errors import Conflict, NotFound, Unsupported
from tests.tasks.content.newsroom import NOW, Newsroom, entry, long_text, newsroom, picture, rss

NUMBERS = count(1)


@pytest.fixture
def room() -> Newsroom:
    return newsroom()


def take_in(room: Newsroom, run: Run) -> list[Kept]:
    found = read_articles(run, s3=room.s3)
    return [keep_article(run, number, s3=room.s3, dynamodb=room.dynamodb) for number in found.items]


def opened(room: Newsroom, source: str, body: bytes, seen: str = "") -> Run:
    key = f"feeds/{source}/{next(NUMBERS)}.xml"
    room.upload(key, body)
    run = room.open(key)
    return run.model_copy(update={"seen": f"2030-01-01T00:00:0{seen}Z#x"}) if seen else run


def test_an_article_is_kept_with_what_it_is_about_and_is_found_in_the_catalogue(room: Newsroom) -> None:
    run = opened(room, "kept", rss(entry("A whale", "https://kept.example/1")))

    (kept,) = take_in(room, run)
    count = index_articles([kept], s3=room.s3, dynamodb=room.dynamodb)

    assert (kept.outcome, count) == (Outcome.NEW, 1)
    assert room.item(kept.id).topics == ["animals"]
    assert open_shelf(room.s3).by_id[kept.id].title == "A whale"
    assert index_articles([], s3=room.s3, dynamodb=room.dynamodb) == 0


def test_w_04_the_same_state_again_has_the_same_outcome_and_changes_nothing(room: Newsroom) -> None:
    run = opened(room, "again", rss(entry("A whale", "https://again.example/1")))

    first, second = take_in(room, run), take_in(room, run)

    assert first == second


@pytest.mark.parametrize("order", list(permutations("123")))
def test_w_04_the_latest_state_of_an_article_stands_in_whatever_order_they_come(
    room: Newsroom, order: tuple[str, ...]
) -> None:
    name = "".join(order)
    for seen in order:
        body = rss(entry(f"State {seen}", f"https://order{name}.example/1"))
        (kept,) = take_in(room, opened(room, f"order{name}", body, seen))

    assert room.item(kept.id).content.title == "State 3"
    assert room.item(kept.id).seen == "2030-01-01T00:00:03Z#x"


def test_a_state_that_says_the_same_is_noted_as_seen_so_that_none_between_replaces_it(room: Newsroom) -> None:
    outcomes = []
    for seen, title in (("1", "A"), ("3", "A"), ("2", "B")):
        body = rss(entry(title, "https://between.example/1"))
        outcomes += [each.outcome for each in take_in(room, opened(room, "between", body, seen))]

    assert outcomes == [Outcome.NEW, Outcome.SAME, Outcome.OLDER]


@pytest.mark.parametrize("order", [("early", "late"), ("late", "early")])
def test_an_address_that_two_sources_have_is_one_article_of_the_one_that_was_first(
    room: Newsroom, order: tuple[str, str]
) -> None:
    dates = {"early": "Tue, 31 Dec 2019 10:00:00 GMT", "late": "Tue, 31 Dec 2019 11:00:00 GMT"}
    for source in order:
        body = rss(entry(source, f"https://both.example/{order[0]}", date=dates[source]))
        (kept,) = take_in(room, opened(room, source, body))

    assert room.item(kept.id).content.source == "early"
    assert kept.outcome is (Outcome.DUPLICATE if order[0] == "early" else Outcome.CHANGED)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_articles_that_are_nearly_the_same_the_first_is_shown(
    room: Newsroom, order: tuple[int, ...]
) -> None:
    name = "".join(map(str, order))
    ids = {}
    for number in order:
        text = f"<p>{long_text(f'near{name}', skip=number)}</p>"
        body = rss(
            entry(
                "T",
                f"https://near.example/{name}/{number}",
                html=text,
                date=f"Tue, 31 Dec 2019 0{number}:00:00 GMT",
            )
        )
        (kept,) = take_in(room, opened(room, f"near{number}", body))
        ids[number] = kept.id

    assert [room.item(ids[number]).duplicate_of for number in range(3)] == [None, ids[0], ids[0]]
    assert [room.item(ids[number]).is_shown for number in range(3)] == [True, False, False]


def test_an_article_whose_text_becomes_another_is_no_duplicate_any_more(room: Newsroom) -> None:
    first = rss(
        entry("T", "https://was.example/1", html=long_text("was"), date="Tue, 31 Dec 2019 01:00:00 GMT")
    )
    take_in(room, opened(room, "was", first))
    for seen, text, hidden in (
        ("1", long_text("was"), True),
        ("2", "<p>Short.</p>", False),
        ("3", long_text("is"), False),
    ):
        body = rss(entry("T", "https://was.example/2", html=text, date="Tue, 31 Dec 2019 02:00:00 GMT"))
        (kept,) = take_in(room, opened(room, "was", body, seen))

        assert (room.item(kept.id).duplicate_of is not None) is hidden


def test_a_source_that_is_gone_or_was_replaced_is_not_read(room: Newsroom) -> None:
    run = opened(room, "replaced", rss(entry()))
    room.upload(run.key, rss())
    with pytest.raises(Conflict):
        read_articles(run, s3=room.s3)
    room.s3.delete_object(Bucket=run.bucket, Key=run.key)
    with pytest.raises(NotFound):
        read_articles(run, s3=room.s3)


class Shelves:
    """An S3 that gives one object and takes everything."""

    def __init__(self, body: bytes) -> None:
        self.body, self.put = body, 0

    def get_object(self, **asked: Any) -> Any:
        return {"ContentLength": len(self.body), "Body": BytesIO(self.body)}

    def put_object(self, **asked: Any) -> None:
        self.put += 1


def test_a_feed_with_too_many_articles_says_so(room: Newsroom) -> None:
    shelves: Any = Shelves(rss(*[entry(f"T{n}") for n in range(203)]))

    found = read_articles(opened(room, "many", rss()), s3=shelves)

    assert (len(found.items), found.left_out, shelves.put) == (200, 1, 200)


def test_a_picture_is_looked_at_and_its_labels_say_what_the_article_is_about(room: Newsroom) -> None:
    run = opened(room, "seen", rss(entry("X", "https://seen.example/1", html="<img src='media/seen.jpg'>")))
    room.upload("media/seen.jpg", picture())
    room.upload("media/text.jpg", b"no picture")
    (kept,) = take_in(room, run)

    with using_clients(room.clients):
        look = look_at_picture("media/seen.jpg")
    with pytest.raises(Unsupported):
        look_at_picture("media/text.jpg", s3=room.s3, rekognition=room.clients.client("rekognition"))
    with pytest.raises(NotFound):
        look_at_picture("media/gone.jpg", s3=room.s3, rekognition=room.clients.client("rekognition"))
    looks = [look, Look(key="media/seen.jpg", labels=["Whale", "Whale"])]
    label_article(run, kept.id, looks, dynamodb=room.dynamodb)

    assert (kept.pictures, room.item(kept.id).labels) == (["media/seen.jpg"], ["Whale"])
    assert room.item(kept.id).topics == ["animals"]


def test_labels_of_an_older_state_are_not_noted(room: Newsroom) -> None:
    run = opened(room, "later", rss(entry("X", "https://later.example/1")))
    (kept,) = take_in(room, run)

    label_article(
        run.model_copy(update={"seen": "earlier"}),
        kept.id,
        [Look(key="k", labels=["Whale"])],
        dynamodb=room.dynamodb,
    )

    assert room.item(kept.id).labels == []


def test_what_people_did_is_counted_as_it_is_and_as_often_as_one_likes(room: Newsroom) -> None:
    (kept,) = take_in(room, opened(room, "counted", rss(entry("X", "https://counted.example/1"))))
    index_articles([kept], s3=room.s3, dynamodb=room.dynamodb)
    row = {"id": {"S": kept.id}, "sum": {"N": "2.5"}, "hour": {"S": hour_of(NOW)}}
    room.dynamodb.put_item(TableName=COUNTS.name, Item=row)

    assert count_touches(now=NOW, s3=room.s3, dynamodb=room.dynamodb) >= 1
    assert count_touches(now=NOW, s3=room.s3, dynamodb=room.dynamodb) >= 1
    assert open_shelf(room.s3).by_id[kept.id].popularity == 2.5


def test_pc_01_a_hundred_articles_of_three_sources_with_every_kind_of_trouble(room: Newsroom) -> None:
    feeds: dict[str, list[str]] = {"alpha": [], "beta": [], "gamma": []}
    for number in range(100):
        source = ("alpha", "beta", "gamma")[number % 3]
        address = f"http://www.pc01.example/{number // 2 if number < 20 else number}?utm_source={source}"
        title, html, date = f"Article {number}", f"<p>Text {number}</p>", "Tue, 31 Dec 2019 10:00:00 GMT"
        match number % 7:
            case 1:
                title = f"<b>Article</b> {number}<script>x</script>"
            case 2:
                date = "31.12.29"
            case 3:
                html = "<img src='/gone.jpg'><p>Der Hund und die Katze sind nicht in dem Haus.</p>"
            case 4:
                date = ""
            case _:
                pass
        feeds[source].append(entry(title, address, html=html, date=date))

    kept = [
        each for source, items in feeds.items() for each in take_in(room, opened(room, source, rss(*items)))
    ]
    found = find_items({each.id for each in kept}, dynamodb=room.dynamodb)

    assert len(kept) == 100
    assert len(found) == 90
    assert all("<" not in each.content.title for each in found)
    assert {each.content.lang for each in found if "Hund" in each.content.text} == {"de"}
    assert all(each.content.published_at.year >= 2019 for each in found)


def test_which_of_two_states_stands_is_told_without_any_service() -> None:
    content = Content(
        id="0" * 16,
        source="b",
        title="T",
        summary="",
        html="",
        text="",
        published_at=datetime(2030, 1, 1, tzinfo=UTC),
    )
    there = Stored(content=content, seen="2", outcome=Outcome.NEW)
    other = content.model_copy(update={"title": "U"})

    assert [compared(there, other, seen) for seen in "123"] == [Outcome.OLDER, Outcome.NEW, Outcome.CHANGED]
    assert compared(None, other, "1") is Outcome.NEW
    assert compared(there, content.model_copy(update={"source": "a"}), "1") is Outcome.CHANGED
    assert compared(there, content.model_copy(update={"source": "c"}), "9") is Outcome.DUPLICATE
