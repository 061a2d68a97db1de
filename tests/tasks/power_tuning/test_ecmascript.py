import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import InvalidInput
from tasks.power_tuning.ecmascript import is_truthy, parse_int, parse_json, to_json, to_number, total_of

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("value", [[], {}, "0", " ", 1, -0.5, True, [0]])
def test_these_are_truthy_in_javascript(value: object) -> None:
    assert is_truthy(value)  # pyright: ignore[reportArgumentType] - any JSON


@pytest.mark.parametrize("value", [None, False, 0, 0.0, "", float("nan")])
def test_these_are_falsy_in_javascript(value: object) -> None:
    assert not is_truthy(value)  # pyright: ignore[reportArgumentType] - any JSON


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5),
        (7.9, 7),
        (-7.9, -7),
        ("10", 10),
        ("7.9x", 7),
        ("  12 apples", 12),
        ("-3", -3),
        ("+4", 4),
        ("x1", None),
        ("", None),
        ("٣", None),
        (None, None),
        (True, None),
        ([5], None),
        ({}, None),
        (float("inf"), None),
    ],
)
def test_integers_are_read_as_leniently_as_parse_int(value: object, number: int | None) -> None:
    assert parse_int(value) == number  # pyright: ignore[reportArgumentType] - any JSON


def test_a_text_of_a_million_digits_is_no_trouble() -> None:
    number = parse_int("9" * 1_000_000)

    assert number == int("9" * 300)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (None, 0),
        (True, 1),
        (2.5, 2.5),
        ("", 0),
        (" 3.5 ", 3.5),
        ("3x", None),
        ("1_0", None),
        ([], None),
        ("nan", None),
    ],
)
def test_numbers_are_read_as_number_does(value: object, number: float | None) -> None:
    assert to_number(value) == number  # pyright: ignore[reportArgumentType] - any JSON


@pytest.mark.slow
@given(JSON)
def test_json_text_keeps_the_value(value: object) -> None:
    assert json.loads(to_json(value)) == value  # pyright: ignore[reportArgumentType] - any JSON


def test_whole_floats_are_written_as_integers_without_blanks() -> None:
    assert to_json({"x": 1.0, "y": -0.0, "z": [1.5, "é"]}) == '{"x":1,"y":0,"z":[1.5,"é"]}'


@pytest.mark.parametrize("value", [float("nan"), [float("inf")]])
def test_a_number_that_json_lacks_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput, match="cannot be written as JSON"):
        to_json(value)  # pyright: ignore[reportArgumentType] - any JSON


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{broken", "", "'x'", "[" * 100_000])
def test_what_json_parse_refuses_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting"):
        parse_json(text)


def test_sums_add_from_left_to_right_in_double_precision() -> None:
    assert total_of([0.1] * 10) == 0.9999999999999999
