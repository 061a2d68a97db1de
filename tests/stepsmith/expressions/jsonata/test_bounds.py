"""Bounds of evaluations: depth, work, size, and the other threads meanwhile."""

import threading
from typing import Any

import pytest

from stepsmith.expressions import jsonata
from stepsmith.expressions.jsonata.grammar.parser import MAX_NESTING
from stepsmith.expressions.types import UNDEFINED, Json

WITHOUT_CLOCK = jsonata.Environment(clock=None)
"""With it only what is counted ends an evaluation, on every machine alike."""


def refusal(text: str, **states: Any) -> str:
    """What the service would tell of an evaluation that fails."""
    with pytest.raises(jsonata.JsonataError) as caught:
        jsonata.compile(text).run({"input": states}, {})
    return caught.value.reason


def on_aws(text: str, **states: Any) -> Any:
    """The value within the service's bounds."""
    return jsonata.compile(text).run({"input": states}, {})


def test_a_sum_of_ninety_terms_fits_into_the_depth() -> None:
    assert on_aws("1" + "+1" * 89) == 90


def test_a_sum_of_two_hundred_terms_is_too_deep() -> None:
    assert "Depth=101 max=100" in refusal("1" + "+1" * 199)


@pytest.mark.parametrize("terms", [99, 100])
def test_the_depth_is_counted_to_the_step(terms: int) -> None:
    text = "1" + "+1" * (terms - 1)

    if terms <= 100:
        assert on_aws(text) == terms


def test_one_step_more_than_the_depth_fails() -> None:
    assert refusal("1" + "+1" * 100).startswith("Stack overflow error")


def test_what_is_not_evaluated_may_be_deep() -> None:
    assert on_aws("true ? 1 : (1" + "+1" * 150 + ")") == 1


@pytest.mark.parametrize(
    "text", ["(" * 20_000 + "1" + ")" * 20_000, "1" + "+1" * 49_999, "[" * 5000, "-" * 5000 + "1"]
)
def test_deep_text_is_refused_without_overflowing_the_stack(text: str) -> None:
    with pytest.raises(jsonata.JsonataError, match=f"max={MAX_NESTING}"):
        jsonata.compile(text)


def test_recursion_without_end_is_a_stack_overflow() -> None:
    assert refusal("($f := function($x){ 1 + $f($x+1) }; $f(1))").startswith("Stack overflow error")


def test_recursion_without_end_is_stopped_without_limits_too() -> None:
    with pytest.raises(jsonata.JsonataError) as caught:
        jsonata.compile("($f := function($x){ 1 + $f($x+1) }; $f(1))").evaluate(None)

    assert caught.value.code == "U1001"


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "($f := function($x){ $f($x+1) }; $f(1))",
        "($a := function($x){ $b($x) }; $b := function($x){ $a($x) }; $a(1))",
        "$sum($map([1..5000], function($x){ $sum($map([1..5000], function($y){ $x * $y })) }))",
        "[1..5000].([1..5000])",
        "$states.input.xs[$count($$.x) < $count($states.input.xs[$ > 0])]",
    ],
)
def test_what_takes_too_long_times_out(text: str) -> None:
    xs = list(range(20_000))

    with pytest.raises(jsonata.JsonataError) as caught:
        on_aws(text, xs=xs)

    assert caught.value.code in ("U1001", "U1002")


def test_the_work_that_is_allowed_does_not_depend_on_a_clock() -> None:
    environment = jsonata.Environment(clock=None)
    limits = jsonata.Limits(work=10_000)

    with pytest.raises(jsonata.JsonataError, match="Expression evaluation timeout"):
        jsonata.compile("$map([1..5000], function($x){ $x })").evaluate(
            None, limits=limits, environment=environment
        )


def test_the_clock_ends_an_evaluation_too() -> None:
    ticks = iter(range(0, 1_000_000, 1))
    environment = jsonata.Environment(clock=lambda: float(next(ticks)))
    limits = jsonata.Limits(work=10**12, seconds=2.0)

    with pytest.raises(jsonata.JsonataError, match="Expression evaluation timeout"):
        jsonata.compile("($f := function(){ $f() }; $f())").evaluate(
            None, limits=limits, environment=environment
        )


def test_the_time_of_other_threads_is_no_time_of_an_evaluation() -> None:
    assert jsonata.Environment().clock is jsonata.PROCESSOR_TIME


MEMORY = "Expression evaluation memory limit exceeded: Check for excessive memory usage"


@pytest.mark.slow
def test_the_largest_sequence_is_the_one_measured_on_aws() -> None:
    assert on_aws("$count([1..873782])") == 873_782
    assert refusal("$count([1..873783])") == MEMORY


def test_a_string_may_have_two_to_the_22_characters() -> None:
    text = "($p := function($s, $n){ $n = 0 ? $s : $p($s & $s, $n - 1) }; $length($p('x', %d)))"

    assert on_aws(text % 22) == 2**22
    assert refusal(text % 23) == MEMORY


@pytest.mark.parametrize(
    "text",
    [
        "$pad('x', 1000000000)",
        "$range(1, 100000000, 1)",
        "$join($map([1..3000], function($i){ $pad('x', 3000) }))",
        "$string($map([1..3000], function($i){ $pad('x', 3000) }))",
        "$replace($pad('a', 100000, 'a'), 'a', $pad('b', 1000, 'b'))",
        "$replace($pad('a', 8000, 'a'), /a/, $pad('b', 1000, 'b'))",
        "$base64encode($pad('x', 5000000))",
    ],
)
def test_what_grows_too_large_is_stopped(text: str) -> None:
    assert refusal(text) == MEMORY


ROWS: Json = [{"id": f"k{i}", "n": i * 7919 % 20_011, "name": f"name{i % 97}"} for i in range(20_000)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "$sum($map([1..100000], function($i){ $i * 2 }))",
        "$filter($states.input.rows, function($row){ $row.n > 1000 and $row.name != 'name3' })",
        "$sort($states.input.rows, function($l, $r){ $l.n > $r.n })",
        "$states.input.rows^(name, >n)",
        "$reduce([1..50000], function($sum, $i){ $sum + $i })",
        "$states.input.rows{id: n}",
        "$merge($states.input.rows.{id: n})",
        "($r := [$states.input.rows]; $length($string([[$r], [$r], [$r], [$r]])))",
        "$count($parse($string($states.input.rows)))",
        "$count($distinct($map([1..100000], $string)))",
        "$count($distinct($append($states.input.rows, $states.input.rows)))",
        "$sort($states.input.rows, function($l, $r){ $l.id > $r.id })",
        "$replace($join($states.input.rows.name, ' and so on for some more characters '), /[0-9]+/, '#')",
        "$trim($join($states.input.rows.name, '  '))",
    ],
)
def test_honest_work_on_much_data_is_done_within_the_bounds(text: str) -> None:
    assert jsonata.compile(text).run({"input": {"rows": ROWS}}, {}, WITHOUT_CLOCK) is not UNDEFINED


@pytest.mark.slow
def test_a_range_of_two_hundred_thousand_passes() -> None:
    assert on_aws("$count($range(1, 200000, 1))") == 200_000


def test_text_nested_too_deep_does_not_parse() -> None:
    assert refusal("$parse($states.input.s)", s="[" * 100_000).startswith("Stack overflow error")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "s"),
    [
        ("$match($states.input.s, /(a+)+$/)", "a" * 40 + "!"),
        ("$replace($states.input.s, /(x+x+)+y/, 'z')", "x" * 200),
        ("$split($states.input.s, /(a|aa)+c/)", "a" * 200),
        ("$contains($states.input.s, /^(([a-z])+.)+[A-Z]([a-z])+$/)", "a" * 200),
        ("$match($states.input.s, /(.*)*=(.*)*;/)", "x" * 300),
        ("$match($states.input.s, /((a*)*)*b/)", "a" * 200),
        ("$match($states.input.s, /((a|b?){0,30}){0,30}c/)", "ab" * 20),
        ("$toMillis($states.input.s, '[f1][f1][f1][f1][f1][f1]')", "1" * 2000 + "x"),
    ],
)
def test_no_pattern_needs_more_than_a_part_of_the_work_allowed(text: str, s: str) -> None:
    limits = jsonata.Limits(work=5_000_000)

    jsonata.compile(text).evaluate(
        None, {"states": {"input": {"s": s}}}, limits=limits, environment=WITHOUT_CLOCK
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "s"),
    [
        ("$match($states.input.s, /(a*)*\\1b/)", "a" * 30),
        ("$match($states.input.s, /(a|b|ab)*\\1\\1\\1c/)", "ab" * 60),
        ("$toMillis($states.input.s)", "2026" + "-11" * 40_000 + "x"),
    ],
)
def test_a_pattern_that_needs_more_is_ended_without_a_clock(text: str, s: str) -> None:
    with pytest.raises(jsonata.JsonataError) as caught:
        jsonata.compile(text).run({"input": {"s": s}}, {}, WITHOUT_CLOCK)

    assert caught.value.code in ("U1001", "D3110")


TWICE = "($f := function($o, $n){ $n = 0 ? $o : $f([[$o, $o]], $n - 1) }; %s)"


@pytest.mark.parametrize(
    "use",
    [
        "$f([0], 40)",
        "$f([0], 40) = $f([0], 40)",
        "$boolean($f([0], 40))",
        "$string($f([0], 40))",
        "$count({'a': $f([0], 40)}.*)",
        "$count($f([0], 40).**)",
        "$distinct([$f([0], 40), $f([0], 40)])",
        "$lookup($f([0], 40), 'a')",
        "$keys($f([0], 40))",
        "$spread($f([0], 40))",
        "$clone({'a': $f([0], 40)})",
        "$f([0], 40).a",
        "$map([1..1000], function($i){ $pad('x', 100000) })",
    ],
)
def test_a_value_that_holds_another_many_times_costs_as_often(use: str) -> None:
    with pytest.raises(jsonata.JsonataError) as caught:
        jsonata.compile(TWICE % use).run({}, {}, WITHOUT_CLOCK)

    assert caught.value.code in ("U1001", "U1002")


@pytest.mark.parametrize("use", ["-$f([0], 40)", "$sum($f([0], 40))", "{$f([0], 40): 1}", "-$f([0], 4000)"])
def test_an_error_tells_only_the_beginning_of_a_value(use: str) -> None:
    assert len(refusal(TWICE % use)) < 600


@pytest.mark.slow
@pytest.mark.parametrize("use", ["$string($c)", "$c = $c", "$keys($c)", "$c.x"])
def test_variables_that_hold_each_other_need_an_account(use: str) -> None:
    text = f"($a := [$w, $w, $w, $w]; $b := [$a, $a, $a, $a]; $c := [$b, $b, $b, $b]; {use})"
    wide: Any = [[[0] * 60] * 60] * 60

    with pytest.raises(jsonata.JsonataError) as caught:
        jsonata.compile(text).run({}, {"w": wide}, WITHOUT_CLOCK)

    assert caught.value.code == "U1001"


@pytest.mark.slow
def test_few_steps_that_compare_each_with_each_need_an_account() -> None:
    nested: Any = [[[number]] for number in range(10_000)]

    with pytest.raises(jsonata.JsonataError, match="timeout"):
        jsonata.compile("$distinct($xs)").run({}, {"xs": nested}, WITHOUT_CLOCK)


@pytest.mark.slow
def test_a_chain_of_functions_is_charged_by_its_links() -> None:
    text = "($c := $string ~> $length ~> $string ~> $length; $map([1..250000], $c))"

    with pytest.raises(jsonata.JsonataError, match="timeout"):
        jsonata.compile(text).run({}, {}, WITHOUT_CLOCK)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["[" + "[]," * 1_000_000 + "[]]", '["' + '","' * 1_000_000 + '"]', "[" * 3_000_000]
)
def test_text_of_many_small_values_is_refused_before_it_is_read(text: str) -> None:
    with pytest.raises(jsonata.JsonataError, match="timeout"):
        jsonata.compile("$parse($s)").run({}, {"s": text}, WITHOUT_CLOCK)


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern",
    [
        "\\/" * 100_000,
        "{" * 100_000 + "}" * 100_000,
        "\\{" * 100_000,
        "(?<" * 100_000,
        "()" * 100_000,
        "a" * 100_000,
    ],
)
def test_a_pattern_may_not_be_of_any_length(pattern: str) -> None:
    with pytest.raises(jsonata.JsonataError):
        jsonata.compile(f"/{pattern}/")


def test_a_signature_may_not_be_of_any_length() -> None:
    with pytest.raises(jsonata.JsonataError, match="at most 1000 characters"):
        jsonata.compile(f"function($x)<{'s' * 100_000}:s>{{1}}")


def test_a_value_nested_too_deep_is_no_result() -> None:
    text = "($f := function($o, $n){ $n = 0 ? $o : $f([[$o]], $n - 1) }; $f([1], 2000))"

    assert refusal(text).startswith("Stack overflow error")


def test_long_strings_use_up_nothing_that_evaluations_share() -> None:
    expression = jsonata.compile("$states.input.s & 'x'")
    states: Json = {"input": {"s": "y" * 1_000_000}}

    lengths = {len(str(expression.run(states, {}, WITHOUT_CLOCK))) for _ in range(300)}

    assert lengths == {1_000_001}


@pytest.mark.parametrize(
    "text",
    ["$formatNumber(1, $p)", "$formatInteger(1, $p)", "$fromMillis(0, $p)", "$toMillis('1', $p)"],
)
def test_a_picture_may_not_be_of_any_length(text: str) -> None:
    with pytest.raises(jsonata.JsonataError, match="at most 1000 characters"):
        jsonata.compile(text).run({}, {"p": "0" * 5_000})


@pytest.mark.slow
def test_other_threads_run_on_while_a_bound_stops_an_evaluation() -> None:
    ended = threading.Event()
    counted = 0

    def evaluate() -> None:
        with pytest.raises(jsonata.JsonataError):
            on_aws("$match($states.input.s, /(a|b|ab)*\\1\\1\\1c/)", s="ab" * 60)
        ended.set()

    thread = threading.Thread(target=evaluate)
    thread.start()
    while not ended.wait(0.005):
        counted += 1
    thread.join()

    assert counted > 3


def test_a_compiled_expression_may_be_used_by_many_threads_at_once() -> None:
    expression = jsonata.compile("($y := $x * 2; $map([1..50], function($i){ $i + $y }))")
    results: dict[int, Any] = {}

    def evaluate(number: int) -> None:
        for _ in range(20):
            results[number] = expression.evaluate(None, {"x": number})

    threads = [threading.Thread(target=evaluate, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == {number: [i + 2 * number for i in range(1, 51)] for number in range(8)}


def test_internals_of_python_are_not_there() -> None:
    for name in ("__class__", "__dict__", "constructor", "__proto__", "keys"):
        assert on_aws(f"$lookup($states, '{name}')") is UNDEFINED


def test_a_merge_writes_no_prototype() -> None:
    merged = on_aws("$merge([{}, {'__proto__': {'polluted': true}}])")

    assert merged == {"__proto__": {"polluted": True}}


def test_a_comparator_that_always_says_yes_ends() -> None:
    assert on_aws("$count($sort([1..3000], function($l, $r){ true }))") == 3000


def test_a_match_of_nothing_fails_with_its_code() -> None:
    assert refusal("$replace('abc', /x*/, '-')").startswith("D1004")


@pytest.mark.parametrize("inside", ["(a)", "$f()", "$f", "[a]", "{'a': a}"])
def test_predicates_in_predicates_are_looked_through_once(inside: str) -> None:
    text = f"{inside}[" * 60 + "true" + "]" * 60

    assert not jsonata.compile(text).free_variables - {"f"}
