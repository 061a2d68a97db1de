"""Filters of mappings: bodies and data that are JSON, text or neither."""

from __future__ import annotations

import base64
import json

import pytest

from stepsmith.events.filters import record_filter
from stepsmith.events.refusals import Refused
from stepsmith.expressions.types import Json

OBJECT, TEXT = '{"body": {"kind": ["photo"]}}', '{"body": ["photo"]}'


@pytest.mark.parametrize(
    ("pattern", "body", "passes"),
    [
        (OBJECT, '{"kind": "photo"}', True),
        (OBJECT, "photo", False),
        (OBJECT, '"photo"', False),
        (TEXT, "photo", True),
        (TEXT, '{"kind": "photo"}', False),
        ('{"eventSource": ["aws:sqs"]}', "no JSON", True),
    ],
)
def test_a_body_is_read_where_the_pattern_has_an_object(pattern: str, body: str, passes: bool) -> None:
    record: dict[str, Json] = {"body": body, "eventSource": "aws:sqs"}

    assert record_filter("sqs", [pattern]).passes(record) is passes


@pytest.mark.parametrize(
    ("pattern", "passes"),
    [
        ('{"data": {"kind": ["photo"]}}', True),
        ('{"data": {"kind": ["film"]}}', False),
        ('{"kinesis": {"data": {"kind": ["photo"]}}}', True),
        ('{"partitionKey": ["k"], "data": {"kind": ["photo"]}}', True),
        ('{"eventName": ["aws:kinesis:record"]}', True),
    ],
)
def test_data_of_kinesis_are_decoded_and_read(pattern: str, passes: bool) -> None:
    data = base64.b64encode(b'{"kind": "photo"}').decode()
    record: dict[str, Json] = {
        "kinesis": {"data": data, "partitionKey": "k"},
        "eventName": "aws:kinesis:record",
    }

    assert record_filter("kinesis", [pattern]).passes(record) is passes


def test_bytes_that_are_no_text_do_not_pass() -> None:
    record: dict[str, Json] = {"kinesis": {"data": base64.b64encode(b"\xff\xfe").decode()}}

    assert not record_filter("kinesis", ['{"data": {"a": [{"exists": false}]}}']).passes(record)


def test_one_of_the_patterns_must_fit_and_none_lets_everything_pass() -> None:
    record: dict[str, Json] = {"body": json.dumps({"kind": "photo"})}

    assert record_filter("sqs", ['{"body": {"kind": ["film"]}}', OBJECT]).passes(record)
    assert record_filter("sqs", []).passes(record)


def test_a_filter_that_is_no_pattern_is_refused_without_a_reason() -> None:
    with pytest.raises(Refused, match=r"^Invalid filter pattern definition\.$"):
        record_filter("sqs", ["[]"])
