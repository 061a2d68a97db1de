"""Pipes: nobody has recorded them, the guide is the law."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.events.pipes import Pipe, batch_input, enriched, pipe_event, pipe_input
from stepsmith.events.refusals import Refused
from stepsmith.expressions.types import Json

PIPE = Pipe(
    name="p", arn="arn:p", source_arn="arn:s", target_arn="arn:t", ingestion_time="2024-01-01T00:00:00Z"
)
MESSAGE: dict[str, Json] = {
    "messageId": "m",
    "body": '{"order": {"id": 7}, "who": "Ann"}',
    "eventSource": "aws:sqs",
}


def filled(template: str, event: Json) -> Json:
    text = pipe_input(template, PIPE)(event)
    assert text is not None
    return json.loads(text)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ('{"id": <$.body.order.id>}', {"id": 7}),
        ('{"text": "order <$.body.order.id> of <$.body.who>"}', {"text": "order 7 of Ann"}),
        ('{"who": <$.body.who>}', {"who": "Ann"}),
        ('{"order": <$.body.order>}', {"order": {"id": 7}}),
        ('{"gone": <$.body.nothing>}', {"gone": ""}),
        ('["<aws.pipes.pipe-name>", <aws.pipes.event.ingestion-time>]', ["p", "2024-01-01T00:00:00Z"]),
        ("<aws.pipes.event>", MESSAGE),
        ("<aws.pipes.event.json>", {**MESSAGE, "body": {"order": {"id": 7}, "who": "Ann"}}),
    ],
)  # fmt: skip
def test_a_template_reaches_into_what_was_sent(template: str, value: Json) -> None:
    assert filled(template, MESSAGE) == value


def test_data_of_kinesis_are_decoded_and_its_fields_lie_flat() -> None:
    data = base64.b64encode(b'{"n": 1}').decode()
    event = pipe_event({"kinesis": {"data": data, "partitionKey": "k"}, "eventSource": "aws:kinesis"})

    assert event == {"data": data, "partitionKey": "k", "eventSource": "aws:kinesis"}
    assert filled('{"n": <$.data.n>, "k": <$.partitionKey>}', event) == {"n": 1, "k": "k"}


def test_a_body_that_is_no_json_is_a_text() -> None:
    assert filled('{"b": <$.body>, "n": <$.body.n>}', {"body": "plain"}) == {"b": "plain", "n": ""}


def test_an_object_inside_a_string_drops_the_event() -> None:
    input_ = pipe_input('{"a": "<$.body.order>"}', PIPE)

    assert batch_input([MESSAGE], input_) is None


def test_a_target_gets_the_batch_as_an_array() -> None:
    input_ = pipe_input('{"n": <$.n>}', PIPE)

    assert json.loads(batch_input([{"n": 1}, {"n": 2}], input_) or "") == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("template", ['{"a": <$.[>}', '{"a": <$$$>}'])
def test_a_name_that_is_no_path_is_refused(template: str) -> None:
    with pytest.raises(Refused, match="is no placeholder"):
        pipe_input(template, PIPE)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3), lambda i: st.lists(i, max_size=3), max_leaves=5
    )
)
def test_an_answer_takes_the_place_of_the_batch(answer: Json) -> None:
    events = enriched(answer)

    assert events == (answer if isinstance(answer, list) else [answer])
    # Without a template what comes out is what went in.
    assert json.loads(batch_input(events, pipe_input("", PIPE)) or "[]") == events
