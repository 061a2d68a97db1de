"""Where a failure began: the execution, the state, the line and the task's own traceback."""

from pathlib import Path
from typing import Any

import pytest

from stepsmith import WorkflowError, task, workflow
from stepsmith.errors import ExecutionFailed, NotFound
from stepsmith.service import Execution, Journal, local
from stepsmith.service.executions.declared import frames
from stepsmith.service.executions.failure import AnyExecution, origin
from stepsmith.service.executions.shown import report_on
from stepsmith.service.remote.execution import AwsExecution
from stepsmith.views import report_html


class Refused(WorkflowError):
    """The account has no money."""


@task
def divide(number: int, by: int) -> float:
    """Divide."""
    return _quotient(number, by)


def _quotient(number: int, by: int) -> float:
    return number / by


@task
def refuse(number: int) -> int:
    """Refuse."""
    raise Refused(f"{number} is too much")


@task
def note(number: int) -> None:
    """Write something down."""


@workflow
def pay(number: int, by: int) -> float:
    """Pay."""
    note(number)
    return divide(number, by)


@workflow
def order(number: int, by: int) -> float:
    """Order, and write something down whatever happens."""
    try:
        share = pay(number, by)
    finally:
        note(number)
    return share


@workflow
def buy(number: int) -> float:
    """Buy, and raise what has failed."""
    try:
        share = order(number, 0)
    except Exception:
        note(number)
        raise
    return share


@workflow
def refusing(number: int) -> int:
    """Refuse."""
    return refuse(number)


def _run(workflow: Any, **input: Any) -> Execution[Any]:
    found: Execution[Any] = workflow.run(**input)
    return found


def _states(execution: AnyExecution) -> list[tuple[str, str | None]]:
    return [(each.machine_name, state) for each, state in origin(execution)]


def test_a_failure_that_others_raise_again_began_in_the_child_of_the_child() -> None:
    execution = _run(buy, number=1)

    assert _states(execution) == [("buy", "Order"), ("order", "Pay"), ("pay", "Divide")]


def test_a_failure_of_a_child_that_nobody_catches_began_there_too() -> None:
    @workflow
    def plainly(number: int) -> float:
        """Pass on."""
        return pay(number, 0)

    assert _states(_run(plainly, number=1)) == [("plainly", "Pay"), ("pay", "Divide")]


def test_a_child_whose_failure_was_caught_is_not_blamed_for_another() -> None:
    @workflow
    def forgiving(number: int) -> float:
        """Forgive the first failure."""
        try:
            pay(number, 0)
        except Exception:
            note(number)
        return divide(number, 0)

    assert _states(_run(forgiving, number=1)) == [("forgiving", "Divide")]


def test_an_execution_that_succeeds_has_no_state_that_failed() -> None:
    assert _states(_run(order, number=1, by=2)) == [("order", None)]


def test_the_traceback_of_a_task_begins_in_the_task() -> None:
    shown = frames(_run(pay, number=1, by=0).cause)

    assert [frame.partition(" in ")[2].partition("\n")[0] for frame in shown] == ["divide", "_quotient"]
    assert "return number / by" in shown[-1]


@pytest.mark.parametrize(
    "cause", [None, "", "words", "{", "[1]", '{"stackTrace": 3}', '{"stackTrace": [3, null]}', "{" * 100_000]
)
def test_a_cause_without_a_traceback_has_no_frames(cause: str | None) -> None:
    assert frames(cause) == []


def test_the_result_is_raised_from_what_the_task_has_raised() -> None:
    with pytest.raises(ExecutionFailed, match=r"ZeroDivisionError: division by zero$") as failure:
        _run(buy, number=1).result()

    raised = failure.value.__cause__
    assert isinstance(raised, ZeroDivisionError)
    assert raised.__traceback__ is not None


def test_an_error_of_a_known_class_comes_from_the_one_that_was_raised() -> None:
    with pytest.raises(Refused, match="7 is too much") as failure:
        _run(refusing, number=7).result()

    assert isinstance(failure.value.__cause__, Refused)
    assert failure.value.__cause__ is not failure.value


def test_exceptions_are_kept_only_of_the_latest_failures() -> None:
    @workflow
    def often(numbers: list[int]) -> None:
        """Fail often."""
        for number in numbers:
            try:
                divide(number, 0)
            except Exception:
                note(number)
        divide(0, 0)

    execution = _run(often, numbers=list(range(40)))

    assert len(execution._live.dispatcher.raised) == 16
    with pytest.raises(ExecutionFailed) as failure:
        execution.result()
    assert isinstance(failure.value.__cause__, ZeroDivisionError)


def test_of_a_journal_the_traceback_is_a_note(tmp_path: Path) -> None:
    execution = buy.start(number=1, backend=local(journal=tmp_path / "journal.db"))

    with pytest.raises(ExecutionFailed, match="ZeroDivisionError") as failure:
        execution.wait(30).result()
    (told,) = failure.value.__notes__
    assert "in _quotient" in told
    [found] = [each for each in Journal(tmp_path / "journal.db").executions() if each.machine_name == "buy"]
    assert _states(found) == [("buy", "Order"), ("order", "Pay"), ("pay", "Divide")]
    assert [call.error for call in found.task_calls(divide)] == ["ZeroDivisionError"]


# -- those that it has started ----------------------------------------------------------


def test_children_are_executions_like_any_other() -> None:
    execution = _run(order, number=6, by=2)

    (child,) = execution.children
    assert (child.machine_name, child.status, child.result()) == ("pay", "SUCCEEDED", 3.0)
    assert child.path == ["Note", "Divide"]
    assert child.children == []


def test_a_child_is_found_by_the_name_of_its_machine_or_by_its_own() -> None:
    execution = _run(buy, number=1)

    child = execution.child("order")
    assert child.child("pay").failed_state == "Divide"
    assert execution.child(child.name).arn == child.arn


def test_of_several_children_of_a_machine_the_latest_is_meant() -> None:
    @workflow
    def twice() -> float:
        """Pay twice."""
        pay(1, 1)
        return pay(8, 2)

    execution = _run(twice)

    assert [each.output for each in execution.children] == [1.0, 4.0]
    assert execution.child("pay").output == 4.0


def test_a_child_that_is_not_there_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(NotFound, match="it has started no execution of 'pays'; did you mean 'pay'"):
        _run(order, number=1, by=1).child("pays")
    with pytest.raises(NotFound, match="it has started none"):
        _run(pay, number=1, by=1).child("pay")


def test_calls_of_tasks_are_found_in_children_in_the_order_of_time() -> None:
    execution = _run(order, number=6, by=2)

    assert [call.function for call in execution.task_calls()] == [
        "states:startExecution",
        "note",
        "divide",
        "note",
    ]
    assert [call.payload for call in execution.task_calls(divide)] == [{"number": 6, "by": 2}]
    assert execution.retries(divide) == 0
    with pytest.raises(NotFound, match="divid"):
        execution.task_calls("divid")


def test_a_page_opens_children_and_shows_the_traceback() -> None:
    report = report_on(_run(buy, number=1))
    page = report_html(report)

    assert report.failed_state == "Order"
    assert report.origin == "Divide of pay"
    assert report.source is not None
    assert report.source.text == "return divide(number, by)"
    assert [child.machine_name for child in report.children] == ["order"]
    assert [child.machine_name for child in report.children[0].children] == ["pay"]
    assert "by state Divide of pay" in page
    assert "in _quotient" in page
    assert page.count("<summary>✗ order FAILED") == page.count("<summary>✗ pay FAILED") == 1


class _Aws:
    """What AWS says about a parent and its child."""

    def __init__(self, parent: Any) -> None:
        self._known = {each.arn: each for each in (parent, *parent.children)}

    def client(self, service: str) -> Any:
        return self

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:
        found = self._known[executionArn]
        return {"status": found.status, "error": found.error, "cause": found.cause}

    def get_paginator(self, name: str) -> Any:
        return self

    def paginate(self, *, executionArn: str, PaginationConfig: object) -> list[dict[str, Any]]:
        from datetime import UTC, datetime

        events = self._known[executionArn].history
        return [
            {
                "events": [
                    {**each, "timestamp": datetime.fromtimestamp(each["timestamp"], UTC)} for each in events
                ]
            }
        ]


def test_on_aws_children_are_those_that_the_history_tells_of() -> None:
    @workflow
    def parent(number: int) -> float:
        """Pay."""
        return pay(number, 0)

    ours = _run(parent, number=1)
    execution: AwsExecution[Any] = AwsExecution(_Aws(ours), ours.arn, ours._declared)  # type: ignore[arg-type]

    assert [child.arn for child in execution.children] == [ours.child("pay").arn]
    assert execution.child("pay").failed_state == "Divide"
    assert _states(execution) == [("parent", "Pay"), ("pay", "Divide")]
