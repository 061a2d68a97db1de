from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.integrations.items.json_stream import JsonStream, JsonStreamError, PointerNotFound

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def elements(text: str, pointer: str = "", *, size: int = 3, largest: int = 1000) -> list[Any]:
    data = text.encode()
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    return list(JsonStream(pieces, largest=largest).elements(pointer))


@given(st.lists(VALUES), st.integers(1, 50))
def test_the_elements_of_an_array_come_one_by_one(values: list[Any], size: int) -> None:
    assert elements(json.dumps(values), size=size, largest=100_000) == values


@given(st.dictionaries(st.text(), VALUES), st.integers(1, 50))
def test_an_object_gives_its_pairs(values: dict[str, Any], size: int) -> None:
    pairs = [{"Key": key, "Value": value} for key, value in values.items()]

    assert elements(json.dumps(values), size=size, largest=100_000) == pairs


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/a", [1, 2]),
        ("/b/c~1d", [3]),
        ("/b/e~0f/1", [4]),
        ("/b/e~0f", [[0], [4]]),
        ("", [{"Key": "a", "Value": [1, 2]}, {"Key": "b", "Value": {"c/d": [3], "e~f": [[0], [4]]}}]),
    ],
)
def test_a_pointer_leads_to_the_items(pointer: str, expected: list[Any]) -> None:
    text = '{"a": [1, 2], "b": {"c/d": [3], "e~f": [[0], [4]]}}'

    assert elements(text, pointer) == expected


@pytest.mark.parametrize("pointer", ["/c", "/a/2", "/a/x", "a", "/b/c/d", "/a/0/0"])
def test_a_pointer_that_leads_nowhere_is_not_found(pointer: str) -> None:
    with pytest.raises(PointerNotFound):
        elements('{"a": [1, 2], "b": {}}', pointer)


@pytest.mark.parametrize("text", ["1", '"x"', "null", "true"])
def test_a_scalar_cannot_be_iterated(text: str) -> None:
    with pytest.raises(JsonStreamError, match="Attempting to map over non-iterable node"):
        elements(text)


@pytest.mark.parametrize(
    "text",
    ["", "[", "[1", "[1,", "[1 2]", "{", '{"a"', '{"a" 1}', '{"a": 1', "{1: 2}", "[NaN]", "[nul]", "[" * 50],
)
def test_broken_text_is_an_error(text: str) -> None:
    with pytest.raises(JsonStreamError):
        elements(text)


def test_an_item_that_is_too_large_is_refused() -> None:
    with pytest.raises(JsonStreamError, match="larger than 1000 bytes"):
        elements(json.dumps(["x" * 5000]))


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(JsonStreamError, match="not UTF-8"):
        list(JsonStream(iter([b'["\xff"]']), largest=100).elements(""))


def test_a_byte_order_mark_is_skipped() -> None:
    assert elements("\ufeff[1]") == [1]


def test_only_a_part_of_the_document_is_in_memory() -> None:
    taken = 0

    def pieces() -> Any:
        nonlocal taken
        yield b"[0"
        while True:
            taken += 1
            yield b", 1" * 100

    stream = JsonStream(pieces(), largest=10_000).elements("")

    for _ in range(150):
        next(stream)

    assert taken < 5


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ('"\\ud83d"', "Lone surrogate in a string"),
        ('{"\\udfff": 1}', "Lone surrogate in a string"),
        ("1e400", "Numeric value out of range"),
        ("9" * 310, "Numeric value out of range"),
        ("-Infinity", "Unexpected character"),
        ("[" * 300 + "]" * 300, "nesting depth"),
    ],
)
def test_an_item_is_read_as_strictly_as_an_input(item: str, message: str) -> None:
    with pytest.raises(JsonStreamError, match=message):
        elements(f"[1, {item}]")
