import json
from typing import Any

import pytest

from stepsmith.asl.requests import (
    RequestRefused,
    check_create_request,
    check_name,
    check_update_request,
    validate,
)
from tests.stepsmith.asl.machines import one_state

DEFINITION = json.dumps(one_state({"Type": "Pass", "End": True}))
TOKEN_TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "q", "MessageBody": "b"},
    "End": True,
}


def refusal(check: Any, *arguments: Any, **options: Any) -> tuple[str, str]:
    with pytest.raises(RequestRefused) as refused:
        check(*arguments, **options)
    return refused.value.code, refused.value.message


def test_a_sound_request_is_accepted() -> None:
    check_create_request({"name": "m", "definition": DEFINITION, "roleArn": "r"})
    check_create_request({"name": "m", "definition": DEFINITION, "publish": True, "versionDescription": "v"})
    check_update_request({"stateMachineArn": "a", "roleArn": "r"})
    check_update_request({"stateMachineArn": "a", "definition": DEFINITION})


def test_an_invalid_definition_is_refused_for_its_type() -> None:
    definition = json.dumps(one_state(TOKEN_TASK))

    check_create_request({"name": "m", "definition": definition})
    assert refusal(check_create_request, {"name": "m", "definition": definition, "type": "EXPRESS"}) == (
        "InvalidDefinition",
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express state machine does not support "
        "'.waitForTaskToken' service integration  at /States/A/Resource'",
    )
    assert refusal(check_update_request, {"definition": definition}, type="EXPRESS")[0] == "InvalidDefinition"
    assert refusal(check_create_request, {"name": "m"})[0] == "InvalidDefinition"


@pytest.mark.parametrize("name", ["", "a b", "x" * 81])
def test_a_name_that_no_machine_can_have_is_refused(name: str) -> None:
    assert refusal(check_create_request, {"name": name, "definition": DEFINITION}) == (
        "InvalidName",
        f"Invalid Name: '{name}'",
    )
    assert refusal(check_name, name)[0] == "InvalidName"


def test_a_version_is_described_only_when_it_is_published() -> None:
    expected = ("ValidationException", "Version description can only be set when publish is true")
    request = {"name": "m", "definition": DEFINITION, "versionDescription": "v"}

    assert refusal(check_create_request, request) == expected
    assert refusal(check_update_request, request) == expected


def test_an_update_changes_something() -> None:
    assert refusal(check_update_request, {"stateMachineArn": "a"}) == (
        "MissingRequiredParameter",
        "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
    )


@pytest.mark.parametrize("destinations", [None, [], [{}, {}]])
def test_logs_go_to_one_place(destinations: Any) -> None:
    logging = {"level": "ALL", "destinations": destinations}
    expected = (
        "InvalidLoggingConfiguration",
        "Invalid Logging Configuration: Must specify exactly one Log Destination.",
    )

    request = {"name": "m", "definition": DEFINITION, "loggingConfiguration": logging}

    assert refusal(check_create_request, request) == expected
    assert refusal(check_update_request, request) == expected
    check_create_request({**request, "loggingConfiguration": {"level": "OFF"}})


def test_a_valid_definition_has_no_diagnostics() -> None:
    assert validate(DEFINITION) == {"result": "OK", "diagnostics": [], "truncated": False}


def test_a_mistake_is_a_diagnostic() -> None:
    assert validate('{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": -1, "End": true}}}') == {
        "result": "FAIL",
        "diagnostics": [
            {
                "severity": "ERROR",
                "code": "SCHEMA_VALIDATION_FAILED",
                "message": "Minimum value is 0",
                "location": "/States/A/Seconds",
            }
        ],
        "truncated": False,
    }


def test_a_text_that_is_no_json_has_the_place_of_the_parser() -> None:
    location = '[Source: (String)"not a definition"; line: 1, column: 4]'

    assert validate("not a definition")["diagnostics"] == [
        {
            "severity": "ERROR",
            "code": "INVALID_JSON_DESCRIPTION",
            "message": "Unrecognized token 'not': was expecting "
            f"(JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at {location}",
            "location": location,
        }
    ]


def test_warnings_are_shown_when_asked_for_and_fail_nothing() -> None:
    definition = json.dumps(one_state({"Type": "Pass", "Result": "$.x", "End": True}))

    assert validate(definition)["diagnostics"] == []
    answer: Any = validate(definition, severity="WARNING")
    assert answer["result"] == "OK"
    assert [diagnostic["code"] for diagnostic in answer["diagnostics"]] == ["PASS_RESULT_IS_STATIC"]


@pytest.mark.parametrize(("asked", "shown"), [(0, 100), (100, 100), (7, 7)])
def test_diagnostics_are_cut_off(asked: int, shown: int) -> None:
    states = {f"S{number}": {"Type": "Nope"} for number in range(150)}

    answer: Any = validate(json.dumps({"StartAt": "S0", "States": states}), max_results=asked)

    assert len(answer["diagnostics"]) == shown
    assert answer["truncated"] is True
