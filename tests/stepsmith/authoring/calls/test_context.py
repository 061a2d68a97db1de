"""The context object in workflow functions: the same as plain Python and on the local engine."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import BaseModel

from stepsmith import (
    ClientRegistry,
    DefinitionError,
    InvalidInput,
    Retry,
    StepsmithError,
    WorkflowError,
    context,
    integration,
    map_items,
    plain_run,
    task,
    workflow,
)
from stepsmith.testing import assert_equivalent


class Busy(WorkflowError):
    """Later."""


class Told(BaseModel):
    id: str
    name: str
    machine: str
    machine_name: str
    redriven: int


class Answer(BaseModel):
    agreed: bool


@task(retry=[Retry.on(Busy, max_attempts=3)])
def attempt(number: int, tried: int) -> int:
    if tried < number:
        raise Busy(f"attempt {tried}")
    return tried


@task
def note(text: str) -> str:
    return text


@integration("sqs:sendMessage.waitForTaskToken", result=Answer, timeout=timedelta(days=1))
def ask(QueueUrl: str, MessageBody: dict[str, str]) -> object:
    return {"MessageId": "1"}


@workflow
def telling() -> Told:
    return Told(
        id=context.execution.id,
        name=context.execution.name,
        machine=context.state_machine.id,
        machine_name=context.state_machine.name,
        redriven=context.execution.redrive_count,
    )


@workflow
def started(moment: datetime) -> bool:
    return context.execution.start_time + timedelta(hours=1) > moment


@workflow
def counting(number: int) -> int:
    return attempt(number, context.state.retry_count)


@workflow
def numbering(words: list[str]) -> list[str]:
    def numbered(word: str) -> str:
        return note(f"{context.map.index}: {word}")

    return map_items(words, numbered)


@workflow
def asking(text: str) -> bool:
    answer = ask(
        "https://sqs.us-east-1.amazonaws.com/123456789012/queue", {"token": context.task.token, "text": text}
    )
    return answer.agreed


def test_the_execution_and_its_machine_are_the_same_here_and_as_plain_python() -> None:
    assert telling() == Told(
        id="arn:aws:states:us-east-1:123456789012:execution:telling:execution",
        name="execution",
        machine="arn:aws:states:us-east-1:123456789012:stateMachine:telling",
        machine_name="telling",
        redriven=0,
    )
    assert_equivalent(telling)


def test_it_reads_paths_of_the_context_object() -> None:
    (state,) = json.loads(telling.definition.to_json())["States"].values()

    assert state["Output"]["id"] == "{% $states.context.Execution.Id %}"


def test_the_start_of_the_execution_is_a_point_in_time() -> None:
    midnight = datetime(2026, 1, 1, tzinfo=UTC)

    assert (started(midnight), started(midnight + timedelta(hours=1))) == (True, False)
    assert_equivalent(started, moment=midnight)
    assert_equivalent(started, moment=midnight + timedelta(hours=1))


@pytest.mark.parametrize("number", [0, 2, 9])
def test_a_task_knows_how_often_it_has_been_tried(number: int) -> None:
    assert_equivalent(counting, number=number)


def test_an_item_knows_its_position() -> None:
    assert numbering(["a", "b"]) == ["0: a", "1: b"]
    assert_equivalent(numbering, words=["a", "b"])


def test_an_integration_sends_the_token_and_gives_the_answer() -> None:
    with plain_run(responders={ask: lambda QueueUrl, MessageBody: Answer(agreed=bool(MessageBody["token"]))}):
        assert asking("yes?") is True

    state = json.loads(asking.definition.to_json())["States"]["Ask"]
    assert state["Resource"] == "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    assert state["Arguments"]["MessageBody"]["token"] == "{% $states.context.Task.Token %}"


def test_the_answer_of_an_integration_comes_from_whoever_responds() -> None:
    def agreeing(QueueUrl: str, MessageBody: dict[str, str]) -> Answer:
        return Answer(agreed=MessageBody["text"] == "yes?")

    def queue(clients: ClientRegistry) -> None:
        clients.client("sqs").create_queue(QueueName="queue")

    assert_equivalent(asking, responders={ask: agreeing}, prepare=queue, text="yes?")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return context.execution.arn", "the context object has no execution.arn"),
        ("return str(context.state.retry_count)", "context.state.retry_count is only known to a task"),
        ("return context.task.token", "context.task.token is only known to the state that waits"),
    ],
)
def test_what_is_not_known_is_refused(body: str, message: str) -> None:
    from tests.stepsmith.authoring.compiler.snippets import snippet

    with pytest.raises(DefinitionError, match=re.escape(message)):
        snippet(body, {}, names={"context": context})


def test_outside_a_workflow_nothing_is_known() -> None:
    with pytest.raises(StepsmithError, match=r"context\.execution\.id\(\) was called outside a workflow"):
        str(context.execution.id)


def test_outside_of_items_no_position_is_known() -> None:
    with plain_run(), pytest.raises(StepsmithError, match=r"context\.map\.index is known inside map_items"):
        str(context.map.index)


def test_an_integration_that_waits_names_the_type_of_its_answer() -> None:
    with pytest.raises(InvalidInput, match="`result` is the type of the answer"):
        integration("sqs:sendMessage.waitForTaskToken")
    with pytest.raises(InvalidInput, match="`result` is the type of the answer"):
        integration("sqs:sendMessage", result=Answer)
