import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.expressions.json_scan import scan
from stepsmith.expressions.json_text import DEEPEST, InvalidJson, read, read_part, unfit

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner)
    ),
    max_leaves=20,
)
LOOSE_TEXT = st.text('{}[]",:\\u0019-+.eE truefalsn\n\ud83d', max_size=30)


@pytest.mark.slow
@given(VALUES)
def test_what_is_written_is_read_again(value: object) -> None:
    assert read(json.dumps(value)) == value
    assert read(json.dumps(value, ensure_ascii=False, indent=1).encode()) == value


@given(LOOSE_TEXT)
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    place = (1, 1)

    try:
        read(text)
    except InvalidJson as refusal:
        place = (refusal.line, refusal.column)

    assert place >= (1, 1)
    assert place[0] <= text.count("\n") + 1


@given(LOOSE_TEXT)
def test_the_scanner_and_the_reader_refuse_the_same_texts(text: str) -> None:
    try:
        list(scan(text))
        scanned = True
    except Exception:
        scanned = False

    try:
        read(text)
        accepted = True
    except InvalidJson as refusal:
        accepted = "surrogate" in refusal.message

    assert scanned == accepted


@pytest.mark.slow
@given(VALUES)
def test_every_value_has_a_place(value: object) -> None:
    text = json.dumps(value, indent=2)

    for place, offset in scan(text):
        found: Any = value
        for step in place:
            found = found[step]
        expected = json.dumps(place[-1]) if place and isinstance(place[-1], str) else json.dumps(found)[:1]
        assert text[offset:].startswith(expected)


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        (
            "not a definition",
            "Unrecognized token 'not': was expecting "
            "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            1,
            1,
        ),
        (
            "{'a':1}",
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
            1,
            2,
        ),
        (
            '{"a":1,}',
            "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
            1,
            8,
        ),
        (
            '{"a" 1}',
            "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
            1,
            6,
        ),
        (
            "[1 2]",
            "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
            1,
            4,
        ),
        ('{"a":1,\n "a":2}', "Duplicate field 'a'", 2, 2),
        ("[01]", "Invalid numeric value: Leading zeroes not allowed", 1, 2),
        ("[1e400]", "Numeric value out of range", 1, 2),
        ("[1" + "0" * 309 + "]", "Numeric value out of range", 1, 2),
        ('["' + "9" * 400 + '",\n -' + "9" * 309 + "]", "Numeric value out of range", 2, 2),
        ("[" + "9" * 5000 + "]", "Numeric value out of range", 1, 2),
        ('{"a":1]', "Unexpected close marker ']': expected '}'", 1, 7),
        ('["\\ud83d"]', "Lone surrogate in a string", 1, 3),
        ('["\\q"]', "Unrecognized character escape ('q' (code 113))", 1, 3),
        ("", "No content to map due to end-of-input", 1, 1),
        ("{} {}", "Unexpected character ('{' (code 123)): expected the end of the text", 1, 4),
    ],
)
def test_a_mistake_is_named_in_the_words_of_the_parser_of_aws(
    text: str, message: str, line: int, column: int
) -> None:
    with pytest.raises(InvalidJson) as refusal:
        read(text)

    assert (refusal.value.message, refusal.value.line, refusal.value.column) == (message, line, column)


def test_the_place_is_printed_as_aws_prints_it() -> None:
    with pytest.raises(InvalidJson) as refusal:
        read("not a definition")

    assert refusal.value.location == '[Source: (String)"not a definition"; line: 1, column: 4]'
    assert str(refusal.value).endswith("\n at " + refusal.value.location)


def test_a_long_text_is_cut_in_the_place() -> None:
    with pytest.raises(InvalidJson) as refusal:
        read("[" + "1," * 400 + "]")

    assert '"[truncated 302 chars]; line: 1, column: 803]' in refusal.value.location


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "[-Infinity]", "[" + "9" * 5000 + "]", "\ufeff{}"])
def test_what_pythons_own_reader_lets_through_is_refused(text: str) -> None:
    with pytest.raises(InvalidJson):
        read(text)


def test_bytes_that_are_not_utf8_are_refused_at_their_place() -> None:
    with pytest.raises(InvalidJson) as refusal:
        read(b'{"a":\n"\xff"}')

    assert (refusal.value.message, refusal.value.line, refusal.value.column) == (
        "Invalid UTF-8 byte 0xff",
        2,
        2,
    )


@pytest.mark.parametrize("marks", ["[", '{"a":', '[{"a":'])
def test_deep_nesting_is_refused_and_not_crashed_on(marks: str) -> None:
    with pytest.raises(InvalidJson) as refusal:
        read(marks * 100_000)

    assert refusal.value.too_deep


def test_nesting_up_to_the_limit_is_read() -> None:
    text = "[" * DEEPEST + "]" * DEEPEST

    value = read(text)

    assert json.dumps(value) == text


def test_brackets_in_strings_are_no_nesting() -> None:
    text = json.dumps(["[" * 1000, '\\"{{{' * 100])

    assert read(text) == json.loads(text)


def test_the_last_of_repeated_keys_counts_where_that_is_asked_for() -> None:
    assert read('{"a":1,"a":2}', repeated_keys=True) == {"a": 2}


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert read('"\\ud83d\\ude00"') == "😀"


@pytest.mark.parametrize(
    "text",
    [
        "1" + "0" * 308,
        "-" + "1" * 309,
        "0." + "9" * 400,
        "1" * 320 + "e-20",
        "1" * 320 + ".5e-20",
        "1e-" + "0" * 400 + "1",
        '"' + "9" * 400 + '"',
        '{"' + "9" * 400 + '\\"' + "9" * 400 + '": 1}',
    ],
)
def test_long_numbers_within_a_double_and_digits_in_strings_are_read(text: str) -> None:
    assert read(text) == json.loads(text)
    assert unfit(text) is None


@given(st.integers(-(10**320), 10**320), st.text("[ 1", max_size=200))
def test_a_whole_number_is_read_exactly_when_a_double_holds_it(number: int, before: str) -> None:
    text = json.dumps([before, number, before])

    try:
        held = abs(float(number)) >= 0
    except OverflowError:
        held = False

    assert (unfit(text) is None) == held
    if held:
        assert read(text) == [before, number, before]
    else:
        with pytest.raises(InvalidJson, match="Numeric value out of range"):
            read(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"a"', None),
        ('"\U0001f600"', None),
        ('"\ud83d"', "half of a surrogate pair, which is no character"),
        ('{"\udfff": 1}', "half of a surrogate pair, which is no character"),
        ("[" + "1" * 310 + "]", "a number that no double holds"),
    ],
)
def test_what_makes_a_text_unfit_is_said(text: str, found: str | None) -> None:
    assert unfit(text) == found


def test_a_part_of_a_text_is_read_as_strictly_as_the_whole() -> None:
    assert read_part(' {"a": [1, 2.5]} x', 1) == ({"a": [1, 2.5]}, 16)

    for part in ('"\\ud83d"', "1" * 310, "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)):
        with pytest.raises(InvalidJson):
            read_part(part, 0)
    for part in ("1e400", "NaN", "nul"):
        with pytest.raises(ValueError, match=r"double|JSON|Expecting"):
            read_part(part, 0)
