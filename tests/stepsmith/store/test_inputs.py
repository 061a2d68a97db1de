"""Inputs of executions survive being written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.engine.ports import (
    ItemsRead,
    ReadFailed,
    ResultsWritten,
    TaskFailed,
    TaskHeartbeat,
    TaskStarted,
    TaskSubmitted,
    TaskSucceeded,
    TaskTimedOut,
    WriteFailed,
)
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Json
from stepsmith.store import Begin, Redrive, Refuse, Stop, Update, decode, encode

ids = st.integers(1, 2**40)
texts = st.text(st.characters(), max_size=20)
maybe = st.none() | texts
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, values, max_size=3)
inputs = st.one_of(
    st.builds(TaskSucceeded, id=ids, output=values),
    st.builds(
        TaskFailed,
        id=ids,
        error=maybe,
        cause=maybe,
        stage=st.sampled_from(["schedule", "start", "submit", "run"]),
    ),
    st.builds(TaskSubmitted, id=ids, output=values),
    st.builds(TaskStarted, id=ids, worker_name=maybe),
    st.builds(TaskTimedOut, id=ids, error=texts, cause=maybe),
    st.builds(TaskHeartbeat, id=ids),
    st.builds(
        ItemsRead,
        id=ids,
        items=st.lists(values, max_size=3).map(tuple),
        last=st.booleans(),
        source=texts,
        total=st.none() | ids,
    ),
    st.builds(ReadFailed, id=ids, cause=texts),
    st.builds(ResultsWritten, id=ids, details=st.none() | objects),
    st.builds(WriteFailed, id=ids, cause=texts),
    st.builds(Stop, error=maybe, cause=maybe),
    st.builds(Redrive),
    st.builds(Begin, id=ids),
    st.builds(
        Update,
        map_run=texts,
        concurrency=st.none() | ids,
        count=st.none() | ids,
        percentage=st.none() | st.floats(0, 100),
    ),
    st.builds(Refuse, resource=texts, cause=texts),
)


@given(st.lists(inputs, max_size=4))
def test_what_is_read_is_what_was_written(given: list) -> None:
    assert decode(encode(given)) == given


@given(st.lists(inputs, max_size=4))
def test_numbers_keep_their_kind(given: list) -> None:
    assert repr(decode(encode(given))) == repr(given)


@pytest.mark.parametrize("output", [{"a": [1, 2.5, None]}, "\u00e9", {"\u4e2d": "\U0001f600"}, "", 0])
def test_the_text_that_an_execution_has_made_of_an_output_is_what_is_written(output: Json) -> None:
    given = TaskSucceeded(id=3, output=output, text=text_of(output))

    assert encode([given]) == encode([TaskSucceeded(id=3, output=output)])
    assert decode(encode([given, given])) == [TaskSucceeded(id=3, output=output)] * 2
