from typing import Any, Literal

import pytest

from stepsmith.integrations.services.mock_results import check_mock_result

START = "arn:aws:states:::states:startExecution"
OBJECT = "arn:aws:states:::aws-sdk:s3:getObject"
EVENTS = "arn:aws:states:::events:putEvents"


@pytest.mark.parametrize(
    ("resource", "result", "problem"),
    [
        (START, {}, "Required field 'ExecutionArn' is missing"),
        (START, {"ExecutionArn": "arn", "StartDate": True}, "Field 'StartDate' must be a string"),
        (OBJECT, {"ContentLength": "9000"}, "Field 'ContentLength' must be a number"),
        (OBJECT, {"StorageClass": "Papyrus"}, "Field 'StorageClass' is not an expected value"),
        (OBJECT, {"DeleteMarker": 1}, "Field 'DeleteMarker' must be a boolean"),
        (EVENTS, {"Entries": "text"}, "Field 'Entries' must be an array"),
        (EVENTS, {"Entries": [{"EventId": "1"}, {"EventId": ["2"]}]}, "Field 'EventId' must be a string"),
        (EVENTS, {"Entries": [1]}, "Field 'Entries' must be an object"),
        (
            "arn:aws:states:::aws-sdk:kms:encrypt",
            {"CiphertextBlob": 123},
            "Field 'CiphertextBlob' must be a string",
        ),
        ("arn:aws:states:::lambda:invoke", {"StatusCode": "200"}, "Field 'StatusCode' must be a number"),
        (
            "arn:aws:states:::aws-sdk:lambda:getFunction",
            {"Configuration": {"MemorySize": 1}},
            "Field 'MemorySize' is less than the minimum value",
        ),
        (
            "arn:aws:states:::states:startExecution.sync",
            {"ExecutionArn": "arn", "StartDate": "now"},
            "Required field 'StateMachineArn' is missing",
        ),
    ],
)
def test_what_contradicts_the_api_is_named(resource: str, result: Any, problem: str) -> None:
    assert check_mock_result(resource, result, "STRICT") == problem


@pytest.mark.parametrize(
    ("resource", "result", "mode"),
    [
        (START, {"ExecutionArn": "arn", "StartDate": "2026-01-01T00:00:00Z"}, "STRICT"),
        (START, {}, "PRESENT"),
        (START, {"StartDate": True}, "NONE"),
        (EVENTS, {"random": "json"}, "STRICT"),
        ("arn:aws:states:::lambda:invoke", {"Payload": {"any": "thing"}}, "STRICT"),
        ("arn:aws:states:::apigateway:invoke", {"approval": True}, "STRICT"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f", "anything", "STRICT"),
        ("arn:aws:states:::aws-sdk:nosuch:call", {}, "STRICT"),
    ],
)
def test_what_fits_or_is_not_known_passes(
    resource: str, result: Any, mode: Literal["STRICT", "PRESENT", "NONE"]
) -> None:
    assert check_mock_result(resource, result, mode) is None
