"""Filter policies: what no recording shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stepsmith.events.filters import policy_filter
from stepsmith.events.refusals import Refused


def refusal(policy: Any, *, scope: str = "MessageAttributes", subscribing: bool = True) -> str:
    text = policy if isinstance(policy, str) else json.dumps(policy)
    with pytest.raises(Refused) as refused:
        policy_filter(text, scope, subscribing=subscribing)
    return refused.value.message.partition("\n")[0]


def test_elements_of_an_array_attribute_are_met_one_by_one() -> None:
    policy = policy_filter('{"store": ["b", {"numeric": [">", 5]}]}')

    def passes(text: str) -> bool:
        return policy.passes("", {"store": {"DataType": "String.Array", "StringValue": text}})

    assert passes('["a", "b"]')
    assert passes("[6]")
    assert not passes('["a", 5, null]')


def test_a_number_attribute_is_compared_as_a_number_and_bytes_are_not_there() -> None:
    policy = policy_filter('{"price": [{"numeric": ["=", 3]}], "data": [{"exists": false}]}')

    attributes = {
        "price": {"DataType": "Number", "StringValue": "3.0"},
        "data": {"DataType": "Binary", "BinaryValue": b"1"},
    }

    assert policy.passes("", attributes)


def test_words_differ_between_subscribing_and_setting_an_attribute() -> None:
    policy = {"key": [{"wildcard": "a*"}]}

    assert refusal(policy) == (
        "Invalid parameter: Attributes Reason: FilterPolicy: Unrecognized match type wildcard"
    )
    assert refusal(policy, subscribing=False) == (
        "Invalid parameter: FilterPolicy: Unrecognized match type wildcard"
    )


def test_a_suffix_inside_anything_but_is_not_supported() -> None:
    assert refusal({"key": [{"anything-but": {"suffix": "a"}}]}).endswith(
        "Unsupported anything-but pattern: suffix"
    )


def test_values_are_multiplied_by_their_depth() -> None:
    fits = {"a": {"b": {"c": ["1"] * 5}}, "d": {"e": ["1"] * 5}}
    too_much = {"a": {"b": {"c": ["1"] * 6}}, "d": {"e": ["1"] * 5}}

    assert policy_filter(json.dumps(fits), "MessageBody").scope == "MessageBody"
    assert refusal(too_much, scope="MessageBody").endswith("Filter policy is too complex")


def test_branches_of_a_policy_on_attributes_do_not_nest_either() -> None:
    policy = {"$or": [{"a": ["1"]}, {"b": {"c": ["1"]}}]}

    assert refusal(policy) == (
        "Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy"
    )
    assert policy_filter(json.dumps(policy), "MessageBody").passes('{"b": {"c": "1"}}', {})
