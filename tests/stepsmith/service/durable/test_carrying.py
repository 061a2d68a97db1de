"""What an execution asks for is carried out once the step that asks is on the disk, one page of an export at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
    TaskStarted,
    TaskSubmitted,
    TaskSucceeded,
)
from stepsmith.service.durable.carrying import Carrier
from stepsmith.service.durable.live import Flight, Live
from stepsmith.service.durable.stepping import take_step
from tests.stepsmith.service.durable.test_awaited import read, start, write
from tests.stepsmith.service.durable.test_stepping import NOW, live
from tests.stepsmith.service.durable.workloads import LOOP


class Driving:
    """Notes what flies."""

    def __init__(self, *, is_stopping: bool = False) -> None:
        self.is_stopping = is_stopping
        self.flights = list[Flight]()

    def do(self, flight: Flight) -> None:
        self.flights.append(flight)

    @property
    def commands(self) -> list[Command]:
        return [flight.command for flight in self.flights]


def carrier(driving: Any) -> Carrier:
    return Carrier(driving)


@pytest.fixture
def execution(tmp_path: Path) -> Live:
    return live(tmp_path / "j.db", LOOP)


def test_pages_of_an_export_are_written_one_after_the_other(execution: Live) -> None:
    driving, pages = Driving(), [write(), write(), write(last=True)]
    carries = carrier(driving)
    for page in pages:
        carries.carry_out(execution, page)
    assert driving.commands == pages[:1]

    for count in (2, 3):
        flight = execution.flights.pop(1)
        carries.landed(execution, flight.command, ResultsWritten(id=1, details=None))
        assert driving.commands == pages[:count]
    carries.landed(execution, pages[2], ResultsWritten(id=1, details=None))

    assert driving.commands == pages


def test_nothing_begins_when_it_is_to_stop_but_what_is_cancelled_is(execution: Live) -> None:
    driving, cancelled = Driving(is_stopping=True), list[int]()
    execution.means.dispatcher.cancel = lambda command: cancelled.append(command.id)  # type: ignore[method-assign]
    _, commands = take_step(execution, NOW, [], ())

    for command in (*commands, write(), CancelTask(id=7)):
        carrier(driving).carry_out(execution, command)

    assert (driving.commands, cancelled) == ([], [7])


def test_a_task_that_nobody_waits_for_any_more_is_not_begun(execution: Live) -> None:
    driving = Driving()
    _, commands = take_step(execution, NOW, [], ())
    carrier(driving).carry_out(execution, commands[0])
    assert driving.commands == commands

    carrier(driving).carry_out(
        execution, StartTask(id=99, state="S", resource="f", payload=None, execution_arn="a")
    )

    assert driving.commands == commands


@pytest.mark.parametrize(
    ("resource", "answer", "is_last"),
    [
        ("f", TaskSucceeded(id=1, output=1), True),
        ("f", TaskStarted(id=1), False),
        ("arn:aws:states:::lambda:invoke.waitForTaskToken", TaskSubmitted(id=1, output=1), True),
        ("arn:aws:states:::ecs:runTask.sync", TaskSubmitted(id=1, output=1), False),
    ],
)
def test_whoever_carries_a_task_out_says_more_where_it_has_only_begun(
    resource: str, answer: Any, is_last: bool
) -> None:
    assert carrier(Driving()).is_last(start(resource=resource), answer) is is_last


def test_tasks_of_one_function_are_taken_to_last_as_long(execution: Live) -> None:
    driving = Driving()
    carries = carrier(driving)
    invoke = "arn:aws:states:::lambda:invoke"
    for id, payload in ((1, {"FunctionName": "a"}), (2, {"FunctionName": "b"}), (3, {"FunctionName": "a"})):
        command = StartTask(id=id, state=f"S{id}", resource=invoke, payload={**payload}, execution_arn="a")
        execution.awaited.tasks[id] = command
        carries.carry_out(execution, command)

    one, two, three = [flight.kind for flight in driving.flights]
    assert one == three != two


def reading(execution: Live, *, last: bool = False) -> list[Command]:
    """Let every page of a source have one item, and note what is read."""
    found = list[Command]()

    def read_page(command: ReadItems | MoreItems) -> ItemsRead:
        found.append(command)
        return ItemsRead(id=command.id, items=(1,), last=last)

    execution.means.dispatcher.read = read_page  # type: ignore[method-assign, assignment]
    return found


def carried(execution: Live, command: Command) -> list[Answer]:
    driving, answers = Driving(), list[Answer]()
    carrier(driving).carry_out(execution, command)
    driving.flights[0].work(answers.append)
    del execution.flights[command.id]
    return answers


def test_a_source_is_opened_once_and_read_on(execution: Live) -> None:
    found, first, more = reading(execution), read(), MoreItems(id=1, limit=3)
    execution.awaited.take([], [first])

    for command in (first, more, more):
        execution.awaited.take(carried(execution, command), [more])

    assert found == [first, more, more]


def test_a_source_that_another_process_has_opened_is_opened_again_and_read_up_to_its_place(
    execution: Live,
) -> None:
    found, first, more = reading(execution), read(), MoreItems(id=1, limit=3)
    page = ItemsRead(id=1, items=(1,), last=False)
    for given, commands in (([], [first]), ([page], [more]), ([page], [more])):
        execution.awaited.take(given, commands)
    (outstanding,) = execution.awaited.outstanding

    (answer,) = carried(execution, outstanding)

    assert outstanding == more
    assert found == [first, more, more]
    assert answer == page


def test_a_source_that_has_become_shorter_fails(execution: Live) -> None:
    reading(execution, last=True)
    execution.awaited.take([], [read()])
    execution.awaited.take([ItemsRead(id=1, items=(1,), last=False)], [MoreItems(id=1, limit=3)])

    (answer,) = carried(execution, MoreItems(id=1, limit=3))

    assert answer == ReadFailed(id=1, cause="The source has fewer items than it had before")
