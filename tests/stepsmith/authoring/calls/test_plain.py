"""Workflows as plain Python: the virtual clock, JSON at tasks, retries, answers, children."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import BaseModel

from stepsmith import (
    Retry,
    StepsmithError,
    TaskTimeout,
    TaskToken,
    WorkflowError,
    callback_task,
    map_items,
    now,
    plain_run,
    task,
    uuid,
    wait,
    wait_until,
    workflow,
)
from stepsmith.errors import ExceedToleratedFailureThreshold


class Box(BaseModel):
    items: list[str]


class Full(WorkflowError): ...


KEPT: list[Box] = []
ATTEMPTS: list[int] = []


@task
def keep(box: Box) -> Box:
    KEPT.append(box)
    return box


@task(retry=[Retry.never(Full), Retry(interval=timedelta(seconds=10), max_attempts=2)])
def shaky(number: int) -> int:
    ATTEMPTS.append(number)
    if number < 0:
        raise Full("full")
    if len(ATTEMPTS) <= number:
        raise RuntimeError("not yet")
    return len(ATTEMPTS)


@callback_task(Box, timeout=timedelta(days=3))
def ask(token: TaskToken, question: str) -> None: ...


@callback_task(Box)
def ask_for_ever(token: TaskToken, question: str) -> None: ...


@workflow
def keeping(box: Box) -> Box:
    return keep(box)


@workflow
def trying(number: int) -> int:
    return shaky(number)


@workflow
def asking(question: str) -> Box:
    return ask(question)


@workflow
def asking_for_ever(question: str) -> Box:
    return ask_for_ever(question)


@workflow
def waiting(seconds: int) -> datetime:
    wait(seconds)
    wait(timedelta(hours=1))
    wait_until(datetime(2026, 1, 1, 0, 30, tzinfo=UTC))
    return now()


@workflow
def naming() -> str:
    return uuid()


@workflow
def parent(box: Box) -> Box:
    wait(5)
    return keeping(box)


def test_arguments_and_results_take_a_round_trip_through_json() -> None:
    box = Box(items=["a"])

    result = keeping(box)

    assert result == box
    assert result is not box
    assert KEPT[-1] is not box


def test_waiting_passes_virtual_time() -> None:
    with plain_run() as run:
        end = waiting(90)

    assert run.elapsed == timedelta(hours=1, seconds=90)
    assert end == run.start + run.elapsed


def test_a_run_starts_when_it_is_told() -> None:
    start = datetime(2030, 5, 6, tzinfo=UTC)

    with plain_run(start=start):
        assert waiting(0) == start + timedelta(hours=1)


def test_waiting_for_less_than_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"wait\(\) got -1"):
        waiting(-1)


def test_retries_pass_time_on_the_clock_of_the_run() -> None:
    ATTEMPTS.clear()

    with plain_run() as run:
        result = trying(2)

    assert result == 3
    assert run.elapsed == timedelta(seconds=10 + 20)
    assert [call.task for call in run.calls] == ["shaky"] * 3


def test_retries_end_and_the_error_comes_out() -> None:
    ATTEMPTS.clear()

    with plain_run() as run, pytest.raises(RuntimeError, match="not yet"):
        trying(9)

    assert len(run.calls) == 3


def test_an_error_that_is_never_retried_comes_out_at_once() -> None:
    ATTEMPTS.clear()

    with plain_run() as run, pytest.raises(Full):
        trying(-1)

    assert run.elapsed == timedelta(0)


def test_a_responder_answers_a_callback_task() -> None:
    with plain_run(responders={ask: lambda question: Box(items=[question])}):
        assert asking("why?") == Box(items=["why?"])


def test_nobody_answering_is_a_timeout_after_virtual_days() -> None:
    with plain_run() as run, pytest.raises(TaskTimeout):
        asking("why?")

    assert run.elapsed == timedelta(days=3)


def test_nobody_answering_a_task_without_timeout_is_said_plainly() -> None:
    with pytest.raises(StepsmithError, match="nobody answers ask_for_ever"):
        asking_for_ever("why?")


def test_a_child_workflow_shares_the_clock() -> None:
    with plain_run() as run:
        parent(Box(items=[]))

    assert run.elapsed == timedelta(seconds=5)


def test_identifiers_are_the_same_in_every_run() -> None:
    assert naming() == naming()


@pytest.mark.parametrize(
    "call", [lambda: wait(1), now, uuid, lambda: wait_until(datetime(2026, 1, 1, tzinfo=UTC))]
)
def test_what_needs_a_clock_says_so_outside_a_workflow(call: object) -> None:
    with pytest.raises(StepsmithError, match="was called outside a workflow"):
        call()  # type: ignore[operator] # a function


def test_map_items_gives_results_in_order() -> None:
    assert map_items([3, 1], lambda number: number * 2) == [6, 2]


def test_batches_are_lists_of_items() -> None:
    assert map_items([1, 2, 3], sum, distributed=True, batch_size=2) == [3, 3]


def test_tolerated_failures_leave_their_results_out() -> None:
    results = map_items([0, 1, 2], lambda number: 4 // number, distributed=True, tolerated_failure_count=1)

    assert results == [4, 2]


@pytest.mark.parametrize(
    "options", [{}, {"tolerated_failure_count": 1}, {"tolerated_failure_percentage": 50}]
)
def test_more_failures_than_are_tolerated_end_the_map(options: dict[str, int]) -> None:
    with pytest.raises(ExceedToleratedFailureThreshold):
        map_items([0, 0, 1], lambda number: 1 // number, distributed=True, **options)  # type: ignore[call-overload] # any
