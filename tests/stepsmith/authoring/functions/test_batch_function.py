"""Batch functions: one call for each record, and the names of those that failed."""

import base64
import json
import logging
from typing import Any

import pytest
from pydantic import BaseModel

from stepsmith import client, using_clients
from stepsmith.batches import batch
from stepsmith.errors import InvalidInput
from stepsmith.resources import Queue, Stream, Table
from stepsmith.triggers import QueueMessage, StreamRecord

seen: list[object] = []


class Order(BaseModel):
    id: int


@batch(QueueMessage(queue=Queue("orders"), input={"order": "$.body", "sent": "$.attributes.SentTimestamp"}))
def keep(order: Order, sent: str = "", *, s3: Any = client("s3")) -> None:
    if order.id < 0:
        raise ValueError("no such order")
    seen.append((order.id, sent, s3))


@batch(StreamRecord(stream=Stream("clicks"), input={"page": "$.data.page"}))
def click(page: str) -> None:
    if page == "bad":
        raise ValueError(page)
    seen.append(page)


@batch(StreamRecord(stream=Table("stock", stream="NEW_IMAGE"), input={"item": "$.dynamodb.NewImage.pk.S"}))
async def stocked(item: str) -> None:
    seen.append(item)


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


def message(id: str, body: object, *, queue: str = "arn:aws:sqs:eu-west-1:1:orders") -> dict[str, Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    return {
        "messageId": id, "body": text, "attributes": {"SentTimestamp": "7"}, "eventSource": "aws:sqs",
        "eventSourceARN": queue,
    }  # fmt: skip


def record(number: str, data: object) -> dict[str, Any]:
    text = base64.b64encode(json.dumps(data).encode()).decode()
    return {
        "eventID": f"s:{number}",
        "kinesis": {"sequenceNumber": number, "data": text},
        "eventSource": "aws:kinesis",
    }


def failures(function: Any, *records: dict[str, Any]) -> list[str]:
    answer = function.handle({"Records": list(records)})
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def test_a_function_is_called_as_it_was_written() -> None:
    keep(Order(id=1), s3="s3")

    assert seen == [(1, "", "s3")]


def test_each_message_is_tried_and_those_that_fail_are_named(caplog: pytest.LogCaptureFixture) -> None:
    with using_clients(lambda service: service), caplog.at_level(logging.ERROR):
        failed = failures(
            keep, message("a", {"id": 1}), message("b", {"id": -1}), message("c", "no JSON"),
            message("d", {"id": "x"}), message("e", {"id": 2}),
        )  # fmt: skip

    assert failed == ["b", "c", "d"]
    assert seen == [(1, "7", "s3"), (2, "7", "s3")]
    assert "keep: a record has failed: b" in caplog.text


def test_a_fifo_queue_keeps_its_order() -> None:
    queue = "arn:aws:sqs:eu-west-1:1:orders.fifo"
    with using_clients(lambda service: service):
        failed = failures(
            keep, *(message(str(id), {"id": number}, queue=queue) for id, number in enumerate((1, -1, 3, 4)))
        )

    assert failed == ["1", "2", "3"]
    assert [each[0] for each in seen] == [1]  # type: ignore[index]


def test_a_stream_stops_at_the_first_that_fails_and_begins_there_again() -> None:
    failed = failures(click, *(record(str(n), {"page": page}) for n, page in enumerate(("a", "bad", "c"))))

    assert (failed, seen) == (["1"], ["a"])


def test_a_stream_whose_first_record_fails_lets_lambda_halve_the_batch() -> None:
    with pytest.raises(ValueError, match="bad"):
        failures(click, record("1", {"page": "bad"}), record("2", {"page": "a"}))
    assert failures(click, record("1", {"page": "bad"})) == ["1"]


def test_a_changed_item_is_read_and_an_asynchronous_function_is_awaited() -> None:
    change = {"SequenceNumber": "1", "NewImage": {"pk": {"S": "tea"}}}
    gone = {"SequenceNumber": "2", "Keys": {"pk": {"S": "tea"}}}

    failed = failures(stocked, {"eventID": "x", "dynamodb": change}, {"eventID": "y", "dynamodb": gone})

    assert (failed, seen) == (["2"], ["tea"])


@pytest.mark.parametrize("event", [None, {}, {"Records": {}}, {"Records": [1]}, []])
def test_what_is_no_batch_is_refused(event: Any) -> None:
    with pytest.raises(InvalidInput, match="keep takes a batch"):
        keep.handle(event)


def test_an_empty_batch_has_no_failures() -> None:
    assert keep.handle({"Records": []}) == {"batchItemFailures": []}


def test_what_the_records_give_has_to_be_what_the_function_takes() -> None:
    def one(order: Order) -> None: ...

    with pytest.raises(ValueError, match="has no parameter 'other'"):
        batch(QueueMessage(queue=Queue("q"), input={"order": "$.body", "other": "$.body"}))(one)
    with pytest.raises(ValueError, match="has a parameter 'order', and no part of a record"):
        batch(QueueMessage(queue=Queue("q"), input={}))(one)
