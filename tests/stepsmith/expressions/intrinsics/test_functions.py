import base64
import json
import math
import random
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stepsmith.expressions.intrinsics import ArgumentMiss, IntrinsicFailure, compile_call
from stepsmith.expressions.scope import Scope
from stepsmith.expressions.types import Json


class Seeded:
    def __init__(self, seed: int = 1) -> None:
        self.source = random.Random(seed)

    def random(self) -> float:
        return self.source.random()

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.source.getrandbits(128), version=4))


def call(text: str, document: Json = None, *, seed: int = 1) -> Any:
    return compile_call(text).evaluate(Scope(document, dict, {}, Seeded(seed)))


def of(name: str, *arguments: Json, seed: int = 1) -> Any:
    paths = ", ".join(f"$[{index}]" for index in range(len(arguments)))
    return call(f"States.{name}({paths})", list(arguments), seed=seed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("", [], ""),
        ("a {} b {}.", ["x", 1], "a x b 1."),
        ("{}", [None], "null"),
        ("{}", [""], ""),
        ("{}", [{"Arg1": 1, "Arg2": []}], "{Arg1=1, Arg2=[]}"),
        ("{}", ['{"Arg1": 1}'], '{"Arg1": 1}'),
        ("{}{}", [True, 1.5], "true1.5"),
        ("\\{{}\\}", [1], "{1}"),
        ("{ } {0} }{", [], "{ } {0} }{"),
        ("100%s %d {0.__class__}", [], "100%s %d {0.__class__}"),
    ],
)
def test_format_fills_a_template_from_the_data(template: str, values: list[Json], text: str) -> None:
    assert of("Format", template, *values) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("hello \\' + {}", "hello ' + 7"),
        ("hello \\}\\{\\} + {}", "hello }{} + 7"),
        ("hello \\\\ + {}", "hello \\ + 7"),
        ("hello 🙂 + {}", "hello 🙂 + 7"),
        ("line\nfeed {}", "line\nfeed 7"),
    ],
)
def test_format_resolves_the_escapes_of_a_template_in_the_call(raw: str, text: str) -> None:
    assert call(f"States.Format('{raw}', $.a)", {"a": 7}) == text


@contextmanager
def failing(detail: str) -> Iterator[None]:
    """Expect a failed call; the pattern is looked for in what was wrong, which AWS does not tell."""
    with pytest.raises(IntrinsicFailure) as failure:
        yield
    assert re.search(detail, failure.value.detail)


@pytest.mark.parametrize(("template", "values"), [("{} {} {}", [1]), ("x", [1]), ("\\{\\}", [1])])
def test_format_needs_as_many_values_as_places(template: str, values: list[Json]) -> None:
    with failing(r"occurrences of \{\} do not match"):
        of("Format", template, *values)


def test_format_stops_before_it_builds_gigabytes() -> None:
    with failing("more than 10485760 characters"):
        of("Format", "{}" * 50, *["x" * 250_000] * 50)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        (" ", None),
        ("null", None),
        ("-0", 0),
        ("1", 1),
        ('{"a": [1.5]}', {"a": [1.5]}),
        ('{"a":1,"a":2}', {"a": 2}),
    ],
)
def test_string_to_json_reads_json(text: str, value: Json) -> None:
    assert of("StringToJson", text) == value


@pytest.mark.parametrize("text", ["hello", "NaN", "[" * 100_000, "{"])
def test_string_to_json_fails_on_anything_else(text: str) -> None:
    with pytest.raises(IntrinsicFailure):
        of("StringToJson", text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), ("HelloWorld", '"HelloWorld"'), ({"Arg1": 1, "Arg2": []}, '{"Arg1":1,"Arg2":[]}')],
)
def test_json_to_string_writes_compact_json(value: Json, text: str) -> None:
    assert of("JsonToString", value) == text


@given(JSON)
def test_json_survives_its_text(value: Json) -> None:
    assert call("States.StringToJson(States.JsonToString($))", value) == value


def test_array_makes_an_array_of_its_arguments() -> None:
    assert call("States.Array()") == []
    assert call("States.Array('it\\'s', 2020, $.x, null)", {"x": [1]}) == ["it's", 2020, [1], None]


@given(st.lists(st.integers()), st.integers(1, 9))
def test_the_chunks_of_an_array_are_the_array(array: list[Json], size: int) -> None:
    chunks = of("ArrayPartition", array, size)

    assert [item for chunk in chunks for item in chunk] == array
    assert all(len(chunk) == size for chunk in chunks[:-1])


@pytest.mark.parametrize(
    ("array", "value", "found"),
    [
        ([], None, False),
        ([[1, 2, 3], 2], [1, 2, 3], True),
        ([{"1": 2, "2": []}], {"2": [], "1": 2}, True),
        ([{"1": 2}], [], False),
        ([True, False], False, True),
        ([1, 0], True, False),
        ([[1]], [True], False),
    ],
)
def test_array_contains_compares_deeply(array: Json, value: Json, found: bool) -> None:
    assert of("ArrayContains", array, value) is found


@pytest.mark.parametrize(
    ("first", "last", "step", "numbers"),
    [
        (0, 10, 3, [0, 3, 6, 9]),
        (1, 9, 9, [1]),
        (1, 10, 9, [1, 10]),
        (3, 1, -1, [3, 2, 1]),
        (1, 0, 1, []),
        (0.4, 2.5, 1, [0, 1, 2]),
        (5.4, -0.6, -2.4, [5, 3, 1]),
    ],
)
def test_array_range_counts_up_to_the_end_if_it_is_hit(
    first: Json, last: Json, step: Json, numbers: Json
) -> None:
    assert of("ArrayRange", first, last, step) == numbers


def test_array_range_gives_a_thousand_elements_at_most() -> None:
    assert len(of("ArrayRange", 1, 1000, 1)) == 1000
    for last in (1001, 1_000_000_000):
        with failing(f"The range has {last} elements; at most 1000 are allowed"):
            of("ArrayRange", 1, last, 1)


@pytest.mark.parametrize("index", [-1, 3])
def test_array_get_item_has_no_item_outside(index: int) -> None:
    assert of("ArrayGetItem", [1, 2, 3], 2) == 3
    with failing("out of bounds"):
        of("ArrayGetItem", [1, 2, 3], index)


def test_array_length_counts() -> None:
    assert of("ArrayLength", [None, [1, 2]]) == 2


def test_array_unique_keeps_the_first_of_equal_elements() -> None:
    array: Json = [
        None,
        None,
        True,
        True,
        1,
        1,
        1.1,
        0,
        False,
        "a",
        "a",
        [],
        [],
        [None],
        {"a": 1, "b": 2},
        {"b": 2, "a": 1},
    ]

    unique = of("ArrayUnique", array)

    assert json.dumps(unique) == json.dumps([None, True, 1, 1.1, 0, False, "a", [], [None], {"a": 1, "b": 2}])


@pytest.mark.slow
@given(st.lists(JSON))
def test_unique_elements_stay_as_they_are(array: list[Json]) -> None:
    once = of("ArrayUnique", array)

    assert of("ArrayUnique", once) == once
    assert all(of("ArrayContains", once, item) for item in array)


@given(st.text(max_size=100))
def test_text_survives_base64(text: str) -> None:
    encoded = of("Base64Encode", text)

    assert encoded == base64.b64encode(text.encode()).decode()
    assert of("Base64Decode", encoded) == text


def test_base64_takes_ten_thousand_characters_and_real_base64() -> None:
    assert of("Base64Encode", "x" * 10_000)
    for name, text in (
        ("Base64Encode", "x" * 10_001),
        ("Base64Decode", "x" * 10_001),
        ("Base64Decode", "abcde"),
        ("Base64Decode", "a=b"),
    ):
        with pytest.raises(IntrinsicFailure):
            of(name, text)


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        ("MD5", "812f45842bc6d66ee14572ce20db8e86"),
        ("SHA-1", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        (
            "SHA-384",
            "d28a7d5cf25a74f11a50a18452b75e04bb3d70c9dd0510d6123aa008c756511b87525bdc835ebb27e1fb9e9374a15562",
        ),
    ],
)
def test_hash_gives_the_digest_in_hex(algorithm: str, digest: str) -> None:
    assert of("Hash", "input data", algorithm) == digest


def test_hash_of_anything_else_is_of_its_json() -> None:
    assert of("Hash", {"a": [1]}, "MD5") == of("Hash", '{"a":[1]}', "MD5")


@pytest.mark.parametrize("algorithm", ["md5", "SHA-3000", None])
def test_hash_knows_five_algorithms(algorithm: Json) -> None:
    with failing("must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512"):
        of("Hash", "x", algorithm)


def test_json_merge_is_shallow() -> None:
    first: Json = {"a": {"a1": 1, "a2": 2}, "b": 2, "d": 3}
    second: Json = {"a": {"a3": 1, "a4": 2}, "c": 3, "d": 4}

    assert call("States.JsonMerge($[0], $[1], false)", [first, second]) == {
        "a": {"a3": 1, "a4": 2},
        "b": 2,
        "d": 4,
        "c": 3,
    }


@pytest.mark.parametrize("deep", ["true", "0", "'true'", "null"])
def test_json_merge_knows_no_deep_mode(deep: str) -> None:
    with failing("deep merging is not supported"):
        call(f"States.JsonMerge($, $, {deep})", {})


@pytest.mark.parametrize(
    ("a", "b", "result"),
    [
        (-9, 3, -6),
        (1.49, 1.5, 3),
        (-1.5, 0, -1),
        (-1.51, 0, -2),
        (2.5, 0, 3),
        (-2.5, 0, -2),
        (0.5, 0, 1),
        (-0.5, 0.5, 1),
        (2**31 - 2, 1, 2**31 - 1),
        (-(2**31), 0, -(2**31)),
    ],
)
def test_math_add_rounds_half_up_first(a: Json, b: Json, result: int) -> None:
    assert of("MathAdd", a, b) == result


@pytest.mark.parametrize(("a", "b"), [(3_000_000_000, 1), (1, -3_000_000_000), (2**31 - 1, 1), (1e10, 0)])
def test_math_add_has_32_bits(a: Json, b: Json) -> None:
    with failing("must be between -2147483648 and 2147483647"):
        of("MathAdd", a, b)


def test_an_empty_array_has_null_at_every_index() -> None:
    assert of("ArrayGetItem", [], 999) is None


@pytest.mark.parametrize(
    ("text", "decoded"), [("abc", "i\ufffd"), ("YWI", "ab"), ("Y W\nI=", "ab"), ("/w==", "\ufffd")]
)
def test_base64_without_padding_and_with_other_characters_is_decoded(text: str, decoded: str) -> None:
    assert of("Base64Decode", text) == decoded


@pytest.mark.parametrize(
    ("text", "delimiters", "pieces"),
    [
        ("This.is+a,test=string", ".+,=", ["This", "is", "a", "test", "string"]),
        (",,,,", ",", []),
        (", , ,", ",", [" ", " "]),
        ("abc", "", ["abc"]),
        ("", ",", []),
        ("a" * 60 + "!", "(a+)+$", ["!"]),
    ],
)
def test_string_split_cuts_at_each_of_the_characters(text: str, delimiters: str, pieces: Json) -> None:
    assert of("StringSplit", text, delimiters) == pieces


@given(st.integers(-1000, 1000), st.integers(1, 1000), st.integers())
def test_a_random_number_lies_between_its_bounds_and_repeats_with_the_seed(
    start: int, size: int, seed: int
) -> None:
    number = of("MathRandom", start, start + size, seed=seed)

    assert isinstance(number, int)
    assert start <= number < start + size
    assert of("MathRandom", start, start + size, seed=seed) == number


@given(st.integers(), st.integers())
def test_a_seed_in_the_call_decides_alone(argument: int, seed: int) -> None:
    assert of("MathRandom", 0, 1000, argument, seed=seed) == of(
        "MathRandom", 0, 1000, argument, seed=seed + 1
    )


def test_random_bounds_are_in_order() -> None:
    assert of("MathRandom", 5, 5) == 5
    with failing("4 is less than 5"):
        of("MathRandom", 5, 4)


def test_uuids_come_from_the_source_of_randomness() -> None:
    first = call("States.UUID()", seed=7)

    assert uuid.UUID(str(first)).version == 4
    assert call("States.UUID()", seed=7) == first
    assert call("States.UUID()", seed=8) != first


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("States.ArrayLength('x')", "Argument 1 must be an array, but was java.lang.String"),
        ("States.MathAdd(1, true)", "Argument 2 must be a number, but was java.lang.Boolean"),
        ("States.MathAdd(1)", "1 arguments where the function takes 2"),
        ("States.MathRandom(1)", "1 arguments where the function takes 2 to 3"),
        ("States.Format()", "0 arguments where the function takes at least 1"),
        ("States.Format(1)", "Argument 1 must be a string"),
        ("States.ArrayPartition(States.Array(), 0)", "Argument 2 must be a positive integer, but was 0"),
        ("States.ArrayRange(1, 5, 0)", "Argument 3 must not be 0"),
        ("States.JsonMerge(1, 2, false)", "Argument 1 must be an object, but was java.lang.Integer"),
        ("States.StringSplit('a', 1)", "Argument 2 must be a string, but was java.lang.Integer"),
    ],
)
def test_a_call_that_fails_names_itself(text: str, detail: str) -> None:
    with pytest.raises(IntrinsicFailure) as failure:
        call(text)

    name = text.partition("(")[0]
    assert str(failure.value) == (
        f"There was an error while evaluating the intrinsic function: {text}. Invalid arguments in {name}"
    )
    assert failure.value.detail == detail
    assert failure.value.error == "States.Runtime"


def test_a_path_argument_that_finds_nothing_is_a_runtime_error() -> None:
    with pytest.raises(ArgumentMiss) as miss:
        call("States.Format('{}', $.foo)", {"a": 1})

    assert str(miss.value) == (
        "The function 'States.Format('{}', $.foo)' had the following error: "
        "The JsonPath argument for the field '$.foo' could not be found in the input '{\"a\":1}'"
    )
    assert miss.value.error == "States.Runtime"


def test_calls_nest() -> None:
    text = (
        "States.ArrayGetItem(States.StringSplit($.name, '-'), "
        "States.MathAdd(States.ArrayLength(States.StringSplit($.name, '-')), -1))"
    )

    assert call(text, {"name": "a-b-c"}) == "c"


@given(st.floats(-1e6, 1e6))
def test_rounding_goes_to_the_nearest_integer(value: float) -> None:
    assume(not value.is_integer())

    rounded = of("MathAdd", value, 0)

    assert isinstance(rounded, int)
    assert rounded in (math.floor(value), math.ceil(value))
    assert abs(rounded - value) <= 0.5


@pytest.mark.parametrize("number", [2**40, 10**308, 1e308, -1e308])
def test_numbers_beyond_all_bounds_are_no_crash(number: float) -> None:
    for name, arguments in (
        ("ArrayRange", [0, abs(number), 1]),
        ("ArrayRange", [0, -abs(number), -1]),
        ("ArrayGetItem", [[1], number]),
    ):
        with pytest.raises(IntrinsicFailure):
            of(name, *arguments)


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-7, 7).filter(bool))
def test_a_range_counts_as_python_does_with_its_last_number(first: int, last: int, step: int) -> None:
    assert of("ArrayRange", first, last, step) == list(range(first, last + (1 if step > 0 else -1), step))


@pytest.mark.parametrize("name", ["Base64Encode", "Hash"])
def test_half_a_surrogate_pair_is_a_question_mark(name: str) -> None:
    rest = ["MD5"] if name == "Hash" else []

    assert of(name, "a\ud800", *rest) == of(name, "a?", *rest)
