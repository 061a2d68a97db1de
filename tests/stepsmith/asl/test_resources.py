import pytest

from stepsmith.asl.resources import Resource, recognise


@pytest.mark.parametrize(
    ("arn", "resource"),
    [
        ("arn:aws:lambda:us-east-1:123456789012:function:work", Resource("lambda", "lambda")),
        ("arn:aws:lambda:us-east-1:123456789012:function:work:$LATEST", Resource("lambda", "lambda")),
        ("arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:w:7", Resource("lambda", "lambda")),
        ("arn:aws:states:us-east-1:123456789012:activity:work", Resource("activity", "states")),
        ("arn:aws:states:::lambda:invoke", Resource("optimised", "lambda", "invoke")),
        (
            "arn:aws-cn:states:::sqs:sendMessage.waitForTaskToken",
            Resource("optimised", "sqs", "sendMessage", "waitForTaskToken"),
        ),
        ("arn:aws:states:::ecs:runTask.sync", Resource("optimised", "ecs", "runTask", "sync")),
        (
            "arn:aws:states:::states:startExecution.sync:2",
            Resource("optimised", "states", "startExecution", "sync:2"),
        ),
        ("arn:aws:states:::aws-sdk:s3:getObject", Resource("sdk", "s3", "getObject")),
        (
            "arn:aws:states:::aws-sdk:sfn:startExecution.waitForTaskToken",
            Resource("sdk", "sfn", "startExecution", "waitForTaskToken"),
        ),
        ("arn:aws:states:::http:invoke", Resource("optimised", "http", "invoke")),
        (
            "arn:aws:states:us-east-1:123456789012:aws-sdk:transcribe:getTranscriptionJob",
            Resource("sdk", "transcribe", "getTranscriptionJob"),
        ),
    ],
)
def test_a_resource_is_recognised(arn: str, resource: Resource) -> None:
    assert recognise(arn) == resource


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "work",
        "arn:aws:lambda",
        "arn:aws:s3:::bucket",
        "arn:aws:lambda:us-east-1:123456789012:layer:x",
        "arn:aws:states:::dynamodb:query",
        "arn:aws:states:::Lambda:invoke",
        "arn:aws:states:::sqs:sendMessage.sync",
        "arn:aws:states:::lambda:invoke.sync:2",
        "arn:aws:states:::codebuild:startBuild.waitForTaskToken",
        "arn:aws:states:::aws-sdk:s3:listBuckets.sync",
        "arn:aws:states:::aws-sdk:nosuchservice:doIt",
        "arn:aws:states:::aws-sdk:s3:GetObject",
        "arn:aws:states:::lambda:invoke.waitForToken",
        "arn:aws:states:::activity:work",
        "arn:aws:states:us-east-1:123456789012:stateMachine:m",
        "arn:aws:states:::lambda:invoke\n",
    ],
)
def test_anything_else_is_not(arn: str) -> None:
    assert recognise(arn) is None
