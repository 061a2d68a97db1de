from typing import Any

from stepsmith.asl import check, parse
from tests.stepsmith.asl.machines import one_state


def warnings(state: Any) -> list[tuple[str, str]]:
    return [
        (finding.code, finding.pointer)
        for finding in check(one_state(state))
        if finding.severity == "WARNING"
    ]


def test_a_path_under_a_key_without_a_dollar_is_remarked_on() -> None:
    parameters = {"a": "$.x", "b": "$$.Execution.Id", "c": "States.UUID()", "d": "$5", "e": "$", "f.$": "$.x"}

    assert warnings({"Type": "Pass", "Parameters": {"deep": parameters}, "End": True}) == [
        ("NO_DOLLAR", "/States/A/Parameters/deep/a"),
        ("NO_DOLLAR", "/States/A/Parameters/deep/b"),
        ("NO_DOLLAR", "/States/A/Parameters/deep/c"),
    ]


def test_a_path_as_a_literal_operand_is_remarked_on() -> None:
    rule = {"Variable": "$.a", "StringEquals": "$.b", "Next": "Z"}

    assert warnings({"Type": "Choice", "Choices": [rule]}) == [
        ("NO_PATH", "/States/A/Choices[0]/StringEquals")
    ]


def test_a_path_in_a_result_is_remarked_on() -> None:
    assert warnings({"Type": "Pass", "Result": {"a.$": "$.x", "b": "$.y", "c": 1}, "End": True}) == [
        ("PASS_RESULT_IS_STATIC", "/States/A/Result/a.$"),
        ("PASS_RESULT_IS_STATIC", "/States/A/Result/b"),
    ]
    assert warnings({"Type": "Pass", "Result": "$.x", "End": True}) == [
        ("PASS_RESULT_IS_STATIC", "/States/A/Result")
    ]


def test_a_remark_is_no_refusal() -> None:
    assert parse(one_state({"Type": "Pass", "Result": "$.x", "End": True}))
