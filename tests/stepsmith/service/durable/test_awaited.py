"""What an execution waits for is folded from its steps, and nothing of what is over is kept."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from stepsmith.engine.ports import (
    Answer,
    CancelTask,
    Command,
    ItemsRead,
    MoreItems,
    ReadFailed,
    ReadItems,
    ResultsWritten,
    StartTask,
    TaskFailed,
    TaskSubmitted,
    TaskSucceeded,
    TaskTimedOut,
    WriteFailed,
    WriteResults,
)
from stepsmith.service.durable.awaited import Awaited
from stepsmith.store import Begin


def start(id: int = 1, *, token: str | None = None, resource: str = "f") -> StartTask:
    return StartTask(id=id, state="S", resource=resource, payload=None, execution_arn="arn", token=token)


def read(id: int = 1) -> ReadItems:
    return ReadItems(id=id, state="S", resource="r", arguments=None, limit=5)


def write(id: int = 1, *, last: bool = False) -> WriteResults:
    return WriteResults(
        id=id, state="S", resource="r", arguments=None, config={}, map_run_arn="m", records=(), last=last
    )


def after(*steps: tuple[Sequence[Answer | Begin], Sequence[Command]]) -> Awaited:
    awaited = Awaited()
    for inputs, commands in steps:
        awaited.take(inputs, commands)
    return awaited


@pytest.mark.parametrize(
    "end",
    [
        TaskSucceeded(id=1, output=None),
        TaskFailed(id=1, error="E", cause=None),
        TaskTimedOut(id=1, error="E", cause=None),
    ],
)
def test_nothing_is_kept_of_a_task_that_has_ended(end: Answer) -> None:
    begun = ([Begin(id=1), TaskSubmitted(id=1, output="job")], [start(2)])
    awaited = after(([], [start()]), begun)
    assert (list(awaited.tasks), awaited.begun, list(awaited.submitted)) == ([1, 2], {1}, [1])

    awaited.take([end], [])

    assert (list(awaited.tasks), awaited.begun, awaited.submitted) == ([2], set(), {})


def test_nothing_is_kept_of_a_task_or_a_source_that_was_cancelled() -> None:
    awaited = after(
        ([], [start(1), read(2)]),
        ([Begin(id=1), TaskSubmitted(id=1, output=None)], []),
        ([], [CancelTask(id=1), CancelTask(id=2)]),
    )

    assert (awaited.tasks, awaited.begun, awaited.submitted, awaited.readings) == ({}, set(), {}, {})


def test_a_late_start_of_a_task_that_is_over_is_not_kept() -> None:
    awaited = after(([], [start()]), ([TaskSucceeded(id=1, output=1)], []))

    awaited.take([TaskSubmitted(id=1, output=1)], [])

    assert awaited.submitted == {}


def test_tasks_with_a_token_end_by_an_answer_unless_they_are_jobs() -> None:
    job, other = "arn:aws:states:::ecs:runTask.sync", "arn:aws:states:::batch:submitJob.sync:2"
    commands = [
        start(1),
        start(2, token="t"),
        start(3, token="t", resource=job),
        start(4, token="t", resource=other),
    ]

    assert [each.id for each in after(([], [*commands])).callbacks] == [2]


def test_a_source_knows_which_pages_have_come_and_what_is_asked_for() -> None:
    awaited = after(([], [read()]))
    assert (awaited.readings[1].pages, awaited.readings[1].asked) == ([], 5)

    awaited.take([ItemsRead(id=1, items=(1, 2), last=False)], [])
    assert (awaited.readings[1].pages, awaited.readings[1].asked) == ([5], None)

    awaited.take([], [MoreItems(id=1, limit=3)])
    assert (awaited.readings[1].pages, awaited.readings[1].asked) == ([5], 3)

    awaited.take([ItemsRead(id=1, items=(), last=True)], [])
    assert awaited.readings == {}


def test_a_source_that_fails_is_not_read_on() -> None:
    awaited = after(([], [read()]), ([ReadFailed(id=1, cause="gone")], [MoreItems(id=1, limit=3)]))

    assert awaited.readings == {}


def test_an_export_that_another_process_has_begun_knows_its_pages_and_how_many_are_written() -> None:
    awaited = after(([], [write(), write()]), ([ResultsWritten(id=1, details=None)], []))
    assert (len(awaited.exports[1].pages), awaited.exports[1].written) == (2, 1)

    awaited.take([ResultsWritten(id=1, details=None)], [write(last=True)])
    assert (len(awaited.exports[1].pages), awaited.exports[1].written) == (3, 2)

    awaited.take([ResultsWritten(id=1, details=None)], [])
    assert awaited.exports == {}


def test_an_export_of_this_process_keeps_only_the_pages_that_are_not_written() -> None:
    awaited = after(([], [write(), write(last=True)]))
    awaited.exports[1].is_here = True

    awaited.take([ResultsWritten(id=1, details=None)], [])
    assert [page.last for page in awaited.exports[1].pages] == [True]

    awaited.take([ResultsWritten(id=1, details=None)], [])
    assert awaited.exports == {}


def test_an_export_that_fails_is_over_and_what_comes_for_it_later_is_not_heard() -> None:
    awaited = after(
        ([], [write()]), ([WriteFailed(id=1, cause="full"), ResultsWritten(id=1, details=None)], [])
    )

    assert awaited.exports == {}


def test_an_execution_that_has_ended_waits_for_nothing() -> None:
    awaited = after(
        ([], [start(1), read(2), write(3)]), ([Begin(id=1), TaskSubmitted(id=1, output=None)], [])
    )

    awaited.clear()

    assert awaited == Awaited()
