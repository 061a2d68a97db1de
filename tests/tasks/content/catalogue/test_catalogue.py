"""The catalogue: what is put in is found, nothing that is asked is an operator, and two writers lose nothing."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from stepsmith import ClientRegistry
from tasks.content.catalogue.database import Database
from tasks.content.catalogue.shelf import change_catalogue, open_shelf
from tasks.content.models import Content, Edits, Outcome, Stored
from tasks.content.tables import BUCKET, CATALOGUE
from tasks.errors import Throttled

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def stored(number: int, title: str = "A whale", text: str = "It sings.", **edits: Any) -> Stored:
    content = Content(
        id=f"{number:016x}",
        source="a",
        title=title,
        summary=text,
        html=text,
        text=text,
        published_at=NOW,
        topics=["oceans"],
    )
    return Stored(content=content, seen="x", outcome=Outcome.NEW, edits=Edits(**edits))


@pytest.fixture
def s3() -> Any:
    client: Any = ClientRegistry.local().client("s3")
    client.create_bucket(Bucket=BUCKET.name)
    return client


def test_articles_are_found_by_words_of_title_text_and_topics_the_best_first() -> None:
    database = Database()
    database.put([stored(1, "A star", "and a whale"), stored(2, "A whale"), stored(3, "Bären", "Köln")])

    assert database.search("WHALE") == [f"{2:016x}", f"{1:016x}"]
    assert database.search("baren koln") == [f"{3:016x}"]
    assert database.search("whale sin") == [f"{2:016x}"]
    assert len(database.search("ocean")) == 3


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "whale OR star",
        "title:whale",
        "NEAR(a b)",
        "*",
        "a* AND -b",
        "'; DROP TABLE items; --",
        "\0",
        "^whale",
        "\ud800",
    ],
)
def test_nothing_that_is_asked_is_an_operator(text: str) -> None:
    database = Database()
    database.put([stored(1), stored(2, "A star")])

    assert database.search(text) in ([], [f"{1:016x}"])
    assert len(database.entries()) == 2


def test_an_article_that_is_put_again_replaces_itself_and_keeps_what_people_did_with_it() -> None:
    database = Database()
    database.put([stored(1)])
    database.count({f"{1:016x}": 2.5, "gone": 1.0})
    database.put([stored(1, "A star", published=False, boost=0.5)])

    (entry,) = Database(database.to_bytes()).entries()

    assert (entry.title, entry.popularity, entry.boost, entry.shown) == ("A star", 2.5, 0.5, False)
    assert database.search("whale") == []
    assert database.search("star") == [entry.id]


def test_the_catalogue_is_loaded_once_for_each_version(s3: Any) -> None:
    assert open_shelf(s3).entries == []
    change_catalogue(s3, lambda database: database.put([stored(1)]))

    first, again = open_shelf(s3), open_shelf(s3)
    change_catalogue(s3, lambda database: database.put([stored(2)]))
    third = open_shelf(s3)

    assert first is again
    assert [len(each.entries) for each in (first, third)] == [1, 2]


def test_of_two_writers_at_once_neither_loses_anything(s3: Any) -> None:
    others = [stored(2), stored(3)]

    def change(database: Database) -> None:
        if others:
            other = others.pop()
            change_catalogue(s3, lambda inner: inner.put([other]))
        database.put([stored(1)])

    change_catalogue(s3, change)

    assert len(open_shelf(s3).entries) == 3


def test_a_writer_that_is_always_overtaken_comes_back_later(s3: Any) -> None:
    numbers = count(2)

    def change(database: Database) -> None:
        overtaking = Database()
        overtaking.put([stored(next(numbers))])
        s3.put_object(Bucket=BUCKET.name, Key=CATALOGUE, Body=overtaking.to_bytes())
        database.put([stored(1)])

    with pytest.raises(Throttled):
        change_catalogue(s3, change)
