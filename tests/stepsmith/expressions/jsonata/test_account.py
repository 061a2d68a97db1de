"""Evaluations without an account of their own end as those with one do."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepsmith.expressions import jsonata
from stepsmith.expressions.jsonata.closures.account import needs_account
from stepsmith.expressions.types import UNDEFINED

WITHOUT_CLOCK = jsonata.Environment(clock=None)
LARGEST = 6_990_256
VALUES: list[Any] = [
    None, True, 0, 7, -2.5, 1e308, "", "a b", "é😀", [], [1, 2, 3], ["b", "a"], [[1]], {}, {"k": 1, "j": [2]},
    [{"k": 1}, {"k": 2}], "x" * 2**21, "[" * 300, list(range(100_000)), [{"k": i} for i in range(20_000)],
]  # fmt: skip
FUNCTIONS = (
    "string", "count", "sum", "max", "uppercase", "length", "exists", "keys", "merge", "reverse", "distinct", "spread",
    "clone", "boolean", "not", "type", "number", "base64encode", "trim", "parse", "average", "abs", "round",
)  # fmt: skip
FUNCTIONS_OF_TWO = (
    "append", "pad", "split", "join", "contains", "lookup", "partition", "range", "zip", "substring",
    "substringBefore", "power", "formatBase", "replace",
)  # fmt: skip
OPERATORS = ("+", "-", "*", "/", "%", "&", "=", "!=", "<", ">=", "and", "or", "in")
LEAVES = (
    "$a", "$b", "$c", "$a.k", "$b.k.j", "$states.input", "$states.input.k", "1", "0", "2.5", "1e308", "(1/0)", "'x'",
    "true", "null",
)  # fmt: skip


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of smaller ones, mostly without a loop."""
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(OPERATORS), inner),
        st.builds("${}({})".format, st.sampled_from(FUNCTIONS), inner),
        st.builds("${}({}, {})".format, st.sampled_from(FUNCTIONS_OF_TWO), inner, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("[{}..{}]".format, inner, inner),
        st.builds("{{'k': {}, 'j': {}}}".format, inner, inner),
        st.builds("($v := {}; {})".format, inner, inner),
    )


expressions = st.recursive(st.sampled_from(LEAVES), larger, max_leaves=8)
values = st.sampled_from(VALUES)


def ended(value: Any, *, within: bool) -> Any:
    """How an evaluation ended: with nothing, a value, or one that is larger than a value may be."""
    if value is UNDEFINED:
        return "nothing"
    text = json.dumps(value)
    return ("value", text) if within or len(text) <= LARGEST else "too large"


def outcome(expression: jsonata.Expression, variables: dict[str, Any], *, account: bool) -> Any:
    """How an evaluation on the service ends, with an account of its own or as it is chosen."""
    states = {"input": variables["a"]}
    try:
        if account:
            limits, bindings = jsonata.AWS_LIMITS, {**variables, "states": states}
            return ended(
                expression.evaluate(UNDEFINED, bindings, limits=limits, environment=WITHOUT_CLOCK),
                within=True,
            )
        return ended(expression.run(states, variables, WITHOUT_CLOCK), within=False)
    except jsonata.JsonataError as error:
        return error.code


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(expressions, values, values, values)
def test_an_evaluation_ends_alike_with_an_account_and_without(text: str, a: Any, b: Any, c: Any) -> None:
    expression = jsonata.compile(text)
    variables = {"a": a, "b": b, "c": c}

    without = outcome(expression, variables, account=False)
    within = outcome(expression, variables, account=True)

    # what holds a given value many times is bounded by whoever takes it
    assert without == within or (without == "too large" and within == "U1002")


@pytest.mark.parametrize(
    "text",
    [
        "$i + 1",
        "{'a': $a, 'b': $o.b}",
        "$a & '-' & $b",
        "$count($xs) > 0",
        "$p ? $a : $b",
        "$merge([$a, $b])",
    ],
)
def test_what_states_mostly_hold_needs_no_account(text: str) -> None:
    assert not needs_account(jsonata.compile(text).tree)


@pytest.mark.parametrize(
    "text",
    [
        "$xs[$ > 1]",
        "$map($xs, function($x){ $x })",
        "$xs.{'a': b}",
        "$o.*",
        "$o.**",
        "$xs^(a)",
        "$xs{id: a}",
        "($f := function($n){ $n }; $f(1))",
        "$a ~> $uppercase",
        "$now()",
        "$random()",
        "{$k: 1}",
        "($x := {'a': 1/0}; $x.a = 'Infinity')",
        "$merge([{'a': 1/0}])",
        "1" + " + 1" * 50,
    ],
)
def test_what_loops_looks_at_the_world_or_reads_again_needs_one(text: str) -> None:
    assert needs_account(jsonata.compile(text).tree)
