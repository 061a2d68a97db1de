"""Deadlines are looked at once, in their order, and those that are over take no place."""

from __future__ import annotations

from stepsmith.service.durable.deadlines import Deadlines


class Now:
    """An instant that is moved."""

    def __init__(self) -> None:
        self.instant = 0.0

    def __call__(self) -> float:
        return self.instant


def test_executions_are_looked_at_when_it_is_time_and_once() -> None:
    now = Now()
    deadlines = Deadlines(now)
    for due, execution in ((3.0, 1), (1.0, 2), (2.0, 3)):
        deadlines.note(execution, due)
    assert (deadlines.take(), deadlines.seconds) == ([], 1.0)

    now.instant = 2.0

    assert deadlines.take() == [2, 3]
    assert deadlines.take() == []
    assert deadlines.seconds == 1.0


def test_the_newest_deadline_of_an_execution_counts() -> None:
    now = Now()
    deadlines = Deadlines(now)
    deadlines.note(1, 5.0)
    deadlines.note(1, 9.0)

    now.instant = 5.0
    assert deadlines.take() == []
    now.instant = 9.0
    assert deadlines.take() == [1]


def test_one_that_was_looked_at_may_have_the_same_deadline_again() -> None:
    now = Now()
    deadlines = Deadlines(now)
    now.instant = 5.0
    deadlines.note(1, 5.0)
    assert deadlines.take() == [1]

    deadlines.note(1, 5.0)

    assert deadlines.take() == [1]


def test_an_execution_that_is_let_go_of_is_not_looked_at() -> None:
    now = Now()
    deadlines = Deadlines(now)
    deadlines.note(1, 1.0)

    deadlines.forget(1)
    deadlines.forget(2)
    now.instant = 1.0

    assert deadlines.take() == []


def test_there_is_nothing_to_wait_for_where_nothing_is_noted_and_no_time_before_now() -> None:
    now = Now()
    deadlines = Deadlines(now)
    assert deadlines.seconds is None

    deadlines.note(1, 1.0)
    now.instant = 7.0

    assert deadlines.seconds == 0.0


def test_deadlines_that_move_take_no_more_place_than_there_are_executions() -> None:
    now = Now()
    deadlines = Deadlines(now)
    for moment in range(10_000):
        for execution in range(3):
            deadlines.note(execution, 1e6 + moment)

    assert len(deadlines._heap) <= 2 * 3 + 64  # pyright: ignore[reportPrivateUsage]
    now.instant = 2e6
    assert sorted(deadlines.take()) == [0, 1, 2]
