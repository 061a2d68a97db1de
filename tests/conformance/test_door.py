"""Refusals and variable references recorded on AWS, put to our checks."""

import json
from typing import Any

import pytest

from stepsmith.asl import variable_references
from tests.conformance.door import Door
from tests.shared_data import SHARED, needs_shared

FILES = sorted((SHARED / "conformance" / "execution").rglob("*.json"))
TEXTS = [
    text for text in (file.read_text() for file in FILES) if any(f'"{kind}"' in text for kind in Door.kinds)
]
CASES = [
    case
    for case in map(json.loads, TEXTS)
    if case["kind"] in Door.kinds and not case.get("needs_prior_calls") and case.get("runnable") is not False
]


@needs_shared
@pytest.mark.parametrize("case", CASES, ids=[case["id"].split("::")[-1] for case in CASES])
def test_a_recorded_refusal_is_given_word_for_word(case: dict[str, Any]) -> None:
    answer = Door().run(case)

    expected = case["expected"]
    for key in ("error_code", "error_message", "response"):
        if key in expected:
            assert answer.get(key) == expected[key]
    if "response" not in expected:
        assert answer["error_code"]


def described() -> list[tuple[str, dict[str, list[str]]]]:
    """Definitions with the variable references that DescribeStateMachine gave for them."""
    pairs: list[tuple[str, dict[str, list[str]]]] = []
    for case in (json.loads(file.read_text()) for file in FILES if "variable_references" in file.name):
        definition = next(
            step["params"]["definition"] for step in case["steps"] if step["op"] == "CreateStateMachine"
        )
        answer = next(
            step["expect"]["response"] for step in case["steps"] if step["op"] == "DescribeStateMachine"
        )
        pairs.append((definition, answer.get("variableReferences", {})))
    return pairs


@needs_shared
def test_variable_references_are_the_recorded_ones() -> None:
    pairs = described()

    assert pairs
    assert [variable_references(definition) for definition, _ in pairs] == [expected for _, expected in pairs]
