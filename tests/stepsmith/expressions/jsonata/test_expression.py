"""The face of the room: compiling, evaluating, references, errors and the service's refusals."""

import json
import math
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.expressions import jsonata
from stepsmith.expressions.types import UNDEFINED

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def evaluate(text: str, data: Any = UNDEFINED, **variables: Any) -> Any:
    return jsonata.compile(text).evaluate(data, variables)


def in_javascript(text: str, data: Any = UNDEFINED, **variables: Any) -> Any:
    return jsonata.compile(text, jsonata.Dialect.REFERENCE).evaluate(data, variables)


def test_the_same_text_is_compiled_once_for_each_dialect() -> None:
    assert jsonata.compile("$a + 1") is jsonata.compile("$a + 1")
    assert jsonata.compile("$a + 1") is not jsonata.compile("$a + 1", jsonata.Dialect.REFERENCE)


def test_threads_share_a_compiled_expression() -> None:
    expression = jsonata.compile("($double := function($x){ $x * 2 }; $sum($map([1..50], $double)) + $n)")

    def evaluated(n: int) -> list[Any]:
        return [expression.evaluate(bindings={"n": n}) for _ in range(50)]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(evaluated, range(8)))

    assert found == [[2550 + n] * 50 for n in range(8)]


@given(json_values)
def test_a_variable_is_handed_on_as_it_is(value: Any) -> None:
    assert evaluate("$v", v=value) is value or not isinstance(value, list | dict)
    assert evaluate("$v", v=value) == value


@given(json_values)
def test_a_field_is_read_by_reference(value: Any) -> None:
    document = {"a": {"b": value}}

    found = evaluate("$d.a.b", d=document)

    assert found == value
    assert not isinstance(value, list | dict) or found is value


@given(st.integers(-(2**40), 2**40), st.integers(-(2**40), 2**40))
def test_whole_numbers_are_added_and_compared_as_in_python(left: int, right: int) -> None:
    assert evaluate("$a + $b", a=left, b=right) == left + right
    assert evaluate("$a < $b", a=left, b=right) is (left < right)
    assert evaluate("$a - $b * $floor($a / $b)", a=left % 1000, b=7) == (left % 1000) % 7


@given(st.floats(-1e300, 1e300).filter(lambda value: value == 0 or abs(value) > 1e-300))
def test_the_text_of_a_number_reads_back_to_fifteen_digits(value: float) -> None:
    text = evaluate("$string($v)", v=value)

    assert float(text) == pytest.approx(value, rel=1e-14, abs=0)
    assert evaluate("$number($s)", s=text) == float(text)


@given(st.lists(st.integers(-50, 50)))
def test_sorting_reversing_and_summing_agree_with_python(numbers: list[int]) -> None:
    assert evaluate("[$sort($xs)]", xs=numbers) == sorted(numbers)
    assert evaluate("$count($xs)", xs=numbers) == len(numbers)
    assert evaluate("$sum($xs)", xs=numbers) == sum(numbers)
    assert evaluate("[$map($xs, function($x){ $x * 2 })]", xs=numbers) == [x * 2 for x in numbers]
    assert evaluate("[$filter($xs, function($x){ $x > 0 })]", xs=numbers) == [x for x in numbers if x > 0]


@given(json_values)
def test_text_of_a_value_parses_to_its_clone(value: Any) -> None:
    text = in_javascript("$string([[$v]])", v=value)

    assert in_javascript("$parse($t) = $clone([[$v]])", t=text, v=value) is True


@given(st.text())
def test_what_is_encoded_is_decoded(text: str) -> None:
    assert evaluate("$decodeUrlComponent($encodeUrlComponent($t))", t=text) == text


@given(json_values)
def test_evaluating_changes_no_value(value: Any) -> None:
    before = repr(value)

    evaluate("([[$v]] ~> |**|{'added': 1}, 'a'|; [$v, $v].*; $sort([$string($v)]); $append($v, 1))", v=value)

    assert repr(value) == before


def test_what_is_not_there_is_not_null() -> None:
    assert evaluate("$o.missing", o={}) is UNDEFINED
    assert evaluate("$o.there", o={"there": None}) is None


def test_infinity_and_nan_become_texts() -> None:
    assert evaluate("1/0") == "Infinity"
    assert evaluate("-1/0") == "-Infinity"
    assert evaluate("[0/0, {'a': 1/0}]") == ["NaN", {"a": "Infinity"}]
    assert evaluate("($x := {'a': $i / 0}; $x)", i=1) == {"a": "Infinity"}
    assert jsonata.to_json([math.inf, {"a": math.nan}]) == ["Infinity", {"a": "NaN"}]


def test_results_are_plain_lists() -> None:
    found = evaluate(
        "{'a': $xs.p, 'b': $map($xs, function($x){ $x.t })}", xs=[{"p": 1, "t": [1, 2]}, {"p": 2, "t": [3]}]
    )

    assert type(found["a"]) is list
    assert [type(member) for member in found["b"]] == [list, list]


def test_a_kept_singleton_inside_a_value_is_a_sequence_only_while_it_is_evaluated() -> None:
    kept = evaluate("{'a': $xs.p[]}", xs=[{"p": 1}])

    assert kept == {"a": [1]}
    assert evaluate("{'a': $xs.p[]}.a", xs=[{"p": 1}]) == 1
    assert evaluate("$o.a", o=kept) == [1]


def test_a_function_as_the_result_can_be_told() -> None:
    assert jsonata.is_function(evaluate("$sum"))
    assert jsonata.is_function(evaluate("function($x){ $x }"))


def test_functions_inside_a_result_are_left_out_as_in_json() -> None:
    assert evaluate("{'a': [$sum, 1], 'f': $sum}") == {"a": [None, 1]}
    assert evaluate("/a(b)/('ab')") == {"match": "ab", "start": 0, "end": 2, "groups": ["b"]}


def test_functions_inside_a_result_are_refused_in_a_state() -> None:
    with pytest.raises(jsonata.JsonataError, match="function"):
        jsonata.compile("{'a': [$sum]}").run({}, {})


@pytest.mark.parametrize(
    ("text", "code", "position", "token"),
    [
        ("$map([1], function($x){ $x + 'a' })", "T2002", 5, "+"),
        ("($f := function($n){ $n = 0 ? 'a' + 1 : 1 + $f($n - 1) }; $f(2))", "T2001", 47, "+"),
        ("($f := function($n){ $g($n) }; $g := function($x){ $x + 'a'}; $f(2))", "T2002", 23, "+"),
        ("$map([1], function($x){ $uppercase($x) })", "T0410", 5, "uppercase"),
        ("1 ~> ($trim ~> $lowercase)", "T0410", 39, "f"),
        ("true and $sum('a')", "T0412", 8, "and"),
        ("'a'(1)", "T1006", 4, "a"),
        ("%.a", "S0217", None, "path"),
    ],
)
def test_errors_are_placed_where_the_reference_places_them(
    text: str, code: str, position: int | None, token: str
) -> None:
    with pytest.raises(jsonata.JsonataError) as caught:
        evaluate(text)

    assert (caught.value.code, caught.value.position, caught.value.token) == (code, position, token)


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("1 +", "S0207", 3),
        ("(1", "S0203", 2),
        ("'abc", "S0101", 4),
        ("1 + 'a'", "T2002", 3),
        ("$sum('a')", "T0412", 5),
        ("$nope(1)", "T1006", 6),
        ("$x := 1 := 2", "S0212", None),
        ("/a(/", "S0302", None),
        ("/(?<a/", "S0302", None),
    ],
)
def test_errors_have_a_code_and_a_place(text: str, code: str, position: int | None) -> None:
    with pytest.raises(jsonata.JsonataError) as caught:
        evaluate(text)

    assert caught.value.code == code
    assert caught.value.code in str(caught.value)
    assert position is None or caught.value.position == position


def test_an_error_says_what_and_where() -> None:
    with pytest.raises(jsonata.JsonataError) as caught:
        evaluate("$i + 'x'", i=1)

    assert (
        str(caught.value)
        == 'T2002: The right side of the "+" operator must evaluate to a number (at character 4)'
    )
    assert caught.value.token == "+"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("$a.b + $c", {"a", "c"}),
        ("($x := 1; $x + $y)", {"y"}),
        ("($i := $i + 1; $i)", {"i"}),
        ("$map($xs, function($x){ $x + $k })", {"xs", "k"}),
        ("($f := function($n){ $n = 0 ? 1 : $f($n - 1) }; $f($m))", {"m"}),
        ("$states.input.items@$v[price > $limit].{'a': $v, 'b': $w}", {"states", "limit", "w"}),
        ("$sum($xs)", {"xs"}),
        ("items[0]", set()),
    ],
)
def test_free_variables_are_those_from_outside(text: str, names: set[str]) -> None:
    assert jsonata.compile(text).free_variables == names


def test_references_leave_out_states_and_tell_its_fields() -> None:
    expression = jsonata.compile("$states.result.a & $states.errorOutput.Cause & $total")

    assert expression.references == {"total"}
    assert expression.states_fields == {"result", "errorOutput"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$states.input.items[value > 3]", []),
        ("$states.input.items.(a + $)", []),
        ("$map($xs, function($x){ $x.a })", []),
        ("items", ["Reference to 'items' at the top level is not supported."]),
        ("$ + 1", ["Reference to '$' at the top level is not supported."]),
        ("$states.input[a = $$.b]", ["Reference to '$$' is not supported."]),
        ("{'a': b}", ["Reference to 'b' at the top level is not supported."]),
    ],
)
def test_the_service_refuses_the_input_document(text: str, found: list[str]) -> None:
    findings = jsonata.check_for_states(text)

    assert [finding.message for finding in findings] == found
    assert {finding.code for finding in findings} <= {"UNSUPPORTED_JSONATA_EXPRESSION"}


def test_the_service_refuses_what_does_not_parse() -> None:
    (finding,) = jsonata.check_for_states("(1 + ")

    assert finding.code == "INVALID_JSONATA_EXPRESSION"


def run(text: str, environment: jsonata.Environment | None = None, **variables: Any) -> Any:
    return jsonata.compile(text).run({"input": {}}, variables, environment)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]),
        ("$partition([1,2,3], 2.9)", [[1, 2], [3]]),
        ("$partition([], 2)", UNDEFINED),
        ("$partition([1], 0)", UNDEFINED),
        ("$range(0, 10, 3)", [0, 3, 6, 9]),
        ("$range(1, 9, 9)", 1),
        ("$range(5, 1, -2)", [5, 3, 1]),
        ("$range(1, 5, -1)", UNDEFINED),
        ("$range(1, 5)", UNDEFINED),
        ("$hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("$hash('input data', 'MD5')", "812f45842bc6d66ee14572ce20db8e86"),
        ("$hash('x')", UNDEFINED),
        ("$parse('{\"a\": [1, null]}')", {"a": [1, None]}),
        ("$exists(null)", True),
        ("$type(null)", "null"),
        ("$count(null)", 1),
    ],
)
def test_what_step_functions_adds(text: str, value: Any) -> None:
    assert run(text) == value


def test_eval_is_not_there_in_states_but_in_the_language() -> None:
    with pytest.raises(jsonata.JsonataError) as caught:
        run("$eval('1+1')")

    assert caught.value.reason == "T1006: Attempted to invoke a non-function"
    assert evaluate("$eval('1+1')") == 2


def test_time_and_randomness_come_from_the_environment() -> None:
    environment = jsonata.Environment(now=lambda: 1_000, random=lambda: 0.25, uuid=lambda: "id")

    assert run("$millis()", environment) == 1_000
    assert run("$now()", environment) == "1970-01-01T00:00:01.000Z"
    assert run("$random()", environment) == 0.25
    assert run("$uuid()", environment) == "id"


def test_a_seed_gives_the_same_number_and_a_uuid_is_of_version_four() -> None:
    assert run("$random(7) = $random(7)") is True
    assert 0 <= run("$random()") < 1
    assert uuid.UUID(run("$uuid()")).version == 4


def test_a_variable_hides_a_built_in_function_of_its_name() -> None:
    assert evaluate("$count + 1", count=2) == 3
    assert evaluate("$count([1, 2])") == 2
    with pytest.raises(jsonata.JsonataError, match="T1006"):
        evaluate("$count([1])", count=2)


def test_a_bound_function_may_call_itself_and_tail_calls_take_no_stack() -> None:
    assert (
        evaluate("($f := function($n, $a){ $n = 0 ? $a : $f($n - 1, $a + $n) }; $f(5000, 0))") == 12_502_500
    )


def test_many_variables_of_nested_blocks_keep_apart() -> None:
    text = "($a := 1; $f := ($b := $a + 1; function($c){ ($d := $b * $c; $d + $a) }); $a := 10; $f(3))"

    assert evaluate(text) == 16


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('$formatNumber(12.345, "#,#,#0")', "1,2,"),
        ('$formatNumber(999.995, "###,##,##0")', "10,00,"),
        ('$formatInteger(1999, "#,##,##0")', ",9"),
        ('$formatInteger(1234567, "#,##,##0")', "12,34,567"),
    ],
)
def test_irregular_groups_fall_where_the_reference_puts_them(text: str, expected: str) -> None:
    assert jsonata.compile(text).evaluate(None) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$map([{'a': 1}, {'b': 1, 'c': 2}], $keys)", [["a"], ["b", "c"]]),
        ("$map($map([{'a': 1}, {'b': 1, 'c': 2}], $keys), function($k){ $k })", ["a", ["b", "c"]]),
        ("$map($map([{'a': 1}, {}], function($o){ $keys($o) }), function($k){ $k })", "a"),
        ("$map([{'a': 1}], $keys)", ["a"]),
        ("($map([{'a': 1}], $keys))", "a"),
        ("$filter($map([{'a': 1}, {'b': 1, 'c': 2}], $keys), function($k){ $k = 'a' })", ["a"]),
        ("($m := $map([{'a': 1}, {'b': 1, 'c': 2}], $keys); $m[0])", "a"),
    ],
)
def test_a_sequence_of_one_inside_a_sequence_collapses_when_it_is_read_again(text: str, value: Any) -> None:
    assert evaluate(text) == value


def test_halves_of_a_character_that_meet_make_one() -> None:
    assert evaluate("$length($a & $b)", a="\ud83d", b="\ude00") == 1


@pytest.mark.parametrize(
    "text", ['{"a": "[[{"}', '["\\\\", "\\"]"]', "[1e2, 12345678901234567890, -0.5]", "[" * 200 + "]" * 200]
)
def test_parse_reads_what_json_reads(text: str) -> None:
    assert evaluate("$parse($s)", s=text) == json.loads(text, parse_int=float)


def test_a_group_that_begins_with_nothing_gathers_what_follows() -> None:
    rows = [{}, {"sub": [{"a": 1}, {"a": 2}]}]

    assert evaluate("rows.sub['x']{'k': $}", {"rows": rows}) == {"k": [{"a": 1}, {"a": 2}]}


@pytest.mark.parametrize(
    ("value", "places"),
    [({"q": 1}, UNDEFINED), (5, UNDEFINED), ([{"q": 2}, {"q": 1}], [0, 1]), ("ab", [0, 1])],
)
def test_a_single_value_in_brackets_has_no_places_once_it_is_sorted(value: Any, places: Any) -> None:
    assert evaluate("[v][true]^(q)#$place.$place", {"v": value}) == places


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[$ & 'x'].{'is': $}", {"is": "5x"}),
        ("[$type($)].$", "number"),
    ],
)
def test_an_array_at_the_start_of_a_path_reads_the_context_as_one_value(text: str, value: Any) -> None:
    assert evaluate(text, 5) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("xs^(s * $factor)#$i.{'i': $i, 's': s}", [{"i": 0, "s": 2}, {"i": 1, "s": 3}]),
        ("xs#$i^(s * $factor).$i", [1, 0]),
        ("xs#$i^($i * $factor).$i", [0, 1]),
        ("xs^($seen := s)#$i.$seen", [2, 2]),
    ],
)
def test_an_order_reads_variables_from_outside_before_and_after_places_are_numbered(
    text: str, value: Any
) -> None:
    assert evaluate(text, {"xs": [{"s": 3}, {"s": 2}]}, factor=2) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("xs#$i[$kept := $i = 1].$i", 1),
        ("[$x := 1]#$i.$x", 1),
        ("(xs#$i){$string(s): $z := 1}", {"3": 1, "2": 1}),
        ("(1; xs)[$kept := s = 2].s", 2),
        ("($y := 9; xs@$e.{'a': $y := $e.s}; $y)", 9),
    ],
)
def test_variables_may_be_bound_wherever_an_expression_stands(text: str, value: Any) -> None:
    assert evaluate(text, {"xs": [{"s": 3}, {"s": 2}]}) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a' & 'x'{'k': $}", 'a{"k":"x"}'),
        ("xs[0{'k': $}]", 1),
        ("{'a'{'k': $} & '': 1}", {'{"k":"a"}': 1}),
        ("$uppercase('a'){'k': $, 'f': function($x){ $x }}", {"k": "A"}),
    ],
)
def test_a_constant_may_have_a_group_of_its_own(text: str, value: Any) -> None:
    assert evaluate(text, {"xs": [1, 2]}) == value


def test_what_is_handed_on_is_evaluated_before_the_function_that_takes_it() -> None:
    with pytest.raises(jsonata.JsonataError) as raised:
        evaluate("(1 + 'a') ~> $nothing()")

    assert raised.value.code == "T2002"


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("($f := function($x){ $uppercase($trim($x)) }; $f(1234))", 38),
        ("($f := function($x){ $g(1 + $x) }; $g := function($y){ $y }; $f('a'))", 27),
        ("$map([1, 2], function($x){ $uppercase($trim($x)) })", 5),
        ("($f := $string ~> $ceil ~> $length; $f(12))", 35),
    ],
)
def test_an_error_in_the_argument_of_a_last_call_is_placed_where_it_is_made(text: str, position: int) -> None:
    with pytest.raises(jsonata.JsonataError) as raised:
        evaluate(text)

    assert raised.value.position == position


def test_an_item_alone_in_its_group_is_not_there_for_the_groups_after_where_places_are_numbered() -> None:
    data = {"P": [{"t": "a", "n": "1"}, {"t": "b", "n": "2"}]}

    assert evaluate("P{t: n, 'all': n}#$i", data) == {"a": "1", "all": "2", "b": "2"}


def test_a_text_that_is_left_of_an_array_is_taken_apart_by_the_next_step() -> None:
    assert evaluate("['red', 'blue'][0].$uppercase($)") == ["R", "E", "D"]
    assert evaluate("[5, 6][0].$string($)") is UNDEFINED


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$split('a b c', ' ', 1e308)", []),
        ("$split('a b c', ' ', 4294967298)", ["a", "b"]),
        ("$replace('aaa', 'a', 'b', 1e308)", "bbb"),
        ("$replace('aaa', 'x', $sum)", "aaa"),
        ("$round(1e308, 1e-300)", 1e308),
        ("$round(1e308, -1e308)", "NaN"),
        ("$formatBase(1e21, 12)", "3168957a94b994080000"),
        ("$formatInteger(10001e+46, 'w')", "one hundred trillion, ten billion trillion trillion trillion"),
        ("(1/0) in [1/0]", True),
        ("[1/0] = ['Infinity']", False),
    ],
)
def test_numbers_beyond_measure_are_taken_as_javascript_takes_them(text: str, value: Any) -> None:
    assert in_javascript(text) == value


@pytest.mark.parametrize(
    ("number", "read"), [(2**63 - 1, 2**63 - 1), (-(2**63), -(2**63)), (10**25 + 1, 1e25), (2**63, 2.0**63)]
)
def test_an_integer_beyond_64_bits_is_read_as_a_double(number: int, read: float) -> None:
    found = jsonata.compile("$states.input.v").run({"input": {"v": number}}, {})

    assert (found, type(found)) == (read, type(read))
