"""When expressions fail, asked before they are evaluated: the answer is what Python does."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stepsmith.expressions import jsonata
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.evaluate import evaluate
from stepsmith.expressions.typed.failures import Unforeseen, failures
from stepsmith.expressions.typed.static_types import ANY, BOOL, INT, STR, ListType
from stepsmith.expressions.typed.to_jsonata import to_jsonata
from tests.stepsmith.expressions.differential.cases import compiled

SOURCES = [
    "d[s] // i + xs[j]",
    "xs[i] if b else xs[j] // i",
    "b and xs[i] > 3 or d[s] > 2",
    "[xs[i] // v for v in xs if v > i]",
    "{w: d[w] for w in ws}",
    "max(xs) + min([v for v in xs if v > i])",
    "ws[0][i]",
    "xs.index(i) + s.index(ws[-1])",
    "int(s) + int(ws[-2])",
    "[f'{d[w]}' for w in ws][i]",
    "list(zip(xs, ws))[i][0] + (d[s], 1)[1]",
]
VALUES = st.fixed_dictionaries(
    {
        "i": st.integers(-2, 2),
        "j": st.integers(-2, 2),
        "s": st.sampled_from(["a", "b", "1", ""]),
        "b": st.booleans(),
        "xs": st.lists(st.integers(-2, 2), max_size=3),
        "ws": st.lists(st.sampled_from(["a", "b", "1"]), max_size=3),
        "d": st.dictionaries(st.sampled_from(["a", "b", "1"]), st.integers(-2, 5), max_size=3),
        "lines": st.lists(
            st.fixed_dictionaries({"sku": st.sampled_from(["a", "b"]), "price": st.just(1)}), max_size=2
        ),
    }
)
TEXT = tree.Variable(name="t", type=STR)


@pytest.mark.parametrize("source", SOURCES)
def test_the_first_condition_that_holds_names_the_error_of_python(source: str) -> None:
    node = compiled(source)
    ways = failures(node)
    tests = [jsonata.compile(to_jsonata(way.test)) for way in ways]

    @settings(max_examples=20, deadline=None, database=None, derandomize=True)
    @given(VALUES)
    def compare(values: dict[str, Any]) -> None:
        raised: type[Exception] | None = None
        try:
            evaluate(node, values)
        except Exception as error:
            raised = type(error)
        found = next((way.errors for way in ways if evaluate(way.test, values)), ())
        asked = (way.errors for way, test in zip(ways, tests, strict=True) if test.evaluate(None, values))
        same = next(asked, ())

        assert found == same
        assert raised in found if found else raised is None

    compare()


def _fits(function: str, text: str) -> tuple[bool, object]:
    node = tree.Call(function=function, arguments=(TEXT,), type=BOOL)
    return bool(evaluate(node, {"t": text})), jsonata.compile(to_jsonata(node)).evaluate(None, {"t": text})


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(st.text("0123456789+-_.eE \tinfaINFty", max_size=7))
@example("1_0")
@example(" -Infinity\n")
@example("1__0")
def test_a_text_is_a_number_where_python_reads_one(text: str) -> None:
    for function in ("int.fits", "float.fits"):
        python, machine = _fits(function, text)

        assert python == machine


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=25, deadline=None, database=None, derandomize=True)
@given(
    JSON,
    st.integers(0, 30),
    st.sampled_from([*"[]{},:\"'@#0.-eE\\ \n", ""]),
    st.sampled_from([None, 1]),
)
def test_a_text_is_json_where_python_reads_it(value: object, at: int, other: str, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=at % 2 == 0, indent=indent)

    for each in (text, text[:at] + other + text[at + 1 :], text[:at] + other + text[at:]):
        python, machine = _fits("json.fits", each)

        assert python == machine


@pytest.mark.parametrize(
    "text",
    [
        "01",
        "1.",
        "-",
        ".5",
        "1 2",
        "truefalse",
        "@",
        "#",
        '"a""b"',
        '"\t"',
        "[1,]",
        '{"a":1,}',
        "{1:2}",
        "",
        " ",
    ],
)
def test_what_is_no_json_is_told(text: str) -> None:
    assert _fits("json.fits", text) == (False, False)


def test_what_nobody_can_tell_is_unforeseen() -> None:
    first = tree.Item(
        value=tree.Variable(name="xs", type=ListType(INT)), index=tree.Constant(value=0, type=INT), type=INT
    )
    node = tree.Call(
        function="jsonata",
        arguments=(tree.Constant(value="$n", type=STR), tree.Constant(value="n", type=STR), first),
        type=ANY,
    )

    with pytest.raises(Unforeseen):
        failures(node)
