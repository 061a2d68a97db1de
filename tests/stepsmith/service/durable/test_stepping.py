"""What is written of a step says when the execution has to be looked at again, should the process end after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepsmith.engine.ports import StartTask, TaskSubmitted, TaskSucceeded
from stepsmith.service.durable.live import Live
from stepsmith.service.durable.loading import load
from stepsmith.service.durable.stepping import take_step
from stepsmith.store import NEVER, Reader
from tests.stepsmith.service.durable.engines import Answers, started, task
from tests.stepsmith.service.durable.workloads import FAN, LOOP, NESTED

NOW = 1_800_000_000.0
YEAR = 365 * 86_400.0


def live(path: Path, definition: dict, answers: Answers | None = None, *, virtual: bool = False) -> Live:
    started(path, definition, {"n": 1}, virtual=virtual, now=NOW)
    reader = Reader(path)
    try:
        return load(reader, 1, answers or Answers())
    finally:
        reader.close()


def test_a_task_that_is_asked_for_has_to_be_looked_at_at_once(tmp_path: Path) -> None:
    unit, commands = take_step(live(tmp_path / "j.db", LOOP), NOW, [], ())

    assert [type(each) for each in commands] == [StartTask]
    assert unit.due == 0.0


def test_a_task_that_nobody_has_begun_with_is_not_forgotten_by_the_next_step(tmp_path: Path) -> None:
    """Found by the kill test: the step that asks was not on the disk yet when the next one came."""
    execution = live(tmp_path / "j.db", FAN)
    _, commands = take_step(execution, NOW, [], ())
    first, _second = commands

    unit, _ = take_step(execution, NOW, [TaskSucceeded(id=first.id, output={"n": 1})], ())

    assert unit.due == 0.0


def test_an_execution_that_only_waits_is_looked_at_when_its_time_has_come(tmp_path: Path) -> None:
    execution = live(
        tmp_path / "j.db", {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}}
    )

    unit, _ = take_step(execution, NOW, [], ())

    assert unit.due == NOW + 60


@pytest.mark.parametrize(("virtual", "due"), [(False, NOW + YEAR), (True, NEVER)])
def test_an_execution_that_waits_for_an_answer_is_looked_at_when_somebody_answers(
    tmp_path: Path, virtual: bool, due: float
) -> None:
    state = task("ask", End=True) | {"Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"}
    state["Parameters"] = {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}
    execution = live(tmp_path / "j.db", {"StartAt": "A", "States": {"A": state}}, virtual=virtual)
    _, commands = take_step(execution, NOW, [], ())

    unit, _ = take_step(execution, NOW, [TaskSubmitted(id=commands[0].id, output={})], ())

    assert unit.due == due


@pytest.mark.parametrize(("given", "due"), [({}, NOW + YEAR), ({"A": lambda payload: 1}, 0.0)])
def test_the_task_of_an_activity_is_work_for_a_worker_unless_a_function_plays_it(
    tmp_path: Path, given: dict, due: float
) -> None:
    activity = {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:a", "End": True}
    execution = live(tmp_path / "j.db", {"StartAt": "A", "States": {"A": activity}}, Answers(given))

    unit, _ = take_step(execution, NOW, [], ())

    assert unit.due == due


def test_a_token_is_closed_once_by_the_step_after_which_nobody_waits_with_it(tmp_path: Path) -> None:
    state = task("ask", Next="Rest") | {"Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"}
    state["Parameters"] = {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}
    rest = {"Type": "Wait", "Seconds": 60, "End": True}
    execution = live(tmp_path / "j.db", {"StartAt": "A", "States": {"A": state, "Rest": rest}})
    first, commands = take_step(execution, NOW, [], ())
    (opened,) = first.opened

    second, _ = take_step(execution, NOW, [TaskSucceeded(id=commands[0].id, output={})], ())
    third, _ = take_step(execution, NOW + 60, [], ())

    assert (second.closed, second.answered) == ((opened.token,), ())
    assert (third.closed, third.answered) == ((), ())
    assert (third.status, third.stopped) == ("SUCCEEDED", NOW + 60)


def test_an_execution_that_waits_for_another_one_is_looked_at_when_that_has_ended(tmp_path: Path) -> None:

    execution = live(tmp_path / "j.db", NESTED)
    _, commands = take_step(execution, NOW, [], ())
    _, commands = take_step(execution, NOW, [TaskSucceeded(id=commands[0].id, output={"n": 1})], ())

    unit, _ = take_step(execution, NOW, [TaskSubmitted(id=commands[0].id, output={})], ())

    assert unit.due == NOW + YEAR
