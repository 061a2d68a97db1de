"""A newsroom with moto's services: feeds that arrive, the runs that take them in, and what is there afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any

from stepsmith import ClientRegistry
from tasks.content.items import find_item
from tasks.content.models import Kept, Reading, Run, RunRecord, Stored
from tasks.content.runs import Opened, find_run, open_run
from tasks.content.tables import BUCKET, create_tables
from tests.tasks.pictures.made_pictures import jpeg

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
NUMBERS = count(1)
SONG = "the whale swims in the sea and sings to all of the other whales that live there"
WORDS = SONG.split()


class Newsroom:
    """Clients, and what is often done with them."""

    def __init__(self, clients: ClientRegistry) -> None:
        self.clients = clients
        self.s3: Any = clients.client("s3")
        self.dynamodb: Any = clients.client("dynamodb")
        create_tables(self.dynamodb, self.s3, clients.client("sqs"))

    def upload(self, key: str, body: bytes) -> str:
        """Put an object into the bucket, and give its ETag."""
        return str(self.s3.put_object(Bucket=BUCKET.name, Key=key, Body=body)["ETag"].strip('"'))

    def open(self, key: str, holder: str = "run-1") -> Run:
        """Open the run of an object."""
        opened: Opened = open_run(
            BUCKET.name, key, holder=holder, now=NOW, s3=self.s3, dynamodb=self.dynamodb
        )
        return opened.run

    def record(self, run: Run) -> RunRecord | None:
        return find_run(run.id, dynamodb=self.dynamodb)

    def item(self, id: str) -> Stored:
        found = find_item(id, dynamodb=self.dynamodb)
        assert found is not None
        return found


@cache
def newsroom() -> Newsroom:
    """Give one for all tests, which differ by their keys and addresses: a new one takes longer than what is tested."""
    return Newsroom(ClientRegistry.local())


def entry(
    title: str = "A whale",
    address: str = "",
    *,
    html: str = "<p>The whale and the sea.</p>",
    date: str = "Tue, 31 Dec 2019 10:00:00 GMT",
    more: str = "",
) -> str:
    """Write an item of RSS; its texts are escaped."""
    link = f"<link>{escaped(address)}</link>" if address else ""
    when = f"<pubDate>{escaped(date)}</pubDate>" if date else ""
    return f"<item><title>{escaped(title)}</title>{link}{when}<description>{escaped(html)}</description>{more}</item>"


def rss(*entries: str, head: str = '<?xml version="1.0" encoding="utf-8"?>', language: str = "en") -> bytes:
    """Write a feed."""
    text = (
        f"{head}<rss version='2.0'><channel><title>T</title><language>{language}</language>{''.join(entries)}"
    )
    return f"{text}</channel></rss>".encode()


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def long_text(mark: str, words: int = 60, skip: int = 0) -> str:
    """Write a text whose runs of words are those of no other mark; `skip` words differ at its end."""
    parts = [WORDS[n % len(WORDS)] if n % 2 else f"{mark}{n}" for n in range(words - skip)]
    return " ".join([*parts, *(f"other{n}" for n in range(skip))])


def picture() -> bytes:
    return jpeg(120, 90)


def reading(items: int = 0) -> Reading:
    return Reading(items=list(range(items)))


def kept(outcome: str, number: int = 0, id: str = "", reason: str = "") -> Kept:
    return Kept.model_validate({"number": number, "outcome": outcome, "id": id, "reason": reason})
