"""Service integrations, which no function stands behind, fail, return and take time like any task."""

from datetime import timedelta
from typing import Any

import pytest

from stepsmith import ClientRegistry, Retry, WorkflowError, client, integration, workflow
from stepsmith.integrations import TaskError
from stepsmith.testing import AfterEffect, RecordedMessage, Runner
from stepsmith.testing.task_names import TaskNames


class Busy(WorkflowError):
    """Try again later."""


@integration("sns:publish", retry=[Retry.on(Busy, max_attempts=2)], timeout=timedelta(seconds=10))
def publish(TopicArn: str, Message: str, *, sns: Any = client("sns")) -> dict[str, Any]:
    return sns.publish(TopicArn=TopicArn, Message=Message)


@integration("aws-sdk:sqs:listQueues")
def queues(*, sqs: Any = client("sqs")) -> dict[str, Any]:
    return sqs.list_queues()


@workflow
def announce(topic: str) -> dict[str, Any]:
    """Tell the news."""
    answer = publish(topic, Message="news")
    queues()
    return answer


@pytest.fixture
def topic(aws: ClientRegistry) -> str:
    return aws.client("sns").create_topic(Name="news")["TopicArn"]


def test_an_integration_that_is_busy_is_called_again(
    run: Runner, topic: str, messages: list[RecordedMessage]
) -> None:
    execution = run(announce, topic, fail={publish: {1: Busy("later")}})

    assert execution.status == "SUCCEEDED"
    assert execution.retries(publish) == 1
    assert [call.error for call in execution.task_calls(publish)] == ["Busy", None]
    assert [message.text for message in messages] == ["news"]


def test_an_integration_whose_answer_is_lost_has_had_its_effect(
    run: Runner, topic: str, messages: list[RecordedMessage]
) -> None:
    execution = run(announce, topic, fail={"publish": [AfterEffect(Busy("lost"))]})

    assert execution.status == "SUCCEEDED"
    assert [message.text for message in messages] == ["news", "news"]


def test_an_integration_fails_as_its_service_does(run: Runner, topic: str) -> None:
    failure = TaskError("Sns.AuthorizationErrorException", "not allowed")

    execution = run(announce, topic, fail={publish: failure})

    assert (execution.error, execution.cause) == ("Sns.AuthorizationErrorException", "not allowed")


def test_an_integration_of_the_sdk_fails_too(run: Runner, topic: str) -> None:
    assert run(announce, topic, fail={queues: Busy("later")}).error == "Busy"


def test_the_answer_of_an_integration_can_be_made_up(run: Runner) -> None:
    execution = run(announce, "arn:none", returns={publish: {"MessageId": "m-1"}, queues: {}})

    assert execution.result() == {"MessageId": "m-1"}


def test_an_integration_takes_time(run: Runner, topic: str) -> None:
    assert run(announce, topic, delay={publish: timedelta(seconds=9)}).elapsed == timedelta(seconds=9)
    assert run(announce, topic, delay={publish: timedelta(seconds=11)}).error == "States.Timeout"


def test_a_run_knows_an_integration_by_its_states() -> None:
    names = TaskNames.of(announce)

    assert (names.in_run("publish"), names.in_run("Publish")) == (["Publish"], ["Publish"])
