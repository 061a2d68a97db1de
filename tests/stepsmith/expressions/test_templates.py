import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.expressions.intrinsics import IntrinsicFailure
from stepsmith.expressions.jsonpath import PathMiss
from stepsmith.expressions.scope import Scope
from stepsmith.expressions.templates import (
    FieldMiss,
    TemplateSyntaxError,
    compile_expression,
    compile_template,
)
from stepsmith.expressions.types import Json


class Fixed:
    def random(self) -> float:
        return 0.5

    def uuid(self) -> str:
        return "00000000-0000-4000-8000-000000000000"


def scope(document: Json, **variables: Json) -> Scope:
    return Scope(document, lambda: {"Execution": {"Name": "run"}}, variables, Fixed())


def fill(template: Json, document: Json = None, **variables: Json) -> Any:
    return compile_template(template).evaluate(scope(document, **variables))


@pytest.mark.parametrize("path", ["$.items[5]", "$.items[-5]", "$$.Execution.Items[1]", "$v[0]"])
def test_an_index_past_the_end_of_an_array_gives_null_at_the_end_of_a_path(path: str) -> None:
    given = Scope({"items": [1]}, lambda: {"Execution": {"Items": [1]}}, {"v": []}, Fixed())

    assert compile_template({"x.$": path}).evaluate(given) == {"x": None}


@pytest.mark.parametrize("path", ["$.items[5].a", "$.nothing[0]", "$.text[0]"])
def test_an_index_gives_null_neither_on_the_way_nor_where_no_array_is(path: str) -> None:
    with pytest.raises(FieldMiss):
        fill({"x.$": path}, {"items": [{"a": 1}], "text": "x"})


def test_keys_that_end_in_a_dollar_are_evaluated_and_renamed_where_they_stand() -> None:
    template: Json = {
        "first": 1,
        "path.$": "$.a",
        "context.$": "$$.Execution.Name",
        "variable.$": "$v",
        "last": 2,
    }

    filled = fill(template, {"a": [1]}, v="w")

    assert list(filled.items()) == [
        ("first", 1),
        ("path", [1]),
        ("context", "run"),
        ("variable", "w"),
        ("last", 2),
    ]


def test_calls_are_evaluated() -> None:
    assert fill({"id.$": "States.UUID()", "n.$": "States.MathAdd($.n, 1)"}, {"n": 1}) == {
        "id": Fixed().uuid(),
        "n": 2,
    }


def test_objects_in_arrays_are_templates_and_texts_in_arrays_are_not() -> None:
    assert fill({"list": ["$.a", {"x.$": "$.a"}, [{"y.$": "$.a"}]]}, {"a": 1}) == {
        "list": ["$.a", {"x": 1}, [{"y": 1}]]
    }


def test_texts_under_other_keys_are_literal() -> None:
    assert fill({"a": "$.a", "b": "States.UUID()"}) == {"a": "$.a", "b": "States.UUID()"}


CONSTANTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b.", "$"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(CONSTANTS)
def test_a_template_without_paths_is_its_own_payload(template: Json) -> None:
    compiled = compile_template(template)

    assert compiled.constant
    assert compiled.evaluate(scope(None)) is template


@given(CONSTANTS, CONSTANTS)
def test_filling_changes_neither_template_nor_input_and_copies_no_constant(
    constant: Json, value: Json
) -> None:
    template: Json = {"constant": constant, "deep": {"value.$": "$"}}
    before = copy.deepcopy((template, value))

    filled = fill(template, value)

    assert (template, value) == before
    assert filled["constant"] is constant
    assert filled["deep"]["value"] is value


def test_a_path_that_finds_nothing_is_named_with_its_field_and_the_input() -> None:
    with pytest.raises(FieldMiss) as miss:
        fill({"outer": {"inner.$": "$.missing"}}, {"a": "ü"})

    assert str(miss.value) == (
        "The JSONPath '$.missing' specified for the field 'inner.$' could not be found in the input '{\"a\":\"ü\"}'"
    )
    assert miss.value.error == "States.Runtime"


def test_a_call_that_fails_keeps_its_own_words() -> None:
    with pytest.raises(IntrinsicFailure):
        fill({"x.$": "States.ArrayLength($)"}, {})


@pytest.mark.parametrize("value", ["hello", "", 5, None, True, {"b": 1}, "States.Nope()", "$$23", "$.a["])
def test_a_value_that_cannot_be_evaluated_is_refused(value: Json) -> None:
    with pytest.raises(TemplateSyntaxError) as refusal:
        compile_template({"a": [{"x.$": value}]})

    assert str(refusal.value) == (
        "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call"
    )
    assert refusal.value.field == "x.$"


@pytest.mark.parametrize("template", [{"a": 1, "a.$": "$"}, {"a.$": "$", "a": 1}])
def test_a_field_given_twice_is_refused(template: Json) -> None:
    with pytest.raises(TemplateSyntaxError, match="The field 'a' is given twice"):
        compile_template(template)


def test_an_expression_is_a_path_or_a_call() -> None:
    assert compile_expression("$.a")(scope({"a": 1})) == 1
    assert compile_expression("States.Format('{}', $.a)")(scope({"a": 1})) == "1"
    with pytest.raises(PathMiss):
        compile_expression("$.b")(scope({"a": 1}))
