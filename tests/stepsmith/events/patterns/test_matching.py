"""What a pattern matches: laws, and rules that no recording shows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.events.patterns import compile_pattern
from stepsmith.expressions.types import Json

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1000, 1000),
    st.text("ab*.\\", max_size=4),
)
EVENTS = st.recursive(
    st.dictionaries(st.sampled_from("abc"), LEAVES, min_size=1, max_size=3),
    lambda inner: st.dictionaries(
        st.sampled_from("abc"), st.one_of(inner, st.lists(inner, max_size=2), LEAVES), min_size=1, max_size=3
    ),
    max_leaves=6,
)


def matches(pattern: Any, event: Json) -> bool:
    return compile_pattern(json.dumps(pattern))(event)


def leaves(event: Any) -> Any:
    """Make the pattern that asks for every leaf of an event."""
    return {
        key: leaves(value) if isinstance(value, dict) else [value]
        for key, value in event.items()
        if not isinstance(value, list)
    }


def without_empty(pattern: Any) -> Any:
    kept = {key: without_empty(value) if isinstance(value, dict) else value for key, value in pattern.items()}
    return {key: value for key, value in kept.items() if value != {}}


@given(EVENTS)
def test_an_event_matches_the_pattern_of_its_leaves(event: dict[str, Any]) -> None:
    pattern = without_empty(leaves(event))

    assert pattern == {} or matches(pattern, event)


@given(LEAVES, st.one_of(st.integers(-9, 9), st.text("ab", max_size=2)))
def test_anything_but_is_the_opposite_for_a_leaf(leaf: Json, value: Json) -> None:
    assert matches({"a": [{"anything-but": value}]}, {"a": leaf}) != matches({"a": [value]}, {"a": leaf})


@given(EVENTS)
def test_a_path_is_either_there_or_absent(event: dict[str, Any]) -> None:
    for path in ({"a": ["x"]}, {"a": {"b": ["x"]}}):
        there, absent = (
            json.loads(json.dumps(path).replace('"x"', json.dumps({"exists": wanted})))
            for wanted in (True, False)
        )

        assert matches(there, event) != matches(absent, event)


@given(EVENTS, LEAVES, LEAVES)
def test_a_branch_of_or_matches_where_one_of_the_values_does(
    event: dict[str, Any], one: Json, two: Json
) -> None:
    branches = {"$or": [{"a": [one]}, {"a": [two]}]}

    assert matches(branches, event) == matches({"a": [one, two]}, event)


@given(st.text("ab", max_size=12), st.lists(st.text("ab", max_size=3), min_size=1, max_size=4))
def test_a_wildcard_fits_what_its_pieces_make_up(between: str, parts: list[str]) -> None:
    pattern = "*".join(part for part in parts if part) or "a"

    assert matches({"a": [{"wildcard": pattern}]}, {"a": pattern.replace("*", between)})


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [("a\\*b", "a*b", True), ("a\\*b", "aXb", False), ("a\\\\*", "a\\c", True), ("a*a", "a", False)],
)
def test_a_backslash_takes_the_star_as_itself(pattern: str, text: str, fits: bool) -> None:
    assert matches({"a": [{"wildcard": pattern}]}, {"a": text}) is fits


def test_several_keys_below_an_array_are_met_by_one_element() -> None:
    pattern = {"a": {"b": [1], "c": [2]}}

    assert matches(pattern, {"a": [{"b": 1, "c": 2}, {"b": 3}]})
    assert not matches(pattern, {"a": [{"b": 1}, {"c": 2}]})


def test_branches_of_or_are_met_by_the_same_element_as_their_siblings() -> None:
    pattern = {"a": {"b": [1], "$or": [{"c": [2]}, {"d": [3]}]}}

    assert matches(pattern, {"a": [{"b": 1, "d": 3}]})
    assert not matches(pattern, {"a": [{"b": 1}, {"d": 3}]})


def test_dots_in_names_are_nesting_on_both_sides() -> None:
    assert matches({"a": {"b.c": [1]}}, {"a": {"b": {"c": 1}}})
    assert matches({"a": {"b": {"c": [1]}}}, {"a.b": {"c": 1}})
    assert matches({"a": {"b": [1], "c": [2]}}, {"a.b": 1, "a": {"c": 2}})


@pytest.mark.parametrize(
    "wanted", [{"a": {"b": [1]}}, {"a": {"b": [2]}}, {"a": {"c": [3]}}, {"a.b": [1], "a.c": [3]}]
)
def test_a_path_that_is_there_twice_matches_with_either_value(wanted: Any) -> None:
    assert matches(wanted, {"a.b": 1, "a": {"b": 2, "c": 3}})


@pytest.mark.parametrize("wanted", [{"a": {"b": [1]}}, {"a": [5]}])
def test_a_value_and_a_path_below_it_are_both_there(wanted: Any) -> None:
    assert matches(wanted, {"a.b": 1, "a": 5})
    assert matches(wanted, {"a": 5, "a.b": 1})


@pytest.mark.parametrize(
    ("range_", "value", "inside"),
    [
        ("10.0.0.0/24", "10.0.0.255", True),
        ("10.0.0.0/24", "10.0.1.0", False),
        ("10.0.0.7/32", "10.0.0.7", True),
        ("2001:db8::/64", "2001:0db8::1", True),
        ("2001:db8::/64", "10.0.0.1", False),
        ("10.0.0.0/24", "a text", False),
    ],
)
def test_addresses_lie_in_ranges(range_: str, value: str, inside: bool) -> None:
    assert matches({"a": [{"cidr": range_}]}, {"a": value}) is inside


@pytest.mark.parametrize(
    ("operator", "text", "fits"),
    [
        ({"prefix": {"equals-ignore-case": "AB"}}, "abc", True),
        ({"suffix": {"equals-ignore-case": "BC"}}, "abc", True),
        ({"anything-but": {"equals-ignore-case": ["ABC", "D"]}}, "abc", False),
        ({"anything-but": {"suffix": ["c", "d"]}}, "abc", False),
        ({"anything-but": {"prefix": ["b", "c"]}}, "abc", True),
        ({"numeric": ["=", 3]}, 3.0, True),
        ({"numeric": [">", 0, "<=", 5]}, 5, True),
        ({"numeric": [">", 0, "<=", 5]}, True, False),
    ],
)
def test_operators_ask_what_they_say(operator: Any, text: Json, fits: bool) -> None:
    assert matches({"a": [operator]}, {"a": text}) is fits


def test_a_wildcard_of_many_stars_is_quick_on_a_long_text() -> None:
    pattern = compile_pattern(json.dumps({"a": [{"wildcard": "*a*b*c*d*e*f"}]}))

    assert not pattern({"a": "abcde" * 100_000})
