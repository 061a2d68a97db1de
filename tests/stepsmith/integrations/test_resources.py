from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.integrations.resources import (
    Activity,
    LambdaFunction,
    SdkAction,
    ServiceAction,
    function_name,
    parse_resource,
)


@pytest.mark.parametrize(
    ("text", "resource"),
    [
        ("arn:aws:states:::lambda:invoke", ServiceAction("lambda", "invoke", "request")),
        (
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            ServiceAction("sqs", "sendMessage", "waitForTaskToken"),
        ),
        ("arn:aws:states:::states:startExecution.sync", ServiceAction("states", "startExecution", "sync")),
        (
            "arn:aws:states:::states:startExecution.sync:2",
            ServiceAction("states", "startExecution", "sync:2"),
        ),
        ("arn:aws:states:::aws-sdk:s3:getObject", SdkAction("s3", "getObject", "request")),
        ("arn:aws-cn:states:::aws-sdk:s3:getObject", SdkAction("s3", "getObject", "request")),
        (
            "arn:aws:states:::aws-sdk:sns:publish.waitForTaskToken",
            SdkAction("sns", "publish", "waitForTaskToken"),
        ),
        (
            "arn:aws:states:us-east-1:123456789012:activity:carve",
            Activity("arn:aws:states:us-east-1:123456789012:activity:carve"),
        ),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:f:7",
            LambdaFunction("arn:aws:lambda:us-east-1:123456789012:function:f:7", "f", "7"),
        ),
        ("${authorise}", LambdaFunction("${authorise}", "${authorise}")),
    ],
)
def test_a_resource_is_what_it_names(text: str, resource: object) -> None:
    assert parse_resource(text) == resource


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("f", "f"),
        ("f:PROD", "f"),
        ("${f}", "f"),
        ("123456789012:function:f", "f"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f", "f"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f:7", "f"),
        ("arn:aws:states:::dynamodb:putItem", "arn:aws:states:::dynamodb:putItem"),
    ],
)
def test_a_function_is_known_by_its_plain_name(text: str, name: str) -> None:
    assert function_name(text) == name


@given(st.text())
def test_any_text_is_some_resource(text: str) -> None:
    assert parse_resource(text) is not None
