"""compensation() as plain Python."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from stepsmith import Compensation, CompensationFailed, WorkflowError, compensation, plain_run, task


class Broken(WorkflowError): ...


def failing(register: Callable[[Compensation], None], error: BaseException) -> Compensation:
    """Register something and fail; gives what compensation() gave, where the error does not go on."""
    with compensation() as undo:
        register(undo)
        raise error
    return undo


def test_what_was_registered_last_is_undone_first_and_the_error_goes_on() -> None:
    undone: list[str] = []

    def register(undo: Compensation) -> None:
        undo(undone.append, "a")
        undo(undone.append, "b")

    with pytest.raises(Broken, match="no"):
        failing(register, Broken("no"))

    assert undone == ["b", "a"]


def test_nothing_is_undone_where_nothing_fails() -> None:
    undone: list[str] = []

    with compensation() as undo:
        undo(undone.append, "a")

    assert (undone, undo.problems, undo.error) == ([], [], "")


def test_what_is_cleared_stays_done() -> None:
    undone: list[str] = []

    def register(undo: Compensation) -> None:
        undo(undone.append, "a")
        undo.clear()
        undo(undone.append, "b")

    with pytest.raises(Broken):
        failing(register, Broken())

    assert undone == ["b"]


def test_an_undo_that_fails_does_not_keep_the_others_from_it_and_all_are_told() -> None:
    undone: list[str] = []
    kept: list[Compensation] = []

    def closed(reason: str) -> None:
        undone.append(reason)
        raise Broken("closed")

    def register(undo: Compensation) -> None:
        kept.append(undo)
        undo(undone.append, "a")
        undo(closed, undo.error)
        undo(closed, reason=undo.error)

    with pytest.raises(CompensationFailed) as caught:
        failing(register, Broken("no"))

    assert undone == ["no", "no", "a"]
    assert str(caught.value) == "Broken: no; not undone: closed: closed; closed: closed"
    assert (kept[0].problems, kept[0].error) == (["closed: closed"] * 2, "no")
    assert isinstance(caught.value.__cause__, Broken)


def test_a_task_that_is_never_retried_is_retried_to_undo() -> None:
    calls: list[int] = []

    @task
    def give_back(number: int) -> None:
        calls.append(number)
        if len(calls) < 4:
            raise Broken

    with plain_run() as run, pytest.raises(Broken):
        failing(lambda undo: undo(give_back, 3), Broken())

    assert calls == [3, 3, 3, 3]
    assert run.elapsed == timedelta(seconds=7)


def test_an_interrupt_undoes_nothing() -> None:
    undone: list[str] = []

    with pytest.raises(KeyboardInterrupt):
        failing(lambda undo: undo(undone.append, "a"), KeyboardInterrupt())

    assert undone == []
