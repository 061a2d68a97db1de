"""Rules of JSONPath's Choice states: the same truth as in Python, or a refusal."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from stepsmith.asl.build import build_rule
from stepsmith.authoring.explicit.reference import Reference, condition_of, expression_of
from stepsmith.engine.fields.conditions import compile_rule
from stepsmith.expressions.scope import Scope
from stepsmith.expressions.typed.evaluate import evaluate
from stepsmith.expressions.typed.static_types import BOOL
from stepsmith.expressions.typed.to_choice_rule import to_choice_rule
from stepsmith.expressions.typed.to_jsonpath import NotInJsonPath
from stepsmith.expressions.typed.tree import Truth
from stepsmith.expressions.types import Json
from stepsmith.references import contains, is_none, length, not_, optional_variable, variable
from tests.stepsmith.expressions.differential.cases import compiled
from tests.text_pairs import read_pairs


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Cart(BaseModel):
    id: str
    coupon: str | None
    weird_name: int


x = variable("x", int)
y = variable("y", int)
ratio = variable("ratio", float)
name = variable("name", str)
other = variable("other", str)
flag = variable("flag", bool)
size = variable("size", Size)
coupon = optional_variable("coupon", str)
numbers = variable("numbers", list[int])
moment = variable("moment", datetime)
cart = variable("cart", Cart)


def rule(condition: object) -> dict[str, Json]:
    return to_choice_rule(condition_of(condition))


def test_joined_conditions_are_written_as_and_and_not() -> None:
    written = rule((cart.id == "x") & not_(is_none(cart.coupon)))

    assert written == {
        "And": [
            {"Variable": "$cart.id", "StringEquals": "x"},
            {"Not": {"Variable": "$cart.coupon", "IsNull": True}},
        ]
    }


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (x > 3, {"Variable": "$x", "NumericGreaterThan": 3}),
        (x <= y, {"Variable": "$x", "NumericLessThanEqualsPath": "$y"}),
        (x != 3, {"Not": {"Variable": "$x", "NumericEquals": 3}}),
        (not_(x != 3), {"Variable": "$x", "NumericEquals": 3}),
        (name == other, {"Variable": "$name", "StringEqualsPath": "$other"}),
        (name < "m", {"Variable": "$name", "StringLessThan": "m"}),
        (size == Size.LARGE, {"Variable": "$size", "StringEquals": "large"}),
        (flag, {"Variable": "$flag", "BooleanEquals": True}),
        (flag == False, {"Variable": "$flag", "BooleanEquals": False}),  # noqa: E712 - it is a reference
        (
            moment < datetime(2030, 1, 1, tzinfo=UTC),
            {"Variable": "$moment", "TimestampLessThan": "2030-01-01T00:00:00Z"},
        ),
        (is_none(coupon), {"Variable": "$coupon", "IsNull": True}),
        (numbers[0] == 1, {"Variable": "$numbers[0]", "NumericEquals": 1}),
        (length(numbers) == 0, {"Not": {"Variable": "$numbers[0]", "IsPresent": True}}),
        (length(numbers) > 2, {"Variable": "$numbers[2]", "IsPresent": True}),
        (name.startswith("a*"), {"Variable": "$name", "StringMatches": "a\\**"}),
        (contains(name, "b\\"), {"Variable": "$name", "StringMatches": "*b\\\\*"}),
        (
            contains(["a", "b"], name),
            {"Or": [{"Variable": "$name", "StringEquals": "a"}, {"Variable": "$name", "StringEquals": "b"}]},
        ),
    ],
)
def test_a_condition_is_written_with_the_operator_of_its_type(condition: object, expected: Json) -> None:
    assert rule(condition) == expected


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (x + 1 > 3, "this operation is no path: assign it to a variable in a state before"),
        (contains(numbers, x), "no rule says this `contains`: assign it to a variable of type bool first"),
        (coupon == optional_variable("reply", str), "two values that may be None"),
        (numbers == [1], "no rule compares list[int] with list[int]"),
        (length(numbers) > x, "compares a length with a constant only"),
        (length(numbers) >= 0, "a length is never below 0"),
        (length(name) > 3, "len() is no path"),
    ],
)
def test_what_no_rule_says_is_refused_with_a_reason(condition: object, words: str) -> None:
    with pytest.raises(NotInJsonPath) as refused:
        rule(condition)

    assert words in str(refused.value)


NUMBERS = st.integers(-5, 5)
TEXTS = st.text("ab*\\?é", max_size=4)
VALUES = st.fixed_dictionaries(
    {
        "x": NUMBERS,
        "y": NUMBERS,
        "ratio": NUMBERS | st.floats(-5, 5),
        "name": TEXTS,
        "other": TEXTS,
        "flag": st.booleans(),
        "size": st.sampled_from(["small", "large"]),
        "coupon": st.none() | TEXTS,
        "numbers": st.lists(NUMBERS, max_size=3),
    }
)


def _either_way(left: Any, right: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(
        [left < right, left <= right, left > right, left >= right, left == right, left != right]
    )


def _texts() -> st.SearchStrategy[Any]:
    return st.builds(
        lambda part, how: [name.startswith(part), name.endswith(part), contains(name, part), coupon == part][
            how
        ],
        TEXTS.filter(bool),
        st.integers(0, 3),
    )


SIMPLE = st.one_of(
    NUMBERS.flatmap(lambda number: _either_way(x, number)),
    NUMBERS.flatmap(lambda number: _either_way(number, ratio)),
    _either_way(x, y),
    _either_way(ratio, x),
    _either_way(name, other),
    TEXTS.flatmap(lambda part: _either_way(name, part)),
    _texts(),
    st.integers(1, 4).flatmap(lambda count: _either_way(length(numbers), count)),
    st.lists(NUMBERS, min_size=1, max_size=3).map(lambda options: contains(options, x)),
    st.sampled_from([flag, is_none(coupon), coupon != None, coupon == name, size == Size.SMALL]),  # noqa: E711
    st.sampled_from([x, ratio, name, flag, coupon, numbers]).map(
        lambda value: Reference(Truth(value=expression_of(value)))
    ),
)
CONDITIONS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a, b: a | b, inner, inner),
        inner.map(not_),
    ),
    max_leaves=5,
)


@pytest.mark.slow
@settings(deadline=None)
@given(condition=CONDITIONS, values=VALUES)
def test_a_rule_is_true_where_the_condition_is_true_in_python(
    condition: Any, values: dict[str, Json]
) -> None:
    node = condition_of(condition)
    test = compile_rule(build_rule(to_choice_rule(node)))

    found = test(Scope({}, dict, values, cast(Any, None)))

    assert found == bool(evaluate(node, values))


@pytest.mark.parametrize(
    ("source", "text"), read_pairs(Path(__file__).with_name("fixtures") / "to_choice_rule.txt")
)
def test_a_python_condition_becomes_a_rule(source: str, text: str) -> None:
    assert as_rule(source) == text


def as_rule(source: str) -> str:
    node = compiled(source)
    try:
        return json.dumps(to_choice_rule(node if node.type == BOOL else Truth(value=node)))
    except NotInJsonPath as refused:
        return f"refused: {refused}"
