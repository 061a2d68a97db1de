"""Two executions stand alike where they go on alike."""

from typing import Any

import pytest

from stepsmith.engine import Run, Settings, compile
from stepsmith.engine.kernel.standing import standing, waiting_states
from stepsmith.engine.ports import StartTask, TaskFailed, TaskSucceeded
from stepsmith.service import load

TASK: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f",
    "TimeoutSeconds": 30,
    "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 5}],
    "Next": "After",
}
MACHINE = {
    "StartAt": "Work",
    "States": {
        "Work": TASK,
        "After": {"Type": "Wait", "Seconds": 60, "Next": "Both"},
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": name, "States": {name: {"Type": "Wait", "Seconds": seconds, "End": True}}}
                for name, seconds in (("Short", 10), ("Long", 20))
            ],
            "End": True,
        },
    },
}
PROGRAM = compile(load(MACHINE).definition)


def started(input: Any = None, now: float = 0.0, name: str = "one") -> tuple[Run, StartTask]:
    run = Run(PROGRAM, Settings(state_machine_name="m"), {} if input is None else input, now=now, name=name)
    [command] = run.advance(now)
    assert isinstance(command, StartTask)
    return run, command


def failed_once(at: float) -> Run:
    run, command = started()
    run.apply(TaskFailed(id=command.id, error="Busy", cause=None), at)
    run.advance(at)
    [again] = run.advance(at + 5)
    assert isinstance(again, StartTask)
    run.apply(TaskSucceeded(id=again.id, output="done"), at + 5)
    run.advance(at + 5)
    return run


def test_name_and_time_of_day_make_no_difference() -> None:
    assert standing(started()[0]) == standing(started(now=1e9, name="other")[0])


def test_a_retry_is_forgotten_when_its_state_is_left() -> None:
    run, command = started()
    run.apply(TaskSucceeded(id=command.id, output="done"), 0.0)
    run.advance(0.0)

    assert standing(run) == standing(failed_once(3.0))


def test_data_makes_a_difference() -> None:
    assert standing(started({"a": 1})[0]) != standing(started({"a": 2})[0])


def test_what_is_left_of_a_time_limit_makes_a_difference() -> None:
    run, _ = started()
    before = standing(run)
    run.advance(10.0)

    assert standing(run) != before


def test_a_retry_makes_a_difference_while_its_state_goes_on() -> None:
    run, command = started()
    before = standing(run)
    run.apply(TaskFailed(id=command.id, error="Busy", cause=None), 0.0)
    run.advance(0.0)
    waiting = standing(run)
    run.advance(5.0)

    assert len({before, waiting, standing(run)}) == 3


def test_each_branch_says_where_it_waits() -> None:
    run = failed_once(0.0)
    assert waiting_states(run) == ["After"]
    run.advance(65.0)
    assert waiting_states(run) == ["Short", "Long"]
    both = standing(run)
    run.advance(75.0)

    assert waiting_states(run) == ["Long"]
    assert standing(run) != both


@pytest.mark.parametrize("how", ["ended", "aborted"])
def test_how_it_ended_is_where_it_stands(how: str) -> None:
    run = failed_once(0.0)
    if how == "aborted":
        run.stop("Enough", "said somebody", 6.0)
        assert standing(run) == ("ABORTED", None, "Enough", "said somebody")
    else:
        run.advance(65.0)
        run.advance(85.0)
        assert standing(run) == ("SUCCEEDED", '["done","done"]', None, None)
    assert waiting_states(run) == []
