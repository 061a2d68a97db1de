"""Paths, intrinsic calls and payload templates: the same value as in Python, or a refusal."""

from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from stepsmith.authoring.explicit.reference import expression_of
from stepsmith.expressions.scope import Scope
from stepsmith.expressions.templates import compile_template
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.evaluate import evaluate
from stepsmith.expressions.typed.static_types import ANY, BOOL
from stepsmith.expressions.typed.to_jsonpath import (
    NotInJsonPath,
    Root,
    to_argument,
    to_call,
    to_member,
    to_path,
)
from stepsmith.expressions.types import Json
from stepsmith.references import (
    build,
    contains,
    context,
    expression,
    is_none,
    length,
    state_input,
    text,
    variable,
)
from tests.stepsmith.expressions.differential.cases import compiled
from tests.text_pairs import read_pairs


class Line(BaseModel):
    sku: str
    count: int = Field(alias="line count")


class Cart(BaseModel):
    id: str
    lines: list[Line]


cart = variable("cart", Cart)
x = variable("x", int)
name = variable("name", str)
numbers = variable("numbers", list[int])
prices = variable("prices", dict[str, int])


def path(value: object, root: Root = "input", *, reference: bool = False) -> str:
    return to_path(expression_of(value), root, reference=reference)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (cart, "$cart"),
        (cart.lines[0].sku, "$cart.lines[0].sku"),
        (cart.lines[-1].count, "$cart.lines[-1]['line count']"),
        (prices["it's"], "$prices['it\\'s']"),
        (numbers[1:3], "$numbers[1:3]"),
        (numbers[-2:], "$numbers[-2:]"),
        (state_input("x", int), "$.x"),
        (context.execution.id, "$$.Execution.Id"),
    ],
)
def test_fields_and_items_are_a_path(value: object, expected: str) -> None:
    assert path(value) == expected


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (x + 1, "this operation is no path"),
        (numbers[x], "an item with a computed key is no path"),
        (numbers[2:1], "this slice is no path"),
        (name[0:2], "this slice is no path"),
        (cart.lines[x].sku, "an item with a computed key is no path"),
    ],
)
def test_what_is_computed_is_no_path(value: object, words: str) -> None:
    with pytest.raises(NotInJsonPath) as refused:
        path(value)

    assert words in str(refused.value)


@pytest.mark.parametrize("value", [numbers[-1], numbers[0:1]])
def test_a_reference_path_has_no_slices_and_no_negative_indexes(value: object) -> None:
    with pytest.raises(NotInJsonPath):
        path(value, reference=True)


def test_the_input_is_out_of_sight_where_the_root_is_the_result() -> None:
    with pytest.raises(NotInJsonPath) as refused:
        path(state_input("x", int), "result")

    assert str(refused.value) == (
        "the input of the state is out of sight here, where $ is the result: "
        "assign it to a variable in a state before"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (x + 1, "States.MathAdd($x, 1)"),
        (x - 3, "States.MathAdd($x, -3)"),
        (x + x + x, "States.MathAdd(States.MathAdd($x, $x), $x)"),
        (text("{} of '{}' {{}}", x, name), r"States.Format('{} of \'{}\' \{\}', $x, $name)"),
        (name + "!", "States.Format('{}!', $name)"),
        (contains(numbers, x), "States.ArrayContains($numbers, $x)"),
        (length(numbers), "States.ArrayLength($numbers)"),
        (numbers[x], "States.ArrayGetItem($numbers, $x)"),
        ([x, "a", [True, None]], "States.Array($x, 'a', States.Array(true, null))"),
        (contains([1, 2], x), "States.ArrayContains(States.Array(1, 2), $x)"),
    ],
)
def test_what_an_intrinsic_function_computes_is_a_call(value: object, expected: str) -> None:
    assert to_call(expression_of(value), "input") == expected


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (x * 2, "* has no intrinsic function for these operands: JSONPath adds integers only"),
        (x - x, "- has no intrinsic function for these operands"),
        (variable("f", float) + 1, "+ has no intrinsic function for these operands"),
        (numbers + variable("more", list[int]), "+ has no intrinsic function for these operands"),
        (length(name), "len() has no intrinsic function here: use a task"),
        (name.upper(), "str.upper() has no intrinsic function here: use a task"),
        (is_none(name), "a comparison has no value in JSONPath: branch with a Choice state"),
        (state_input("x", int, default=1), "a conditional expression has no intrinsic function: use a task"),
        (expression("$x * 2", int), "the JSONata expression '$x * 2' cannot stand in a JSONPath state"),
    ],
)
def test_what_no_intrinsic_function_computes_is_refused(value: object, words: str) -> None:
    with pytest.raises(NotInJsonPath) as refused:
        to_call(expression_of(value), "input")

    assert words in str(refused.value)


def test_more_than_ten_calls_inside_each_other_are_refused() -> None:
    value = x
    for _ in range(11):
        value = value + x

    with pytest.raises(NotInJsonPath) as refused:
        to_call(expression_of(value), "input")

    assert "more than 10 intrinsic functions" in str(refused.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, ("v", 3)),
        ("$x", ("v", "$x")),
        ([1, "$x"], ("v", [1, "$x"])),
        (x, ("v.$", "$x")),
        (x + 1, ("v.$", "States.MathAdd($x, 1)")),
        ({"a": x, "b": {"c": name, "d": 1}}, ("v", {"a.$": "$x", "b": {"c.$": "$name", "d": 1}})),
        ([{"a": x}, {"a": 2}], ("v", [{"a.$": "$x"}, {"a": 2}])),
        ([x, 2], ("v.$", "States.Array($x, 2)")),
        (build(Line, sku=name, **{"line count": 2}), ("v", {"sku.$": "$name", "line count": 2})),
    ],
)
def test_members_of_a_payload_template_are_evaluated_where_they_must_be(
    value: object, expected: Json
) -> None:
    assert to_member("v", expression_of(value), "input") == expected


def test_a_constant_key_that_would_be_evaluated_is_refused() -> None:
    with pytest.raises(NotInJsonPath) as refused:
        to_member("v", expression_of({"a.$": "$x"}), "input")

    assert "the key 'a.$' would be evaluated" in str(refused.value)


def test_an_object_with_parts_cannot_be_the_argument_of_a_call() -> None:
    merged = tree.Binary(operator="|", left=expression_of({"a": 1}), right=expression_of({"b": x}), type=ANY)

    with pytest.raises(NotInJsonPath):
        to_call(merged, "input")


def test_defaults_of_a_model_are_merged_in() -> None:
    node = tree.Binary(
        operator="|", left=expression_of({"coupon": None}), right=expression_of(prices), type=ANY
    )

    assert (
        to_call(node, "input")
        == """States.JsonMerge(States.StringToJson('\\{"coupon": null\\}'), $prices, false)"""
    )


def test_a_condition_is_no_value() -> None:
    node = tree.Unary(operator="not", operand=tree.Variable(name="b", type=BOOL), type=BOOL)

    with pytest.raises(NotInJsonPath):
        to_call(node, "input")


NUMBERS = st.integers(-1000, 1000)
TEXTS = st.text("ab'{}\\ é$.", max_size=5)
VALUES = st.fixed_dictionaries(
    {
        "x": NUMBERS,
        "name": TEXTS,
        "numbers": st.lists(NUMBERS, min_size=2, max_size=4),
        "prices": st.fixed_dictionaries({"it's": NUMBERS, "a b": NUMBERS}),
    }
)
SIMPLE = st.one_of(
    NUMBERS,
    TEXTS,
    st.booleans(),
    st.none(),
    st.sampled_from([x, name, numbers, prices["it's"], prices["a b"], numbers[1], numbers[:1], numbers[-1:]]),
    NUMBERS.map(lambda number: x + number),
    NUMBERS.map(lambda number: numbers[0] - number),
    TEXTS.map(lambda part: name + part),
    TEXTS.map(lambda part: text(part.replace("{", "{{").replace("}", "}}") + "{}", x)),
    st.lists(NUMBERS, min_size=1).map(lambda items: contains(items, x)),
    st.just(length(numbers)),
)
TREES = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "c d"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.slow
@settings(deadline=None)
@given(value=TREES, values=VALUES)
def test_a_template_gives_the_value_that_python_gives(value: Any, values: dict[str, Json]) -> None:
    node = expression_of(value)
    try:
        key, member = to_member("v", node, "input")
    except NotInJsonPath:
        return

    found = compile_template({key: member}).evaluate(Scope({}, dict, values, cast(Any, None)))

    assert found == {"v": evaluate(node, values)}


@pytest.mark.parametrize(
    ("source", "text"), read_pairs(Path(__file__).with_name("fixtures") / "to_jsonpath.txt")
)
def test_python_becomes_a_path_a_constant_or_a_call(source: str, text: str) -> None:
    assert in_jsonpath(source) == text


def in_jsonpath(source: str) -> str:
    try:
        return to_argument(compiled(source), "input")
    except NotInJsonPath as refused:
        return f"refused: {refused}"
