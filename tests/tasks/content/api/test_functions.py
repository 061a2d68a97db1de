"""The four faces of content delivery in a local cloud: PC-05, PC-06, opting out, erasure, editing and taking in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from types import ModuleType
from typing import Any

import pytest

from stepsmith.cloud.local import LocalCloud
from stepsmith.http import HttpFunction
from tasks.content.api import content, editing, readers, sources
from tasks.content.api.pages import cursor_of
from tasks.content.models import Edits
from tasks.content.reading.readers import reader_key
from tests.stepsmith.deploy.rights_reach import reachable
from tests.tasks.content.newsroom import entry, picture, rss
from workflows.content_ingest import content_ingest
from workflows.content_refresh import content_refresh

API = "/api/content"
MODULES: tuple[ModuleType, ...] = (content, editing, readers, sources)
FUNCTIONS = list(
    {
        each.route: each
        for module in MODULES
        for each in vars(module).values()
        if isinstance(each, HttpFunction)
    }.values()
)
NUMBERS = count(1)
EVERYTHING = dict.fromkeys(("topics", "boost", "focal", "suitability", "published"))
WORDS = {"animals": "A whale and a lion", "space": "The moon and a planet", "food": "A recipe for bread"}


class Newspaper:
    """A local cloud with articles in it, and what is often asked of it."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud

    def ask(self, method: str, path: str, body: Any = b"", headers: Any = None, *, status: int = 200) -> Any:
        answer = self.cloud.http(method, f"{API}{path}", body, headers=headers)
        assert answer.status == status, answer.body
        return answer.json() if answer.body else None

    def publish(self, number: int, topic: str = "animals", text: str = "") -> None:
        key = f"feeds/news/{number}.xml"
        html = f"<p>{WORDS[topic]}, number {number}. {text}</p>"
        body = rss(entry(f"Title {number}", f"https://news.example/{number}", html=html))
        self.cloud.client("s3").put_object(Bucket="content", Key=key, Body=body)
        self.cloud.settle()

    def feed(self, headers: Any = None, **query: Any) -> Any:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return self.ask("GET", f"/feed?{asked}", headers=headers)

    def touch(self, headers: Any, *touches: tuple[str, str], at: str | None = None) -> int:
        moment = at or self.cloud.now.isoformat()
        said = [{"content": id, "kind": kind, "at": moment} for id, kind in touches]
        return int(self.ask("POST", "/touches", {"touches": said}, headers)["added"])

    def id(self, number: int) -> str:
        found = self.ask("GET", f"/admin/items?q=%22number+{number}%22")["items"]
        return str(next(each["id"] for each in found if each["title"] == f"Title {number}"))


def opened(*workflows: Any, articles: int = 12) -> Iterator[Newspaper]:
    with LocalCloud(workflows=[content_ingest, *workflows], functions=FUNCTIONS) as cloud:
        paper = Newspaper(cloud)
        topics = list(WORDS)
        entries = [
            entry(
                f"Title {n}", f"https://news.example/{n}", html=f"<p>{WORDS[topics[n % 3]]}, number {n}.</p>"
            )
            for n in range(articles)
        ]
        cloud.client("s3").put_object(Bucket="content", Key="feeds/news/all.xml", Body=rss(*entries))
        cloud.settle()
        yield paper


@pytest.fixture(scope="module")
def paper() -> Iterator[Newspaper]:
    """One for all tests, which have readers of their own and take back what they edit."""
    yield from opened()


@pytest.fixture
def ann() -> dict[str, str]:
    return {"x-reader": f"{next(NUMBERS):032x}"}


@pytest.fixture
def bob() -> dict[str, str]:
    return {"x-reader": f"{next(NUMBERS):032x}"}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.route)
def test_a_function_declares_every_call_that_its_code_can_make_and_no_other(function: Any) -> None:
    declared = {action for policy in function.deployment.policies for action in policy.actions}

    assert declared == reachable(function.function)
    assert function.function.__doc__


def test_who_writes_has_to_sign_and_who_reads_has_not() -> None:
    signed = {each.route for each in FUNCTIONS if each.access == "iam"}

    assert all(("admin" in route) or not route.startswith("GET") or "runs" in route for route in signed)
    assert {each.route for each in FUNCTIONS if "admin" in each.path} <= signed
    assert f"POST {API}/articles" in signed
    assert f"POST {API}/merge" in signed


def test_articles_are_listed_searched_and_read(paper: Newspaper) -> None:
    found = paper.ask("GET", "/items?q=whale&limit=50&source=news")["items"]
    article = paper.ask("GET", f"/items/{found[0]['id']}")

    assert len(found) == 4
    assert article["html"].startswith("<p>A whale and a lion")
    by_topic, by_word = (
        {each["id"] for each in paper.ask("GET", f"/items?{asked}&limit=50&source=news&lang=en")["items"]}
        for asked in ("topic=space", "q=moon")
    )
    assert by_topic == by_word
    assert {each["topic"] for each in paper.ask("GET", "/topics")} >= {"animals", "space", "food"}
    paper.ask("GET", "/items/0123456789abcdef", status=404)
    paper.ask("GET", f"/items/{found[0]['id']}/picture", status=404)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=51", "cursor=!", "cursor=AA", f"cursor={'A' * 4000}", "audience=x"]
)
def test_what_cannot_be_asked_is_refused(paper: Newspaper, query: str) -> None:
    paper.ask("GET", f"/items?{query}", status=422)
    paper.ask("GET", f"/feed?{query}", status=422)


def test_a_made_up_cursor_leads_to_nothing_that_is_not_shown(paper: Newspaper) -> None:
    hidden = paper.id(3)
    paper.ask("PATCH", f"/admin/items/{hidden}", {"published": False})

    found = paper.feed(cursor=cursor_of([hidden, "0" * 16, paper.id(4)]))

    paper.ask("PATCH", f"/admin/items/{hidden}", EVERYTHING)
    assert [each["title"] for each in found["items"]] == ["Title 4"]


def test_pc_04_the_feed_follows_what_a_reader_does_and_says_so(
    paper: Newspaper, ann: dict[str, str], bob: dict[str, str]
) -> None:
    ids = [paper.id(n) for n in (2, 5)]
    assert paper.touch(ann, *((id, "like") for id in ids)) == 2

    first = paper.feed(ann, limit=3)["items"][0]

    assert first["topics"] == ["food"]
    assert first["why"][0].startswith("because you liked “Title ")
    assert "because" not in str([each["why"] for each in paper.feed(bob)["items"]])
    weights = paper.ask("GET", "/profile", headers=ann)["weights"]
    paper.cloud.advance(timedelta(days=14))
    assert paper.ask("GET", "/profile", headers=ann)["weights"]["food"] == pytest.approx(weights["food"] / 2)


def test_w_04_a_touch_counts_once_however_often_it_comes(paper: Newspaper, ann: dict[str, str]) -> None:
    id, at = paper.id(1), paper.cloud.now.isoformat()

    assert [paper.touch(ann, (id, "view"), (id, "view"), at=at), paper.touch(ann, (id, "view"), at=at)] == [
        1,
        0,
    ]
    assert paper.touch(ann, ("0123456789abcdef", "view")) == 0
    assert paper.touch(ann, (id, "view"), at="2020-01-01T00:00:00Z") == 0
    assert paper.touch(ann, (id, "view"), at="2036-01-01T00:00:00Z") == 0


def test_what_readers_like_is_popular_with_others_after_it_was_counted() -> None:
    for paper in opened(content_refresh, articles=3):
        id = paper.feed()["items"][-1]["id"]
        for digit in "abcdef":
            paper.touch({"x-reader": digit * 32}, (id, "like"))

        paper.cloud.advance(timedelta(minutes=6))

        first = paper.feed()["items"][0]
        assert (first["id"], first["why"]) == (id, ["popular with other readers"])


@pytest.mark.parametrize("edits", [{"published": False}, {"suitability": "grown-ups"}])
def test_pc_05_what_an_editor_turns_off_is_gone_from_the_next_request_on(
    paper: Newspaper, ann: dict[str, str], edits: Any
) -> None:
    page = paper.feed(ann, limit=2, audience="students")
    shown = [each["id"] for each in page["items"]]
    order = paper.feed(ann, limit=50, audience="students")["items"]
    hidden = order[5]["id"]

    paper.ask("PATCH", f"/admin/items/{hidden}", edits, {"x-editor": "Eve"})

    rest = paper.feed(ann, limit=50, audience="students", cursor=page["cursor"])["items"]
    assert [each["id"] for each in rest] == [
        each["id"] for each in order if each["id"] not in (*shown, hidden)
    ]
    assert hidden not in str(paper.ask("GET", "/items?audience=students&limit=50&q=number"))
    paper.ask("GET", f"/items/{hidden}?audience=students", status=404)
    paper.ask("PATCH", f"/admin/items/{hidden}", EVERYTHING)


def test_pc_05_also_where_the_catalogue_has_not_heard_of_it(paper: Newspaper) -> None:
    id = paper.id(1)
    paper.cloud.client("dynamodb").update_item(
        TableName="content-items",
        Key={"id": {"S": id}},
        UpdateExpression="SET edits = :edits",
        ExpressionAttributeValues={":edits": {"S": Edits(published=False).model_dump_json()}},
    )

    assert id not in str(paper.feed(limit=50)["items"])
    assert len(paper.feed(limit=11)["items"]) == 11
    assert id not in str(paper.ask("GET", "/items?limit=50")["items"])
    paper.ask("PATCH", f"/admin/items/{id}", EVERYTHING)


def test_pc_06_pages_have_no_repeats_and_no_gaps_while_articles_are_added(
    paper: Newspaper, ann: dict[str, str]
) -> None:
    whole = [each["id"] for each in paper.feed(ann, limit=50)["items"]]
    page = paper.feed(ann, limit=7)
    seen = [each["id"] for each in page["items"]]
    for number in (100, 101, 102):
        paper.publish(number, "food")
        paper.touch(ann, (seen[0], "like"))
        page = paper.feed(ann, limit=4, cursor=page["cursor"]) if page["cursor"] else page
        seen += [each["id"] for each in page["items"] if each["id"] not in seen]

    assert seen == whole[: len(seen)]
    assert len(seen) >= 12
    assert len(paper.feed(ann, limit=50)["items"]) == len(whole) + 3


def test_pc_06_a_reader_who_is_erased_leaves_nothing_and_nothing_of_theirs_comes_back(
    paper: Newspaper,
    ann: dict[str, str],
) -> None:
    id, at = paper.id(2), paper.cloud.now.isoformat()
    paper.touch(ann, (id, "like"), (paper.id(5), "view"))
    paper.ask("PUT", "/profile", {"interests": ["space"], "audience": "students"}, ann)
    paper.cloud.advance(timedelta(seconds=1))

    assert paper.ask("DELETE", "/profile", headers=ann) == {"erased": 2}

    rows = paper.cloud.client("dynamodb").scan(TableName="content-readers")["Items"]
    (left,) = [each for each in rows if each["reader"]["S"] == reader_key(ann["x-reader"])]
    assert set(left) == {"reader", "kind", "erased_at"}
    assert ann["x-reader"] not in json.dumps(rows)
    assert paper.touch(ann, (id, "like"), at=at) == 0
    assert paper.ask("GET", "/profile", headers=ann)["weights"] == {}
    paper.cloud.advance(timedelta(seconds=1))
    assert paper.touch(ann, (id, "like")) == 1


def test_nothing_is_noted_of_who_has_opted_out_and_nothing_used(
    paper: Newspaper, ann: dict[str, str]
) -> None:
    paper.touch(ann, (paper.id(2), "like"))
    known = paper.ask("PUT", "/profile", {"opted_out": True}, ann)

    assert known["opted_out"] is True
    assert paper.touch(ann, (paper.id(5), "like")) == 0
    assert [each["id"] for each in paper.feed(ann)["items"]] == [each["id"] for each in paper.feed()["items"]]
    assert paper.ask("PUT", "/profile", {"opted_out": False}, ann)["weights"] == known["weights"]


def test_a_reader_who_starts_cold_says_what_they_like(paper: Newspaper, ann: dict[str, str]) -> None:
    paper.ask("PUT", "/profile", {"interests": ["space", "space"]}, ann)

    first = paper.feed(ann)["items"][0]

    assert (first["topics"], first["why"][0]) == (["space"], "because you chose space")
    assert paper.ask("PUT", "/profile", {}, ann)["interests"] == ["space"]


def test_who_signs_in_keeps_what_they_did_once(
    paper: Newspaper, ann: dict[str, str], bob: dict[str, str]
) -> None:
    id, other = paper.id(2), paper.id(5)
    paper.touch(ann, (id, "like"), (other, "view"))
    paper.touch(bob, (id, "like"))
    merging = {"reader": ann["x-reader"], "user": bob["x-reader"]}

    added = [paper.ask("POST", "/merge", merging)["added"] for _ in range(2)]

    assert added[1] == 0
    known = paper.ask("GET", "/profile", headers=bob)
    assert known["weights"]["food"] == pytest.approx(5.0 if added[0] == 1 else 9.0)
    assert paper.ask("GET", "/profile", headers=ann)["touches"] == []


@pytest.mark.parametrize("header", [None, "A" * 32, "a" * 31, "x" * 32])
def test_whoever_is_no_reader_has_no_profile(paper: Newspaper, header: str | None) -> None:
    headers = {} if header is None else {"x-reader": header}

    paper.ask("GET", "/profile", headers=headers, status=401 if header is None else 422)


def test_each_change_of_an_editor_is_noted_and_can_be_taken_back(paper: Newspaper) -> None:
    id = paper.id(1)
    paper.ask(
        "PATCH",
        f"/admin/items/{id}",
        {"topics": ["history"], "boost": 1.0, "focal": {"x": 0.2, "y": 1}},
        {"x-editor": "Eve"},
    )
    paper.cloud.advance(timedelta(minutes=1))
    first = paper.feed()["items"][0]
    paper.ask("PATCH", f"/admin/items/{id}", {"boost": None})

    found = paper.ask("GET", f"/admin/items/{id}")

    assert (first["id"], first["topics"], first["why"]) == (id, ["history"], ["picked by the editors"])
    assert paper.ask("GET", f"/items/{id}")["focal"] == {"x": 0.2, "y": 1.0}
    assert [(each["editor"], sorted(each["edits"])) for each in found["changes"][:2]] == [
        ("unnamed", ["boost"]),
        ("Eve", ["boost", "focal", "topics"]),
    ]
    assert paper.ask("PATCH", f"/admin/items/{id}", EVERYTHING)["article"]["edits"] == EVERYTHING
    row = paper.cloud.client("dynamodb").get_item(TableName="content-items", Key={"id": {"S": id}})["Item"]
    assert "edits" not in row


def test_what_an_editor_said_stands_when_the_article_comes_again(paper: Newspaper) -> None:
    id = paper.id(1)
    paper.ask("PATCH", f"/admin/items/{id}", {"published": False})

    paper.publish(1, "space", "Now about something else.")

    assert [each["id"] for each in paper.ask("GET", "/admin/items?state=hidden")["items"]] == [id]
    shown, whole = (paper.ask("GET", f"/admin/items?state={state}")["total"] for state in ("shown", "all"))
    assert shown == whole - 1
    paper.ask("PATCH", f"/admin/items/{id}", EVERYTHING)


@pytest.mark.parametrize(
    "edits",
    [{}, {"topics": ["A B"]}, {"boost": 2}, {"published": "no"}, {"focal": {"x": 2, "y": 0}}, {"other": 1}],
)
def test_an_edit_that_does_not_fit_changes_nothing(paper: Newspaper, edits: Any) -> None:
    id = paper.id(1)
    before = paper.ask("GET", f"/admin/items/{id}")

    paper.ask("PATCH", f"/admin/items/{id}", edits, status=422)

    assert paper.ask("GET", f"/admin/items/{id}") == before


def test_of_two_editors_at_once_the_second_is_told(paper: Newspaper, monkeypatch: pytest.MonkeyPatch) -> None:
    id = paper.id(1)
    find = editing.find_item

    def overtaken(item: str, *, dynamodb: Any) -> Any:
        found = find(item, dynamodb=dynamodb)
        monkeypatch.setattr(editing, "find_item", find)
        paper.ask("PATCH", f"/admin/items/{id}", {"boost": 0.5})
        return found

    monkeypatch.setattr(editing, "find_item", overtaken)

    paper.ask("PATCH", f"/admin/items/{id}", {"boost": 1.0}, status=409)
    paper.ask("PATCH", f"/admin/items/{id}", EVERYTHING)


def test_editors_list_pages_and_unknown_articles(paper: Newspaper) -> None:
    first, second = (paper.ask("GET", f"/admin/items?limit=10&offset={offset}") for offset in (0, 10))

    assert len({each["id"] for each in (*first["items"], *second["items"])}) == min(first["total"], 20)
    assert paper.ask("GET", "/admin/items?state=grown-ups")["total"] == 0
    paper.ask("GET", "/admin/items?limit=0", status=422)
    paper.ask("GET", "/admin/items/0123456789abcdef", status=404)
    paper.ask("PATCH", "/admin/items/0123456789abcdef", {"boost": 1}, status=404)


def test_an_article_is_uploaded_with_its_picture_and_shown(paper: Newspaper) -> None:
    key = paper.ask("POST", "/media", picture(), status=201)["key"]
    written = {"source": "us", "title": "A < B & C", "text": "One & two.", "pictures": [key]}
    started = paper.ask("POST", "/articles", written, status=202)
    paper.ask("GET", f"/runs/{started['run']}", status=404)
    paper.cloud.settle()

    run = paper.ask("GET", f"/runs/{started['run']}")
    (id,) = run["items"]

    assert (run["status"], run["outcomes"]) == ("COMPLETE", {"new": 1})
    found = paper.ask("GET", f"/items/{id}")
    assert (found["title"], found["html"], found["has_picture"]) == (
        "A < B & C",
        "<p>One &amp; two.</p>",
        True,
    )
    shown = paper.cloud.http("GET", f"{API}/items/{id}/picture")
    assert (shown.status, shown.headers["content-type"], shown.body) == (200, "image/jpeg", picture())
    paper.cloud.client("s3").put_object(Bucket="content", Key=key, Body=b"no picture any more")
    paper.ask("GET", f"/items/{id}/picture", status=404)


def test_a_feed_is_uploaded_and_what_is_none_is_refused_in_its_run(paper: Newspaper) -> None:
    good = paper.ask("PUT", "/feeds/other", rss(entry("Alone", "https://other.example/1")), status=202)
    paper.cloud.settle()
    bad = paper.ask("PUT", "/feeds/other", b"hello", status=202)
    paper.cloud.settle()

    assert paper.ask("GET", f"/runs/{good['run']}")["status"] == "COMPLETE"
    assert paper.ask("GET", f"/runs/{bad['run']}")["status"] == "REFUSED"
    paper.ask("PUT", "/feeds/Other", rss(), status=422)
    paper.ask("PUT", "/feeds/other", b"", status=400)
    paper.ask("PUT", "/feeds/other", b" " * (5 * 1024 * 1024 + 1), status=413)
    paper.ask("POST", "/media", b"text", status=415)
    paper.ask("POST", "/articles", {"source": "us", "title": ""}, status=422)
    paper.ask("POST", "/articles", {"source": "us", "title": "x", "pictures": ["media/../x"]}, status=422)
