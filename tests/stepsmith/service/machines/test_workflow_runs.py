from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from stepsmith import TaskTimeout, TaskToken, WorkflowError, callback_task, client, task, wait, workflow
from stepsmith.errors import ExecutionFailed, InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry
from stepsmith.service import RunOptions, local, run_workflow, running


class Parcel(BaseModel):
    """What is sent."""

    weight: int


class Receipt(BaseModel):
    """What is given for it."""

    price: int
    note: str


class TooHeavy(WorkflowError):
    """Nobody carries it."""


class Decision(BaseModel):
    """What a person says."""

    approved: bool


@task
def price(parcel: Parcel) -> int:
    """Say what it costs."""
    if parcel.weight > 100:
        raise TooHeavy(f"{parcel.weight} kg")
    return parcel.weight * 10


@task
def keep(text: str, *, s3: Any = client("s3")) -> str:
    """Keep a text in S3."""
    s3.put_object(Bucket="kept", Key="text", Body=text.encode())
    return text


@callback_task(Decision, timeout=timedelta(hours=1))
def ask(token: TaskToken, question: str) -> None:
    """Ask a person."""


@workflow
def sending(parcel: Parcel) -> Receipt:
    """Send a parcel."""
    wait(timedelta(seconds=30))
    cost = price(parcel)
    return Receipt(price=cost, note="sent")


@workflow
def keeping(text: str) -> str:
    """Keep a text."""
    return keep(text)


@workflow
def asking(question: str) -> Decision:
    """Ask and wait."""
    return ask(question)


@workflow
def family(parcel: Parcel) -> Receipt:
    """Leave it to another workflow."""
    return sending(parcel)


def test_a_workflow_runs_with_its_own_tasks_and_types() -> None:
    execution = sending.run(parcel=Parcel(weight=2))

    assert execution.output == {"price": 20, "note": "sent"}
    assert execution.result() == Receipt(price=20, note="sent")
    assert execution.elapsed == timedelta(seconds=30)


def test_a_result_raises_what_the_workflow_raised() -> None:
    execution = sending.run(parcel=Parcel(weight=101))

    with pytest.raises(TooHeavy, match=r"^101 kg$"):
        execution.result()


def test_an_error_of_no_known_class_is_a_failed_execution() -> None:
    execution = run_workflow(keeping, {"text": "x"})

    with pytest.raises(ExecutionFailed, match="NoSuchBucket"):
        execution.result()


def test_clients_are_given_for_a_while() -> None:
    clients = ClientRegistry.local()
    clients.client("s3").create_bucket(Bucket="kept")

    with running(local(clients=clients)):
        execution = keeping.run("hello")

    assert execution.result() == "hello"
    assert clients.client("s3").get_object(Bucket="kept", Key="text")["Body"].read() == b"hello"


def test_a_person_is_played_by_a_responder() -> None:
    def answer(payload: Json) -> Json:
        assert isinstance(payload, dict)
        return {"approved": payload["question"] == "may I?"}

    with running(local(responders={"ask": answer})):
        assert asking.run("may I?").result() == Decision(approved=True)


def test_a_question_that_nobody_answers_times_out() -> None:
    execution = asking.run("may I?")

    assert execution.elapsed == timedelta(hours=1)
    with pytest.raises(TaskTimeout):
        execution.result()


def test_a_workflow_is_started_in_the_background_and_answered() -> None:
    execution: Any = asking.start("may I?", backend=local(seed=5))
    for _ in execution.events():
        if execution.waiting and execution.history.of("TaskSubmitted"):
            break

    execution.send_task_success(execution.waiting[0].token, {"approved": False})

    assert execution.result() == Decision(approved=False)


def test_a_workflow_that_starts_another_runs_it_here() -> None:
    execution = family.run(parcel=Parcel(weight=3))

    assert execution.result() == Receipt(price=30, note="sent")
    assert execution.elapsed == timedelta(seconds=30)


def test_the_same_run_twice_has_the_same_history() -> None:
    one, other = (sending.run(parcel=Parcel(weight=2)) for _ in range(2))

    assert list(one.history) == list(other.history)


def test_another_function_may_answer_a_task() -> None:
    options = RunOptions(tasks={"price": lambda payload: 1})

    assert run_workflow(sending, {"parcel": {"weight": 2}}, options).output == {"price": 1, "note": "sent"}


def test_a_backend_of_ones_own_is_asked_to_start() -> None:
    class Elsewhere:
        def start(self, workflow: object, input: object) -> object:
            return (workflow, input)

    started: Any = sending.start(parcel=Parcel(weight=1), backend=Elsewhere())

    assert started == (sending, {"parcel": {"weight": 1}})


def test_a_backend_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="backend is int"):
        sending.start(parcel=Parcel(weight=1), backend=5)
