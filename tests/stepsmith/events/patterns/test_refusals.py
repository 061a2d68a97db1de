"""Patterns that are refused, in words that no recording shows; hostile sizes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stepsmith.events.patterns import PatternError, compile_pattern


def refusal(pattern: Any) -> str:
    source = pattern if isinstance(pattern, str) else json.dumps(pattern)
    with pytest.raises(PatternError) as refused:
        compile_pattern(source)
    return refused.value.message


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ({}, "Empty objects are not allowed"),
        ({"a": {}}, "Empty objects are not allowed"),
        ({"a": [[]]}, "Match value must be String, number, true, false, or null"),
        ({"a": [{}]}, "Match expression name not found"),
        ({"a": [{"prefix": "a", "suffix": "b"}]}, "Only one key allowed in match expression"),
        ({"a": [{"exists": "yes"}]}, "exists match pattern must be either true or false."),
        (
            {"a": [{"anything-but": None}]},
            "Value of anything-but must be an array or single string/number value.",
        ),
        ({"a": [{"anything-but": [None]}]}, "Inside anything but list, start|null|boolean is not supported."),
        (
            {"a": [{"anything-but": [1, "a"]}]},
            "Either number or string can be in anything-but list, but not both",
        ),
        ({"a": [{"anything-but": {"exists": True}}]}, "Unsupported anything-but pattern: exists"),
        ({"a": [{"prefix": {"suffix": "a"}}]}, "Unsupported prefix pattern: suffix"),
        ({"a": [{"numeric": ["~", 1]}]}, "Unrecognized numeric range operator: ~"),
        ({"a": [{"numeric": ["=", "1"]}]}, "Value of equals must be numeric"),
        ({"a": [{"numeric": ["<", 1, ">", 0]}]}, "Too many elements in numeric expression"),
        ({"a": [{"numeric": [">", 5, "<", 1]}]}, "Bottom must be less than top"),
        ({"a": [{"numeric": []}]}, "Invalid member in numeric match: ]"),
        ({"a": [{"cidr": "10.0.0.0/-1"}]}, "Malformed CIDR, mask bits must not be negative"),
        ({"a": [{"wildcard": "a\\b"}]}, "Invalid escape character at pos 2"),
        ({"$or": {"a": [1]}}, "It must be an Array followed with $or."),
        ({"$or": [{"a": [1]}, 2]}, "Only JSON object is allowed in array of $or relationship."),
        (
            {"$or": [{"a": [1]}, {"prefix": [1]}]},
            "prefix is Ruler reserved fieldName which cannot be used inside $or.",
        ),
        ({"$or": [{"a": [1]}]}, "There must have at least 2 Objects in $or relationship."),
    ],
)
def test_a_pattern_is_refused_in_the_words_of_the_rule_compiler(pattern: Any, message: str) -> None:
    assert refusal(pattern) == message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('{"a": [1}', "Unexpected close marker '}': expected ']' "),
        (
            '{"a" [1]}',
            "Unexpected character ('[' (code 91)): was expecting a colon to separate field name and value",
        ),
        (
            '{"a": [1 2]}',
            "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
        ),
        ('{"a": [01]}', "Invalid numeric value: Leading zeroes not allowed"),
        ('{"a": ["\\q"]}', "Unrecognized character escape 'q' (code 113)"),
        ('{"a": ["b', "Unexpected end-of-input: was expecting closing quote for a string value"),
        ("", "Filter is not an object"),
    ],
)
def test_bad_json_is_refused_in_jacksons_words(source: str, message: str) -> None:
    assert refusal(source) == message


def test_a_pattern_with_too_many_stars_is_too_complex() -> None:
    assert refusal({"a": [{"wildcard": "*a" * 30}]}).startswith(
        "Rule is too complex - try using fewer wildcard"
    )


def test_a_pattern_with_too_many_branches_is_too_complex() -> None:
    branches = {"$or": [{"b": [1]}, {"c": [1]}]}
    for _ in range(12):
        branches = {"x": branches, "$or": [{"b": [1]}, {"c": [1]}]}

    assert refusal(branches).startswith("Rule is too complex")


def test_nesting_is_bounded() -> None:
    assert "nesting depth" in refusal('{"a":' * 10_000)


@given(st.text('{}[]":,a1 \\-.e', max_size=40))
@example('{"a":[{"anything-but":')
@example('{"$or":[')
@example('{"a":[{"numeric":[')
@example('{"a":[{"anything-but":[')
def test_any_text_is_compiled_or_refused(source: str) -> None:
    try:
        matcher = compile_pattern(source)
    except PatternError:
        return

    assert matcher({}) in (True, False)
