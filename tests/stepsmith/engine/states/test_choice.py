from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.engine.fields.conditions import compile_pattern
from tests.stepsmith.engine.playing import one, play


def decide(rule: dict[str, Any], value: Any) -> bool:
    machine = one(
        {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
        Yes={"Type": "Pass", "Result": True, "End": True},
        No={"Type": "Pass", "Result": False, "End": True},
    )
    run = play(machine, {"v": value, "same": value})
    assert run.status == "SUCCEEDED", run.cause
    return run.output is True


@pytest.mark.parametrize(
    ("operator", "operand", "value", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", 1, False),
        ("StringLessThan", "b", "a", True),
        ("NumericEquals", 1, 1.0, True),
        ("NumericEquals", 1, True, False),
        ("NumericEquals", 1, "1", False),
        ("NumericGreaterThanEquals", 2, 3, True),
        ("BooleanEquals", False, False, True),
        ("BooleanEquals", False, 0, False),
        ("TimestampEquals", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z", True),
        ("TimestampLessThan", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.25Z", True),
        ("TimestampLessThan", "2026-01-01T00:00:00Z", "never", False),
        ("StringMatches", "a*c", "abbc", True),
        ("IsNull", True, None, True),
        ("IsNumeric", False, "1", True),
        ("IsTimestamp", True, "2026-01-01T00:00:00Z", True),
        ("IsTimestamp", True, "2026-01-01 00:00:00Z", False),
        ("IsPresent", True, None, True),
    ],
)
def test_operators_compare_as_recorded(operator: str, operand: Any, value: Any, expected: bool) -> None:
    assert decide({"Variable": "$.v", operator: operand}, value) is expected


def test_a_path_operand_is_read_from_the_input() -> None:
    assert decide({"Variable": "$.v", "NumericEqualsPath": "$.same"}, 3)


def test_and_or_not_stop_at_the_first_that_decides() -> None:
    missing = {"Variable": "$.nowhere", "IsString": True}
    there = {"Variable": "$.v", "IsNumeric": True}

    assert decide({"Or": [there, missing]}, 1)
    assert not decide({"And": [{"Not": there}, missing]}, 1)


def test_a_missing_variable_fails_every_operator_but_is_present() -> None:
    machine = one(
        {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsString": True, "Next": "T"}]},
        T={"Type": "Succeed"},
    )

    run = play(machine, {})

    assert run.error == "States.Runtime"
    assert (run.cause or "").endswith(
        "Invalid path '$.x': The choice state's condition path references an invalid value."
    )
    assert not decide({"Variable": "$.x", "IsPresent": True}, 1)


def test_no_match_and_no_default_fails() -> None:
    machine = one(
        {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "T"}]},
        T={"Type": "Succeed"},
    )

    run = play(machine, {})

    assert (run.cause or "").endswith("The state does not point to a next state.")


def test_a_jsonata_condition_must_be_a_boolean() -> None:
    machine = one(
        {"Type": "Choice", "Choices": [{"Condition": "{% 1 %}", "Next": "T"}], "Default": "T"},
        language="JSONata",
        T={"Type": "Succeed"},
    )

    run = play(machine, {})

    assert run.error == "States.QueryEvaluationError"
    assert "field 'Choices[0]/Condition'" in (run.cause or "")
    assert "Expected 'boolean', but was 'number' for value: 1" in (run.cause or "")


def test_only_the_matching_rule_assigns() -> None:
    machine = one(
        {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.big %}", "Assign": {"size": "big"}, "Next": "T"}],
            "Assign": {"size": "small"},
            "Default": "T",
        },
        language="JSONata",
        T={"Type": "Pass", "Output": "{% $size %}", "End": True},
    )

    assert play(machine, {"big": True}).output == "big"
    assert play(machine, {"big": False}).output == "small"


@given(st.lists(st.text("ab\\*", max_size=3), min_size=1, max_size=4), st.lists(st.text("ab\\*"), max_size=3))
def test_a_pattern_matches_what_it_was_made_of(pieces: list[str], fillings: list[str]) -> None:
    escaped = [piece.replace("\\", "\\\\").replace("*", "\\*") for piece in pieces]
    fillings = (fillings + [""] * len(pieces))[: len(pieces) - 1]
    text = "".join(piece + filling for piece, filling in zip(pieces, [*fillings, ""], strict=True))

    assert compile_pattern("*".join(escaped))(text)


@given(st.text("ab*", max_size=6), st.text("ab*", max_size=8))
def test_a_pattern_agrees_with_its_definition(pattern: str, text: str) -> None:
    def matches(at: int, of: int) -> bool:
        if at == len(pattern):
            return of == len(text)
        if pattern[at] == "*":
            return any(matches(at + 1, end) for end in range(of, len(text) + 1))
        return of < len(text) and text[of] == pattern[at] and matches(at + 1, of + 1)

    assert compile_pattern(pattern)(text) is matches(0, 0)
