"""Feeds that are taken in, in whole, in part or not at all; runs that were aborted; touch points that are counted."""

import json
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Any

from tasks.content.indexing import hour_of
from tasks.content.models import RunStatus
from tasks.content.runs import end_run, find_run, run_id
from tasks.content.sources.reading import MOST_BYTES
from tasks.content.tables import ATTENTION, BUCKET, COUNTS
from tests.tasks.cart.memory_dynamodb import MemoryQueues
from tests.tasks.content.newsroom import NOW, entry, newsroom, picture, rss
from tests.workflows.scenes.scene import Ran, Scene, World, play
from workflows.content_ingest import content_ingest
from workflows.content_ingest_ended import content_ingest_ended
from workflows.content_refresh import content_refresh

NUMBERS = count(1)


class Seer:
    """Sees a whale on every picture, at once."""

    def detect_labels(self, **asked: Any) -> Any:
        return {"Labels": [{"Name": "Whale", "Confidence": 99.0, "Parents": [{"Name": "Animal"}]}]}


def articles(number: int) -> bytes:
    """An article that has a picture in the bucket."""
    text = "<p>A whale.</p><img src='media/whale.jpg' alt='a whale'>"
    return rss(entry("A whale", f"https://example.com/{number}/whale", html=text))


def arriving(
    make: Callable[[int], bytes | None], *broken: str, again: bool = False
) -> Callable[[], AbstractContextManager[World]]:
    @contextmanager
    def open_world() -> Generator[World]:
        room, number = newsroom(), next(NUMBERS)
        key, body = f"feeds/scene-{number}/news.xml", make(number)
        room.upload("media/whale.jpg", picture())
        etag = "gone" if body is None else room.upload(key, body)

        def record() -> Any:
            return find_run(run_id(key, etag), dynamodb=room.dynamodb)

        def told(found: Any) -> Any:
            """What is the same for every number of a scene."""
            return found and (found["status"], found["outcomes"], found["warnings"], len(found["items"]))

        def records() -> Any:
            found = record()
            items = [room.item(id) for id in found.items] if found else []
            kept = [(each.content.title, each.topics, each.labels, each.outcome) for each in items]
            return repr((told(found and found.model_dump(mode="json")), kept))

        def check(ran: Ran) -> None:
            if ran.task in ("fail_run", "refuse_run"):
                detail = {"status": ran.execution.status, "input": json.dumps(ran.execution.input)}
                end_run({**detail, "cause": ran.execution.cause}, s3=room.s3, dynamodb=room.dynamodb)
            found = record()
            if ran.execution.status == "SUCCEEDED":
                assert found is not None
                assert found.status == ran.execution.output["status"]
            assert found is None or found.status is not RunStatus.RUNNING

        world = World(
            clients={"s3": room.s3, "dynamodb": room.dynamodb, "rekognition": Seer()},
            input={"bucket": BUCKET.name, "key": key, "execution": "run-1"},
            check=check,
            records=records,
            same=told,
            failing=broken,
        )
        if again:
            play(INGEST, World(clients=world.clients, input=world.input, check=check))
        yield world

    return open_world


INGEST = Scene(
    workflow=content_ingest,
    routes={
        "taken in": arriving(articles),
        "without a picture": arriving(
            lambda number: rss(entry(address=f"https://example.com/{number}/plain"))
        ),
        "taken in before": arriving(articles, again=True),
        "not opened": arriving(articles, "open_run"),
        "gone": arriving(lambda number: None),
        "too large": arriving(lambda number: b" " * (MOST_BYTES + 1)),
        "unsupported": arriving(lambda number: f"number {number}".encode()),
        "corrupt": arriving(lambda number: f'{{"number": {number}'.encode()),
        "not read": arriving(articles, "read_articles"),
        "not kept": arriving(articles, "keep_article"),
        "not looked at": arriving(articles, "look_at_picture"),
        "not labelled": arriving(articles, "label_article"),
        "not indexed": arriving(articles, "index_articles"),
    },
)


def aborted(*broken: str, is_held: bool) -> Callable[[], AbstractContextManager[World]]:
    """An execution that was aborted, while it still held its run or after another had taken it over."""

    @contextmanager
    def open_world() -> Generator[World]:
        room, queues = newsroom(), MemoryQueues()
        queues.create_queue(QueueName=ATTENTION.name)
        key = f"feeds/scene-{next(NUMBERS)}/news.xml"
        room.upload(key, rss())
        run = room.open(key, holder="run-1" if is_held else "run-2")
        input = {"bucket": BUCKET.name, "key": key, "execution": "run-1"}

        def status() -> str:
            found = room.record(run)
            assert found is not None
            return found.status

        def check(ran: Ran) -> None:
            if ran.execution.status == "SUCCEEDED":
                is_repeated = len(ran.tasks.calls) > 1
                assert ran.execution.output == is_held or (is_repeated and not ran.execution.output)
                assert status() == (RunStatus.FAILED if is_held else RunStatus.RUNNING)
            elif ran.task != "call_attention":
                assert ran.execution.error == "CompensationFailed" or "end_run" not in (ran.task, *broken)
                assert queues.sent[ATTENTION.name]

        yield World(
            clients={"dynamodb": room.dynamodb, "s3": room.s3, "sqs": queues},
            input={"detail": {"status": "ABORTED", "input": json.dumps(input), "cause": None}},
            check=check,
            records=status,
            attention=lambda: len(queues.sent[ATTENTION.name]),
            failing=broken,
            same=lambda output: None,  # a task that is called again finds the run ended, and says so
        )

    return open_world


ENDED = Scene(
    workflow=content_ingest_ended,
    routes={
        "ended": aborted(is_held=True),
        "overtaken": aborted(is_held=False),
        "stuck": aborted("end_run", is_held=True),
    },
)


@contextmanager
def touched() -> Generator[World]:
    """An article that was read since the last count."""
    room = newsroom()
    read = {"id": {"S": "0123456789abcdef"}, "sum": {"N": "2"}, "hour": {"S": hour_of(NOW)}}
    room.dynamodb.put_item(TableName=COUNTS.name, Item=read)

    def check(ran: Ran) -> None:
        assert ran.execution.status == "FAILED" or ran.execution.output >= 0

    yield World(clients={"s3": room.s3, "dynamodb": room.dynamodb}, input={}, check=check)


REFRESH = Scene(workflow=content_refresh, routes={"counted": touched})
SCENES = (INGEST, ENDED, REFRESH)
