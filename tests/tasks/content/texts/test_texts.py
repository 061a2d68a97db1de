"""Cleaning, addresses, languages, topics and likeness, each by examples."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks.content.models import Suitability
from tasks.content.sources.dates import read_date, settled
from tasks.content.texts.addresses import canonical, item_id
from tasks.content.texts.languages import language_of, settle
from tasks.content.texts.likeness import ALIKE, bands, likeness, sketch
from tasks.content.texts.markup import plain, safe, summary_of, title_of
from tasks.content.texts.topics import suitability_of, topics_of
from tests.tasks.content.newsroom import long_text

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/a/b",
        "https://www.example.com/a/b/",
        "HTTPS://EXAMPLE.com:443/a/b#top",
        "https://example.com./a/b?utm_source=x&fbclid=y",
        " https://example.com/a/%62 ",
        "https://exa\nmple.com/a/b",
    ],
)
def test_the_ways_to_write_an_address_are_one(address: str) -> None:
    assert canonical(address) == "https://example.com/a/b"


def test_what_makes_another_article_makes_another_address() -> None:
    found = {
        canonical(f"https://example.com{rest}")
        for rest in ("/a", "/A", "/a?id=1", "/a?id=2", ":8080/a", "/b")
    }

    assert len(found) == 6


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "ftp://example.com/",
        "https://",
        "https://[::1",
        "https://localhost/x",
        "/a",
        "https://a.b:x/",
    ],
)
def test_what_is_no_address_of_the_web_has_no_canonical_form(address: str) -> None:
    assert canonical(address) is None


def test_an_article_is_called_by_its_address_and_otherwise_by_source_and_guid() -> None:
    assert item_id("a", "1", "https://x.example/1") == item_id("b", "2", "https://x.example/1")
    assert item_id("a", "1", None) != item_id("b", "1", None)
    assert len(item_id("a", "\ud800", None)) == 16


def test_titles_have_no_markup_however_often_it_is_escaped() -> None:
    assert title_of("<b>Whales</b> &amp;amp; sharks") == "Whales & sharks"
    assert title_of("&lt;script&gt;alert(1)&lt;/script&gt;Whales") == "Whales"
    assert title_of("a\u202eb\x00c") == "abc"
    assert title_of("x" * 400) == "x" * 299 + "…"


def test_texts_lose_their_markup_and_keep_their_words_apart() -> None:
    assert plain("<p>One</p><p>two<br>three</p><style>no</style>") == "One two three"
    assert safe("<p>One<script>no</script></p>") == "<p>One</p>"


def test_a_summary_ends_between_words() -> None:
    assert summary_of("short") == "short"
    assert summary_of("one two three", most=9) == "one two…"
    assert len(summary_of("x" * 500)) == 240


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The whale and the sea are not for it, and this is what they have."),
        ("de", "Der Hund und die Katze sind nicht in dem Haus mit dem Kind."),
        ("fr", "Le chien et la souris sont dans une maison avec les enfants pour la nuit."),
        ("es", "El perro y la gata no están en la casa con los niños para la noche."),
        ("ja", "クジラは海を泳いでいます。"),
        ("ru", "Собака и кошка живут в доме."),
        ("", "Zzz 123"),
        ("", ""),
    ],
)
def test_the_language_of_a_text_is_told(language: str, text: str) -> None:
    assert language_of(text) == language


def test_what_a_source_says_of_its_language_counts_where_the_text_says_nothing_else() -> None:
    assert settle("de_AT", "123") == ("de", "")
    assert settle("<b>", "123") == ("", "")


def test_topics_are_those_of_title_text_categories_and_pictures() -> None:
    assert topics_of("A whale", "It sings in the sea, says the ocean's museum.") == ["animals", "oceans"]
    assert topics_of("Nothing", "at all") == []
    assert topics_of("", "", ["Space & Astronomy"]) == ["space"]
    assert topics_of("", "", labels=["Whale"]) == ["animals"]


def test_an_article_is_for_grown_ups_by_its_title_or_by_two_words_in_its_text() -> None:
    assert suitability_of("The casino", "") is Suitability.GROWN_UPS
    assert suitability_of("x", "murder, a murder.") is Suitability.GROWN_UPS
    assert suitability_of("x", "the murder of crows") is Suitability.EVERYONE


def test_texts_that_are_nearly_the_same_share_a_band_and_others_share_none() -> None:
    first, second, other = long_text("a"), long_text("a", skip=5), long_text("b")

    assert likeness(sketch(first), sketch(second)) > ALIKE
    assert set(bands(first)) & set(bands(second))
    assert likeness(sketch(first), sketch(other)) < 0.1
    assert not set(bands(first)) & set(bands(other))
    assert (sketch("too short"), bands("too short"), likeness([], [])) == ([], [], 0.0)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Tue, 01 Dec 2026 03:00:00 +0100", "2026-12-01T02:00:00+00:00"),
        ("2026-12-01T03:00:00Z", "2026-12-01T03:00:00+00:00"),
        ("2026-12-01", "2026-12-01T00:00:00+00:00"),
        ("gestern", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("Tue, 99 Dec 2026 03:00:00 GMT", None),
        ("1" * 100, None),
    ],
)
def test_dates_are_read_or_not(text: str, iso: str | None) -> None:
    found = read_date(text)

    assert (found and found.isoformat()) == iso


def test_an_article_without_a_good_date_is_as_old_as_its_object() -> None:
    assert settled(NOW - timedelta(days=1), NOW) == (NOW - timedelta(days=1), "")
    assert settled(None, NOW)[0] == NOW
    assert settled(NOW + timedelta(days=2), NOW)[0] == NOW
