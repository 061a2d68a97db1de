"""Runs: one record for each state of an object, one good end, and nobody but the holder writes it."""

import json
from itertools import count
from typing import Any

import pytest

from tasks.content.models import RunStatus
from tasks.content.runs import call_attention, close_run, end_run, fail_run, open_run, refuse_run, source_of
from tasks.content.tables import ATTENTION, BUCKET
from tasks.errors import Conflict, InvalidInput
from tests.tasks.content.newsroom import NOW, Newsroom, kept, newsroom, reading, rss

NUMBERS = count(1)


@pytest.fixture
def room() -> Newsroom:
    return newsroom()


@pytest.fixture
def key(room: Newsroom) -> str:
    made = f"feeds/runs/{next(NUMBERS)}.xml"
    room.upload(made, rss())
    return made


def close(room: Newsroom, run: Any, *all: Any) -> Any:
    return close_run(run, reading(len(all)), list(all), dynamodb=room.dynamodb)


def test_a_run_ends_with_what_became_of_each_article(room: Newsroom, key: str) -> None:
    run = room.open(key)

    record = close(room, run, kept("new", 0, "a"), kept("new", 1, "b"), kept("failed", 2, reason="broke"))

    assert (record.status, record.outcomes, record.items) == (
        RunStatus.PARTIAL,
        {"failed": 1, "new": 2},
        ["a", "b"],
    )
    assert record.warnings == ["article 3: broke"]
    assert room.record(run) == record
    assert (
        close(room, run, kept("new", 0, "a"), kept("new", 1, "b"), kept("failed", 2, reason="broke"))
        == record
    )


def test_what_was_taken_in_is_not_taken_in_again(room: Newsroom, key: str) -> None:
    record = close(room, room.open(key), kept("new"))

    opened = open_run(BUCKET.name, key, holder="run-2", now=NOW, s3=room.s3, dynamodb=room.dynamodb)

    assert opened.done == record


def test_a_run_that_failed_may_be_tried_again(room: Newsroom, key: str) -> None:
    run = room.open(key)
    fail_run(run, "broke", dynamodb=room.dynamodb)

    assert close(room, room.open(key, "run-2"), kept("new")).status is RunStatus.COMPLETE


def test_only_who_holds_a_run_ends_it(room: Newsroom, key: str) -> None:
    first, second = room.open(key), room.open(key, "run-2")

    fail_run(first, "broke", dynamodb=room.dynamodb)
    refuse_run(first, "no feed", dynamodb=room.dynamodb)
    with pytest.raises(Conflict):
        close(room, first, kept("new"))
    refuse_run(second, "no feed", dynamodb=room.dynamodb)

    record = room.record(second)
    assert record is not None
    assert (record.status, record.reason) == (RunStatus.REFUSED, "no feed")


def test_an_object_that_is_gone_has_a_run_and_a_replaced_one_has_none(room: Newsroom, key: str) -> None:
    room.s3.delete_object(Bucket=BUCKET.name, Key=key)
    assert room.open(key).etag == "gone"

    room.upload(key, b"new")
    with pytest.raises(Conflict):
        open_run(BUCKET.name, key, "old", holder="r", now=NOW, s3=room.s3, dynamodb=room.dynamodb)


@pytest.mark.parametrize(
    "bad",
    ["", "feeds", "feeds/a", "feeds/a/", "media/a/b", "feeds/A/b", "feeds//b", "feeds/-a/b", "feeds/a b/c"],
)
def test_a_key_that_is_none_of_a_source_is_refused(bad: str) -> None:
    with pytest.raises(InvalidInput):
        source_of(bad)


def test_the_source_is_in_the_key() -> None:
    assert source_of("feeds/the-news/2030/a b.xml") == "the-news"


@pytest.mark.parametrize("has_etag", [True, False])
def test_a_run_that_was_aborted_is_ended_by_the_event_about_that(
    room: Newsroom, key: str, has_etag: bool
) -> None:
    run = room.open(key)
    input = {"bucket": BUCKET.name, "key": key, "execution": "run-1"} | (
        {"etag": run.etag} if has_etag else {}
    )
    detail: dict[str, Any] = {"status": "ABORTED", "input": json.dumps(input)}

    assert end_run(detail, s3=room.s3, dynamodb=room.dynamodb)
    assert not end_run(detail, s3=room.s3, dynamodb=room.dynamodb)
    record = room.record(run)
    assert record is not None
    assert (record.status, record.reason) == (RunStatus.FAILED, "the execution aborted")


@pytest.mark.parametrize(
    "detail",
    [
        {"status": "SUCCEEDED"},
        {"status": "FAILED", "input": "{}"},
        {"status": "FAILED", "input": '{"bucket": "content", "key": "feeds/never/opened.xml"}'},
    ],
)
def test_an_execution_that_left_no_run_ends_none(room: Newsroom, detail: dict[str, Any]) -> None:
    assert not end_run(detail, s3=room.s3, dynamodb=room.dynamodb)


def test_whoever_is_called_is_told_the_execution(room: Newsroom) -> None:
    sqs: Any = room.clients.client("sqs")
    call_attention("arn:x", sqs=sqs)

    queue = sqs.get_queue_url(QueueName=ATTENTION.name)["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"]) == {"execution": "arn:x", "step": "end"}
