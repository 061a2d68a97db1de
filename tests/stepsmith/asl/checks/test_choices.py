from typing import Any

import pytest

from stepsmith.asl import check
from stepsmith.asl.checks.choices import OPERATORS
from tests.stepsmith.asl.machines import one_state


def errors(*rules: Any, **machine: Any) -> list[str]:
    found = check(one_state({"Type": "Choice", "Choices": list(rules), "Default": "Z"}, **machine))
    return [
        str(finding).removeprefix("SCHEMA_VALIDATION_FAILED: ")
        for finding in found
        if finding.severity == "ERROR"
    ]


def test_there_are_39_operators_with_the_three_of_logic_and_36_without() -> None:
    assert len(OPERATORS) == 39


@pytest.mark.parametrize(
    "test",
    [
        {"StringEquals": "x"},
        {"StringMatches": "*.log"},
        {"StringLessThanEqualsPath": "$.y"},
        {"NumericGreaterThan": 1.5},
        {"NumericEqualsPath": "$$.Execution.Input.n"},
        {"BooleanEquals": False},
        {"BooleanEqualsPath": "$flag"},
        {"TimestampLessThan": "2030-01-01T00:00:00+01:00"},
        {"IsPresent": True},
        {"IsTimestamp": False},
    ],
)
def test_operators_with_fitting_operands_have_no_error(test: Any) -> None:
    assert errors({"Variable": "$.x", **test, "Next": "Z"}) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            {"Variable": "$.x", "IsPresent": "yes"},
            "Expected value of type [BOOLEAN] at /States/A/Choices[0]/IsPresent",
        ),
        (
            {"Variable": "$.x", "StringEquals": None},
            "Expected value of type [STRING] at /States/A/Choices[0]/StringEquals",
        ),
        (
            {"Variable": "$.x", "NumericEquals": True},
            "Expected value of type [INTEGER, NUMBER] at /States/A/Choices[0]/NumericEquals",
        ),
        (
            {"Variable": "$.x", "StringEqualsPath": "y"},
            "Value must be a valid JSONPath. at /States/A/Choices[0]/StringEqualsPath",
        ),
        (
            {"Variable": "$.x", "TimestampEquals": "2030-01-01"},
            "String does not match RFC3339 timestamp at /States/A/Choices[0]/TimestampEquals",
        ),
        (
            {"Variable": "x", "IsNull": True},
            "Value is not a Reference Path: Reference path didn't start with '$' at /States/A/Choices[0]/Variable",
        ),
        (
            {"Variable": "$.x[", "IsNull": True},
            "Value is not a Reference Path at /States/A/Choices[0]/Variable",
        ),
        ({"IsNull": True}, "These fields are required: [Variable] at /States/A/Choices[0]"),
        (
            {},
            "This object should have only one of the following fields: [And, Or, Not, Variable, Condition] "
            "at /States/A/Choices[0]",
        ),
        (
            {"Variable": "$.x", "And": [{"Variable": "$", "IsNull": True}]},
            "This object should have only one of the following fields: [And, Or, Not, Variable, Condition] "
            "at /States/A/Choices[0]",
        ),
        ({"And": []}, "Value cannot be empty at /States/A/Choices[0]/And"),
        ({"Or": {}}, "Expected value of type [ARRAY] at /States/A/Choices[0]/Or"),
        (
            {"Not": [{"Variable": "$", "IsNull": True}]},
            "Expected value of type [OBJECT] at /States/A/Choices[0]/Not",
        ),
        (
            {"Not": {"And": [{"Variable": "$", "IsNull": True, "Next": "Z"}]}},
            "Field 'Next' is not supported at /States/A/Choices[0]/Not/And[0]",
        ),
        (
            {"And": [{"Or": [{"Variable": "$", "IsNumeric": "True"}]}]},
            "Expected value of type [BOOLEAN] at /States/A/Choices[0]/And[0]/Or[0]/IsNumeric",
        ),
    ],
)
def test_a_mistake_in_a_rule_is_named_at_its_place(rule: Any, text: str) -> None:
    assert errors({**rule, "Next": "Z"}) == [text]


@pytest.mark.parametrize(
    ("rule", "start"),
    [
        (
            {"Variable": "$.x"},
            "This object should have only one of the following fields: [StringEquals, IsBoolean, ",
        ),
        (
            {"Variable": "$.x", "IsNull": True, "IsString": True},
            "There should only be one of the following fields: [StringEquals, IsBoolean, ",
        ),
    ],
)
def test_a_rule_about_a_variable_compares_it_once(rule: Any, start: str) -> None:
    (found,) = errors({**rule, "Next": "Z"})

    assert found.startswith(start)
    assert all(operator in found for operator in OPERATORS)
    assert found.endswith("] at /States/A/Choices[0]")


def test_an_operator_that_does_not_exist_is_a_field_that_does_not_exist() -> None:
    assert "Field 'StringContains' is not supported at /States/A/Choices[0]" in errors(
        {"Variable": "$.x", "StringContains": "a", "Next": "Z"}
    )


def test_a_rule_leads_somewhere() -> None:
    assert errors({"Variable": "$", "IsNull": True}) == [
        "These fields are required: [Next] at /States/A/Choices[0]"
    ]


def test_there_is_at_least_one_rule() -> None:
    assert errors() == ["Value cannot be empty at /States/A/Choices"]


@pytest.mark.parametrize(
    ("condition", "accepted"),
    [
        (True, True),
        ("{% $states.input.a = 1 %}", True),
        ("$states.input.a = 1", False),
        (1, False),
        (None, False),
    ],
)
def test_a_condition_is_a_boolean_or_an_expression(condition: Any, accepted: bool) -> None:
    assert (errors({"Condition": condition, "Next": "Z"}, QueryLanguage="JSONata") == []) is accepted


def test_the_two_languages_do_not_mix_in_a_rule() -> None:
    assert errors({"Next": "Z"}, QueryLanguage="JSONata") == [
        "These fields are required: [Condition] at /States/A/Choices[0]"
    ]
    assert errors(
        {"Condition": True, "Variable": "$", "IsNull": True, "Next": "Z"}, QueryLanguage="JSONata"
    ) == [
        "The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' "
        "QueryLanguage at /States/A/Choices[0]",
        "The QueryLanguage is set to 'JSONata', but field 'IsNull' is only supported for the 'JSONPath' "
        "QueryLanguage at /States/A/Choices[0]",
    ]
    assert errors({"Condition": True, "Next": "Z"}) == [
        "The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' "
        "QueryLanguage at /States/A/Choices[0]"
    ]
