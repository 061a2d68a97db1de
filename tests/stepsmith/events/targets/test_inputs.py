"""Inputs of targets: what no recording shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stepsmith.events.refusals import Refused
from stepsmith.events.targets import Rule, target_input
from stepsmith.expressions.types import Json

RULE = Rule("rule", "arn:rule")
EVENT: dict[str, Json] = {
    "id": "1",
    "time": "T",
    "detail": {"a": 'x"y', "n": None, "list": [1, "b"], "o": {"k": "v"}},
}


def given(template: str, paths: dict[str, str] | None = None) -> str | None:
    target = {"Id": "t", "InputTransformer": {"InputPathsMap": paths or {}, "InputTemplate": template}}
    return target_input(target, RULE)(EVENT)


def refusal(target: dict[str, Any]) -> str:
    with pytest.raises(Refused) as refused:
        target_input({"Id": "t", **target}, RULE)
    return refused.value.message


def test_two_kinds_of_input_are_refused() -> None:
    assert refusal({"Input": "{}", "InputPath": "$.detail"}) == (
        "Only one of Input, InputPath, or InputTransformer must be provided for target t."
    )


def test_a_name_that_nothing_defines_is_refused() -> None:
    assert refusal({"InputTransformer": {"InputTemplate": '"<nothing>"'}}) == (
        "InputTemplate for target t contains invalid placeholder nothing."
    )


def test_an_object_inside_a_string_drops_the_event_without_a_word() -> None:
    assert given('{"a": "in <o>"}', {"o": "$.detail.o"}) is None


@pytest.mark.parametrize(
    ("template", "path", "value"),
    [
        ('{"a": <x>}', "$.detail.o", {"a": {"k": "v"}}),
        ('{"a": <x>}', "$.detail.missing", {"a": ""}),
        ('{"a": "<x>"}', "$.detail.missing", {"a": ""}),
        ('{"a": <x>}', "$.detail.n", {"a": None}),
        ('{"a": "say <x>"}', "$.detail.a", {"a": 'say x"y'}),
        ('["\\"<x>"]', "$.id", ['"1']),
        ("<x>", "$.detail.list", [1, "b"]),
    ],
)
def test_names_in_json_are_values_or_pieces_of_text(template: str, path: str, value: Json) -> None:
    text = given(template, {"x": path})

    assert text is not None
    assert json.loads(text) == value


def test_a_path_that_leads_nowhere_delivers_nothing() -> None:
    assert target_input({"InputPath": "$.detail.missing"}, RULE)(EVENT) is None


def test_an_input_that_is_no_json_is_refused() -> None:
    assert refusal({"Input": "{"}) == "JSON syntax error in input for target t."
