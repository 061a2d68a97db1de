"""`services` finds what the models of AWS's services have, and says what was meant where they have not."""

import inspect
from typing import Any

import pytest

from stepsmith import Retry, ServiceError, services
from stepsmith.authoring.calls.namespaces import UnknownName
from stepsmith.expressions.typed.static_types import ANY, DATETIME, STR, ModelType, describe
from stepsmith.integrations.services import models
from stepsmith.integrations.services.directory import job_result
from stepsmith.integrations.services.jobs import JOBS


@pytest.mark.parametrize(
    ("call", "resource"),
    [
        (services.dynamodb.get_item, "dynamodb:getItem"),
        (services.dynamodb.get_item.sdk, "aws-sdk:dynamodb:getItem"),
        (services.dynamodb.query, "aws-sdk:dynamodb:query"),
        (services.stepfunctions.start_execution, "states:startExecution"),
        (services.stepfunctions.start_execution.sync, "states:startExecution.sync:2"),
        (services.events.put_events, "events:putEvents"),
        (services.lambda_.invoke, "aws-sdk:lambda:invoke"),
        (services.batch.submit_job.sync, "batch:submitJob.sync"),
        (services.emr_serverless.start_job_run.sync, "emr-serverless:startJobRun.sync"),
        (services.logs.put_log_events, "aws-sdk:cloudwatchlogs:putLogEvents"),
        (services.sqs.send_message.wait_for_task_token(str), "sqs:sendMessage.waitForTaskToken"),
        (services.ses.send_email.wait_for_task_token(str), "aws-sdk:ses:sendEmail.waitForTaskToken"),
    ],
)
def test_an_action_is_the_optimised_integration_where_there_is_one(call: Any, resource: str) -> None:
    assert call.resource == f"arn:aws:states:::{resource}"


def test_parameters_and_results_have_the_types_of_the_model_and_the_names_of_step_functions() -> None:
    sdk, optimised = services.rds.describe_db_instances, services.dynamodb.put_item
    parameters = {each.name: each for each in sdk.boundary.parameters}
    instance = sdk.result.type.fields["DbInstances"].type.item

    assert parameters["DbInstanceIdentifier"].type == STR
    assert not parameters["DbInstanceIdentifier"].required
    assert instance.fields["InstanceCreateTime"].type == DATETIME
    assert {each.name: describe(each.type) for each in optimised.boundary.parameters}["Item"] == (
        "dict[str, dynamodb.AttributeValue]"
    )


def test_a_structure_may_contain_itself() -> None:
    item = services.dynamodb.get_item.result.type.fields["Item"].type.value

    assert item.fields["M"].type.value is item


def test_parameters_that_step_functions_does_not_hand_on_are_none() -> None:
    """AWS documents which members of dynamodb:putItem it takes."""
    names = inspect.signature(services.dynamodb.put_item.function).parameters

    assert "ConditionExpression" in names
    assert "ReturnValuesOnConditionCheckFailure" not in names


def test_a_body_and_an_input_may_be_any_json() -> None:
    body = {each.name: each.type for each in services.sqs.send_message.boundary.parameters}["MessageBody"]
    done = services.stepfunctions.start_execution.sync.result.type

    assert body == ANY
    assert done.fields["Output"].type == ANY
    assert services.stepfunctions.describe_execution.result.type.fields["Output"].type == STR


@pytest.mark.parametrize("action", sorted(JOBS))
def test_every_job_that_can_be_waited_for_here_has_a_typed_end(action: str) -> None:
    assert isinstance(job_result(action), ModelType)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("dynamdb", "AWS has no service 'dynamdb' that is known here: did you mean 'dynamodb'?"),
        ("sfn", "AWS has no service 'sfn' in boto3: did you mean 'stepfunctions'?"),
        ("zzz", "AWS has no service 'zzz' that is known here"),
    ],
)
def test_an_unknown_service_is_told_with_what_was_meant(name: str, told: str) -> None:
    with pytest.raises(UnknownName) as caught:
        getattr(services, name)

    assert str(caught.value) == told
    assert not hasattr(services, name)


def test_errors_go_by_the_names_of_both_kinds_of_integrations() -> None:
    """Recorded: `DynamoDB.` of dynamodb:putItem, `DynamoDb.` of aws-sdk:dynamodb:putItem."""
    error = services.dynamodb.ConditionalCheckFailedException

    assert issubclass(error, ServiceError)
    assert Retry.on(error).names() == (
        "DynamoDB.ConditionalCheckFailedException",
        "DynamoDb.ConditionalCheckFailedException",
    )
    assert Retry.on(services.s3.NoSuchKeyException).names() == ("S3.NoSuchKeyException",)
    assert services.dynamodb.ConditionalCheckFailedException is error


def test_options_stay_with_the_job_and_the_answer_that_are_waited_for() -> None:
    started = services.glue.start_job_run.with_options(name="Load", retry=[Retry(max_attempts=1)])
    asked = services.sqs.send_message.with_options(name="Ask").wait_for_task_token(str)

    assert (started.sync.name, started.sync.retry) == ("Load", started.retry)
    assert asked.name == "Ask"
    assert services.glue.start_job_run.name == "Start job run"


def test_what_cannot_be_waited_for_is_said() -> None:
    with pytest.raises(UnknownName, match=r"does not wait for the end of dynamodb\.get_item"):
        services.dynamodb.get_item.sync
    with pytest.raises(UnknownName, match=r"dynamodb\.query is an SDK integration already"):
        services.dynamodb.query.sdk
    with pytest.raises(UnknownName, match=r"does not wait for an answer to dynamodb\.get_item"):
        services.dynamodb.get_item.wait_for_task_token(str)


def test_without_botocore_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_folder", lambda: None)
    models.service_model.cache_clear()

    try:
        with pytest.raises(UnknownName, match=r"botocore is not installed, .*pip install 'stepsmith\[aws\]'"):
            services.transfer
    finally:
        models.service_model.cache_clear()
