import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.expressions.jsonpath import (
    PathMiss,
    PathSyntaxError,
    compile_path,
    compile_reference_path,
    is_reference,
)
from stepsmith.expressions.types import Json


@pytest.mark.parametrize(
    ("text", "document", "result"),
    [
        ("$", {"a": 1}, 7),
        ("$.b", {"a": 1}, {"a": 1, "b": 7}),
        ("$.a", {"a": 1, "b": 2}, {"a": 7, "b": 2}),
        ("$.x.y.z", {"a": 1}, {"a": 1, "x": {"y": {"z": 7}}}),
        ("$.a.b", {"a": {"c": 1}}, {"a": {"c": 1, "b": 7}}),
        ("$.a[1]", {"a": [1, 2, 3]}, {"a": [1, 7, 3]}),
        ("$[0].b", [{"a": 1}], [{"a": 1, "b": 7}]),
        ("$['a b']", {}, {"a b": 7}),
    ],
)
def test_a_value_is_put_where_the_path_leads(text: str, document: Json, result: Json) -> None:
    before = copy.deepcopy(document)

    assert compile_reference_path(text).set(document, 7) == result
    assert document == before


def test_what_is_not_on_the_way_is_shared_and_not_copied() -> None:
    document: Any = {"big": [1, 2, 3], "a": {"other": {"x": 1}}}

    result: Any = compile_reference_path("$.a.b").set(document, 7)

    assert result["big"] is document["big"]
    assert result["a"]["other"] is document["a"]["other"]


@pytest.mark.parametrize(
    ("text", "document", "place"),
    [
        ("$.x", "foo", "$['x']"),
        ("$.a.b", {"a": 1}, "$['a']['b']"),
        ("$.a.b", {"a": None}, "$['a']['b']"),
        ("$.a[0]", {"a": []}, "$['a'][0]"),
        ("$.a[0]", {}, "$['a'][0]"),
    ],
)
def test_a_value_in_the_way_is_an_error(text: str, document: Json, place: str) -> None:
    with pytest.raises(PathMiss) as miss:
        compile_reference_path(text).set(document, 7)

    assert str(miss.value) == f"Invalid path '{text}' : Missing property in path {place}"


@pytest.mark.parametrize(
    "text",
    ["$$.a", "$x", "$.a[*]", "$..a", "$.a[0,1]", "$.a[1:]", "$.a[?(@.b)]", "$.a.length()", "$" + ".a" * 251],
)
def test_a_path_that_cannot_be_written_to_is_refused(text: str) -> None:
    with pytest.raises(PathSyntaxError):
        compile_reference_path(text)


def test_a_reference_names_one_place() -> None:
    assert is_reference(compile_path("$$.a[0]['b']"))
    assert not is_reference(compile_path("$.a[*]"))
    assert not is_reference(compile_path("$.a.length()"))


KEYS = st.sampled_from(["a", "b", "c"])
DOCUMENTS = st.recursive(
    st.integers(),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)


@given(DOCUMENTS, st.lists(KEYS, min_size=1, max_size=4), st.integers())
def test_what_is_put_is_found_again_and_the_rest_stays(document: Json, keys: list[str], value: int) -> None:
    before = copy.deepcopy(document)
    text = "$." + ".".join(keys)

    try:
        result = compile_reference_path(text).set(document, value)
    except PathMiss:
        result = None

    assert document == before
    if result is not None:
        assert compile_path(text).read(result) == value
        assert compile_reference_path(text).set(result, value) == result
