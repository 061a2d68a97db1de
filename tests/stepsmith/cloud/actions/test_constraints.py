"""What the model of the API says of parameters, refused in AWS's words."""

from __future__ import annotations

from typing import Any

import pytest

from stepsmith.cloud.actions.constraints import checked
from stepsmith.cloud.services import ServiceError

VERSION = "arn:aws:states:eu-west-1:111111111111:stateMachine:m:1"
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("DescribeExecution", {}, "1 validation error detected: Value null at 'executionArn' failed to satisfy "
     "constraint: Member must not be null"),
    ("ListStateMachines", {"maxResults": 1001}, "1 validation error detected: Value '1001' at 'maxResults' failed "
     "to satisfy constraint: Member must have value less than or equal to 1000"),
    ("ListStateMachines", {"maxResults": -1}, "1 validation error detected: Value '-1' at 'maxResults' failed to "
     "satisfy constraint: Member must have value greater than or equal to 0"),
    ("CreateActivity", {"name": "n" * 81}, f"1 validation error detected: Value '{'n' * 81}' at 'name' failed to "
     "satisfy constraint: Member must have length less than or equal to 80"),
    ("SendTaskSuccess", {"taskToken": "", "output": "1"}, "1 validation error detected: Value at 'taskToken' failed "
     "to satisfy constraint: Member must have length greater than or equal to 1"),
    ("ListExecutions", {"statusFilter": "x", "maxResults": -1}, "2 validation errors detected: Value 'x' at "
     "'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, "
     "PENDING_REDRIVE, ABORTED, FAILED, RUNNING]; Value '-1' at 'maxResults' failed to satisfy constraint: Member "
     "must have value greater than or equal to 0"),
    ("CreateStateMachineAlias", {"name": "a", "routingConfiguration": [
        {"stateMachineVersionArn": VERSION, "weight": 101}]}, "1 validation error detected: Value '101' at "
     "'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must have value less than or "
     "equal to 100"),
    ("RedriveExecution", {"executionArn": "a", "clientToken": "a b"}, "1 validation error detected: Value 'a b' at "
     "'clientToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [!-~]+"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "parameters", "message"), CASES)
def test_a_violation_is_told_in_aws_words(operation: str, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ServiceError) as caught:
        checked(operation, parameters)

    assert (caught.value.code, caught.value.message) == ("ValidationException", message)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"stateMachineArn": "a", "input": {"a": 1}}, "Start of structure or map found where not expected"),
        ({"stateMachineArn": 1}, "NUMBER_VALUE can not be converted to a String"),
        ({"stateMachineArn": True}, "BOOLEAN_VALUE can not be converted to a String"),
    ],
)
def test_a_value_of_another_type_cannot_be_read(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ServiceError) as caught:
        checked("StartExecution", parameters)

    assert (caught.value.code, caught.value.message) == ("SerializationException", message)


def test_members_that_are_null_or_unknown_are_not_there() -> None:
    assert checked("StartExecution", {"stateMachineArn": "a", "name": None, "more": 1}) == {
        "stateMachineArn": "a"
    }
