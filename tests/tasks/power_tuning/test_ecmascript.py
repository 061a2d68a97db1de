import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import InvalidInput
from tasks.power_tuning.ecmascript import (
    is_truthy,
    parse_int,
    parse_json,
    to_json,
    to_number,
    to_text,
    total_of,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


ANSWERS = json.loads((Path(__file__).parent / "ecmascript_answers.json").read_text(encoding="utf-8"))
"""What Node.js 20 made of values and texts; `ecmascript_answers.mjs` asked it."""


def told(number: float | None) -> str:
    return "NaN" if number is None else to_text(number)


READINGS: dict[str, Callable[[Any], Any]] = {
    "String": to_text,
    "parseInt": lambda value: told(parse_int(value)),
    "Number": lambda value: told(to_number(value)),
    "Boolean": is_truthy,
}


@pytest.mark.parametrize(("column", "function"), list(enumerate(READINGS, start=1)))
def test_values_are_read_as_node_reads_them(column: int, function: str) -> None:
    read = READINGS[function]

    ours = {text: read(json.loads(text)) for text, *_ in ANSWERS["values"]}

    assert ours == {answers[0]: answers[column] for answers in ANSWERS["values"]}


def test_texts_are_json_where_node_takes_them_for_json() -> None:
    assert {text: _is_json(text) for text, _ in ANSWERS["json"]} == dict(ANSWERS["json"])


def _is_json(text: str) -> bool:
    try:
        parse_json(text)
    except ValueError:
        return False
    return True


def test_no_number_is_falsy() -> None:
    assert not is_truthy(float("nan"))


def test_a_text_of_a_million_digits_is_no_trouble() -> None:
    number = parse_int("9" * 1_000_000)

    assert number == int("9" * 400)


@pytest.mark.slow
@given(JSON)
def test_json_text_keeps_the_value(value: object) -> None:
    assert json.loads(to_json(value)) == value  # pyright: ignore[reportArgumentType] - any JSON


def test_whole_floats_are_written_as_integers_without_blanks() -> None:
    assert to_json({"x": 1.0, "y": -0.0, "z": [1.5, "é"]}) == '{"x":1,"y":0,"z":[1.5,"é"]}'


def test_half_of_a_surrogate_pair_can_be_sent() -> None:
    text = to_json({"half": "\ud83d", "whole": "\U0001f600"})

    assert text.encode() == b'{"half":"\\ud83d","whole":"\xf0\x9f\x98\x80"}'


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], b"bytes", {1, 2}])
def test_a_number_that_json_lacks_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput, match="cannot be written as JSON"):
        to_json(value)  # pyright: ignore[reportArgumentType] - any JSON


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{broken", "", "'x'", "[" * 100_000])
def test_what_json_parse_refuses_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting"):
        parse_json(text)


def test_sums_add_from_left_to_right_in_double_precision() -> None:
    assert total_of([0.1] * 10) == 0.9999999999999999
