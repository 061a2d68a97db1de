from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.expressions.jsonpath import PathFailure, PathMiss, PathSyntaxError, compile_path
from stepsmith.expressions.scope import Scope
from stepsmith.expressions.types import Json

DOCUMENT: Any = {
    "a": {"b": [1, 2, {"c": 3}], "s": "x"},
    "items": [{"p": 1, "n": "x"}, {"p": 20, "n": "y"}],
    "nothing": None,
    "a b": {"c": 1},
    "numbers": [3, 1, 2],
}


class NoRandomness:
    def random(self) -> float:
        raise AssertionError

    def uuid(self) -> str:
        raise AssertionError


def scope(document: Json = None, *, context: dict[str, Json] | None = None, **variables: Json) -> Scope:
    return Scope(document, lambda: context or {}, variables, NoRandomness())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$", DOCUMENT),
        ("$.a.s", "x"),
        ("$.a.b[0]", 1),
        ("$.a.b[-1].c", 3),
        ("$.a.s  ", "x"),
        ("$.a.b[ 0 ] ", 1),
        ("$.nothing", None),
        ("$['a b']['c']", 1),
        ('$["a"].s', "x"),
        ("$.['a'].s", "x"),
        ("$['a','nothing']", {"a": DOCUMENT["a"], "nothing": None}),
        ("$.numbers.length()", 3),
        ("$.numbers.max()", 3.0),
        ("$.numbers.sum()", 6.0),
        ("$.numbers.min()", 1.0),
        ("$.numbers.avg()", 2.0),
        ("$.numbers.stddev()", (2 / 3) ** 0.5),
        ("$.numbers.first()", 3),
        ("$.numbers.last()", 2),
        ("$.numbers.size()", 3),
        ("$.a.length()", 2),
        ("$.a.s.length()", None),
        ("$.a.s.keys()", None),
        ("$.a.keys()", ["b", "s"]),
        ("$..p.sum()", 21.0),
        ("$.items[*].p.length()", 2),
    ],
)
def test_a_definite_path_gives_the_value_itself(text: str, value: Json) -> None:
    path = compile_path(text)

    assert path.definite
    assert path.read(DOCUMENT) == value
    assert path.evaluate(scope(DOCUMENT)) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("$.items[*].p", [1, 20]),
        ("$.items.*.p", [1, 20]),
        ("$..p", [1, 20]),
        ("$.a.b[0,1,7]", [1, 2]),
        ("$.a.b[-2:]", [2, {"c": 3}]),
        ("$.a.b[:1]", [1]),
        ("$.a.b[0:2]", [1, 2]),
        ("$.a.b[0:99999999999999999999]", [1, 2, {"c": 3}]),
        ("$.a.b[-1:1]", [{"c": 3}, 1]),
        ("$.items[*]['p','n']", [{"p": 1, "n": "x"}, {"p": 20, "n": "y"}]),
        ("$.items[0]['p','n'].x", []),
        ("$['a','items'].s", ["x"]),
        ("$.*['p','n']", [{}, {}]),
        ("$.numbers[*][0]", []),
        ("$.numbers[*][0:1]", []),
        ("$.numbers[*][0,1]", []),
        ("$.items[*].*", [1, "x", 20, "y"]),
        ("$.numbers[*].*", []),
        ("$.numbers[*][?(@.a)]", []),
        ("$..[0]", [1, {"p": 1, "n": "x"}, 3]),
        ("$..c", [3, 1]),
    ],
)
def test_a_path_to_several_places_gives_an_array_in_document_order(text: str, values: list[Json]) -> None:
    path = compile_path(text)

    assert not path.definite
    assert path.read(DOCUMENT) == values


@pytest.mark.parametrize(
    "text", ["$.items[*]", "$.items[1:]", "$.item.items[1:5].itemValue", "$..x", "$.s[?(@.a)]"]
)
def test_a_path_to_several_places_that_matches_nothing_gives_an_empty_array(text: str) -> None:
    assert compile_path(text).read({"s": "text"}) == []


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("$.NoSuch", "No results for path: $['NoSuch']"),
        ("$.no.such.result.path", "Missing property in path $['no']"),
        ("$.a.b[9]", "No results for path: $['a']['b'][9]"),
        ("$.nothing[0]", "The path $['nothing'] is null"),
        (
            "$.a[0]",
            "Filter: [0] can only be applied to arrays. Current context is: {b=[1, 2, {c=3}], s=x}",
        ),
        (
            "$.a.s.q",
            "Expected to find an object with property ['q'] in path $['a']['s'] but found 'java.lang.String'. "
            "This is not a json object according to the JsonProvider: "
            "'com.jayway.jsonpath.spi.json.JacksonJsonProvider'.",
        ),
    ],
)
def test_a_definite_path_that_finds_nothing_says_so_in_jayways_words(text: str, detail: str) -> None:
    with pytest.raises(PathMiss) as miss:
        compile_path(text).evaluate(scope(DOCUMENT))

    assert (miss.value.path, miss.value.detail) == (text, detail)
    assert str(miss.value) == f"Invalid path '{text}' : {detail}"
    assert miss.value.error == "States.Runtime"


def test_a_context_path_reads_the_context_object() -> None:
    context: dict[str, Json] = {"Execution": {"Input": {"n": 1}}}

    assert compile_path("$$.Execution.Input.n").evaluate(scope(None, context=context)) == 1
    assert compile_path("$$").evaluate(scope(None, context=context)) == context


def test_the_context_object_is_not_made_for_paths_into_the_input() -> None:
    def context() -> dict[str, Json]:
        raise AssertionError

    assert compile_path("$.a").evaluate(Scope({"a": 1}, context, {}, NoRandomness())) == 1


def test_a_variable_path_reads_a_variable() -> None:
    assert compile_path("$x").evaluate(scope(x=1)) == 1
    assert compile_path("$x.a[0]").evaluate(scope(x={"a": [7]})) == 7
    assert compile_path("$größe").evaluate(scope(größe=2)) == 2


def test_a_variable_that_is_not_there_is_a_miss() -> None:
    with pytest.raises(PathMiss):
        compile_path("$x.a").evaluate(scope())


def test_names_may_hold_anything_but_blanks_and_brackets() -> None:
    document: Json = {"foo-bar": 1, "&Ж中": 2, "a:b": 3, "a.b": 4, 'Test\\""Name"': 5, "it's": 6}

    assert compile_path("$.foo-bar").read(document) == 1
    assert compile_path("$.&Ж中").read(document) == 2
    assert compile_path("$.a:b").read(document) == 3
    assert compile_path("$.a\\.b").read(document) == 4
    assert compile_path('$[\'Test\\""Name"\']').read(document) == 5
    assert compile_path("$['it\\'s']").read(document) == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "No '$' at offset 0"),
        ("", "No '$' at offset 0"),
        ("$.", "The end of the text where a name should be at offset 2"),
        ("$.a.", "The end of the text where a name should be at offset 4"),
        ("$..", "The end of the text where a name should be at offset 3"),
        ("$.a b", "A blank in a name; write ['a name'] at offset 3"),
        ("$.a[", "The end of the text where a name or an index should be at offset 4"),
        ("$.a[0", "The end of the text instead of ']' at offset 5"),
        ("$.a['b", "The end of the text inside quotes at offset 6"),
        ("$[::0]", "':' where a name or an index should be at offset 3"),
        ("$[:]", "A slice without bounds at offset 3"),
        ("$[(@.length-1)]", "A script, which paths may not contain, at offset 2"),
        ("$$23", "'2' where a '.' or '[' should be at offset 2"),
        ("$a b", "'b' where a '.' or '[' should be at offset 3"),
        ("$.a.boo()", "The unknown function 'boo' at offset 7"),
        ("$.a.length().b", "A step after a function at offset 12"),
        ("$" + "[" * 5000, "'[' where a name or an index should be at offset 2"),
        ("$" + ".a" * 1001, "More than 1000 steps at offset 2001"),
        ("$" + "v" * 81, "A name that no variable can have at offset 1"),
    ],
)
def test_a_text_that_is_no_path_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(PathSyntaxError) as refusal:
        compile_path(text)

    assert str(refusal.value).startswith(message)


@given(st.text("$@.[]()*:,'\"?&|!=<>~/\\ ab01-", max_size=25).map(lambda text: "$" + text))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    failed = text

    try:
        compile_path(text).read({"a": [{"b": 1}], "b": {"a": "x"}})
    except PathSyntaxError:
        pass
    except PathFailure as failure:
        failed = failure.path

    assert failed == text


@pytest.mark.slow
def test_a_scan_of_scans_ends() -> None:
    deep: Json = {}
    for _ in range(60):
        deep = {"a": deep}

    with pytest.raises(PathFailure, match="takes too many steps"):
        compile_path("$..a..a..a..a..a..a").read(deep)


@pytest.mark.slow
def test_unions_of_unions_end() -> None:
    many = "[" + ",".join("0" * 3000) + "]"

    with pytest.raises(PathFailure, match="takes too many steps"):
        compile_path(f"$.a{many}{many}{many}").read({"a": [[[1]]]})


@pytest.mark.parametrize("text", ["$.a.min()", "$.a.first()", "$.s.sum()", "$..x.max()"])
def test_functions_of_no_values_fail_in_jayways_words(text: str) -> None:
    path = compile_path(text)
    words = "Aggregation function attempted to calculate value using empty array"

    with pytest.raises(PathFailure, match=words):
        path.read({"a": [], "s": "text"})
    with pytest.raises(PathFailure, match=words):
        path.evaluate(scope({"a": [], "s": "text"}))


def test_a_function_of_nothing_is_a_miss() -> None:
    with pytest.raises(PathMiss, match=r"Missing property in path \$\['x'\]"):
        compile_path("$.x.length()").read({})


NAMES = st.text(st.characters(exclude_characters="'\\", exclude_categories=("Cs",)), min_size=1, max_size=5)
STEPS = st.lists(NAMES | st.integers(0, 2), max_size=6)


@given(STEPS, st.integers())
def test_the_steps_to_a_value_lead_to_it(steps: list[str | int], value: int) -> None:
    document: Json = value
    for step in reversed(steps):
        document = {step: document} if isinstance(step, str) else [*([None] * step), document]
    text = "$" + "".join(f"['{step}']" if isinstance(step, str) else f"[{step}]" for step in steps)

    path = compile_path(text)

    assert path.definite
    assert path.read(document) == value
    assert path.evaluate(scope(document)) == value
    assert path.evaluate(scope(document)) == compile_path(text).read(document)
